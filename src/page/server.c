/* libmicrohttpd's own threads only move bytes. A request that is complete is put aside (its
 * connection suspended) until one of a few threads has answered it, so neither a slow client nor a
 * long answer keeps others waiting. Before the profile is there one thread answers what needs none;
 * the other requests are held. */
#include "page/server.h"

#include "base/gzip.h"
#include "base/library.h"
#include "base/parallel.h"
#include "page/listen.h"

#ifdef CPPROF_HAVE_MICROHTTPD

#include <errno.h>
#include <microhttpd.h>
#include <poll.h>
#include <stdio.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum {
    MAX_CONNECTIONS = 1024,
    MAX_WAITING = 256,          /* requests that wait for a thread */
    MAX_BODY = 1 << 16,         /* of a request: it is not read */
    CONNECTION_BYTES = 1 << 16, /* for a request's line and headers, and their parts */
    SECONDS = 15,               /* that a client may do nothing */
    LEAST_TO_COMPRESS = 1024,
};

#define MHD_FUNCTIONS(X)                                                                           \
    X(start_daemon)                                                                                \
    X(stop_daemon)                                                                                 \
    X(suspend_connection)                                                                          \
    X(resume_connection)                                                                           \
    X(get_connection_info)                                                                         \
    X(lookup_connection_value)                                                                     \
    X(create_response_from_buffer)                                                                 \
    X(add_response_header)                                                                         \
    X(queue_response)                                                                              \
    X(destroy_response)

struct mhd_api {
#define MHD_FIELD(name) __typeof__(MHD_##name) *name;
    MHD_FUNCTIONS(MHD_FIELD)
#undef MHD_FIELD
};

/* The request of a connection. It is there as long as the connection: the library tells the end of
 * requests that were complete only. */
struct job {
    struct job *next;
    struct page_server *server;
    struct MHD_Connection *connection;
    struct pp_arena arena; /* of the texts */
    struct page_request request;
    struct page_answer answer;
    bool is_gzip, is_asked, is_owed, is_answered;
    size_t body;
};

struct queue {
    struct job *first, **last;
};

struct page_server {
    struct mhd_api mhd;
    struct listening at;
    struct page_world bare;         /* without a profile */
    const struct page_world *world; /* that threads answer from: that one first */
    struct MHD_Daemon *daemon;
    pthread_t early; /* the thread that answers from the bare world, if there is a daemon */
    pthread_mutex_t lock;
    pthread_cond_t work, sent;
    struct queue ready, held;
    unsigned n_waiting; /* in both */
    unsigned n_owed;    /* that were put aside, and their answers not sent so far */
    bool ends;
};

static void queue_empty(struct queue *q) {
    *q = (struct queue){NULL, &q->first};
}

static void queue_put(struct queue *q, struct job *job) {
    job->next = NULL;
    *q->last = job;
    q->last = &job->next;
}

static struct job *queue_take(struct queue *q) {
    struct job *job = q->first;
    if (job) q->first = job->next;
    if (!q->first) q->last = &q->first;
    return job;
}

/* ---- the library ---- */

