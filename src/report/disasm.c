/* -disasm: the instructions of each function that matches, with flat and cum beside each. A
 * recursive function's total counts a sample once, unless rc->listing.count_recursion. */
#include "base/path.h"
#include "base/regex.h"
#include "base/search.h"
#include "base/sort.h"
#include "graph/group.h"
#include "graph/order.h"
#include "report/header.h"
#include "report/inlined.h"
#include "report/screen.h"

/* A symbol of a mapping's file, with the nodes in it. */
struct dis_symbol {
    struct symbol_group symbol;
    uint32_t mapping;
    uint32_t first, n; /* in hits, by object address */
    int64_t flat, cum;
    struct disasm_code code;
};

struct hit {
    uint64_t address; /* in the object */
    uint32_t node, symbol;
};

struct disasm {
    const struct report_ctx *rc;
    struct graph g;
    const uint64_t *address; /* that was asked for instead of a name; NULL */
    struct dis_symbol *symbols;
    struct hit *hits;
    size_t n_symbols, cap_symbols, n_hits, cap_hits;
};

/* ---- which symbols ---- */

/* The files of nodes that match: only these are opened. */
static bool *wanted_files(struct disasm *d, struct pp_arena *arena) {
    bool *wanted = PP_NEW(arena, bool, d->g.p->n_strings);
    for (uint32_t i = 0; i < d->g.n_selected; i++) {
        uint32_t node = d->g.selected[i], file = d->g.nodes[node].objfile;
        if (file && !wanted[file])
            wanted[file] = regex_matches(d->rc->param_regex, graph_name(&d->g, node)) ||
                           regex_matches(d->rc->param_regex, graph_printable_name(&d->g, node));
    }
    return wanted;
}

static bool add_symbols(struct disasm *d, uint32_t mapping, struct pp_error *err) {
    const struct report_ctx *rc = d->rc;
    struct pp_object *o =
        rc->listing.objects->open(rc->listing.objects->user, d->g.p, mapping, err);
    struct symbol_groups found;
    uint64_t at = 0;
    if (!o) return false;
    const uint64_t *address = d->address;
    if (address && rc->listing.objects->to_object(o, *address, &at, NULL)) address = &at;
    rc->listing.objects->symbols(o, rc->param_regex, address, &found, rc->arena);
    for (size_t i = 0; i < found.n; i++) {
        struct dis_symbol s = {.symbol = found.at[i], .mapping = mapping};
        PP_PUSH(rc->arena, d->symbols, d->n_symbols, d->cap_symbols, s);
    }
    return true;
}

static void find_symbols(struct disasm *d) {
    const struct pp_profile *p = d->g.p;
    struct pp_arena scratch = {0};
    const bool *wanted = wanted_files(d, &scratch);
    for (uint32_t i = 0; i < p->n_mappings; i++) {
        const struct pp_mapping *m = &p->mappings[i];
        bool has_address = d->address && m->start <= *d->address && *d->address <= m->limit;
        struct pp_error err;
        if (!wanted[m->file] && !has_address) continue;
        if (!add_symbols(d, i, &err)) pp_say(d->rc->diag, "%s", err.text);
    }
    pp_arena_done(&scratch);
}

/* ---- which nodes are in them ---- */

static int by_mapping_and_address(const void *left, const void *right, void *user) {
    (void)user;
    const struct hit *a = left, *b = right;
    if (a->symbol != b->symbol) return a->symbol < b->symbol ? -1 : 1;
    if (a->address != b->address) return a->address < b->address ? -1 : 1;
    return (a->node > b->node) - (a->node < b->node);
}

/* Symbols of one mapping are one after the other, and ascending. */
static uint32_t find_symbol(const struct disasm *d, size_t from, size_t to, uint64_t address) {
    size_t n = SEARCH_UP_TO(d->symbols + from, to - from, symbol.start, address);
    if (n == 0 || address >= d->symbols[from + n - 1].symbol.end) return PP_NONE;
    return (uint32_t)(from + n - 1);
}

