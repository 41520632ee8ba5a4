/* Which kind of file a source is that no decoder knows. Nothing here says that a file is not a
 * profile: the decoders are asked first. */
#include "profile/decode/foreign.h"

#include "base/json_read.h"
#include "base/text.h"
#include "base/utf8.h"

static unsigned char byte_at(struct pp_str s, size_t at) {
    return at < s.len ? (unsigned char)s.data[at] : 0;
}

/* Whether `word`, in small letters, stands there in letters of any size. */
static bool has_word_at(struct pp_str s, size_t at, struct pp_str word) {
    if (at > s.len || s.len - at < word.len) return false;
    for (size_t i = 0; i < word.len; i++) {
        char c = s.data[at + i];
        if ((c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c) != word.data[i]) return false;
    }
    return true;
}

static bool has_word(struct pp_str s, struct pp_str word) {
    for (size_t at = 0; at < s.len; at++)
        if (has_word_at(s, at, word)) return true;
    return false;
}

static struct pp_str first_line(struct pp_str s) {
    struct pp_str line = {0};
    text_next_line(&s, &line);
    return line;
}

static struct pp_str without_blanks(struct pp_str s) {
    size_t at = 0;
    while (at < s.len && text_is_blank(s.data[at]))
        at++;
    return pp_str_slice(s, at, s.len);
}

/* "go 1.22 trace\0\0\0" */
static bool is_go_trace(struct pp_str s) {
    size_t at = 0;
    if (!text_skip(s, &at, PP_STR("go 1.")) || !text_digits(s, &at).len) return false;
    return text_skip(s, &at, PP_STR(" trace"));
}

/* Packets, one after the other, each with a field that a trace's packets have and the messages of
 * profiles have not. */
static bool is_perfetto(struct pp_str s) {
    unsigned n = 0;
    for (size_t at = 0; byte_at(s, at) == 0x0a && at + 2 < s.len && n < 2; n++) {
        uint64_t len = 0;
        unsigned shift = 0;
        for (at++; shift < 28; shift += 7) {
            unsigned char c = byte_at(s, at++);
            len |= (uint64_t)(c & 0x7f) << shift;
            if (!(c & 0x80)) break;
        }
        static const char tags[] = {0x18, 0x32, 0x40, 0x50}; /* uid, clocks, time, sequence */
        if (len < 2 || !memchr(tags, (char)byte_at(s, at), sizeof tags)) return false;
        at += len;
    }
    return n == 2;
}

/* What a script collected: a profile of gperftools or Go below a banner. */
static bool is_below_text(struct pp_str s) {
    static const struct pp_str heads[] = {
        {"\nheap profile: ", 15},  {"\nheap_v2/", 9},    {"\ngoroutine profile: total ", 26},
        {"\n--- contention:", 16}, {"\n--- mutex:", 11},
    };
    bool found = false;
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
        found |= text_contains(s, heads[i]);
    return found && !memchr(s.data, '\0', s.len);
}

/* A class file of Java begins alike; what follows there is its version, 45 at least. */
static bool is_fat_macho(struct pp_str s) {
    return pp_str_has_prefix(s, PP_STR("\xca\xfe\xba\xbe\0\0\0")) && byte_at(s, 7) > 0 &&
           byte_at(s, 7) < 45;
}

/* "MZ", and the place of the header, which every linker puts within the first kilobytes. */
static bool is_pe(struct pp_str s) {
    return pp_str_has_prefix(s, PP_STR("MZ")) && s.len >= 64 && byte_at(s, 62) == 0 &&
           byte_at(s, 63) == 0;
}

static bool is_bzip2(struct pp_str s) {
    size_t at = 0;
    if (!text_skip(s, &at, PP_STR("BZh")) || !text_is_digit((char)byte_at(s, at))) return false;
    at++;
    return text_skip(s, &at, PP_STR("\x31\x41\x59\x26\x53\x59")) ||
           text_skip(s, &at, PP_STR("\x17\x72\x45\x38\x50\x90"));
}

/* Valgrind's, and what Xdebug and others write in its format, some without a header. */
static bool is_callgrind(struct pp_str s) {
    static const char *const heads[] = {
        "# callgrind format", "version: ", "creator: ", "cmd: ", "positions: ", "events: "};
    bool has_head = false;
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
        has_head |= pp_str_has_prefix(s, pp_str_from(heads[i]));
    return has_head &&
           (pp_str_has_prefix(s, PP_STR("events: ")) || text_contains(s, PP_STR("\nevents: ")) ||
            text_contains(s, PP_STR("creator: ")));
}

