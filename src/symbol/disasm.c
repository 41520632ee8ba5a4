/* See disasm.h. Lines of a listing, of GNU's form and of LLVM's:
 *
 *     0000000000001139 <main>:          <main>:                a function
 *     main():                           ; main():              a function
 *     /src/a.c:7 (discriminator 2)      ; /src/a.c:7           a place
 *         1139:  push   %rbp                                   an instruction
 *
 * Any other line ends what is known about function and place. */
#include "symbol/disasm.h"

#include "base/intern.h"
#include "base/path.h"
#include "base/process.h"
#include "base/search.h"
#include "base/text.h"

#include <inttypes.h>

enum {
    MINUTES = 10,
    /* Ranges of one run: more code than this, and its listing takes much memory; what lies between
     * two costs less than another start, which reads a file of so many gaps. */
    MOST_CODE = 1 << 20,
    LEAST_GAP = 4096,
    GAPS_IN_FILE = 256,
    MOST_ALONE = 256, /* ranges that are listed again by themselves */
};

static const uint64_t max_listing = UINT64_C(1) << 30; /* bytes of one */
static const uint64_t max_kept = UINT64_C(1) << 29;    /* of all that one file's tell */

/* ---- the program ---- */

static bool run(const char *const *argv, struct out *ret_text, struct pp_error *err) {
    const struct process p = {argv, PP_STR(""), max_listing, MINUTES * 60};
    return process_run(&p, ret_text, err);
}

static const char *find_text(struct pp_str text, const char *what) {
    return memmem(text.data, text.len, what, strlen(what));
}

enum {
    OLDEST_LLVM = 8,     /* knows our options */
    OLDEST_JOINING = 14, /* repeats the place for each function */
    LLVM_OF_TODAY = 1000
};

/* "LLVM version 14.0.6": 14; 0: it is another program. */
static unsigned llvm_version(struct pp_str text) {
    static const char mark[] = "LLVM version ";
    const char *at = find_text(text, mark), *end = text.data + text.len;
    if (!at) return 0;
    if (find_text(text, "trunk")) return LLVM_OF_TODAY;
    unsigned major = 0;
    for (at += sizeof mark - 1; at < end && text_is_digit(*at) && major < 10000; at++)
        major = major * 10 + (unsigned)(*at - '0');
    return major;
}

static bool check_tool(struct disasm_tool *tool, struct pp_arena *arena) {
    const char *const argv[] = {pp_arena_copy(arena, tool->path).data, "--version", NULL};
    struct out text;
    out_open_memory(&text);
    bool ok = run(argv, &text, NULL);
    unsigned llvm = ok ? llvm_version(out_text(&text)) : 0;
    tool->is_llvm = llvm >= OLDEST_LLVM;
    tool->is_old = tool->is_llvm && llvm < OLDEST_JOINING;
    ok = tool->is_llvm || (ok && find_text(out_text(&text), "GNU objdump"));
    out_close(&text, NULL);
    return ok;
}

static bool next_word(struct pp_str *list, struct pp_str *ret_word) {
    if (!list->data) return false;
    const char *comma = list->len ? memchr(list->data, ',', list->len) : NULL;
    size_t end = comma ? (size_t)(comma - list->data) : list->len;
    *ret_word = pp_str_slice(*list, 0, end);
    *list = comma ? pp_str_slice(*list, end + 1, list->len) : (struct pp_str){0};
    return true;
}

/* In the directories that are given for objdump (`own`), or for every tool. */
static bool find_in(struct pp_str tools, bool own, const char *name, struct disasm_tool *tool,
                    struct pp_arena *arena) {
    for (struct pp_str word; next_word(&tools, &word);) {
        const char *colon = word.len ? memchr(word.data, ':', word.len) : NULL;
        struct pp_str of = {0}, dir = word;
        if (colon) {
            of = pp_str_slice(word, 0, (size_t)(colon - word.data));
            dir = pp_str_slice(word, of.len + 1, word.len);
        }
        if (own ? !pp_str_eq(of, PP_STR("objdump")) : of.len > 0) continue;
        struct pp_str at = path_join(dir, pp_str_from(name), arena);
        if (process_find(at, PP_STR(""), &tool->path, arena) && check_tool(tool, arena))
            return true;
    }
    return false;
}

