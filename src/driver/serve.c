#include "driver/serve.h"

#include "base/path.h"
#include "base/process.h"
#include "driver/ahead.h"
#include "driver/ask.h"
#include "driver/history.h"
#include "driver/host/sandbox.h"
#include "driver/host/viewer.h"
#include "driver/indexing_later.h"
#include "driver/loading.h"
#include "driver/report.h"
#include "graph/sum_store.h"
#include "load/fetch.h"
#include "page/server.h"

#include <signal.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <unistd.h>

/* What must be read with the profile so that any of the page's views can be asked for. */
static const struct report_format page_format = {
    .name = "http",
    .traits = REPORT_COMPARES | REPORT_OBJECTS | REPORT_SOURCES | REPORT_OUTSIDE | REPORT_EMBEDS,
    .viewers = browser_commands,
};

/* Where pprof keeps its configurations. */
static struct pp_str settings_file(const struct world *env, struct pp_arena *arena) {
    struct pp_str config = world_home(env, "XDG_CONFIG_HOME", PP_STR(".config"), arena);
    if (!config.len || config.data[0] != '/') return PP_STR("");
    return path_join(config, PP_STR("pprof/settings.json"), arena);
}

/* Nobody can guess it. "": nothing can be changed. */
static struct pp_str make_token(struct pp_arena *arena) {
    uint64_t random[2];
    if (getrandom(random, sizeof random, 0) != sizeof random) return PP_STR("");
    return pp_arena_printf(arena, "%016llx%016llx", (unsigned long long)random[0],
                           (unsigned long long)random[1]);
}

/* What tells the program to end does not reach the calling thread any more, nor those that it
 * starts. */
static sigset_t block_endings(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    return set;
}

/* A descriptor that can be read when the program is told to end, in place of that it ends. */
static int ending(void) {
    const sigset_t set = block_endings();
    return signalfd(-1, &set, SFD_CLOEXEC);
}

/* ---- before the profile is there ---- */

struct beginning {
    const struct command_line *cl;
    struct page_server *server;
    struct pp_error *err;
    bool ok;
};

/* The cage is of a thread and those that it starts: they are in it from the first request on, while
 * reading is free. */
static void *begin_caged(void *user) {
    struct beginning *b = user;
    block_endings();
    sandbox_serve(b->cl, PP_STR(""));
    b->ok = page_server_begin(b->server, driver_max_output(&b->cl->settings), b->err);
    return NULL;
}

/* The page comes to the browser while the profile is read. */
static bool begin(const struct command_line *cl, struct page_server *server, struct pp_error *err) {
    struct beginning b = {cl, server, err, false};
    pthread_t thread;
    if (pthread_create(&thread, NULL, begin_caged, &b) != 0)
        return pp_fail(err, PP_E_IO, "no thread can be started");
    pthread_join(thread, NULL);
    return b.ok;
}

/* ---- the profile ---- */

/* What the history says of each sample type; of one at least it has runs. */
static bool find_courses(const struct command_line *cl, const struct pp_profile *p,
                         const struct pp_str **ret_courses, struct pp_arena *arena,
                         struct pp_error *err) {
    struct pp_str *courses = PP_NEW(arena, struct pp_str, p->n_types);
    bool any = false;
    if (!*cl->settings.history) return true;
    for (uint32_t i = 0; i < p->n_types; i++) {
        if (driver_courses(cl, pp_string(p, p->sample_types[i].type), &courses[i], arena, err))
            any = true;
        else if (err->code != PP_E_NOT_FOUND)
            return false;
    }
    *ret_courses = courses;
    return any;
}

static void announce(const struct command_line *cl, struct pp_str url) {
    struct pp_arena arena = {0};
    struct pp_error why;
    pp_say(&cl->env->diag, "Serving web UI on %s", url.data);
    if (!cl->settings.no_browser && !viewer_browse(&page_format, url, cl->env, &arena, &why))
        pp_say(&cl->env->diag, "no browser is started: %s", why.text);
    pp_arena_done(&arena);
}