static void assign_mapping(struct disasm *d, size_t from, size_t to, uint32_t *symbol_of) {
    const struct report_ctx *rc = d->rc;
    uint32_t mapping = d->symbols[from].mapping;
    const struct pp_mapping *m = &d->g.p->mappings[mapping];
    struct pp_object *o =
        rc->listing.objects->open(rc->listing.objects->user, d->g.p, mapping, NULL);
    for (uint32_t i = 0; i < d->g.n_selected; i++) {
        struct hit h = {.node = d->g.selected[i]};
        const struct graph_info info = graph_info_of(&d->g, h.node);
        if (info.objfile != m->file || info.address < m->start || info.address >= m->limit)
            continue;
        if (!rc->listing.objects->to_object(o, info.address, &h.address, NULL)) continue;
        h.symbol = find_symbol(d, from, to, h.address);
        if (h.symbol == PP_NONE || symbol_of[h.node] != PP_NONE) continue;
        symbol_of[h.node] = h.symbol;
        PP_PUSH(rc->arena, d->hits, d->n_hits, d->cap_hits, h);
    }
}

static void sum_symbols(struct disasm *d, const uint32_t *symbol_of, struct pp_arena *scratch) {
    for (size_t i = 0; i < d->n_hits; i++) {
        const struct graph_node *n = &d->g.nodes[d->hits[i].node];
        struct dis_symbol *s = &d->symbols[d->hits[i].symbol];
        if (s->n++ == 0) s->first = (uint32_t)i;
        s->flat = num_add(s->flat, n->flat);
        s->cum = num_add(s->cum, n->cum);
    }
    if (d->rc->listing.count_recursion) return;
    int64_t *cum = PP_NEW(scratch, int64_t, d->n_symbols);
    graph_group_cum(&d->g, symbol_of, (uint32_t)d->n_symbols, cum);
    for (size_t i = 0; i < d->n_symbols; i++)
        d->symbols[i].cum = cum[i];
}

static void assign_nodes(struct disasm *d) {
    struct pp_arena scratch = {0};
    uint32_t *symbol_of = PP_NEW(&scratch, uint32_t, d->g.n_nodes);
    memset(symbol_of, 0xff, d->g.n_nodes * sizeof *symbol_of); /* PP_NONE */
    for (size_t from = 0, to; from < d->n_symbols; from = to) {
        for (to = from; to < d->n_symbols && d->symbols[to].mapping == d->symbols[from].mapping;
             to++)
            continue;
        assign_mapping(d, from, to, symbol_of);
    }
    sort_stable(d->hits, d->n_hits, sizeof *d->hits, by_mapping_and_address, NULL);
    sum_symbols(d, symbol_of, &scratch);
    pp_arena_done(&scratch);
}

static int by_name(const void *left, const void *right, void *user) {
    (void)user;
    const struct dis_symbol *a = left, *b = right;
    int c = pp_str_cmp(a->symbol.names[0], b->symbol.names[0]);
    if (c) return c;
    return (a->symbol.start > b->symbol.start) - (a->symbol.start < b->symbol.start);
}

static int by_flat(const void *left, const void *right, void *user) {
    const struct dis_symbol *a = left, *b = right;
    if (a->flat != b->flat) return a->flat < b->flat ? 1 : -1;
    return by_name(left, right, user);
}

static bool no_name_matches(const struct disasm *d, struct pp_error *err) {
    if (!d->rc->param.len)
        return pp_fail(err, PP_E_NOT_FOUND,
                       "there are no instructions: no binary of this profile was found");
    struct pp_str into = inlined_into(d->rc, d->rc->param_regex);
    return pp_fail(err, PP_E_NOT_FOUND, "no matches found for regexp %.*s%s%.*s",
                   PP_STR_ARG(d->rc->param),
                   into.len ? ", which is only inlined; its code is in " : "", PP_STR_ARG(into));
}

static bool no_match(const struct disasm *d, size_t n_symbols, struct pp_error *err) {
    if (!d->address) return no_name_matches(d, err);
    unsigned long long address = *d->address;
    if (n_symbols == 0)
        return pp_fail(err, PP_E_NOT_FOUND, "no matches found for address 0x%llx", address);
    return pp_fail(
        err, PP_E_NOT_FOUND,
        "address 0x%llx found in binary, but the corresponding symbols do not have samples "
        "in the profile",
        address);
}

