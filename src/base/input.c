/* One producer fills a reserved run of address space; the consumer follows. The producer runs
 * inside input_need for small sources and in a thread of its own for large ones. */
#include "base/input.h"

#include "base/arena.h"
#include "base/inflate.h"
#include "base/isal.h"
#include "base/pages.h"
#include "base/scope.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    CHUNK = 256 << 10,        /* read and inflated at a time, at most */
    LEAST_CHUNK = 4 << 10,    /* and at least, if that is known to be all */
    SMALL = 512 << 10,        /* inflated at once, if that is all */
    THREAD_FROM = 256 << 10,  /* compressed bytes that are worth a thread and a faster library */
    FAST_FROM = 8 << 10,      /* that are worth the library once it is loaded */
    LEAD = 512 << 10,         /* so far the thread runs ahead of its consumer */
    HUGE_FROM = 8 << 20,      /* that are worth huge pages all along, 2 MB more at a time */
    RELEASE_STEP = 512 << 10, /* memory is given back in pieces of this size, or in huge pages */
    RATIO_FROM = 64 << 20     /* so much may come out of any source */
};

struct input_reader {
    int fd;               /* -1 for memory */
    struct pp_str memory; /* what is left of it */
    struct pp_str whole;  /* all of it */
    off_t start;          /* where the file was when it was handed over; -1: it can't seek */
    unsigned char *chunk; /* compressed bytes, as read; room for `chunk_size` */
    size_t chunk_size, chunk_len, chunk_at;
    bool source_ended;

    const struct inflate_kind *kind;       /* NULL: not compressed */
    const struct inflate_kind *later_kind; /* of members after the first */
    void *inflater;
    bool in_member;     /* inside a member, not between two */
    uint64_t member_at; /* where in the source it begins, and what has come out of it */
    uint64_t member_out;

    char *room;                                  /* the reserved run, or memory for all of it */
    bool is_whole;                               /* the latter */
    size_t room_len, filled, released, recycled; /* recycled: pages up to here are used ones */
    size_t release_step;
    uint64_t source_len; /* bytes read from it */
    struct pp_limits limits;
    struct pp_error failure; /* code PP_E_NONE: none */
    bool ended;

    bool threaded, stop;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed, asked;
    struct scope *scope; /* what the thread belongs to */
    struct scope_undo undo;
    size_t shown;   /* what the thread has published of `filled` */
    size_t skipped; /* bytes before in->data */
    size_t taken;   /* what the consumer has seen of that; it asks again when it needs more */
    size_t wanted;  /* so much the consumer waits for; 0: it does not */
    bool shown_end;
};

static void source_failed(struct input_reader *r, enum pp_code code, const char *text) {
    pp_fail(&r->failure, code, "%s", text);
    r->ended = true;
}

/* Reads the next piece of the source into chunk[]; false at its end or when it fails. */
static bool refill(struct input_reader *r) {
    if (r->source_ended) return false;
    r->chunk_at = r->chunk_len = 0;
    if (r->fd < 0) {
        size_t n = r->memory.len < r->chunk_size ? r->memory.len : r->chunk_size;
        if (n) memcpy(r->chunk, r->memory.data, n);
        r->memory = pp_str_slice(r->memory, n, r->memory.len);
        r->chunk_len = n;
    } else {
        while (r->chunk_len < r->chunk_size) {
            ssize_t n = read(r->fd, r->chunk + r->chunk_len, r->chunk_size - r->chunk_len);
            if (n < 0 && errno == EINTR) continue;
            if (n < 0) {
                source_failed(r, PP_E_IO, strerror(errno));
                r->source_ended = true;
                return false;
            }
            if (n == 0) break;
            r->chunk_len += (size_t)n;
        }
    }
    if (r->chunk_len < r->chunk_size && (r->fd >= 0 || r->memory.len == 0)) r->source_ended = true;
    r->source_len += r->chunk_len;
    return r->chunk_len > 0;
}

static void over_limit(struct input_reader *r, const char *what, uint64_t limit, const char *name) {
    pp_fail(&r->failure, PP_E_LIMIT, "more than %llu %s", (unsigned long long)limit, what);
    pp_about(&r->failure, name);
    r->failure.limit = limit;
    r->ended = true;
}