bool disasm_find_tool(struct pp_str tools, struct disasm_tool *ret_tool, struct pp_arena *arena,
                      struct pp_error *err) {
    static const char *const names[] = {"llvm-objdump", "objdump"};
    struct disasm_tool tool;
    if (!tools.data) tools = PP_STR("");
    for (size_t i = 0; i < 2; i++) {
        if (!find_in(tools, true, names[i], &tool, arena) &&
            !find_in(tools, false, names[i], &tool, arena))
            continue;
        *ret_tool = tool;
        return true;
    }
    pp_fail(err, PP_E_NOT_FOUND,
            "cannot disassemble: neither llvm-objdump nor objdump is there; install binutils");
    return pp_about(err, "tools");
}

/* ---- what it wrote ---- */

static bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v';
}

static struct pp_str trim(struct pp_str s) {
    while (s.len && is_blank(s.data[0]))
        s = pp_str_slice(s, 1, s.len);
    while (s.len && is_blank(s.data[s.len - 1]))
        s.len--;
    return s;
}

static size_t hex_digits(struct pp_str s) {
    size_t n = 0;
    while (n < s.len && text_is_hex(s.data[n]))
        n++;
    return n;
}

static bool parse_inst(struct pp_str line, struct disasm_inst *inst) {
    size_t n = hex_digits(line);
    if (n == 0 || n + 1 >= line.len || line.data[n] != ':' || !is_blank(line.data[n + 1]))
        return false;
    if (!text_u64(pp_str_slice(line, 0, n), 16, &inst->address)) return false;
    inst->text = trim(pp_str_slice(line, n + 1, line.len));
    return true;
}

/* LLVM writes "; " before what it tells about the code. */
static struct pp_str without_mark(struct pp_str line) {
    if (line.len && line.data[0] == ';') line = pp_str_slice(line, 1, line.len);
    if (line.len && is_blank(line.data[0])) line = pp_str_slice(line, 1, line.len);
    return line;
}

/* FILE:NUMBER, the last one in the line; a number that is too large keeps the place before. */
static bool parse_place(struct pp_str line, struct disasm_inst *inst) {
    line = without_mark(line);
    for (size_t i = line.len; i-- > 0;) {
        if (line.data[i] != ':' || i + 1 >= line.len || !text_is_digit(line.data[i + 1])) continue;
        size_t end = i + 1;
        while (end < line.len && text_is_digit(line.data[end]))
            end++;
        uint64_t number;
        if (text_u64(pp_str_slice(line, i + 1, end), 10, &number) && number <= UINT32_MAX) {
            inst->file = pp_str_slice(line, 0, i);
            inst->line = (int64_t)number;
        }
        return true;
    }
    return false;
}

static bool parse_function(struct pp_str line, struct disasm_inst *inst) {
    struct pp_str name = without_mark(line);
    for (size_t i = name.len; i-- > 1;)
        if (i + 3 <= name.len && !memcmp(name.data + i, "():", 3) && !is_blank(name.data[0])) {
            inst->function = pp_str_slice(name, 0, i);
            inst->is_told = true;
            return true;
        }
    const char *colon = line.len ? memrchr(line.data, ':', line.len) : NULL;
    if (!colon) return false;
    size_t from = hex_digits(line), to = (size_t)(colon - line.data);
    if (from < to && is_blank(line.data[from])) from++;
    inst->function = pp_str_slice(line, from, to);
    return true;
}

/* A listing, read as it comes. Each of its texts is kept once: a place is repeated all the time. */
struct reader {
    struct pp_arena *arena;
    struct interner texts; /* of all listings */
    uint64_t kept;         /* bytes of these and of instructions */
    struct out begun;      /* a line whose end has not come */
    struct disasm_inst now, *insts;
    size_t n, cap;
};

