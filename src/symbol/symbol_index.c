/* See symbol_index.h. */
#include "symbol/symbol_index.h"

#include "base/hash.h"
#include "base/scope.h"
#include "symbol/dwarf_read.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

const char symbol_index_magic[8] = "cpprof\x1a\n";

enum { LONGEST_CALL = 7 * 10, LONGEST_NUMBER = 10 };

uint64_t symbol_index_hash(const void *bytes, size_t len) {
    return hash_bytes(UINT64_C(0x243f6a8885a308d3), bytes, len);
}

static bool damaged(struct symbol_index *x, const char *what) {
    return pp_fail(&x->error, PP_E_FORMAT, "%s", what);
}

/* ---- bytes ---- */

static bool read_at(int fd, void *to, uint64_t size, uint64_t at, struct pp_error *err) {
    for (uint64_t done = 0; done < size;) {
        ssize_t n = pread(fd, (char *)to + done, size - done, (off_t)(at + done));
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return pp_fail(err, PP_E_IO, "%s", strerror(errno));
        if (n == 0) return pp_fail(err, PP_E_FORMAT, "is cut short");
        done += (uint64_t)n;
    }
    return true;
}

static bool read_chunk(struct symbol_index *x, uint64_t chunk) {
    uint64_t at = sizeof(struct index_header) + chunk * INDEX_CHUNK;
    uint64_t end = x->parts[INDEX_SUMS].at;
    uint64_t size = end - at < INDEX_CHUNK ? end - at : INDEX_CHUNK;
    unsigned char *to = x->image.bytes + at;
    if (!read_at(x->fd, to, size, at, &x->error)) return false;
    if (symbol_index_hash(to, size) != x->sums[chunk]) return damaged(x, "is damaged: a wrong sum");
    x->there[chunk] = true;
    return true;
}

/* Makes sure that a piece of a part lies in it, and is there. */
static const unsigned char *need(struct symbol_index *x, enum index_part part, uint64_t at,
                                 uint64_t size) {
    const struct index_span *p = &x->parts[part];
    if (at > p->size || size > p->size - at) {
        damaged(x, "is damaged: a place outside of its part");
        return NULL;
    }
    uint64_t from = p->at + at - sizeof(struct index_header);
    for (uint64_t c = from / INDEX_CHUNK; c * INDEX_CHUNK < from + size; c++)
        if (!x->there[c] && !read_chunk(x, c)) return NULL;
    return x->image.bytes + p->at + at;
}

/* A cursor on at most `most` bytes from a place of a part on. */
static struct dwarf_cursor cursor(struct symbol_index *x, enum index_part part, uint64_t at,
                                  uint64_t most) {
    uint64_t left = at < x->parts[part].size ? x->parts[part].size - at : 0;
    if (left > most) left = most;
    const unsigned char *from = need(x, part, at, left);
    if (!from) return (struct dwarf_cursor){.failed = true};
    return (struct dwarf_cursor){from, from + left, false, false};
}

static bool text_at(struct symbol_index *x, uint64_t at, struct pp_str *ret_text) {
    struct dwarf_cursor c = cursor(x, INDEX_TEXTS, at, LONGEST_NUMBER);
    const unsigned char *from = c.at;
    uint64_t len = dwarf_uleb(&c);
    if (c.failed) return damaged(x, "is damaged: a text without an end");
    const unsigned char *bytes = need(x, INDEX_TEXTS, at + (uint64_t)(c.at - from), len);
    *ret_text = (struct pp_str){(const char *)bytes, bytes ? len : 0};
    return bytes != NULL;
}

static bool file_at(struct symbol_index *x, uint64_t number, struct pp_str *ret_path) {
    uint32_t text;
    if (number > UINT32_MAX) return damaged(x, "is damaged: a file without a number");
    const unsigned char *at = need(x, INDEX_FILES, number * sizeof text, sizeof text);
    if (!at) return false;
    memcpy(&text, at, sizeof text);
    return text_at(x, text, ret_path);
}

/* ---- opening ---- */

static bool check_parts(const struct index_header *h, struct pp_error *err) {
    uint64_t at = sizeof *h;
    for (size_t i = 0; i < INDEX_PARTS; i++) {
        const struct index_span *p = &h->parts[i];
        if (p->at < at || p->at > h->size || p->size > h->size - p->at)
            return pp_fail(err, PP_E_FORMAT, "is damaged: part %zu lies outside of it", i);
        at = p->at + p->size;
    }
    if (at != h->size || h->parts[INDEX_SUMS].size != 8 * index_chunks(h->parts[INDEX_SUMS].at))
        return pp_fail(err, PP_E_FORMAT, "is damaged: its parts do not fill it");
    return true;
}

