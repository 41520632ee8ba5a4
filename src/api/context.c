#include "api/api.h"

#include "api/plugin.h"
#include "base/scope.h"
#include "cpprof/version.h"

_Static_assert((int)PP_ALLOW_THREADS == SCOPE_THREADS && (int)PP_ALLOW_FILES == SCOPE_FILES &&
                   (int)PP_ALLOW_PROGRAMS == SCOPE_PROGRAMS &&
                   (int)PP_ALLOW_LIBRARIES == SCOPE_LIBRARIES &&
                   (int)PP_ALLOW_NETWORK == SCOPE_NETWORK,
               "what a context allows is what a scope asks about");

const char *pp_version(void) {
    return CPPROF_VERSION;
}

bool api_call(const struct pp_context *ctx, void (*run)(void *args), void *args,
              struct pp_error *err) {
    return scope_run(ctx->allow, run, args) || pp_fail(err, PP_E_MEMORY, "out of memory");
}

static void make_context(void *user) {
    struct pp_context **ctx = user;
    *ctx = pp_calloc(1, sizeof **ctx);
    catalog_init(&(*ctx)->catalog, &(*ctx)->arena);
}

struct pp_context *pp_context_new(const struct pp_context_options *options, struct pp_error *err) {
    struct pp_context_options own = PP_CONTEXT_OPTIONS_INIT;
    struct pp_context *ctx = NULL;
    if (options) memcpy(&own, options, options->size < sizeof own ? options->size : sizeof own);
    if (!scope_run(0, make_context, &ctx)) {
        pp_fail(err, PP_E_MEMORY, "out of memory");
        return NULL;
    }
    ctx->allow = own.allow;
    ctx->diag = own.diag;
    ctx->limits = own.limits;
    return ctx;
}

bool pp_context_add_plugin(struct pp_context *ctx, const char *file, struct pp_error *err) {
    return plugin_load(&ctx->catalog, file, NULL, err);
}

void pp_context_free(struct pp_context *ctx) {
    if (!ctx) return;
    pp_arena_done(&ctx->arena);
    pp_free(ctx);
}