static struct pp_str keep(struct reader *r, struct pp_str text) {
    uint32_t n = r->texts.n, id = intern(&r->texts, text);
    if (id >= n) r->kept += text.len;
    return r->texts.strings[id];
}

static void read_line(struct reader *r, struct pp_str line) {
    line = trim(line);
    if (parse_inst(line, &r->now)) {
        r->now.text = keep(r, r->now.text);
        PP_PUSH(r->arena, r->insts, r->n, r->cap, r->now);
        r->kept += sizeof *r->insts;
        r->now.is_told = false;
    } else if (parse_place(line, &r->now)) {
        r->now.file = keep(r, r->now.file);
    } else if (parse_function(line, &r->now)) {
        r->now.function = keep(r, r->now.function);
    } else {
        r->now = (struct disasm_inst){0};
    }
}

/* False when too much would be kept: a line table may give each instruction a long path of its
 * own. */
static bool read_piece(void *reader, const void *bytes, size_t len) {
    struct reader *r = reader;
    struct pp_str text = {bytes, len};
    const char *end;
    while (text.len && (end = memchr(text.data, '\n', text.len))) {
        size_t n = (size_t)(end - text.data);
        if (r->begun.used) {
            out_bytes(&r->begun, text.data, n);
            read_line(r, out_text(&r->begun));
            r->begun.used = 0;
        } else {
            read_line(r, pp_str_slice(text, 0, n));
        }
        text = pp_str_slice(text, n + 1, text.len);
    }
    out_str(&r->begun, text);
    return r->kept + r->begun.used <= max_kept;
}

static void reader_init(struct reader *r, struct pp_arena *arena) {
    *r = (struct reader){.arena = arena};
    interner_init(&r->texts, arena);
    out_open_memory(&r->begun);
}

static void reader_done(struct reader *r) {
    interner_done(&r->texts);
    out_close(&r->begun, NULL);
}

/* What was read since the last one; the next listing begins. */
static struct disasm_code reader_take(struct reader *r) {
    if (r->begun.used) read_line(r, out_text(&r->begun));
    struct disasm_code code = {r->insts, r->n, false};
    r->begun.used = 0;
    r->now = (struct disasm_inst){0};
    r->insts = NULL;
    r->n = r->cap = 0;
    return code;
}

void disasm_parse(struct pp_str listing, struct disasm_code *ret_code, struct pp_arena *arena) {
    struct reader r;
    reader_init(&r, arena);
    read_piece(&r, listing.data, listing.len);
    *ret_code = reader_take(&r);
    reader_done(&r);
}

/* ---- runs ---- */

struct run {
    const struct disasm_tool *tool;
    const struct disasm_request *request;
    struct reader reader;
    unsigned n_alone;
};

static bool list(struct run *r, struct disasm_range range, struct disasm_code *ret_code,
                 struct pp_error *err) {
    struct pp_arena *arena = r->reader.arena;
    const char *argv[12] = {pp_arena_copy(arena, r->tool->path).data,
                            "--disassemble",
                            "--demangle",
                            "--no-show-raw-insn",
                            pp_arena_printf(arena, "--start-address=0x%" PRIx64, range.start).data,
                            pp_arena_printf(arena, "--stop-address=0x%" PRIx64, range.end).data};
    size_t n = 6;
    if (!r->request->no_places) argv[n++] = "--line-numbers";
    if (r->request->intel && r->tool->is_llvm) {
        argv[n++] = "--x86-asm-syntax=intel";
    } else if (r->request->intel) {
        argv[n++] = "-M";
        argv[n++] = "intel";
    }
    argv[n] = process_file_argument(r->request->file, arena).data;
    struct out text;
    out_open_sink(&text, read_piece, &r->reader);
    bool ok = run(argv, &text, err);
    bool fits = out_close(&text, NULL);
    *ret_code = reader_take(&r->reader);
    if (ok && !fits)
        return pp_fail(err, PP_E_LIMIT, "%.*s: its instructions take more than %" PRIu64 " bytes",
                       PP_STR_ARG(r->request->file), max_kept);
    return ok;
}

