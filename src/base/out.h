/* Buffered output with a sticky error: write without looking, check once at the end. An output goes
 * to a file descriptor, or collects in memory. */
#ifndef BASE_OUT_H
#define BASE_OUT_H

#include "base/arena.h"
#include "cpprof/error.h"
#include "cpprof/str.h"

#include <stdarg.h>
#include <stdint.h>

struct out {
    char *buffer;
    size_t used, size;
    int fd; /* -1: memory; -2: a function */
    bool (*take)(void *user, const void *bytes, size_t len);
    void *user;
    bool safe;   /* see out_make_safe */
    int failure; /* errno of the first write that failed, or 0 */
    uint64_t flushed;
    uint64_t limit;         /* bytes; more is a failure (out_limit); 0: none */
    bool is_over;           /* the limit was met: nothing is written any more */
    struct progress *until; /* out_ends_progress */
};

/* Writes to `fd`, which the caller keeps and closes. */
void out_open_fd(struct out *o, int fd);

/* More than `limit` bytes fail: PP_E_LIMIT, about "max_output". 0: no limit. */
void out_limit(struct out *o, uint64_t limit);

struct progress;

/* The line that tells of it goes when the first byte is written. */
void out_ends_progress(struct out *o, struct progress *p);

/* False with the first failure so far, if any. */
bool out_check(const struct out *o, struct pp_error *err);

/* From here on, what could harm a terminal or mislead a reader is escaped (base/safe.h). Only for
 * an output that goes to a descriptor. */
void out_make_safe(struct out *o);

/* An escape sequence of our own, "1;31" for bold red: the only ones that a safe output lets
 * through. */
void out_style(struct out *o, const char *code);

/* The same for a hyperlink (OSC 8): to an address of plain characters, or "" to end it. */
void out_link(struct out *o, struct pp_str url);

/* Collects in memory; out_text shows what came. */
void out_open_memory(struct out *o);
struct pp_str out_text(const struct out *o);

/* Gives what comes to a function, in pieces; false: it wants no more, which is EPIPE. */
void out_open_sink(struct out *o, bool (*take)(void *user, const void *bytes, size_t len),
                   void *user);

/* Flushes, frees the buffer, and reports the first failure, if any. */
bool out_close(struct out *o, struct pp_error *err);

bool out_failed(const struct out *o);

void out_flush(struct out *o);
void out_bytes_slow(struct out *o, const void *bytes, size_t len); /* where the buffer is full */

static inline void out_bytes(struct out *o, const void *bytes, size_t len) {
    if (len > o->size - o->used) {
        out_bytes_slow(o, bytes, len);
    } else if (len) {
        memcpy(o->buffer + o->used, bytes, len);
        o->used += len;
    }
}

static inline void out_char(struct out *o, char c) {
    if (o->used == o->size)
        out_bytes_slow(o, &c, 1);
    else
        o->buffer[o->used++] = c;
}

static inline void out_str(struct out *o, struct pp_str s) {
    out_bytes(o, s.data, s.len);
}

void out_text0(struct out *o, const char *text); /* up to its NUL */
void out_printf(struct out *o, const char *format, ...) __attribute__((format(printf, 2, 3)));
void out_u64(struct out *o, uint64_t v);
void out_i64(struct out *o, int64_t v);
void out_hex(struct out *o, uint64_t v); /* "0x..", with 0x0 for zero */
void out_spaces(struct out *o, size_t n);

/* Bytes that are no UTF-8 become U+FFFD. */
void out_utf8(struct out *o, struct pp_str s);

/* Pads on the left, or on the right, to `width` characters: UTF-8 sequences, where a byte that is
 * no part of one counts as one (as Go's fmt does). */
void out_right(struct out *o, struct pp_str s, size_t width);
void out_left(struct out *o, struct pp_str s, size_t width);

#define OUT_LIT(o, literal) out_bytes((o), (literal), sizeof(literal) - 1)

#endif