static void check_limits(struct input_reader *r) {
    const struct pp_limits *l = &r->limits;
    if (r->failure.code != PP_E_NONE) return;
    if (r->filled > l->max_bytes || r->filled == r->room_len)
        over_limit(r, "bytes of profile", l->max_bytes, "max_bytes");
    else if (r->kind && r->filled > RATIO_FROM && r->filled / l->max_ratio > r->source_len)
        over_limit(r, "times the compressed size", l->max_ratio, "max_ratio");
}

static void produce_plain(struct input_reader *r) {
    if (r->chunk_at == r->chunk_len && !refill(r)) {
        r->ended = true;
        return;
    }
    size_t n = r->chunk_len - r->chunk_at;
    if (n > r->room_len - r->filled) n = r->room_len - r->filled;
    memcpy(r->room + r->filled, r->chunk + r->chunk_at, n);
    r->filled += n;
    r->chunk_at += n;
}

/* The faster library was found fit for the head of the first member: another head may be one that
 * it gets wrong. */
static void end_member(struct input_reader *r) {
    r->in_member = false;
    if (r->kind == r->later_kind) return;
    r->kind->close(r->inflater);
    r->kind = r->later_kind;
    r->inflater = NULL;
}

static bool open_inflater(struct input_reader *r) {
    if (!r->inflater) r->inflater = r->kind->open();
    if (!r->inflater) pp_fail(&r->failure, PP_E_MEMORY, "no memory to decompress the profile");
    r->ended = !r->inflater;
    return r->inflater;
}

static void produce_inflated(struct input_reader *r) {
    bool dry = r->chunk_at == r->chunk_len && !refill(r);
    if (dry && (r->ended || !r->in_member)) {
        r->ended = true;
        return;
    }
    if (!r->in_member) {
        r->member_at = r->source_len - (r->chunk_len - r->chunk_at);
        r->member_out = 0;
    }
    if (!open_inflater(r)) return;
    r->in_member = true;
    size_t room = r->room_len - r->filled;
    if (room > CHUNK) room = CHUNK;
    struct inflate_io io = {.in = r->chunk + r->chunk_at,
                            .in_len = r->chunk_len - r->chunk_at,
                            .out = (unsigned char *)r->room + r->filled,
                            .out_len = room};
    const char *why = NULL;
    enum inflate_status status = r->kind->step(r->inflater, &io, &why);
    r->chunk_at = r->chunk_len - io.in_len;
    r->filled += room - io.out_len;
    r->member_out += room - io.out_len;
    if (status == INFLATE_END) end_member(r);
    if (status == INFLATE_BROKEN && r->member_at && r->member_out == 0)
        pp_fail(
            &r->failure, PP_E_FORMAT,
            "decompressing profile: what begins at byte %llu, after the %s data, is not %s; give "
            "it as a separate file",
            (unsigned long long)r->member_at, r->kind->name, r->kind->name);
    else if (status == INFLATE_BROKEN)
        pp_fail(&r->failure, PP_E_FORMAT, "decompressing profile: %s", why);
    else if (dry && status == INFLATE_MORE && io.out_len == room)
        pp_fail(&r->failure, PP_E_FORMAT, "decompressing profile: unexpected end of the %s data",
                r->kind->name);
    r->ended = r->failure.code != PP_E_NONE;
}

static void produce(struct input_reader *r) {
    if (r->kind)
        produce_inflated(r);
    else
        produce_plain(r);
    check_limits(r);
}

static void publish(struct input_reader *r) {
    pthread_mutex_lock(&r->lock);
    r->shown = r->filled;
    r->shown_end = r->ended;
    pthread_cond_signal(&r->changed);
    while (r->filled - r->taken > LEAD && r->filled >= r->wanted && !r->ended && !r->stop)
        pthread_cond_wait(&r->asked, &r->lock);
    pthread_mutex_unlock(&r->lock);
}

static void produce_all(void *reader) {
    struct input_reader *r = reader;
    while (!r->ended && !__atomic_load_n(&r->stop, __ATOMIC_RELAXED)) {
        produce(r);
        publish(r);
    }
}

static void *producer_thread(void *arg) {
    struct input_reader *r = arg;
    if (scope_run_thread(r->scope, produce_all, r)) return NULL;
    pp_fail(&r->failure, PP_E_MEMORY, "out of memory");
    r->ended = true;
    publish(r);
    return NULL;
}

/* Bytes of the source; 0: not known before it ends. */
static uint64_t source_length(const struct input_reader *r) {
    struct stat st;
    if (r->fd < 0) return r->memory.len;
    return fstat(r->fd, &st) == 0 && S_ISREG(st.st_mode) ? (uint64_t)st.st_size : 0;
}