/* "v 10300 2\n": its version and that of its format, in hexadecimal digits. */
static bool is_heaptrack(struct pp_str s) {
    size_t at = 0;
    if (!text_skip(s, &at, PP_STR("v ")) || text_digits(s, &at).len < 5) return false;
    return text_skip(s, &at, PP_STR(" ")) && text_digits(s, &at).len == 1 &&
           text_skip(s, &at, PP_STR("\n"));
}

/* A dictionary of triples (file, line, function), as marshal writes it. */
static bool is_pstats(struct pp_str s) {
    return (byte_at(s, 0) & 0x7f) == '{' && (byte_at(s, 1) & 0x7f) == ')' && byte_at(s, 2) == 3;
}

/* e_type is ET_CORE, in the byte order that the file says. */
static bool is_core(struct pp_str s) {
    bool is_big = byte_at(s, 5) == 2;
    return pp_str_has_prefix(s, PP_STR("\x7f"
                                       "ELF")) &&
           byte_at(s, is_big ? 17 : 16) == 4 && byte_at(s, is_big ? 16 : 17) == 0;
}

/* A method and flags, which together are a multiple of 31 (RFC 1950). */
static bool is_zlib(struct pp_str s) {
    return byte_at(s, 0) == 0x78 && (byte_at(s, 0) << 8 | byte_at(s, 1)) % 31 == 0;
}

/* The header of a member says the sum of its own bytes, its eight digits taken as blanks. */
static bool is_old_tar(struct pp_str s) {
    enum { HEADER = 512, SUM = 148, DIGITS = 8 };
    unsigned sum = DIGITS * ' ', said = 0;
    if (s.len < HEADER || byte_at(s, 0) == 0) return false;
    for (size_t i = 0; i < HEADER; i++)
        sum += i < SUM || i >= SUM + DIGITS ? byte_at(s, i) : 0;
    for (size_t i = SUM; i < SUM + DIGITS; i++)
        if (byte_at(s, i) >= '0' && byte_at(s, i) <= '7') said = said * 8 + byte_at(s, i) - '0';
    return sum == said;
}

/* Without a mark: ASCII, and zeros between. */
static bool is_bare_utf16(struct pp_str s) {
    size_t zeros = byte_at(s, 0) ? 1 : 0;
    if (s.len < 8) return false;
    for (size_t i = 0; i < 8; i++) {
        unsigned char c = byte_at(s, i);
        bool is_ascii = (c >= ' ' && c < 0x7f) || text_is_blank((char)c);
        if (i % 2 == zeros ? c != 0 : !is_ascii) return false;
    }
    return true;
}

/* A first line that is long, of nothing else, and of letters of both sizes. */
static bool is_base64(struct pp_str s) {
    struct pp_str line = first_line(s);
    bool upper = false, lower = false;
    if (line.len && line.data[line.len - 1] == '\r') line.len--;
    for (size_t i = 0; i < line.len; i++) {
        char c = line.data[i];
        if (!text_is_letter(c) && !text_is_digit(c) && !memchr("+/=-_", c, 5)) return false;
        upper |= c >= 'A' && c <= 'Z';
        lower |= c >= 'a' && c <= 'z';
    }
    return line.len >= 60 && upper && lower;
}

/* "7f0011000 20 foo": where code is that was made at run time, as perf looks for it. */
static bool is_perf_map(struct pp_str s) {
    struct pp_str line = first_line(s), word;
    for (int i = 0; i < 2; i++) {
        if (!text_next_word(&line, &word)) return false;
        for (size_t k = 0; k < word.len; k++)
            if (!text_is_hex(word.data[k])) return false;
        if (i == 0 && word.len < 6) return false;
    }
    return text_next_word(&line, &word);
}

/* "Thread 2 (Thread 0x7f12 (LWP 123)):" and "#0  0x00007f12 in poll ()". */
static bool is_gdb(struct pp_str s) {
    return text_contains(s, PP_STR("\n#0 ")) || pp_str_has_prefix(s, PP_STR("#0 "));
}

/* "main;read 1e3": all but the count is there. */
static bool is_folded_in_part(struct pp_str s) {
    struct pp_str line = text_trim(first_line(s));
    const char *blank = line.len ? memrchr(line.data, ' ', line.len) : NULL;
    return blank && memchr(line.data, ';', (size_t)(blank - line.data)) && text_is_digit(blank[1]);
}