static bool check_header(const struct index_header *h, uint64_t size, struct pp_error *err) {
    if (memcmp(h->magic, symbol_index_magic, sizeof h->magic) != 0)
        return pp_fail(err, PP_E_FORMAT, "is no symbol index");
    if (h->byte_order != INDEX_BYTE_ORDER)
        return pp_fail(err, PP_E_UNSUPPORTED, "was made on a machine of another byte order");
    if (h->version != SYMBOL_INDEX_VERSION)
        return pp_fail(err, PP_E_UNSUPPORTED, "has version %u; this program reads %d", h->version,
                       SYMBOL_INDEX_VERSION);
    if (h->hash != symbol_index_hash(h, offsetof(struct index_header, hash)))
        return pp_fail(err, PP_E_FORMAT, "is damaged: a wrong sum of the header");
    if (h->size != size) return pp_fail(err, PP_E_FORMAT, "is cut short");
    return check_parts(h, err);
}

static bool open_bytes(struct symbol_index *x, struct pp_arena *arena, struct pp_error *err) {
    struct index_header h;
    struct stat st;
    if (fstat(x->fd, &st) != 0) return pp_fail(err, PP_E_IO, "%s", strerror(errno));
    uint64_t size = (uint64_t)st.st_size;
    if (size < sizeof h || size > INDEX_MOST_BYTES)
        return pp_fail(err, PP_E_FORMAT, "is no symbol index");
    if (!read_at(x->fd, &h, sizeof h, 0, err) || !check_header(&h, size, err)) return false;
    if (!image_reserve(&x->image, size, err)) return false;
    memcpy(x->parts, h.parts, sizeof x->parts);
    const struct index_span *sums = &x->parts[INDEX_SUMS];
    uint64_t *to = PP_NEW(arena, uint64_t, sums->size / 8);
    if (!read_at(x->fd, to, sums->size, sums->at, err)) return false;
    if (symbol_index_hash(to, sums->size) != h.sums_hash)
        return pp_fail(err, PP_E_FORMAT, "is damaged: a wrong sum of the sums");
    x->sums = to;
    x->there = PP_NEW(arena, bool, sums->size / 8);
    return true;
}

static struct pp_str about_text(struct dwarf_cursor *c) {
    uint64_t len = dwarf_uleb(c);
    const unsigned char *bytes = dwarf_bytes(c, len);
    return (struct pp_str){(const char *)bytes, bytes ? len : 0};
}

static bool read_about(struct symbol_index *x, struct pp_str key) {
    struct dwarf_cursor c = cursor(x, INDEX_ABOUT, 0, x->parts[INDEX_ABOUT].size);
    struct pp_str is = about_text(&c);
    uint64_t flags = dwarf_uleb(&c);
    struct object_facts *f = &x->facts;
#define READ(name)                                                                                 \
    f->name = flags & 1;                                                                           \
    flags >>= 1;
    OBJECT_FACTS(READ)
#undef READ
    f->debug_path = about_text(&c);
    f->package_path = about_text(&c);
    if (x->error.code != PP_E_NONE) return false;
    if (c.failed) return damaged(x, "is damaged: it does not say what it is about");
    return pp_str_eq(is, key) || damaged(x, "is about another binary");
}

static void close_fd(void *fd) {
    close((int)(intptr_t)fd);
}

bool symbol_index_open(struct symbol_index *ret_index, int fd, struct pp_str key,
                       struct pp_arena *arena, struct pp_error *err) {
    struct symbol_index x = {.fd = fd};
    x.mark = scope_hold(close_fd, (void *)(intptr_t)fd);
    bool ok = open_bytes(&x, arena, err);
    if (ok && !read_about(&x, key)) ok = pp_fail(err, x.error.code, "%s", x.error.text);
    if (ok)
        *ret_index = x;
    else
        symbol_index_close(&x);
    return ok;
}

void symbol_index_close(struct symbol_index *x) {
    image_close(&x->image);
    scope_drop(x->mark);
    if (x->fd >= 0) close(x->fd);
    *x = (struct symbol_index){.fd = -1};
}

/* ---- answering ---- */

struct row {
    uint64_t address, call, file;
    int64_t line, column;
};

static bool block_at(struct symbol_index *x, uint64_t number, struct index_block *ret_block) {
    const unsigned char *at = need(x, INDEX_BLOCKS, number * sizeof *ret_block, sizeof *ret_block);
    if (at) memcpy(ret_block, at, sizeof *ret_block);
    return at != NULL;
}