/* Symbols with samples, by name; where not all are listed the heaviest. */
static bool disasm_build(struct disasm *d, struct pp_error *err) {
    const struct report_ctx *rc = d->rc;
    if (rc->listing.param_is_address) d->address = &rc->listing.param_address;
    graph_init(&d->g, rc->profile, &rc->graph, rc->arena);
    graph_sum(&d->g, NULL);
    if (!rc->listing.objects)
        return pp_fail(err, PP_E_UNSUPPORTED, "no binary is opened, because of -nosource");
    find_symbols(d);
    assign_nodes(d);
    size_t found = d->n_symbols;
    d->n_symbols = 0;
    for (size_t i = 0; i < found; i++)
        if (d->symbols[i].n) d->symbols[d->n_symbols++] = d->symbols[i];
    if (d->n_symbols == 0) return no_match(d, found, err);
    uint32_t most = rc->listing.most;
    sort_stable(d->symbols, d->n_symbols, sizeof *d->symbols, most ? by_flat : by_name, NULL);
    if (most && d->n_symbols > most) d->n_symbols = most;
    return true;
}

/* ---- instructions ---- */

struct annotated {
    uint64_t address;
    struct pp_str text, function, file; /* its whole path */
    int64_t line, flat, cum;
};

struct annotated_code {
    struct annotated *at;
    size_t n;
};

/* Adds the nodes up to the next instruction: some samples are put into the middle of one. */
static void annotate(const struct disasm *d, const struct dis_symbol *s, uint64_t next,
                     uint32_t *at, struct annotated *a) {
    int64_t flat_div = 0, cum_div = 0;
    for (; *at < s->n && d->hits[s->first + *at].address < next; ++*at) {
        uint32_t node = d->hits[s->first + *at].node;
        const struct graph_node *n = &d->g.nodes[node];
        struct pp_str file = graph_file(&d->g, node), name = graph_name(&d->g, node);
        a->flat = num_add(a->flat, n->flat);
        a->cum = num_add(a->cum, n->cum);
        if (d->g.divisors) {
            flat_div = num_add(flat_div, d->g.divisors[node].flat);
            cum_div = num_add(cum_div, d->g.divisors[node].cum);
        }
        if (file.len && !a->file.len) a->file = file;
        if (!a->line) a->line = graph_info_of(&d->g, node).line;
        if (!a->function.len) a->function = name;
    }
    a->flat = graph_mean(a->flat, flat_div);
    a->cum = graph_mean(a->cum, cum_div);
}

static int by_place(const void *left, const void *right, void *user) {
    (void)user;
    const struct dis_symbol *a = *(struct dis_symbol *const *)left;
    const struct dis_symbol *b = *(struct dis_symbol *const *)right;
    if (a->mapping != b->mapping) return a->mapping < b->mapping ? -1 : 1;
    return (a->symbol.start > b->symbol.start) - (a->symbol.start < b->symbol.start);
}

/* The symbols are of one mapping, by address. An instruction that is a symbol's last byte is left
 * out, as the reference does. */
static bool disassemble(const struct disasm *d, struct dis_symbol **symbols, size_t n,
                        struct pp_arena *arena, struct pp_error *err) {
    const struct pp_objects *objects = d->rc->listing.objects;
    struct pp_object *o = objects->open(objects->user, d->g.p, symbols[0]->mapping, err);
    struct disasm_range *ranges = PP_NEW(arena, struct disasm_range, n);
    struct disasm_code *codes = PP_NEW(arena, struct disasm_code, n);
    for (size_t i = 0; i < n; i++) {
        uint64_t last = symbols[i]->symbol.end;
        ranges[i] = (struct disasm_range){symbols[i]->symbol.start, last + (last < UINT64_MAX)};
    }
    const struct disasm_request request = {
        .ranges = ranges, .n = n, .intel = d->rc->listing.intel_syntax};
    if (!o || !objects->disassemble(o, request, codes, arena, err)) return false;
    for (size_t i = 0; i < n; i++) {
        struct disasm_code *code = &symbols[i]->code;
        *code = codes[i];
        while (code->n && code->insts[code->n - 1].address >= symbols[i]->symbol.end)
            code->n--;
    }
    return true;
}