static bool is_svg(struct pp_str s) {
    return byte_at(without_blanks(s), 0) == '<' && has_word(s, PP_STR("<svg"));
}

static bool is_html(struct pp_str s) {
    return byte_at(without_blanks(s), 0) == '<' &&
           (has_word(s, PP_STR("<html")) || has_word(s, PP_STR("<!doctype html")) ||
            has_word(s, PP_STR("<head")) || has_word(s, PP_STR("<body")));
}

/* What async-profiler, speedscope and others make; a person wants its profile. */
static bool is_flame_page(struct pp_str s) {
    return is_html(s) && (has_word(s, PP_STR("flame graph")) || has_word(s, PP_STR("flamegraph")) ||
                          has_word(s, PP_STR("call tree")) || has_word(s, PP_STR("tree view")));
}

/* "@ inst_retired.any [35705 samples]" */
static bool is_pmcstat(struct pp_str s) {
    struct pp_str first = first_line(s);
    return pp_str_has_prefix(first, PP_STR("@ ")) && text_contains(first, PP_STR(" samples]"));
}

/* Of pprof or cpprof: its first lines say which file, type or period. Of gprof. */
static bool is_pprof_report(struct pp_str s) {
    static const char *const heads[] = {
        "File: ",       "Type: ",        "Build ID: ",
        "PeriodType: ", "Flat profile:", "Showing nodes accounting for "};
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
        if (pp_str_has_prefix(s, pp_str_from(heads[i]))) return true;
    return false;
}

#define NAMED(n, a) .name = n, .advice = a
const struct foreign_kind foreign_table[] = {
#define FOREIGN(at, bytes, n, a)   {.offset = at, .magic = {bytes, sizeof(bytes) - 1}, NAMED(n, a)},
#define FOREIGN_IF(is_it, n, a)    {.test = is_it, NAMED(n, a)},
#define FOREIGN_JSON(member, n, a) {.key = member, NAMED(n, a)},
#define FOREIGN_TEXT(text, n, a)   {.part = {text, sizeof(text) - 1}, NAMED(n, a)},
#include "profile/decode/foreign.def"
#undef FOREIGN
#undef FOREIGN_IF
#undef FOREIGN_JSON
#undef FOREIGN_TEXT
};
#undef NAMED

const size_t foreign_table_len = sizeof foreign_table / sizeof *foreign_table;

/* Whether the object has a member of this name before the head ends. */
static bool has_member(struct pp_str head, struct pp_str name) {
    struct pp_arena scratch = {0};
    struct json_read j = {.text = head};
    struct pp_str key;
    bool found = false, more = json_read_take(&j, '{');
    for (bool first = true; more && !found; first = false) {
        more = json_read_member(&j, first, &key, &scratch, &more) && more;
        found = more && pp_str_eq(key, name);
        more = more && !found && json_read_skip(&j);
    }
    pp_arena_done(&scratch);
    return found;
}

static bool matches(const struct foreign_kind *k, struct pp_str head) {
    if (k->key) return has_member(head, pp_str_from(k->key));
    if (k->test) return k->test(head);
    if (k->part.len) return text_contains(head, k->part);
    size_t at = k->offset;
    return at <= head.len && text_skip(head, &at, k->magic);
}

struct pp_str foreign_head(struct input *in) {
    input_need(in, FOREIGN_HEAD);
    return (struct pp_str){in->data, in->avail < FOREIGN_HEAD ? in->avail : FOREIGN_HEAD};
}

const struct foreign_kind *foreign_find(struct pp_str head) {
    for (size_t i = 0; i < foreign_table_len; i++)
        if (matches(&foreign_table[i], head)) return &foreign_table[i];
    return NULL;
}

bool foreign_is_text(struct pp_str head, char ret_begin[FOREIGN_SAID]) {
    struct pp_str line = text_trim(first_line(text_trim(head)));
    for (size_t i = 0; i < head.len; i++) {
        unsigned char c = (unsigned char)head.data[i];
        if (c == 0x7f || (c < ' ' && !text_is_blank((char)c))) return false;
    }
    if (line.len >= FOREIGN_SAID) line.len = utf8_floor(line, FOREIGN_SAID - 1);
    memcpy(ret_begin, line.len ? line.data : "", line.len);
    ret_begin[line.len] = '\0';
    return head.len > 0;
}