/* The last block that begins at or before the address; false with an error, or when none does. */
static bool find_block(struct symbol_index *x, uint64_t address, uint64_t *ret_number,
                       struct index_block *ret_block) {
    uint64_t low = 0, high = x->parts[INDEX_BLOCKS].size / sizeof *ret_block;
    while (low < high) {
        uint64_t mid = low + (high - low) / 2;
        if (!block_at(x, mid, ret_block)) return false;
        if (ret_block->address <= address)
            low = mid + 1;
        else
            high = mid;
    }
    *ret_number = low;
    return low && block_at(x, low - 1, ret_block);
}

/* Steps to the next row. */
static void next_row(struct dwarf_cursor *c, struct row *r) {
    uint64_t step = dwarf_uleb(c);
    r->address += step >> 1;
    if (step & 1) {
        r->call += (uint64_t)dwarf_sleb(c);
        r->file += (uint64_t)dwarf_sleb(c);
    }
    if (!r->call) return;
    r->line += dwarf_sleb(c);
    r->column = (int64_t)dwarf_uleb(c);
}

/* The last row at or before the address; one of no call when there is none. */
static bool find_row(struct symbol_index *x, uint64_t address, struct row *ret_row) {
    uint64_t number;
    struct index_block b, next = {.place = x->parts[INDEX_ROWS].size};
    *ret_row = (struct row){0};
    if (!find_block(x, address, &number, &b)) return x->error.code == PP_E_NONE;
    if (number * sizeof b < x->parts[INDEX_BLOCKS].size && !block_at(x, number, &next))
        return false;
    if (b.place > next.place) return damaged(x, "is damaged: blocks are out of order");
    const unsigned char *at = need(x, INDEX_ROWS, b.place, next.place - b.place);
    if (!at) return false;
    struct dwarf_cursor c = {at, at + (next.place - b.place), false, false};
    struct row row = {.address = b.address};
    while (dwarf_left(&c) && !c.failed) {
        next_row(&c, &row);
        if (row.address > address) break;
        *ret_row = row;
    }
    return !c.failed || damaged(x, "is damaged: a row without an end");
}

/* A call's own frame, and where it was called from: the place of the frame around it. */
struct call {
    uint64_t outer; /* 0: none */
    uint64_t source;
    struct frame frame, from;
};

static bool read_call(struct symbol_index *x, uint64_t at, struct call *ret) {
    struct dwarf_cursor c = cursor(x, INDEX_CALLS, at, LONGEST_CALL);
    uint64_t back = dwarf_uleb(&c), name = dwarf_uleb(&c), file = 0;
    *ret = (struct call){.frame.start_line = (int64_t)dwarf_uleb(&c)};
    if (back) {
        file = dwarf_uleb(&c);
        ret->from.line = (int64_t)dwarf_uleb(&c);
        ret->from.column = (int64_t)dwarf_uleb(&c);
    } else {
        ret->source = dwarf_uleb(&c);
    }
    if (x->error.code != PP_E_NONE) return false;
    if (c.failed || back >= at || ret->source > FRAMES_DWARF)
        return damaged(x, "is damaged: a call without an end");
    ret->outer = back ? at - back : 0;
    return text_at(x, name, &ret->frame.function) && (!back || file_at(x, file, &ret->from.file));
}

static bool read_frames(struct symbol_index *x, const struct row *row, struct lookup *l,
                        struct frame frames[INDEX_DEPTH]) {
    struct frame place = {.line = row->line, .column = row->column};
    if (!file_at(x, row->file, &place.file)) return false;
    uint64_t at = row->call;
    for (uint32_t n = 0; n < INDEX_DEPTH; n++) {
        struct call call;
        if (!read_call(x, at, &call)) return false;
        frames[n] = place;
        frames[n].function = call.frame.function;
        frames[n].start_line = call.frame.start_line;
        place = call.from;
        at = call.outer;
        if (at) continue;
        l->n_frames = n + 1;
        l->source = (enum frame_source)call.source;
        return true;
    }
    return damaged(x, "is damaged: calls without an end");
}

bool symbol_index_find(struct symbol_index *x, struct lookup *l, struct pp_arena *arena) {
    struct row row;
    struct frame frames[INDEX_DEPTH];
    *l = (struct lookup){.address = l->address};
    if (x->error.code != PP_E_NONE || !find_row(x, l->address, &row)) return false;
    if (!row.call) return true;
    if (!read_frames(x, &row, l, frames)) return false;
    l->frames = PP_NEW(arena, struct frame, l->n_frames);
    memcpy(l->frames, frames, l->n_frames * sizeof *frames);
    return true;
}
