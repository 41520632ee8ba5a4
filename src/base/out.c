#include "base/out.h"

#include "base/progress.h"
#include "base/safe.h"
#include "base/utf8.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { FILE_BUFFER = 64 << 10, FIRST_BUFFER = 1 << 10 };
enum { TO_MEMORY = -1, TO_FUNCTION = -2 };

static void open_buffer(struct out *o, int fd, size_t size) {
    *o = (struct out){.buffer = pp_malloc(size), .size = size, .fd = fd};
}

void out_open_fd(struct out *o, int fd) {
    open_buffer(o, fd, FILE_BUFFER);
}

void out_open_sink(struct out *o, bool (*take)(void *user, const void *bytes, size_t len),
                   void *user) {
    open_buffer(o, TO_FUNCTION, FILE_BUFFER);
    o->take = take;
    o->user = user;
}

void out_open_memory(struct out *o) {
    open_buffer(o, TO_MEMORY, FIRST_BUFFER);
}

struct pp_str out_text(const struct out *o) {
    return (struct pp_str){o->buffer, o->used};
}

void out_limit(struct out *o, uint64_t limit) {
    o->limit = limit;
}

void out_ends_progress(struct out *o, struct progress *p) {
    o->until = p;
}

/* What came so far and would come now; false when that is too much. */
static bool has_room(struct out *o, uint64_t more) {
    uint64_t have = o->fd < 0 ? o->used : o->flushed;
    if (o->limit && (have >= o->limit ? more : more > o->limit - have)) o->is_over = true;
    return !o->is_over;
}

static void write_all(struct out *o, const char *bytes, size_t len) {
    if (!has_room(o, len)) return;
    if (o->until) progress_end(o->until);
    o->until = NULL;
    o->flushed += len;
    if (o->take && !o->failure && !o->take(o->user, bytes, len)) o->failure = EPIPE;
    if (o->take) return;
    while (len && !o->failure) {
        ssize_t n = write(o->fd, bytes, len);
        if (n < 0) {
            if (errno != EINTR) o->failure = errno;
            continue;
        }
        bytes += n;
        len -= (size_t)n;
    }
}

static void put_raw(void *user, struct pp_str piece) {
    write_all(user, piece.data, piece.len);
}

/* `last`: nothing follows, so what looks like the start of a character is none. */
static void flush(struct out *o, bool last) {
    if (o->fd == TO_MEMORY) return;
    size_t left = 0;
    if (o->safe)
        left = safe_text(out_text(o), last, put_raw, o);
    else
        write_all(o, o->buffer, o->used);
    memmove(o->buffer, o->buffer + o->used - left, left);
    o->used = left;
}

void out_flush(struct out *o) {
    flush(o, false);
}

void out_make_safe(struct out *o) {
    out_flush(o);
    o->safe = true;
}

/* Past the escaping of a safe output. */
static void out_escape(struct out *o, const char *before, struct pp_str text, const char *behind) {
    bool safe = o->safe;
    if (safe) flush(o, true);
    o->safe = false;
    out_text0(o, before);
    out_str(o, text);
    out_text0(o, behind);
    if (safe) flush(o, true);
    o->safe = safe;
}

void out_style(struct out *o, const char *code) {
    out_escape(o, "\x1b[", pp_str_from(code), "m");
}

void out_link(struct out *o, struct pp_str url) {
    out_escape(o, "\x1b]8;;", url, "\x1b\\");
}

bool out_failed(const struct out *o) {
    return o->is_over || o->failure != 0;
}

bool out_check(const struct out *o, struct pp_error *err) {
    if (!out_failed(o)) return true;
    if (o->failure)
        return pp_fail(err, o->failure == EPIPE ? PP_E_CLOSED : PP_E_IO, "writing the report: %s",
                       strerror(o->failure));
    pp_fail(err, PP_E_LIMIT, "the report has more than %" PRIu64 " bytes", o->limit);
    return pp_about(err, "max_output");
}

