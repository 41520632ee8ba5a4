/* Decompressors behind one face: bytes in, bytes out, as much as fits. A source may consist of
 * several members (gzip) or frames (zstd), one after the other; they are read as one. */
#ifndef BASE_INFLATE_H
#define BASE_INFLATE_H

#include "cpprof/str.h"

#include <stdint.h>

struct inflate_io {
    const unsigned char *in; /* advanced */
    size_t in_len;
    unsigned char *out; /* advanced */
    size_t out_len;
    bool is_amid; /* set by zstd alone: the input so far ends inside a block */
};

enum inflate_status {
    INFLATE_MORE,   /* wants more input, or more room; without either there is no more output */
    INFLATE_END,    /* a member has ended; another may follow */
    INFLATE_BROKEN, /* *why says it */
};

struct inflate_kind {
    const char *name; /* for messages: "gzip" */
    bool (*matches)(struct pp_str head);
    void *(*open)(void); /* NULL: no memory */
    enum inflate_status (*step)(void *state, struct inflate_io *io, const char **why);
    void (*close)(void *state);
    /* How much a whole source says that it inflates to, which may be wrong; or no function. */
    size_t (*length)(struct pp_str source);
    /* Inflates a source that is one member and has room for it; false where it is something else,
     * or broken: then `step` tells. Does not return where there is no memory. Wherever there is a
     * length. */
    bool (*whole)(struct inflate_io *io);
    /* Another one that goes on from the same place; NULL: no memory, or (no function) can't be had.
     */
    void *(*copy)(const void *state);
    /* For large or many sources that it matches, where it opens; or NULL. */
    const struct inflate_kind *faster;
};

/* What zlib and ISA-L, which count in 32 bits, are told of so many bytes. */
static inline uint32_t inflate_count(size_t len) {
    return len < UINT32_MAX ? (uint32_t)len : UINT32_MAX;
}

/* Both have come so far. */
static inline void inflate_advance(struct inflate_io *io, const unsigned char *in,
                                   unsigned char *out) {
    io->in_len -= (size_t)(in - io->in);
    io->out_len -= (size_t)(out - io->out);
    io->in = in;
    io->out = out;
}

extern const struct inflate_kind inflate_gzip, inflate_zstd;

/* Without the wrapping of files: as sections of binaries are compressed. */
extern const struct inflate_kind inflate_zlib;

/* For inflate_gzip: by libdeflate, where the program has it. */
bool inflate_whole_gzip(struct inflate_io *io);

/* The kind whose magic bytes stand at the beginning, or NULL; four bytes are enough. */
const struct inflate_kind *inflate_kind_of(struct pp_str head);

#endif
