/* See symbol_index_writer.h. */
#include "symbol/symbol_index_writer.h"

#include "profile/wire.h"

static void put_sleb(struct out *o, int64_t v) {
    for (; v < -0x40 || v > 0x3f; v >>= 7)
        out_char(o, (char)(v | 0x80));
    out_char(o, (char)(v & 0x7f));
}

static void put_text(struct out *o, struct pp_str text) {
    wire_out_varint(o, text.len);
    out_str(o, text);
}

static uint64_t size_of(const struct out *o) {
    return out_text(o).len;
}

/* Where the next thing of the part will be. */
static uint32_t place_in(struct index_writer *w, enum index_part part) {
    uint64_t size = size_of(&w->part[part]);
    w->too_large |= size > UINT32_MAX;
    return (uint32_t)size;
}

void index_writer_init(struct index_writer *w) {
    *w = (struct index_writer){0};
    interner_init(&w->texts, &w->arena);
    interner_init(&w->files, &w->arena);
    for (size_t i = 0; i < INDEX_SUMS; i++)
        out_open_memory(&w->part[i]);
    index_add_file(w, PP_STR(""));
    out_char(&w->part[INDEX_CALLS], 0); /* so that no call is at 0 */
}

void index_writer_done(struct index_writer *w) {
    for (size_t i = 0; i < INDEX_SUMS; i++)
        out_close(&w->part[i], NULL);
    interner_done(&w->texts);
    interner_done(&w->files);
    pp_arena_done(&w->arena);
}

uint32_t index_add_text(struct index_writer *w, struct pp_str text) {
    uint32_t id = intern(&w->texts, text);
    while (w->n_places < w->texts.n) {
        uint32_t place = place_in(w, INDEX_TEXTS);
        put_text(&w->part[INDEX_TEXTS], w->texts.strings[w->n_places]);
        PP_PUSH(&w->arena, w->places, w->n_places, w->cap_places, place);
    }
    return w->places[id];
}

uint32_t index_add_file(struct index_writer *w, struct pp_str path) {
    uint32_t id = intern(&w->files, path);
    struct out *o = &w->part[INDEX_FILES];
    for (uint64_t n = size_of(o) / sizeof(uint32_t); n < w->files.n; n++) {
        uint32_t text = index_add_text(w, w->files.strings[n]);
        out_bytes(o, &text, sizeof text);
    }
    return id;
}

uint32_t index_add_call(struct index_writer *w, const struct index_call *call) {
    struct out *o = &w->part[INDEX_CALLS];
    uint32_t place = place_in(w, INDEX_CALLS);
    wire_out_varint(o, call->outer ? place - call->outer : 0);
    wire_out_varint(o, call->name);
    wire_out_varint(o, call->start_line);
    if (call->outer) {
        wire_out_varint(o, call->from_file);
        wire_out_varint(o, call->from_line);
        wire_out_varint(o, call->from_column);
    } else {
        wire_out_varint(o, call->source);
    }
    return place;
}

static bool says_the_same(const struct index_row *a, const struct index_row *b) {
    if (!a->call && !b->call) return true;
    return a->call == b->call && a->file == b->file && a->line == b->line && a->column == b->column;
}

static void begin_block(struct index_writer *w, const struct index_row *row) {
    const struct index_block b = {row->address, place_in(w, INDEX_ROWS)};
    out_bytes(&w->part[INDEX_BLOCKS], &b, sizeof b);
    w->last = (struct index_row){.address = row->address};
    w->in_block = 0;
}

/* Where there is no call, the place stays what it was: it is not written. */
void index_add_row(struct index_writer *w, const struct index_row *row) {
    struct out *o = &w->part[INDEX_ROWS];
    if (w->n_rows && says_the_same(row, &w->last)) return;
    bool is_far = (row->address - w->last.address) >> 62 != 0; /* a step has 63 bits */
    if (!w->n_rows || w->in_block == INDEX_BLOCK_ROWS || is_far) begin_block(w, row);
    w->in_block++;
    w->n_rows++;
    struct index_row next = *row, last = w->last;
    if (!next.call) {
        next = last;
        next.address = row->address;
        next.call = 0;
    }
    uint64_t step = next.address - last.address;
    bool moved = next.call != last.call || next.file != last.file;
    wire_out_varint(o, step << 1 | moved);
    if (moved) {
        put_sleb(o, (int64_t)next.call - last.call);
        put_sleb(o, (int64_t)next.file - last.file);
    }
    if (next.call) {
        put_sleb(o, (int64_t)next.line - last.line);
        wire_out_varint(o, next.column);
    }
    w->last = next;
}