/* What can be asked at all can be asked now: a wrong -focus is told before anything is shown. */
static bool check_question(const struct page_world *world, struct pp_error *err) {
    struct query q;
    const struct query_request request = {world->profile, &page_format, &world->question, NULL,
                                          &world->host};
    struct pp_arena scratch = {0};
    bool ok = query_open(&q, &request, &scratch, err);
    query_done(&q);
    pp_arena_done(&scratch);
    return ok;
}

/* What the page asks for first. */
static bool answer_ahead(void *world, unsigned n) {
    static const char *const views[] = {"/ui/data/flamegraph", "/ui/data/top", "/ui/data/graph"};
    struct page_answer answer;
    if (n >= sizeof views / sizeof *views) return false;
    const struct page_request rq = {
        .method = PP_STR("GET"), .path = pp_str_from(views[n]), .host = PP_STR("localhost")};
    page_answer(world, &rq, &answer);
    page_answer_done(&answer);
    return true;
}

/* Until the program is told to end. */
static bool show(const struct command_line *cl, const struct fetched *f,
                 const struct page_world *world, struct page_server *server, struct pp_error *err) {
    int stop = ending();
    announce(cl, page_server_url(server));
    sandbox_serve(cl, world->settings_file);
    struct indexing *later = indexing_begin(f, cl->env);
    struct page_world quiet = *world;
    quiet.host.diag = &(const struct pp_diag){0};
    struct ahead *ahead =
        ahead_is_worth(world->profile) ? ahead_begin(answer_ahead, &quiet, AHEAD_OF_NONE) : NULL;
    bool ok = page_server_run(server, world, stop, err);
    ahead_end(ahead);
    indexing_end(later);
    if (stop >= 0) close(stop);
    return ok;
}

static bool serve(const struct command_line *cl, const struct fetched *f,
                  struct page_server *server, struct pp_arena *arena, struct pp_error *err) {
    pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    struct page_labels labels;
    page_labels_init(&labels, f->kept);
    struct page_world world = {
        .profile = &f->profile,
        .labels = f->kept ? &labels : NULL,
        .question = ask_question(&cl->settings),
        .trims = cl->trims,
        .sources = f->sources,
        .name = page_server_name(server),
        .token = make_token(arena),
        .settings_file = settings_file(cl->env, arena),
        .max_output = driver_max_output(&cl->settings),
        .one_at_a_time = &lock,
    };
    bool ok = ask_host(cl, f, &world.host, arena, err) && check_question(&world, err) &&
              driver_verdict(cl, &world.verdict, arena, err) &&
              find_courses(cl, world.profile, &world.courses, arena, err) &&
              show(cl, f, &world, server, err);
    page_labels_done(&labels);
    return ok;
}

/* Labels are most of what a profile takes, and few questions ask for them. */
static bool read_profile(const struct command_line *cl, struct load_options *options,
                         struct fetched *ret_fetched, struct pp_arena *arena,
                         struct pp_error *err) {
    const struct pp_query question = ask_question(&cl->settings);
    options->labels_later = !query_filters_by_labels(&question);
    return fetch_profile(options, cl->env, ret_fetched, arena, err);
}

bool driver_serve(const struct command_line *given, struct pp_error *err) {
    struct command_line cl = *given;
    struct pp_arena arena = {0}, own = {0};
    struct page_server *server = NULL;
    struct fetched f = {0};
    if (cl.report || cl.encoder)
        return pp_fail(err, PP_E_USAGE, "-http shows all reports: no other may be asked for");
    cl.report = &page_format;
    struct load_options options;
    bool ok = page_server_open(&server, cl.settings.http, &own, err) &&
              loading_options(&cl, &options, &own, err) && begin(&cl, server, err) &&
              read_profile(&cl, &options, &f, &arena, err);
    if (ok) f.sums = sum_store_open(&f.profile);
    ok = ok && serve(&cl, &f, server, &own, err);
    page_server_close(server);
    sum_store_close(f.sums);
    fetched_done(&f);
    pp_arena_done(&own);
    pp_arena_done(&arena);
    return ok;
}
