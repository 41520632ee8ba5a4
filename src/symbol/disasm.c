/* See disasm.h. Lines of a listing, of GNU's form and of LLVM's:
 *
 *     0000000000001139 <main>:          <main>:                a function
 *     main():                           ; main():              a function
 *     /src/a.c:7 (discriminator 2)      ; /src/a.c:7           a place
 *         1139:  push   %rbp                                   an instruction
 *
 * Any other line ends what is known about function and place. */
#include "symbol/disasm.h"

#include "base/path.h"
#include "base/process.h"
#include "base/text.h"

#include <inttypes.h>

enum { MINUTES = 10 };

static const uint64_t max_listing = UINT64_C(1) << 30;

/* ---- the program ---- */

static bool run(const char *const *argv, struct out *ret_text, struct pp_error *err) {
    const struct process p = {argv, PP_STR(""), max_listing, MINUTES * 60};
    return process_run(&p, ret_text, err);
}

static const char *find_text(struct pp_str text, const char *what) {
    return memmem(text.data, text.len, what, strlen(what));
}

/* "LLVM version 14.0.6"; the oldest that knows our options is 8. */
static bool is_good_llvm(struct pp_str text) {
    static const char mark[] = "LLVM version ";
    const char *at = find_text(text, mark), *end = text.data + text.len;
    if (!at) return false;
    unsigned major = 0;
    for (at += sizeof mark - 1; at < end && text_is_digit(*at) && major < 10000; at++)
        major = major * 10 + (unsigned)(*at - '0');
    return major >= 8 || find_text(text, "trunk");
}

static bool check_tool(struct disasm_tool *tool, struct pp_arena *arena) {
    const char *const argv[] = {pp_arena_copy(arena, tool->path).data, "--version", NULL};
    struct out text;
    out_open_memory(&text);
    bool ok = run(argv, &text, NULL);
    tool->is_llvm = ok && is_good_llvm(out_text(&text));
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
            return true;
        }
    const char *colon = line.len ? memrchr(line.data, ':', line.len) : NULL;
    if (!colon) return false;
    size_t from = hex_digits(line), to = (size_t)(colon - line.data);
    if (from < to && is_blank(line.data[from])) from++;
    inst->function = pp_str_slice(line, from, to);
    return true;
}

void disasm_parse(struct pp_str listing, struct disasm_code *ret_code, struct pp_arena *arena) {
    struct disasm_inst now = {0}, *insts = NULL;
    size_t n = 0, cap = 0;
    struct pp_str line;
    while (text_next_line(&listing, &line)) {
        line = trim(line);
        if (parse_inst(line, &now)) {
            PP_PUSH(arena, insts, n, cap, now);
        } else if (!parse_place(line, &now) && !parse_function(line, &now)) {
            now = (struct disasm_inst){0};
        }
    }
    *ret_code = (struct disasm_code){insts, n};
}

bool disasm_run(const struct disasm_tool *tool, const struct disasm_range *range,
                struct disasm_code *ret_code, struct pp_arena *arena, struct pp_error *err) {
    const char *argv[12] = {pp_arena_copy(arena, tool->path).data,
                            "--disassemble",
                            "--demangle",
                            "--no-show-raw-insn",
                            "--line-numbers",
                            pp_arena_printf(arena, "--start-address=0x%" PRIx64, range->start).data,
                            pp_arena_printf(arena, "--stop-address=0x%" PRIx64, range->end).data};
    size_t n = 7;
    if (range->intel && tool->is_llvm) {
        argv[n++] = "--x86-asm-syntax=intel";
    } else if (range->intel) {
        argv[n++] = "-M";
        argv[n++] = "intel";
    }
    argv[n] = process_file_argument(range->file, arena).data;
    struct out text;
    out_open_memory(&text);
    bool ok = run(argv, &text, err);
    if (ok) disasm_parse(pp_arena_copy(arena, out_text(&text)), ret_code, arena);
    out_close(&text, NULL);
    return ok;
}