bool out_close(struct out *o, struct pp_error *err) {
    flush(o, true);
    pp_free(o->buffer);
    o->buffer = NULL;
    return out_check(o, err);
}

/* Room for `len` more bytes in the buffer; false when they should be written directly instead. */
static bool make_room(struct out *o, size_t len) {
    if (o->size - o->used >= len) return true;
    if (o->fd != TO_MEMORY) {
        out_flush(o);
        return o->size - o->used >= len;
    }
    if (!has_room(o, len)) { /* what is wrong is said at the end; nobody reads this any more */
        o->used = 0;
        return o->size >= len;
    }
    size_t want = o->used + len;
    o->size = o->size * 2 > want ? o->size * 2 : want;
    o->buffer = pp_realloc(o->buffer, o->size);
    return true;
}

void out_bytes_slow(struct out *o, const void *bytes, size_t len) {
    if (o->fd != TO_MEMORY && !o->safe && len >= o->size) { /* no need to copy them */
        out_flush(o);
        write_all(o, bytes, len);
        return;
    }
    while (!make_room(o, len)) { /* larger than the buffer: piece by piece */
        size_t n = o->size - o->used;
        memcpy(o->buffer + o->used, bytes, n);
        o->used += n;
        bytes = (const char *)bytes + n;
        len -= n;
    }
    memcpy(o->buffer + o->used, bytes, len);
    o->used += len;
}

void out_text0(struct out *o, const char *text) {
    out_bytes(o, text, strlen(text));
}

void out_printf(struct out *o, const char *format, ...) {
    char small[256];
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int len = vsnprintf(small, sizeof small, format, args);
    va_end(args);
    if (len >= 0 && (size_t)len < sizeof small) {
        out_bytes(o, small, (size_t)len);
    } else if (len >= 0) {
        char *large = pp_malloc((size_t)len + 1);
        vsnprintf(large, (size_t)len + 1, format, again);
        out_bytes(o, large, (size_t)len);
        pp_free(large);
    }
    va_end(again);
}

void out_u64(struct out *o, uint64_t v) {
    char digits[20];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + v % 10);
        v /= 10;
    } while (v);
    out_bytes(o, digits + at, sizeof digits - at);
}

void out_i64(struct out *o, int64_t v) {
    if (v < 0) out_char(o, '-');
    out_u64(o, v < 0 ? 0 - (uint64_t)v : (uint64_t)v);
}

void out_hex(struct out *o, uint64_t v) {
    char digits[18];
    size_t at = sizeof digits;
    do {
        digits[--at] = "0123456789abcdef"[v & 15];
        v >>= 4;
    } while (v);
    digits[--at] = 'x';
    digits[--at] = '0';
    out_bytes(o, digits + at, sizeof digits - at);
}

void out_spaces(struct out *o, size_t n) {
    static const char blanks[] = "                                ";
    for (; n >= sizeof blanks; n -= sizeof blanks - 1)
        OUT_LIT(o, blanks);
    out_bytes(o, blanks, n);
}

void out_utf8(struct out *o, struct pp_str s) {
    size_t from = 0, len;
    for (size_t at = 0; at < s.len; at += len) {
        len = 1;
        if ((unsigned char)s.data[at] < 0x80) continue;
        uint32_t c = utf8_decode(pp_str_slice(s, at, s.len), &len);
        if (c != UTF8_INVALID || len > 1) continue;
        out_str(o, pp_str_slice(s, from, at));
        OUT_LIT(o, "\xef\xbf\xbd");
        from = at + 1;
    }
    out_str(o, pp_str_slice(s, from, s.len));
}

void out_right(struct out *o, struct pp_str s, size_t width) {
    size_t have = utf8_count(s);
    if (have < width) out_spaces(o, width - have);
    out_str(o, s);
}

void out_left(struct out *o, struct pp_str s, size_t width) {
    size_t have = utf8_count(s);
    out_str(o, s);
    if (have < width) out_spaces(o, width - have);
}
