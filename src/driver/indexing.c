#include "driver/indexing.h"

#include "base/path.h"
#include "base/progress.h"
#include "driver/loading.h"
#include "driver/number.h"
#include "load/fetch.h"

#include <sys/stat.h>
#include <unistd.h>

static const uint64_t usual_bytes = UINT64_C(2) << 30;

bool indexing_store(const struct settings *s, const struct world *env,
                    struct index_store *ret_store, struct pp_arena *arena, struct pp_error *err) {
    struct pp_str cache = world_home(env, "XDG_CACHE_HOME", PP_STR(".cache"), arena);
    struct index_store store = {.most_bytes = usual_bytes};
    if (!loading_size("max_index", s->max_index, &store.most_bytes, err)) return false;
    if (cache.len && cache.data[0] == '/')
        store.dir = path_join(cache, PP_STR("cpprof/symbols"), arena);
    store.is_named = *s->index != 0;
    if (store.is_named) store.dir = path_clean(pp_str_from(s->index), arena);
    if (s->noindex) store.dir = PP_STR("");
    *ret_store = store;
    return true;
}

static bool is_own(struct pp_str dir, struct pp_arena *arena) {
    struct stat st;
    return stat(pp_arena_copy(arena, dir).data, &st) == 0 && st.st_uid == geteuid();
}

bool indexing_may_write(const struct index_store *s) {
    struct pp_arena scratch = {0};
    bool ok = s->dir.len > 0;
    if (ok && !s->is_named)
        ok = is_own(path_dir(path_dir(s->dir, &scratch), &scratch), &scratch) &&
             index_store_make_folder(s, NULL);
    ok = ok && is_own(s->dir, &scratch);
    pp_arena_done(&scratch);
    return ok;
}

/* A debug file alone lacks what its program's symbols and code tell. */
static bool check_program(const struct object *o, struct pp_error *err) {
    return elf_file_has_code(&o->main) ||
           pp_fail(err, PP_E_UNSUPPORTED,
                   "is a debug file; give the program, and this one is found beside it");
}

static bool make_one(struct binaries *b, const char *name, struct out *out, struct pp_arena *arena,
                     struct pp_error *err) {
    struct index_made made = {.arena = arena};
    struct binary *binary = binaries_open(b, pp_str_from(name), PP_STR(""), true);
    struct index_options opt = {.dirs = b->dirs, .threads = b->opt.threads};
    if (!binary->is_open) return pp_fail(err, binary->error.code, "%s", binary->error.text);
    if (!check_program(&binary->object, err) ||
        !index_store_make(&b->opt.index, &binary->object, &opt, &made, err))
        return false;
    out_printf(out, "%s: %.*s, %llu bytes, %llu rows\n", name, PP_STR_ARG(made.path),
               (unsigned long long)made.bytes, (unsigned long long)made.rows);
    out_flush(out);
    return true;
}

bool indexing_make(const struct command_line *cl, struct pp_error *err) {
    struct pp_arena arena = {0};
    struct out out;
    struct binaries *b = NULL;
    struct load_options options;
    bool ok = loading_options(cl, &options, &arena, err);
    if (ok) b = fetch_binaries(&options, cl->env, &arena);
    if (ok && !options.index.dir.len)
        ok = pp_fail(err, PP_E_USAGE,
                     "-make_index: -index=DIR says where (HOME is not set, or -noindex)");
    out_open_fd(&out, cl->env->out);
    out_make_safe(&out);
    for (size_t i = 0; i < cl->n_operands && ok; i++) {
        struct progress progress;
        progress_begin(&progress, cl->env->terminal, "Indexing");
        out_ends_progress(&out, &progress);
        ok = make_one(b, cl->operands[i], &out, &arena, err) || pp_wrap(err, "%s", cl->operands[i]);
        progress_end(&progress);
        out_ends_progress(&out, NULL);
    }
    ok = out_close(&out, ok ? err : NULL) && ok;
    if (b) binaries_done(b);
    pp_arena_done(&arena);
    return ok;
}