static bool load(struct mhd_api *mhd, struct pp_error *err) {
    void *library = library_open(LIBRARY_MICROHTTPD);
    if (!library)
        return pp_fail(err, PP_E_UNSUPPORTED,
                       "-http needs " LIBRARY_MICROHTTPD
                       " (Debian: apt-get install libmicrohttpd12)");
#define MHD_LOAD(name)                                                                             \
    if (!library_find(library, "MHD_" #name, &mhd->name))                                          \
        return pp_fail(err, PP_E_UNSUPPORTED, "this libmicrohttpd lacks MHD_" #name);
    MHD_FUNCTIONS(MHD_LOAD)
#undef MHD_LOAD
    return true;
}

/* ---- threads that answer ---- */

static void compress(struct job *job) {
    struct page_answer *a = &job->answer;
    struct out packed;
    if (!job->is_gzip || a->file || out_text(&a->body).len < LEAST_TO_COMPRESS) {
        job->is_gzip = false;
        return;
    }
    out_open_memory(&packed);
    struct gzip *gz = gzip_open(&packed, GZIP_SOON);
    job->is_gzip = gz != NULL;
    if (gz) {
        gzip_write(gz, out_text(&a->body));
        gzip_close(gz);
        out_close(&a->body, NULL);
        a->body = packed;
    } else {
        out_close(&packed, NULL);
    }
}

static void answered(struct page_server *s, struct job *job) {
    job->is_answered = true;
    s->mhd.resume_connection(job->connection);
}

/* While the world is this one. */
static void answer_from(struct page_server *s, const struct page_world *world) {
    pthread_mutex_lock(&s->lock);
    while (s->world == world) {
        struct job *job = queue_take(&s->ready);
        if (!job && s->ends) break;
        if (!job) {
            pthread_cond_wait(&s->work, &s->lock);
            continue;
        }
        s->n_waiting--;
        pthread_mutex_unlock(&s->lock);
        page_answer(world, &job->request, &job->answer);
        compress(job);
        answered(s, job);
        pthread_mutex_lock(&s->lock);
    }
    pthread_mutex_unlock(&s->lock);
}

static void *answer_early(void *user) {
    struct page_server *s = user;
    answer_from(s, &s->bare);
    return NULL;
}

static void *answer_all(void *user) {
    struct page_server *s = user;
    answer_from(s, s->world); /* which does not change any more */
    return NULL;
}

/* False when too many wait. */
static bool put_aside(struct page_server *s, struct job *job) {
    pthread_mutex_lock(&s->lock);
    bool room = s->n_waiting < MAX_WAITING && !s->ends;
    if (room) {
        bool early = s->world == &s->bare && page_asks_profile(&job->request);
        s->mhd.suspend_connection(job->connection);
        queue_put(early ? &s->held : &s->ready, job);
        s->n_waiting++;
        s->n_owed++;
        job->is_owed = true;
        pthread_cond_signal(&s->work);
    }
    pthread_mutex_unlock(&s->lock);
    return room;
}

/* ---- a request ---- */

static struct pp_str header_of(struct job *job, const char *name) {
    const char *value =
        job->server->mhd.lookup_connection_value(job->connection, MHD_HEADER_KIND, name);
    return value ? pp_arena_copy(&job->arena, pp_str_from(value)) : PP_STR("");
}

static void empty(struct job *job) {
    if (job->is_answered) page_answer_done(&job->answer);
    pp_arena_done(&job->arena);
    *job = (struct job){0};
}

static void on_connection(void *user, struct MHD_Connection *connection, void **context,
                          enum MHD_ConnectionNotificationCode code) {
    (void)user;
    (void)connection;
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        struct job *job = pp_malloc(sizeof *job);
        *job = (struct job){0};
        *context = job;
    } else if (*context) {
        empty(*context);
        pp_free(*context);
        *context = NULL;
    }
}

/* Sees the address before anything is decoded. */
static void *on_address(void *user, const char *uri, struct MHD_Connection *connection) {
    struct page_server *s = user;
    struct job *job =
        s->mhd.get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
    empty(job);
    *job = (struct job){.server = s, .connection = connection};
    struct pp_str all = pp_arena_copy(&job->arena, pp_str_from(uri));
    const char *mark = memchr(all.data, '?', all.len);
    size_t len = mark ? (size_t)(mark - all.data) : all.len;
    job->request.path = pp_str_slice(all, 0, len);
    job->request.query = pp_str_slice(all, len + (mark != NULL), all.len);
    return job;
}

static void ask(struct job *job, const char *method) {
    struct page_request *rq = &job->request;
    rq->method = pp_arena_copy(&job->arena, pp_str_from(method));
    rq->host = header_of(job, "Host");
    rq->origin = header_of(job, "Origin");
    rq->site = header_of(job, "Sec-Fetch-Site");
    rq->token = header_of(job, "X-Cpprof-Token");
    struct pp_str coding = header_of(job, "Accept-Encoding");
    job->is_gzip = coding.len && strstr(coding.data, "gzip") != NULL;
    job->is_asked = true;
}

static const char *const headers[][2] = {
    {"Content-Security-Policy",
     "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; "
     "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"},
    {"X-Content-Type-Options", "nosniff"},
    {"Referrer-Policy", "no-referrer"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cache-Control", "no-store"},
    {"Vary", "Accept-Encoding"},
};

static enum MHD_Result send_answer(struct page_server *s, struct job *job) {
    struct page_answer *a = &job->answer;
    struct pp_str body = out_text(&a->body);
    struct MHD_Response *r = s->mhd.create_response_from_buffer(
        body.len, (void *)(uintptr_t)body.data, MHD_RESPMEM_MUST_COPY);
    if (!r) return MHD_NO;
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++)
        s->mhd.add_response_header(r, headers[i][0], headers[i][1]);
    s->mhd.add_response_header(r, "Content-Type", a->type);
    if (job->is_gzip) s->mhd.add_response_header(r, "Content-Encoding", "gzip");
    if (a->location.len) s->mhd.add_response_header(r, "Location", a->location.data);
    if (a->file) {
        char text[100];
        snprintf(text, sizeof text, "attachment; filename=%s", a->file);
        s->mhd.add_response_header(r, "Content-Disposition", text);
    }
    enum MHD_Result result = s->mhd.queue_response(job->connection, (unsigned)a->status, r);
    s->mhd.destroy_response(r);
    return result;
}

static void refuse(struct job *job, const char *why) {
    job->answer = (struct page_answer){.status = 503, .type = "text/plain; charset=utf-8"};
    out_open_memory(&job->answer.body);
    out_text0(&job->answer.body, why);
    job->is_gzip = false;
}

static enum MHD_Result send_busy(struct page_server *s, struct job *job) {
    refuse(job, "too many requests at once\n");
    job->is_answered = true;
    return send_answer(s, job);
}

static enum MHD_Result on_request(void *user, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *data,
                                  size_t *size, void **context) {
    struct page_server *s = user;
    struct job *job = *context;
    (void)url;
    (void)version;
    (void)data;
    job->connection = connection;
    if (job->is_answered) return send_answer(s, job);
    if (!job->is_asked) {
        ask(job, method);
        return MHD_YES;
    }
    if (*size) { /* nothing is read from a body */
        job->body += *size;
        *size = 0;
        return job->body <= MAX_BODY ? MHD_YES : MHD_NO;
    }
    return put_aside(s, job) ? MHD_YES : send_busy(s, job);
}

static void paid(struct page_server *s) {
    pthread_mutex_lock(&s->lock);
    s->n_owed--;
    pthread_cond_signal(&s->sent);
    pthread_mutex_unlock(&s->lock);
}

static void on_end(void *user, struct MHD_Connection *connection, void **context,
                   enum MHD_RequestTerminationCode code) {
    struct job *job = *context;
    (void)user;
    (void)connection;
    (void)code;
    if (job && job->is_owed) paid(job->server);
    if (job) empty(job);
    *context = NULL;
}

/* ---- the whole ---- */

bool page_server_open(struct page_server **ret_server, const char *where, struct pp_arena *arena,
                      struct pp_error *err) {
    struct page_server *s = PP_NEW(arena, struct page_server, 1);
    if (!load(&s->mhd, err) || !listen_open(where, &s->at, arena, err)) return false;
    queue_empty(&s->ready);
    queue_empty(&s->held);
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->work, NULL);
    pthread_cond_init(&s->sent, NULL);
    *ret_server = s;
    return true;
}

struct pp_str page_server_url(const struct page_server *s) {
    return s->at.url;
}

struct pp_str page_server_name(const struct page_server *s) {
    return s->at.name;
}

/* A connection is a descriptor. */
static void raise_limit(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= 2 * MAX_CONNECTIONS) return;
    limit.rlim_cur = limit.rlim_max < 2 * MAX_CONNECTIONS ? limit.rlim_max : 2 * MAX_CONNECTIONS;
    setrlimit(RLIMIT_NOFILE, &limit);
}

