/* -symbols: a row a mapping: where its names came from, how many addresses got one, and what would
 * help. The answer to "why is everything <unknown>?". */
#include "report/header.h"
#include "report/report.h"
#include "report/symbol_tips.h"

/* None where a profile was not fetched but made. */
static uint32_t n_rows(const struct report_ctx *rc) {
    return rc->symbols ? rc->symbols->n : 0;
}

static struct pp_str outcome_text(enum symbol_outcome outcome) {
    static const char *const texts[] = {[SYMBOLS_UNUSED] = "unused",
                                        [SYMBOLS_PRESENT] = "named by the profile",
                                        [SYMBOLS_OFF] = "not asked for",
                                        [SYMBOLS_NO_FILE] = "no file",
                                        [SYMBOLS_NOT_A_FILE] = "not a file",
                                        [SYMBOLS_REMOTE] = "remote",
                                        [SYMBOLS_UNREADABLE] = "unreadable",
                                        [SYMBOLS_WRONG_BUILD] = "another build",
                                        [SYMBOLS_READ] = "read",
                                        [SYMBOLS_PERF_MAP] = "perf map",
                                        [SYMBOLS_KERNEL] = "list of symbols",
                                        [SYMBOLS_NO_MAPPING] = "in no mapping",
                                        [SYMBOLS_NO_STACK] = "no stack"};
    return pp_str_from(texts[outcome]);
}

static void put_line(struct out *o, const char *label, struct pp_str text) {
    if (text.len == 0) return;
    out_printf(o, "  %-10s", label);
    out_str(o, text);
    out_char(o, '\n');
}

static struct pp_str id_text(const struct symbol_row *row, struct pp_arena *arena) {
    if (row->build_id.len == 0 && row->file_build_id.len == 0) return PP_STR("");
    if (row->outcome == SYMBOLS_WRONG_BUILD || (row->outcome == SYMBOLS_READ && !row->id_matches &&
                                                row->build_id.len && row->file_build_id.len))
        return pp_arena_printf(arena, "%.*s, but the file has %.*s", PP_STR_ARG(row->build_id),
                               PP_STR_ARG(row->file_build_id));
    if (row->id_matches)
        return pp_arena_printf(arena, "%.*s, the file's too", PP_STR_ARG(row->build_id));
    if (row->build_id.len) return pp_arena_printf(arena, "%.*s", PP_STR_ARG(row->build_id));
    return pp_arena_printf(arena, "unknown; the file has %.*s", PP_STR_ARG(row->file_build_id));
}

static struct pp_str name_of(const struct symbol_row *row) {
    if (row->outcome == SYMBOLS_NO_MAPPING) return PP_STR("<no mapping>");
    if (row->outcome == SYMBOLS_NO_STACK) return PP_STR("<no stack>");
    return row->file.len ? row->file : PP_STR("<no file>");
}

/* Of a binary that was read: where its names came from, and which the profile had. */
static void put_sources(struct out *o, const struct symbol_row *row) {
    uint32_t n = row->n_dwarf + row->n_symtab + row->n_pclntab + row->n_none;
    out_printf(o, "%u by DWARF, %u by symbol table, %u by gopclntab, %u not at all", row->n_dwarf,
               row->n_symtab, row->n_pclntab, row->n_none);
    if (n < row->n_addresses) out_printf(o, ", %u named by the profile", row->n_addresses - n);
}

static void put_counts(struct out *o, const struct symbol_row *row) {
    if (row->outcome == SYMBOLS_NO_STACK) return;
    out_printf(o, "  addresses %u: ", row->n_addresses);
    if (row->outcome == SYMBOLS_READ)
        put_sources(o, row);
    else if (row->outcome == SYMBOLS_KERNEL)
        out_printf(o, "%u by list of symbols, %u not at all", row->n_symtab, row->n_none);
    else if (row->outcome == SYMBOLS_PERF_MAP || row->outcome == SYMBOLS_NO_MAPPING)
        out_printf(o, "%u by perf map, %u not at all", row->n_perf_map, row->n_none);
    else
        out_printf(o, "%u named by the profile", row->n_named);
    out_char(o, '\n');
}

static bool render(const struct report_ctx *rc, struct out *o, struct pp_error *err) {
    (void)err;
    for (uint32_t i = 0; i < n_rows(rc); i++) {
        const struct symbol_row *row = &rc->symbols->rows[i];
        out_str(o, name_of(row));
        OUT_LIT(o, ": ");
        out_str(o, outcome_text(row->outcome));
        if (row->why.len) {
            OUT_LIT(o, ": ");
            out_str(o, row->why);
        }
        out_char(o, '\n');
        put_line(o, "build id", id_text(row, rc->arena));
        put_counts(o, row);
        put_line(o, "found", row->found);
        for (size_t k = 0; k < row->n_looked; k++)
            put_line(o, k ? "" : "looked", row->looked[k]);
        for (uint32_t k = 0; k < row->n_tips; k++)
            put_line(o, k ? "" : "advice", symbol_tip_text(&row->tips[k], rc->arena));
    }
    return true;
}

static struct pp_str advice_text(const struct symbol_row *row, struct pp_arena *arena) {
    struct pp_str text = PP_STR("");
    for (uint32_t i = 0; i < row->n_tips; i++) {
        struct pp_str tip = symbol_tip_text(&row->tips[i], arena);
        text =
            pp_arena_printf(arena, "%.*s%s%.*s", PP_STR_ARG(text), i ? " " : "", PP_STR_ARG(tip));
    }
    return text;
}

static const char *const columns[] = {
    "file",        "build_id",   "outcome",          "why",      "file_build_id", "id_matches",
    "found",       "looked",     "addresses",        "by_dwarf", "by_symtab",     "by_gopclntab",
    "by_perf_map", "unresolved", "named_by_profile", "advice"};

static bool rows(const struct report_ctx *rc, struct row_sink *sink, struct pp_error *err) {
    (void)err;
    for (uint32_t i = 0; i < n_rows(rc); i++) {
        const struct symbol_row *row = &rc->symbols->rows[i];
        bool both = row->build_id.len && row->file_build_id.len;
        const struct pp_cell looked = {
            .kind = PP_CELL_TEXTS, .texts = row->looked, .n_texts = row->n_looked};
        const struct pp_cell cells[] = {
            cell_known(row->file),
            cell_known(row->build_id),
            cell_text(outcome_text(row->outcome)),
            cell_known(row->why),
            cell_known(row->file_build_id),
            both ? cell_bool(row->id_matches) : cell_known(PP_STR("")),
            cell_known(row->found),
            looked,
            cell_int(row->n_addresses),
            cell_int(row->n_dwarf),
            cell_int(row->n_symtab),
            cell_int(row->n_pclntab),
            cell_int(row->n_perf_map),
            cell_int(row->n_none),
            cell_int(row->n_named),
            cell_known(advice_text(row, rc->arena)),
        };
        rows_add(sink, cells);
    }
    return true;
}

static const struct report_table table = {
    .version = 3,
    .columns = columns,
    .n_columns = sizeof columns / sizeof *columns,
};

const struct report_format symbols_report = {
    .name = "symbols",
    .help = "Where the names come from, by binary, and what is missing",
    .usage = "symbols\n"
             "For each mapping: the file, its build id, what was looked for and found, and what\n"
             "would help.",
    .traits = REPORT_SAFE,
    .render = render,
    .rows = rows,
    .table = &table,
};
