/* See elf_stretches.h. Units' first bytes are written once, before anyone reads them, so that a
 * thread may read them while another unpacks what lies between. zstd's decompressor can't be
 * copied: there is one, which goes on from where it was, or begins again. */
#include "symbol/elf_stretches.h"

#include "base/scope.h"
#include "base/search.h"
#include "symbol/elf_reader.h"

#include <pthread.h>

enum { PIECE = 1 << 18, LEAST_HEADER = 4, LONG_HEADER = 12 };

struct stretch {
    struct elf_reader begin; /* at its first byte; closed where there is no copy */
    unsigned users;
    enum { ABSENT, LOADING, READY } state;
};

struct unit {
    uint64_t start;
};

/* What has been unpacked, and where in the section it lies. */
struct piece {
    const unsigned char *bytes;
    uint64_t at;
    size_t n;
};

struct elf_stretches {
    struct elf_packed packed;
    struct stretch *at;
    size_t n, n_ready;
    bool has_copies;        /* of all stretches' readers */
    struct elf_reader last; /* the one that can't be copied */
    bool last_is_taken;     /* by a thread that unpacks all that it asked for */
    struct pp_arena arena;
    struct unit *units;
    size_t n_units, cap_units;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct scope_mark *mark;
};

/* ---- units ---- */

static uint64_t least(uint64_t a, uint64_t b) {
    return a < b ? a : b;
}

/* Copies what the piece has of a range of the section. */
static void copy_shared(struct elf_stretches *s, uint64_t from, uint64_t to,
                        const struct piece *piece) {
    if (from < piece->at) from = piece->at;
    to = least(to, piece->at + piece->n);
    if (from < to)
        memcpy(s->packed.to + from, piece->bytes + (from - piece->at), (size_t)(to - from));
}

static uint64_t head_end(const struct elf_stretches *s, uint64_t unit) {
    return least(unit + ELF_UNIT_HEAD, s->packed.size);
}

/* Where the unit behind this one begins, from its header; 0 where that can't be told. */
static uint64_t next_unit(const struct elf_stretches *s, uint64_t unit) {
    const unsigned char *header = s->packed.to + unit;
    uint64_t left = s->packed.size - unit, size = LEAST_HEADER;
    uint64_t length = left < size ? 0 : elf_u32(s->packed.file, header);
    if (length == 0xffffffff) {
        size = LONG_HEADER;
        length = left < size ? 0 : elf_u64(s->packed.file, header + LEAST_HEADER);
    }
    return length && left >= size && length <= left - size ? unit + size + length : 0;
}

/* Keeps the heads of the units in a piece; `unit` is the first whose head has not been there whole.
 */
static bool keep_heads(struct elf_stretches *s, const struct piece *piece, uint64_t *unit) {
    while (*unit < s->packed.size) {
        copy_shared(s, *unit, head_end(s, *unit), piece);
        if (head_end(s, *unit) > piece->at + piece->n) return true;
        uint64_t next = next_unit(s, *unit);
        if (!next) return false;
        PP_PUSH(&s->arena, s->units, s->n_units, s->cap_units, (struct unit){*unit});
        *unit = next;
    }
    return true;
}

/* The first gap between heads that may reach beyond `at`. */
static size_t gap_at(const struct elf_stretches *s, uint64_t at) {
    size_t n = SEARCH_UP_TO(s->units, s->n_units, start, at);
    return n ? n - 1 : 0;
}

/* Gap i: from the end of unit i's head to the beginning of the next unit. */
static bool gap(const struct elf_stretches *s, size_t i, uint64_t *ret_from, uint64_t *ret_to) {
    if (i >= s->n_units) return false;
    *ret_from = head_end(s, s->units[i].start);
    *ret_to = i + 1 < s->n_units ? s->units[i + 1].start : s->packed.size;
    return true;
}

static void keep_gaps(struct elf_stretches *s, const struct piece *piece) {
    uint64_t from, to;
    uint64_t end = piece->at + piece->n;
    for (size_t i = gap_at(s, piece->at); gap(s, i, &from, &to) && s->units[i].start < end; i++)
        copy_shared(s, from, to, piece);
}

/* ---- stretches ---- */

static uint64_t start_of(const struct elf_stretches *s, size_t i) {
    return least(i * s->packed.stretch, s->packed.size);
}

static void drop(struct elf_stretches *s, size_t i) {
    uint64_t start = start_of(s, i), stop = start_of(s, i + 1), from, to;
    for (size_t k = gap_at(s, start); gap(s, k, &from, &to) && s->units[k].start < stop; k++) {
        if (from < start) from = start;
        if (to > stop) to = stop;
        if (from < to)
            image_drop((struct pp_str){(const char *)s->packed.to + from, (size_t)(to - from)});
    }
    s->at[i].state = ABSENT;
    s->n_ready--;
}