static struct MHD_Daemon *start(struct page_server *s) {
    return s->mhd.start_daemon(
        MHD_USE_AUTO | MHD_USE_INTERNAL_POLLING_THREAD | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL,
        on_request, s, MHD_OPTION_LISTEN_SOCKET, s->at.fd, MHD_OPTION_CONNECTION_LIMIT,
        (unsigned)MAX_CONNECTIONS, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)SECONDS,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_BYTES, MHD_OPTION_URI_LOG_CALLBACK,
        on_address, s, MHD_OPTION_NOTIFY_COMPLETED, on_end, NULL, MHD_OPTION_NOTIFY_CONNECTION,
        on_connection, NULL, MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_END);
}

static void wait_for(int stop) {
    struct pollfd p = {.fd = stop, .events = POLLIN};
    while (poll(&p, 1, -1) < 0 && errno == EINTR) {
    }
}

static void end(struct page_server *s) {
    pthread_mutex_lock(&s->lock);
    s->ends = true;
    pthread_cond_broadcast(&s->work);
    pthread_mutex_unlock(&s->lock);
}

static void stop_daemon(struct page_server *s) {
    s->mhd.stop_daemon(s->daemon);
    s->daemon = NULL;
    s->at.fd = -1; /* closed by it */
}

/* What was held is answered by threads that start after this. */
static void show(struct page_server *s, const struct page_world *world) {
    pthread_mutex_lock(&s->lock);
    s->world = world;
    for (struct job *job; (job = queue_take(&s->held));)
        queue_put(&s->ready, job);
    pthread_cond_broadcast(&s->work);
    pthread_mutex_unlock(&s->lock);
    pthread_join(s->early, NULL);
}