static void start_thread(struct input_reader *r) {
    pthread_mutex_init(&r->lock, NULL);
    pthread_cond_init(&r->changed, NULL);
    pthread_cond_init(&r->asked, NULL);
    r->shown = r->filled;
    r->scope = scope_current();
    bool huge = source_length(r) >= HUGE_FROM;
    pages_want_huge(r->room, huge ? r->room_len : PAGES_HUGE);
    if (huge) r->release_step = PAGES_HUGE;
    r->threaded = pthread_create(&r->thread, NULL, producer_thread, r) == 0;
    if (!r->threaded) {
        pthread_mutex_destroy(&r->lock);
        pthread_cond_destroy(&r->changed);
        pthread_cond_destroy(&r->asked);
    }
}

/* So much may come out before a limit ends it. Asking for more costs nothing but under an emulator,
 * which keeps a record a page. */
static uint64_t most_bytes(const struct input_reader *r, uint64_t source_len) {
    uint64_t most = r->limits.max_bytes < SIZE_MAX / 4 ? r->limits.max_bytes : SIZE_MAX / 4;
    if (!source_len || source_len >= most / r->limits.max_ratio) return most;
    uint64_t inflated = (source_len + 1) * r->limits.max_ratio;
    if (inflated < RATIO_FROM) inflated = RATIO_FROM;
    return inflated < most ? inflated : most;
}

static bool reserve_room(struct input_reader *r, uint64_t want, struct pp_error *err) {
    for (want += 3 * CHUNK; want >= CHUNK; want /= 2) {
        size_t len = (size_t)want & ~(size_t)(CHUNK - 1);
        char *room = pages_map(len, true);
        if (!room) continue;
        r->room = room;
        r->room_len = len;
        return true;
    }
    return pp_fail(err, PP_E_MEMORY, "no address space to read a profile into");
}

static void choose_inflater(struct input_reader *r, struct pp_str head, bool large) {
    bool fast = large || (head.len >= FAST_FROM && isal_is_loaded());
    const struct inflate_kind *faster = fast ? r->kind->faster : NULL;
    if (faster && faster->matches(head)) r->inflater = faster->open();
    if (r->inflater) r->kind = faster;
}

/* One member that was read in one piece and is small, into memory of its size, which costs less
 * than a run of address space. What is something else is begun anew. */
static bool inflate_small(struct input_reader *r) {
    const struct pp_str source = {(const char *)r->chunk, r->chunk_len};
    if (!r->kind || r->inflater || !r->kind->length || !r->source_ended) return false;
    size_t room = r->kind->length(source) + 1;
    if (room > SMALL) return false;
    unsigned char *memory = pp_malloc(room);
    struct inflate_io io = {.in = r->chunk, .in_len = r->chunk_len, .out = memory, .out_len = room};
    r->is_whole = r->kind->whole(&io);
    if (!r->is_whole) {
        pp_free(memory);
        return false;
    }
    pp_free(r->chunk); /* what comes next has its pages */
    r->chunk = NULL;
    r->room = (char *)memory;
    r->room_len = room;
    r->filled = room - io.out_len;
    r->ended = true;
    check_limits(r);
    return true;
}

static bool open_reader(struct input *in, struct input_reader *r, struct pp_error *err) {
    in->reader = r;
    in->limits = r->limits;
    uint64_t source_len = source_length(r);
    /* One more than there is: then what is read shows the end. */
    r->chunk_size = source_len && source_len < CHUNK ? (size_t)source_len + 1 : CHUNK;
    if (r->chunk_size < LEAST_CHUNK) r->chunk_size = LEAST_CHUNK;
    r->chunk = pp_malloc(r->chunk_size);
    refill(r);
    const struct pp_str head = {(const char *)r->chunk, r->chunk_len};
    r->kind = r->later_kind = inflate_kind_of(head);
    bool large = source_len >= THREAD_FROM;
    if (r->kind) choose_inflater(r, head, large);
    if (!inflate_small(r) && !reserve_room(r, most_bytes(r, source_len), err)) {
        input_close(in);
        return false;
    }
    in->data = r->room + r->skipped;
    if (r->kind && large && scope_may(SCOPE_THREADS)) start_thread(r);
    return true;
}

static void close_reader(void *reader);

