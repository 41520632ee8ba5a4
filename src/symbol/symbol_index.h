/* What was learned of a binary once, kept in a file and used as it lies: the answer for every
 * address, without ELF and DWARF. The answers of a binary change at finitely many addresses; a row
 * says where, and what holds from there to the next row.
 *
 *     header    magic, version, byte order, where the parts are, hashes of itself and of the sums
 *     about     key of the binary, and what the answers came from
 *     blocks    address and place of the first row of every 64
 *     rows      differences: address; call, file, line and column of the innermost frame
 *     calls     a function, inlined at a place of another call: a tree by "how far back is the
 *               outer one"
 *     files     numbers for texts that are paths
 *     texts     length and bytes
 *     sums      a hash of each 4096 bytes between the header and them
 *
 * Parts begin at multiples of 8. Nothing in it is trusted. Every 4096 bytes are copied out of the
 * file when they are first needed, and compared with their hash: what is used cannot change or
 * vanish any more, whatever happens to the file. Every place and length is then checked against its
 * part; an outer call lies before its inner ones, so that no walk can go in a circle. */
#ifndef SYMBOL_SYMBOL_INDEX_H
#define SYMBOL_SYMBOL_INDEX_H

#include "base/arena.h"
#include "cpprof/error.h"
#include "symbol/frame.h"
#include "symbol/image.h"

/* The version counts every change of the format, of hash_bytes, and of what an address is answered:
 * an older file would give older answers. */
enum { SYMBOL_INDEX_VERSION = 1, INDEX_CHUNK = 4096, INDEX_BLOCK_ROWS = 64, INDEX_DEPTH = 512 };

enum index_part {
    INDEX_ABOUT,
    INDEX_BLOCKS,
    INDEX_ROWS,
    INDEX_CALLS,
    INDEX_FILES,
    INDEX_TEXTS,
    INDEX_SUMS,
    INDEX_PARTS
};

struct index_span {
    uint64_t at, size;
};

struct index_header {
    char magic[8];
    uint32_t version, byte_order;
    uint64_t size; /* of the file */
    struct index_span parts[INDEX_PARTS];
    uint64_t sums_hash, hash; /* of the sums; of the header before this field */
};

struct index_block {
    uint64_t address;
    uint64_t place; /* in the rows */
};

enum { INDEX_BYTE_ORDER = 0x01020304 };
#define INDEX_MOST_BYTES (UINT64_C(4) << 30) /* places have 32 bits */

extern const char symbol_index_magic[8];
uint64_t symbol_index_hash(const void *bytes, size_t len);

/* How many chunks there are in front of the sums. */
static inline uint64_t index_chunks(uint64_t sums_at) {
    return (sums_at - sizeof(struct index_header) + INDEX_CHUNK - 1) / INDEX_CHUNK;
}

/* What answers came from, for the symbols report. */
#define OBJECT_FACTS(X) /* in the order in which an index has their bits */                        \
    X(dwarf)                                                                                       \
    X(alternate)                                                                                   \
    X(gopclntab)                                                                                   \
    X(symbols)                                                                                     \
    X(complete)                                                                                    \
    X(debug_symbols)                                                                               \
    X(mini)

struct object_facts {
#define FACT(name) bool name;
    OBJECT_FACTS(FACT)
#undef FACT
    struct pp_str debug_path, package_path; /* "" where there is none */
};

struct symbol_index {
    int fd;             /* -1: closed, or all is there */
    struct image image; /* as large as the file; filled when it is needed */
    struct scope_mark *mark;
    bool *there; /* a chunk */
    const uint64_t *sums;
    struct index_span parts[INDEX_PARTS];
    struct object_facts facts;
    struct pp_error error; /* the first damage that was met; then it answers nothing more */
};

/* Reads header and sums, and takes over the descriptor, also on failure. `key` is what the caller
 * looks for. Facts are views into the index. */
bool symbol_index_open(struct symbol_index *ret_index, int fd, struct pp_str key,
                       struct pp_arena *arena, struct pp_error *err);
void symbol_index_close(struct symbol_index *x);

/* Answers the lookup; texts are views into the index, frames live in `arena`. False when the file
 * is damaged: then the error says so, and what it answered before is not to be used. */
bool symbol_index_find(struct symbol_index *x, struct lookup *l, struct pp_arena *arena);

#endif