bool page_server_begin(struct page_server *s, uint64_t max_output, struct pp_error *err) {
    s->bare = (struct page_world){.name = s->at.name, .max_output = max_output};
    s->world = &s->bare;
    if (pthread_create(&s->early, NULL, answer_early, s) != 0)
        return pp_fail(err, PP_E_IO, "no thread can be started");
    raise_limit();
    s->daemon = start(s);
    if (s->daemon) return true;
    end(s);
    pthread_join(s->early, NULL);
    return pp_fail(err, PP_E_IO, "libmicrohttpd can't serve at %s", s->at.url.data);
}

bool page_server_run(struct page_server *s, const struct page_world *world, int stop,
                     struct pp_error *err) {
    pthread_t threads[PARALLEL_MAX];
    unsigned n = 0, wanted = parallel_width(PARALLEL_MAX, 0) + 1;
    show(s, world);
    while (n < wanted && n < PARALLEL_MAX && pthread_create(&threads[n], NULL, answer_all, s) == 0)
        n++;
    if (n) wait_for(stop);
    end(s);
    for (unsigned i = 0; i < n; i++)
        pthread_join(threads[i], NULL);
    stop_daemon(s);
    return n || pp_fail(err, PP_E_IO, "no thread can be started");
}

/* The library sends nothing more once it is stopped. Who does not read is not waited for. */
static void wait_until_sent(struct page_server *s) {
    enum { MOST_SECONDS = 2 };
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += MOST_SECONDS;
    pthread_mutex_lock(&s->lock);
    while (s->n_owed && pthread_cond_timedwait(&s->sent, &s->lock, &until) == 0) {
    }
    pthread_mutex_unlock(&s->lock);
}

/* There will be no profile. */
static void give_up(struct page_server *s) {
    end(s);
    pthread_join(s->early, NULL);
    for (struct job *job; (job = queue_take(&s->held));) {
        refuse(job, "the profile can't be shown: the terminal says why\n");
        answered(s, job);
    }
    wait_until_sent(s);
    stop_daemon(s);
}

void page_server_close(struct page_server *s) {
    if (!s) return;
    if (s->daemon) give_up(s);
    if (s->at.fd >= 0) close(s->at.fd);
    pthread_mutex_destroy(&s->lock);
    pthread_cond_destroy(&s->work);
    pthread_cond_destroy(&s->sent);
}

#else

bool page_server_open(struct page_server **ret_server, const char *where, struct pp_arena *arena,
                      struct pp_error *err) {
    (void)ret_server;
    (void)where;
    (void)arena;
    return pp_fail(
        err, PP_E_UNSUPPORTED,
        "this cpprof was built without libmicrohttpd and serves no page; -html writes one");
}

struct pp_str page_server_url(const struct page_server *s) {
    (void)s;
    return PP_STR("");
}

struct pp_str page_server_name(const struct page_server *s) {
    (void)s;
    return PP_STR("");
}

bool page_server_begin(struct page_server *s, uint64_t max_output, struct pp_error *err) {
    (void)s;
    (void)max_output;
    (void)err;
    return true;
}

bool page_server_run(struct page_server *s, const struct page_world *world, int stop,
                     struct pp_error *err) {
    (void)s;
    (void)world;
    (void)stop;
    (void)err;
    return true;
}

void page_server_close(struct page_server *s) {
    (void)s;
}

#endif