/* Until `kept` are there, those in front first: they have been read. */
static void make_room(struct elf_stretches *s, size_t kept) {
    for (size_t i = 0; i < s->n && s->n_ready > kept; i++)
        if (s->at[i].state == READY && !s->at[i].users) drop(s, i);
}

/* The reader that goes on, at the beginning of stretch i. */
static bool go_to(struct elf_stretches *s, size_t i, struct elf_reader *r, unsigned char *room) {
    *r = s->last;
    s->last.state = NULL;
    if (r->out_at > start_of(s, i)) elf_reader_close(r);
    bool ok = r->state || elf_reader_open(r, r->kind, r->image, r->from);
    while (ok && r->out_at < start_of(s, i))
        ok = elf_reader_read(r, room, (size_t)least(PIECE, start_of(s, i) - r->out_at));
    return ok;
}

static bool read_stretch(struct elf_stretches *s, size_t i, struct elf_reader *r,
                         unsigned char *room) {
    while (r->out_at < start_of(s, i + 1)) {
        const struct piece piece = {room, r->out_at,
                                    (size_t)least(PIECE, start_of(s, i + 1) - r->out_at)};
        if (!elf_reader_read(r, room, piece.n)) return false;
        keep_gaps(s, &piece);
    }
    return true;
}

/* `r`: a copy of the stretch's reader, where there is one. */
static bool unpack_stretch(struct elf_stretches *s, size_t i, struct elf_reader *r,
                           unsigned char *room) {
    bool is_copy = r->state != NULL;
    bool ok = (is_copy || go_to(s, i, r, room)) && read_stretch(s, i, r, room);
    if (is_copy || !ok) elf_reader_close(r);
    if (!is_copy) s->last = *r;
    return ok;
}

static bool is_absent(const struct elf_stretches *s, size_t i) {
    return i < s->n && s->at[i].state == ABSENT;
}

/* With the lock, but for the time that it takes. Memory may be exhausted only where nobody waits.
 */
static bool load(struct elf_stretches *s, size_t i, unsigned char *room) {
    struct elf_reader r = {0};
    pthread_mutex_unlock(&s->lock);
    if (s->has_copies) elf_reader_copy(&s->at[i].begin, &r);
    pthread_mutex_lock(&s->lock);
    bool mine = is_absent(s, i), ok = true;
    if (mine) {
        make_room(s, s->packed.kept);
        s->at[i].state = LOADING;
        pthread_mutex_unlock(&s->lock);
        ok = unpack_stretch(s, i, &r, room);
        pthread_mutex_lock(&s->lock);
        s->at[i].state = ok ? READY : ABSENT;
        s->n_ready += ok;
        pthread_cond_broadcast(&s->changed);
    } else {
        elf_reader_close(&r);
    }
    return ok;
}

/* Who waits for another thread unpacks the next one meanwhile, which will be wanted then. */
static bool get(struct elf_stretches *s, size_t i, unsigned char *room) {
    while (s->at[i].state != READY) {
        if (is_absent(s, i)) {
            if (!load(s, i, room)) return false;
        } else if (is_absent(s, i + 1)) {
            load(s, i + 1, room);
        } else {
            pthread_cond_wait(&s->changed, &s->lock);
        }
    }
    return true;
}

/* The same by the only reader: what it comes by is kept, so that it does not go back for it. */
static bool get_in_turn(struct elf_stretches *s, size_t i, unsigned char *room) {
    bool ahead = !s->last.state || s->last.out_at > start_of(s, i);
    for (size_t k = ahead ? i : (size_t)(s->last.out_at / s->packed.stretch); k <= i; k++)
        if (is_absent(s, k) && !load(s, k, room)) return false;
    return true;
}

static bool get_all(struct elf_stretches *s, size_t first, size_t end, unsigned char *room) {
    bool ok = true;
    if (s->has_copies) {
        for (size_t i = first; i < end && ok; i++)
            ok = get(s, i, room);
        return ok;
    }
    while (s->last_is_taken)
        pthread_cond_wait(&s->changed, &s->lock);
    s->last_is_taken = true;
    for (size_t i = first; i < end && ok; i++)
        ok = get_in_turn(s, i, room);
    s->last_is_taken = false;
    pthread_cond_broadcast(&s->changed);
    return ok;
}

static void release(struct elf_stretches *s, size_t from, size_t to) {
    for (size_t i = from; i < to; i++)
        s->at[i].users--;
}