/* How many ranges from the first on one run lists. */
static size_t neighbours(const struct run *r, size_t first) {
    const struct disasm_range *ranges = r->request->ranges;
    uint64_t gap = r->request->file_size / GAPS_IN_FILE;
    size_t to = first + 1;
    if (r->tool->is_old) return 1;
    if (gap < LEAST_GAP) gap = LEAST_GAP;
    for (; to < r->request->n; to++) {
        uint64_t before = ranges[to - 1].end;
        if (ranges[to].start < before || ranges[to].start - before > gap ||
            ranges[to].end - ranges[first].start > MOST_CODE)
            break;
    }
    return to - first;
}

static bool is_ascending(const struct disasm_code *code) {
    for (size_t i = 1; i < code->n; i++)
        if (code->insts[i].address < code->insts[i - 1].address) return false;
    return true;
}

/* The range's part of a listing of several, if it is what a listing of the range alone has: an
 * instruction begins where the range does and one where it ends, and the first has its function
 * written, and so its place, though it may be that of the instruction before. */
static bool cut(const struct disasm_code *all, struct disasm_range range, bool is_last,
                bool needs_function, struct disasm_code *ret_code) {
    size_t from = SEARCH_BELOW(all->insts, all->n, address, range.start);
    size_t to = SEARCH_BELOW(all->insts, all->n, address, range.end);
    if (from == to || all->insts[from].address != range.start) return false;
    if (needs_function && !all->insts[from].is_told) return false;
    if (!is_last && (to == all->n || all->insts[to].address != range.end)) return false;
    *ret_code = (struct disasm_code){all->insts + from, to - from, false};
    return true;
}

/* All that a listing has between two addresses. */
static struct disasm_code between(const struct disasm_code *all, struct disasm_range range) {
    size_t from = SEARCH_BELOW(all->insts, all->n, address, range.start);
    size_t to = SEARCH_BELOW(all->insts, all->n, address, range.end);
    return (struct disasm_code){all->insts + from, to - from, true};
}

/* A range that a listing of several doesn't show as it would be by itself. */
static bool list_again(struct run *r, const struct disasm_code *all, struct disasm_range range,
                       struct disasm_code *ret_code, struct pp_error *err) {
    if (r->n_alone++ < MOST_ALONE) return list(r, range, ret_code, err);
    if (!is_ascending(all))
        return pp_fail(err, PP_E_FORMAT, "%.*s lists instructions out of order",
                       PP_STR_ARG(r->tool->path));
    *ret_code = between(all, range);
    return true;
}

static bool list_several(struct run *r, size_t first, size_t n, struct disasm_code *ret_codes,
                         struct pp_error *err) {
    const struct disasm_range *ranges = r->request->ranges + first;
    struct disasm_code all;
    if (!list(r, (struct disasm_range){ranges[0].start, ranges[n - 1].end}, &all, err))
        return false;
    if (n == 1) {
        *ret_codes = all;
        return true;
    }
    bool usable = is_ascending(&all);
    for (size_t i = 0; i < n; i++)
        if (!(usable && cut(&all, ranges[i], i + 1 == n, !r->request->no_places, &ret_codes[i])) &&
            !list_again(r, &all, ranges[i], &ret_codes[i], err))
            return false;
    return true;
}

bool disasm_run(const struct disasm_tool *tool, const struct disasm_request *request,
                struct disasm_code *ret_codes, struct pp_arena *arena, struct pp_error *err) {
    struct run r = {.tool = tool, .request = request};
    bool ok = true;
    reader_init(&r.reader, arena);
    for (size_t i = 0, n; ok && i < request->n; i += n) {
        n = neighbours(&r, i);
        ok = list_several(&r, i, n, ret_codes + i, err);
    }
    reader_done(&r.reader);
    return ok;
}