static bool disassemble_all(const struct disasm *d, struct pp_arena *arena, struct pp_error *err) {
    struct dis_symbol **order = PP_NEW(arena, struct dis_symbol *, d->n_symbols);
    for (size_t i = 0; i < d->n_symbols; i++)
        order[i] = &d->symbols[i];
    sort_stable(order, d->n_symbols, sizeof *order, by_place, NULL);
    for (size_t from = 0, to; from < d->n_symbols; from = to) {
        for (to = from; to < d->n_symbols && order[to]->mapping == order[from]->mapping; to++)
            continue;
        if (!disassemble(d, order + from, to - from, arena, err)) return false;
    }
    return true;
}

static struct annotated_code annotate_symbol(const struct disasm *d, const struct dis_symbol *s,
                                             struct pp_arena *arena) {
    const struct disasm_code code = s->code;
    struct annotated *all = PP_NEW(arena, struct annotated, code.n);
    uint32_t at = 0;
    for (size_t i = 0; i < code.n; i++) {
        const struct disasm_inst *in = &code.insts[i];
        uint64_t next = i + 1 < code.n ? code.insts[i + 1].address : UINT64_MAX;
        all[i] = (struct annotated){in->address, in->text, in->function, in->file, in->line, 0, 0};
        annotate(d, s, next, &at, &all[i]);
    }
    return (struct annotated_code){all, code.n};
}

/* ---- text ---- */

static void put_numbers(struct out *o, const struct report_ctx *rc, const struct annotated *a) {
    screen_heat(o, rc, a->cum, rc->total);
    put_value_or_dot(o, rc, rc->unit, a->flat, 10);
    out_char(o, ' ');
    put_value_or_dot(o, rc, rc->unit, a->cum, 10);
    screen_plain(o, rc);
    out_printf(o, " %10llx: ", (unsigned long long)a->address);
}

static struct pp_str file_name(const struct annotated *a) {
    return a->file.len ? path_base(a->file) : a->file;
}

static void put_place(struct out *o, const struct report_ctx *rc, const struct annotated *a) {
    out_char(o, ';');
    out_str(o, a->function);
    if (a->function.len) out_char(o, ' ');
    bool is_link = screen_link(o, rc, a->file, a->line);
    out_str(o, file_name(a));
    if (a->file.len && a->line) out_printf(o, ":%lld", (long long)a->line);
    screen_link_end(o, is_link);
    out_char(o, '\n');
}

static bool same_place(const struct annotated *a, const struct annotated *b) {
    return pp_str_eq(a->function, b->function) && pp_str_eq(file_name(a), file_name(b)) &&
           a->line == b->line;
}

/* The place is told where it changes: behind a short instruction, above a long one. */
static void put_inst(struct out *o, const struct report_ctx *rc, const struct annotated *a,
                     bool place_changed) {
    bool has_place = place_changed && (a->function.len || a->file.len);
    bool is_short = a->text.len < 40;
    if (has_place && !is_short) {
        out_spaces(o, 74);
        put_place(o, rc, a);
    }
    put_numbers(o, rc, a);
    if (has_place && is_short) {
        out_left(o, a->text, 40);
        put_place(o, rc, a);
    } else {
        out_str(o, a->text);
        out_char(o, '\n');
    }
}

static void put_head(struct out *o, const struct report_ctx *rc, const struct dis_symbol *s) {
    for (size_t i = 0; i < s->symbol.n_names; i++) {
        out_text0(o, i ? "    AKA ======================== " : "ROUTINE ======================== ");
        out_str(o, s->symbol.names[i]);
        out_char(o, '\n');
    }
    put_value(o, rc, rc->unit, s->flat, 10);
    out_char(o, ' ');
    put_value(o, rc, rc->unit, s->cum, 10);
    OUT_LIT(o, " (flat, cum) ");
    screen_share(o, rc, s->cum, rc->total);
    OUT_LIT(o, " of Total\n");
}