/* ---- putting out ---- */

static void put_about(struct index_writer *w, struct pp_str key, const struct object_facts *f) {
    struct out *o = &w->part[INDEX_ABOUT];
    unsigned flags = 0, bit = 1;
#define WRITE(name)                                                                                \
    flags |= f->name ? bit : 0;                                                                    \
    bit <<= 1;
    OBJECT_FACTS(WRITE)
#undef WRITE
    put_text(o, key);
    wire_out_varint(o, flags);
    put_text(o, f->debug_path);
    put_text(o, f->package_path);
}

static uint64_t aligned(uint64_t at) {
    return (at + 7) / 8 * 8;
}

static void place_parts(const struct index_writer *w, struct index_header *h) {
    uint64_t at = sizeof *h;
    for (size_t i = 0; i < INDEX_SUMS; i++) {
        h->parts[i] = (struct index_span){at, size_of(&w->part[i])};
        at = aligned(at + h->parts[i].size);
    }
    h->parts[INDEX_SUMS] = (struct index_span){at, 8 * index_chunks(at)};
    h->size = at + h->parts[INDEX_SUMS].size;
}

/* Hashes what the parts are, chunk by chunk, without the header. */
struct summing {
    uint64_t *sums;
    size_t n, used;
    unsigned char chunk[INDEX_CHUNK];
};

static void end_chunk(struct summing *s) {
    if (s->used) s->sums[s->n++] = symbol_index_hash(s->chunk, s->used);
    s->used = 0;
}

static void sum(struct summing *s, const void *bytes, size_t len) {
    const char *from = bytes;
    while (len) {
        size_t n = INDEX_CHUNK - s->used < len ? INDEX_CHUNK - s->used : len;
        memcpy(s->chunk + s->used, from, n);
        s->used += n;
        from += n;
        len -= n;
        if (s->used == INDEX_CHUNK) end_chunk(s);
    }
}

static const char filler[8];

static uint64_t *sums_of(struct index_writer *w, const struct index_header *h) {
    struct summing s = {.sums = PP_NEW(&w->arena, uint64_t, h->parts[INDEX_SUMS].size / 8)};
    for (size_t i = 0; i < INDEX_SUMS; i++) {
        struct pp_str bytes = out_text(&w->part[i]);
        sum(&s, bytes.data, bytes.len);
        sum(&s, filler, aligned(bytes.len) - bytes.len);
    }
    end_chunk(&s);
    return s.sums;
}

bool symbol_index_write(struct index_writer *w, struct pp_str key, const struct object_facts *facts,
                        struct out *out, struct pp_error *err) {
    struct index_header h = {.version = SYMBOL_INDEX_VERSION, .byte_order = INDEX_BYTE_ORDER};
    memcpy(h.magic, symbol_index_magic, sizeof h.magic);
    put_about(w, key, facts);
    place_parts(w, &h);
    if (w->too_large || h.size > INDEX_MOST_BYTES)
        return pp_fail(err, PP_E_LIMIT, "is too large for an index");
    const struct index_span *at = &h.parts[INDEX_SUMS];
    const uint64_t *sums = sums_of(w, &h);
    h.sums_hash = symbol_index_hash(sums, at->size);
    h.hash = symbol_index_hash(&h, offsetof(struct index_header, hash));
    out_bytes(out, &h, sizeof h);
    for (size_t i = 0; i < INDEX_SUMS; i++) {
        struct pp_str bytes = out_text(&w->part[i]);
        out_str(out, bytes);
        out_bytes(out, filler, aligned(bytes.len) - bytes.len);
    }
    out_bytes(out, sums, at->size);
    return true;
}