static struct input_reader *new_reader(const struct pp_limits *limits) {
    struct input_reader *r = pp_malloc(sizeof *r);
    *r = (struct input_reader){.fd = -1, .release_step = RELEASE_STEP};
    scope_defer(&r->undo, close_reader, r);
    r->limits = pp_limits_or_default(limits);
    return r;
}

bool input_open_fd(struct input *in, int fd, const struct pp_limits *limits, struct pp_error *err) {
    struct input_reader *r = new_reader(limits);
    r->fd = fd;
    r->start = lseek(fd, 0, SEEK_CUR);
    *in = (struct input){0};
    return open_reader(in, r, err);
}

bool input_open_memory(struct input *in, struct pp_str bytes, const struct pp_limits *limits,
                       struct pp_error *err) {
    struct input_reader *r = new_reader(limits);
    r->memory = r->whole = bytes;
    *in = (struct input){0};
    return open_reader(in, r, err);
}

bool input_open_file(struct input *in, const char *path, const struct pp_limits *limits,
                     struct pp_error *err) {
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0) return pp_fail(err, PP_E_IO, "%s", strerror(errno));
    struct stat st;
    if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode)) {
        close(fd);
        return pp_fail(err, PP_E_IO, "is a directory, not a file");
    }
    return input_open_fd(in, fd, limits, err);
}

static void wait_for_thread(struct input *in, size_t want) {
    struct input_reader *r = in->reader;
    pthread_mutex_lock(&r->lock);
    r->wanted = want;
    pthread_cond_signal(&r->asked);
    while (r->shown < want && !r->shown_end)
        pthread_cond_wait(&r->changed, &r->lock);
    r->wanted = 0;
    r->taken = r->shown;
    in->avail = r->shown > r->skipped ? r->shown - r->skipped : 0;
    in->done = r->shown_end;
    pthread_mutex_unlock(&r->lock);
}

/* A large source that is not compressed is read ahead from where its head ends: by then whoever
 * wants it mapped has said so. */
static bool is_worth_following(const struct input_reader *r) {
    return !r->threaded && !r->kind && !r->ended && r->fd >= 0 && r->filled >= CHUNK &&
           source_length(r) >= THREAD_FROM && scope_may(SCOPE_THREADS);
}

bool input_need(struct input *in, size_t want) {
    if (in->avail >= want) return true;
    struct input_reader *r = in->reader;
    if (in->done || !r) return false;
    size_t end = want <= SIZE_MAX - r->skipped ? want + r->skipped : want;
    if (is_worth_following(r)) start_thread(r);
    if (r->threaded) {
        wait_for_thread(in, end);
    } else {
        while (r->filled < end && !r->ended)
            produce(r);
        in->avail = r->filled > r->skipped ? r->filled - r->skipped : 0;
        in->done = r->ended;
    }
    return in->avail >= want;
}

bool input_peek(const struct input *in, uint64_t at, void *ret_bytes, size_t n) {
    const struct input_reader *r = in->reader;
    if (r->kind || at > INT64_MAX / 2) return false;
    at += r->skipped;
    if (r->fd < 0) {
        if (at > r->whole.len || n > r->whole.len - at) return false;
        if (n) memcpy(ret_bytes, r->whole.data + at, n);
        return true;
    }
    for (size_t got = 0; r->start >= 0 && got < n;) {
        off_t from = r->start + (off_t)(at + got);
        ssize_t more = pread(r->fd, (char *)ret_bytes + got, n - got, from);
        if (more < 0 && errno == EINTR) continue;
        if (more <= 0) return false;
        got += (size_t)more;
    }
    return r->start >= 0;
}

bool input_map(struct input *in) {
    enum { WORTH_IT = 1 << 20 };
    struct input_reader *r = in->reader;
    struct stat st;
    if (r->fd < 0 || r->kind || r->ended || r->start != 0 || r->released || r->threaded ||
        scope_is_set())
        return false;
    if (fstat(r->fd, &st) || !S_ISREG(st.st_mode) || st.st_size < WORTH_IT) return false;
    size_t size = (size_t)st.st_size;
    if (size < r->filled || size >= r->room_len || size > r->limits.max_bytes) return false;
    if (mmap(r->room, size, PROT_READ, MAP_PRIVATE | MAP_FIXED, r->fd, 0) == MAP_FAILED)
        return false;
    r->filled = size;
    r->ended = in->done = true;
    in->avail = size - r->skipped;
    return true;
}