static void put_symbol(const struct disasm *d, const struct dis_symbol *s, struct out *o) {
    struct pp_arena scratch = {0};
    const struct annotated start = {0}, *before = &start;
    const struct annotated_code code = annotate_symbol(d, s, &scratch);
    put_head(o, d->rc, s);
    for (size_t i = 0; i < code.n; before = &code.at[i++])
        put_inst(o, d->rc, &code.at[i], !same_place(&code.at[i], before));
    pp_arena_done(&scratch);
}

static void close_disasm(void *found) {
    struct disasm *d = found;
    graph_done(&d->g);
}

static bool collect(const struct report_ctx *rc, void **ret_found, struct pp_error *err) {
    struct disasm *d = PP_NEW(rc->arena, struct disasm, 1);
    d->rc = rc;
    *ret_found = d;
    bool ok = disasm_build(d, err);
    if (!ok) close_disasm(d);
    return ok;
}

static bool render(const struct report_ctx *rc, struct out *o, struct pp_error *err) {
    const struct disasm *d = rc->found;
    struct pp_arena arena = {0};
    bool ok = disassemble_all(d, &arena, err);
    if (ok) {
        OUT_LIT(o, "Total: ");
        put_value(o, rc, rc->unit, rc->total, 0);
        out_char(o, '\n');
    }
    for (size_t i = 0; ok && i < d->n_symbols; i++)
        put_symbol(d, &d->symbols[i], o);
    pp_arena_done(&arena);
    return ok;
}

/* ---- rows ---- */

static const char *const columns[] = {"symbol", "address",   "instruction", "function",
                                      "file",   "line",      "flat",        "flat_share",
                                      "cum",    "cum_share", "symbol_flat", "symbol_cum"};

enum { N_COLUMNS = sizeof columns / sizeof *columns };

static void add_rows(const struct disasm *d, const struct dis_symbol *s, struct row_sink *sink) {
    struct pp_arena scratch = {0};
    int64_t total = d->rc->total;
    const struct annotated_code code = annotate_symbol(d, s, &scratch);
    for (size_t i = 0; i < code.n; i++) {
        const struct annotated *a = &code.at[i];
        struct pp_cell none = {.kind = PP_CELL_NULL};
        const struct pp_cell cells[N_COLUMNS] = {
            cell_text(s->symbol.names[0]),
            cell_hex(a->address),
            cell_text(a->text),
            cell_known(a->function),
            cell_known(file_name(a)),
            a->line ? cell_int(a->line) : none,
            cell_int(a->flat),
            cell_share(a->flat, total),
            cell_int(a->cum),
            cell_share(a->cum, total),
            cell_int(s->flat),
            cell_int(s->cum),
        };
        rows_add(sink, cells);
    }
    pp_arena_done(&scratch);
}

static bool rows(const struct report_ctx *rc, struct row_sink *sink, struct pp_error *err) {
    const struct disasm *d = rc->found;
    struct pp_arena arena = {0};
    bool ok = disassemble_all(d, &arena, err);
    for (size_t i = 0; ok && i < d->n_symbols; i++)
        add_rows(d, &d->symbols[i], sink);
    pp_arena_done(&arena);
    return ok;
}

static const struct report_table table = {
    .version = 2,
    .columns = columns,
    .n_columns = N_COLUMNS,
};

const struct report_format disasm_report = {
    .name = "disasm",
    .help = "Instructions of functions that match, with their cost",
    .usage = "disasm func_regex|address [focus_regex]* [-ignore_regex]* >f\n"
             "Show the instructions of functions that match func_regex or are at the address;\n"
             "only samples through focus_regex, none through ignore_regex; >f writes to a file.",
    .param = "<func_regex|address>",
    .granularity = "addresses",
    .traits = REPORT_KEEP_ALL | REPORT_OBJECT_NAMES | REPORT_NO_INLINES | REPORT_OBJECTS,
    .collect = collect,
    .close = close_disasm,
    .render = render,
    .rows = rows,
    .table = &table,
};