/* The stretches of a range of bytes. */
static size_t first_of(const struct elf_stretches *s, uint64_t from) {
    return (size_t)(least(from, s->packed.size) / s->packed.stretch);
}

static size_t behind(const struct elf_stretches *s, uint64_t to) {
    return (size_t)((least(to, s->packed.size) + s->packed.stretch - 1) / s->packed.stretch);
}

bool elf_stretches_hold(struct elf_stretches *s, uint64_t from, uint64_t to) {
    size_t first = first_of(s, from), end = behind(s, to);
    unsigned char *room = pp_malloc(PIECE);
    pthread_mutex_lock(&s->lock);
    for (size_t i = first; i < end; i++)
        s->at[i].users++;
    bool ok = get_all(s, first, end, room);
    if (!ok) release(s, first, end);
    pthread_mutex_unlock(&s->lock);
    pp_free(room);
    return ok;
}

void elf_stretches_release(struct elf_stretches *s, uint64_t from, uint64_t to) {
    pthread_mutex_lock(&s->lock);
    release(s, first_of(s, from), behind(s, to));
    pthread_mutex_unlock(&s->lock);
}

void elf_stretches_drop(struct elf_stretches *s) {
    pthread_mutex_lock(&s->lock);
    make_room(s, 0);
    pthread_mutex_unlock(&s->lock);
}

/* ---- opening ---- */

/* Where a stretch begins the reader is kept. */
static void mark_begin(struct elf_stretches *s, const struct elf_reader *r) {
    if (r->out_at % s->packed.stretch == 0 &&
        !elf_reader_copy(r, &s->at[r->out_at / s->packed.stretch].begin))
        s->has_copies = false;
}

/* The first stretches stay, since they will be asked for first. */
static void keep_piece(struct elf_stretches *s, const struct piece *piece) {
    size_t i = (size_t)(piece->at / s->packed.stretch);
    if (i >= s->packed.kept) return;
    memcpy(s->packed.to + piece->at, piece->bytes, piece->n);
    s->n_ready += s->at[i].state == ABSENT;
    s->at[i].state = READY;
}

/* From beginning to end. */
static bool survey(struct elf_stretches *s, struct elf_reader *r, unsigned char *room) {
    uint64_t unit = 0;
    while (r->out_at < s->packed.size) {
        uint64_t to_mark = s->packed.stretch - r->out_at % s->packed.stretch;
        uint64_t n = least(PIECE, least(to_mark, s->packed.size - r->out_at));
        const struct piece piece = {room, r->out_at, (size_t)n};
        mark_begin(s, r);
        if (!elf_reader_read(r, room, piece.n) || !keep_heads(s, &piece, &unit)) return false;
        keep_piece(s, &piece);
    }
    return elf_reader_is_over(r);
}

static void close_readers(struct elf_stretches *s) {
    for (size_t i = 0; i < s->n; i++)
        elf_reader_close(&s->at[i].begin);
    elf_reader_close(&s->last);
}

static bool open_by(struct elf_stretches *s, const struct inflate_kind *kind) {
    s->n_units = s->n_ready = 0;
    s->has_copies = true;
    memset(s->at, 0, s->n * sizeof *s->at);
    unsigned char *room = pp_malloc(PIECE);
    bool ok = elf_reader_open(&s->last, kind, &s->packed.file->image, s->packed.bytes) &&
              survey(s, &s->last, room);
    if (!ok) close_readers(s);
    pp_free(room);
    return ok;
}

static void close_all(void *stretches) {
    struct elf_stretches *s = stretches;
    close_readers(s);
    pthread_cond_destroy(&s->changed);
    pthread_mutex_destroy(&s->lock);
}

struct elf_stretches *elf_stretches_open(const struct elf_packed *packed) {
    struct elf_stretches *s = pp_calloc(1, sizeof *s);
    s->packed = *packed;
    s->n = (size_t)((packed->size + packed->stretch - 1) / packed->stretch);
    s->at = PP_NEW(&s->arena, struct stretch, s->n);
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->changed, NULL);
    s->mark = scope_hold(close_all, s);
    const struct inflate_kind *kinds[2];
    size_t n = elf_reader_kinds(packed->section->packing, packed->bytes, kinds);
    bool ok = false;
    for (size_t i = 0; i < n && !ok; i++)
        ok = open_by(s, kinds[i]);
    if (ok) return s;
    elf_stretches_close(s);
    return NULL;
}

void elf_stretches_close(struct elf_stretches *s) {
    if (!s) return;
    scope_drop(s->mark);
    close_all(s);
    pp_arena_done(&s->arena);
    pp_free(s);
}