void input_skip(struct input *in, size_t n) {
    if (!input_need(in, n)) n = in->avail;
    if (in->reader) in->reader->skipped += n;
    in->data += n;
    in->avail -= n;
}

size_t input_offset(const struct input *in, size_t at) {
    return in->reader ? in->reader->skipped + at : at;
}

void input_leave(struct input *in, size_t from, size_t to) {
    struct input_gap *last = in->n_gaps ? &in->gaps[in->n_gaps - 1] : NULL;
    if (last && last->to == from) {
        last->to = to;
        return;
    }
    if (in->n_gaps < INPUT_GAPS) in->n_gaps++;
    in->gaps[in->n_gaps - 1] = (struct input_gap){from, to};
}

struct pp_str input_all(struct input *in) {
    while (!in->done)
        input_need(in, in->avail + 1);
    return (struct pp_str){in->data, in->avail};
}

/* Moves pages that nobody reads any more to where the thread will write: new ones would have to be
 * found and zeroed. It writes at most LEAD and a chunk past what was taken. */
static bool recycle(struct input_reader *r) {
    size_t reached = r->taken + LEAD + CHUNK;
    size_t untouched = (reached + r->release_step) & ~(r->release_step - 1);
    size_t to = r->recycled > untouched ? r->recycled : untouched;
    if (!r->threaded || to > untouched + RELEASE_STEP || to + r->release_step > r->room_len)
        return false;
    if (mremap(r->room + r->released, r->release_step, r->release_step,
               MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP, r->room + to) == MAP_FAILED)
        return false;
    r->recycled = to + r->release_step;
    return true;
}

bool input_release(struct input *in, size_t before) {
    struct input_reader *r = in->reader;
    if (in->done && before == in->avail && r->released)
        madvise(r->room, r->room_len, MADV_DONTNEED);
    else
        for (; r->released + r->release_step <= before + r->skipped; r->released += r->release_step)
            if (!recycle(r)) madvise(r->room + r->released, r->release_step, MADV_DONTNEED);
    return r->released > 0;
}

bool input_stays(const struct input *in) {
    return in->done && input_offset(in, in->avail) < RELEASE_STEP;
}

static uint64_t spread_of_byte(const struct input *in) {
    return in->limits.max_ratio / SPREAD_PART;
}

uint64_t input_spread(const struct input *in) {
    uint64_t each = spread_of_byte(in), most = UINT64_MAX - SPREAD_FREE;
    return SPREAD_FREE + (in->avail && each > most / in->avail ? most : each * in->avail);
}

bool input_fail_spread(const struct input *in, const char *what, struct pp_error *err) {
    return pp_fail(err, PP_E_LIMIT, "%s take more than %d MB and %" PRIu64 " times the file", what,
                   SPREAD_FREE >> 20, spread_of_byte(in)) ||
           pp_about(err, "max_ratio");
}

bool input_finish(struct input *in, struct pp_error *err) {
    input_all(in);
    if (in->reader->failure.code == PP_E_NONE) return true;
    return pp_pass(err, &in->reader->failure);
}

/* Its thread may wait for room; one that ran out of memory has ended. */
static void stop_thread(struct input_reader *r) {
    if (r->threaded) {
        pthread_mutex_lock(&r->lock);
        __atomic_store_n(&r->stop, true, __ATOMIC_RELAXED);
        pthread_cond_signal(&r->asked);
        pthread_mutex_unlock(&r->lock);
        pthread_join(r->thread, NULL);
        pthread_mutex_destroy(&r->lock);
        pthread_cond_destroy(&r->changed);
        pthread_cond_destroy(&r->asked);
    }
}

static void close_reader(void *reader) {
    struct input_reader *r = reader;
    scope_settle(&r->undo);
    stop_thread(r);
    if (r->inflater) r->kind->close(r->inflater);
    if (r->is_whole)
        pp_free(r->room);
    else if (r->room)
        pages_unmap(r->room, r->room_len);
    if (r->fd >= 0) close(r->fd);
    pp_free(r->chunk);
    pp_free(r);
}

void input_close(struct input *in) {
    if (in->reader) close_reader(in->reader);
    *in = (struct input){0};
}

void input_note(struct input *in, const char *format, ...) {
    size_t n = strlen(in->note);
    if (n && n + 2 < sizeof in->note) {
        memcpy(in->note + n, "; ", 3);
        n += 2;
    }
    va_list args;
    va_start(args, format);
    vsnprintf(in->note + n, sizeof in->note - n, format, args);
    va_end(args);
}
