/* A program with libcpprof inside: makes a profile, and asks for its hottest functions.
 *
 *     cc $(pkg-config --cflags cpprof) host.c $(pkg-config --libs cpprof) -o host && ./host
 */
#include <cpprof/cpprof.h>

#include <stdio.h>

static bool put(void *user, const void *bytes, size_t n) {
    return fwrite(bytes, 1, n, (FILE *)user) == n;
}

static bool add(struct pp_builder *b, const char *name, int64_t value, struct pp_error *err) {
    struct pp_build_function f = {sizeof f, name, name, "shop.c", 1};
    struct pp_line_view line = {0, 10, 0};
    uint32_t location;
    if (!pp_builder_add_function(b, &f, &line.function, err)) return false;
    struct pp_build_location l = {sizeof l, 0, PP_NOWHERE, &line, 1};
    if (!pp_builder_add_location(b, &l, &location, err)) return false;
    struct pp_build_sample s = {sizeof s, &location, 1, &value, NULL, 0};
    return pp_builder_add_sample(b, &s, err);
}

static struct pp_profile *make(struct pp_context *ctx, struct pp_error *err) {
    struct pp_builder *b = pp_builder_new(ctx, err);
    struct pp_profile *p = NULL;
    if (!b) return NULL;
    if (!pp_builder_add_sample_type(b, "cpu", "nanoseconds", err) ||
        !add(b, "parse", 30000000, err) || !add(b, "render", 20000000, err)) {
        pp_builder_free(b);
        return NULL;
    }
    return pp_builder_finish(b, &p, err) ? p : NULL;
}

int main(void) {
    struct pp_error err = {PP_E_NONE, NULL, 0, ""};
    struct pp_context *ctx = pp_context_new(NULL, &err);
    struct pp_profile *p = ctx ? make(ctx, &err) : NULL;
    struct pp_request request = PP_REQUEST_INIT;
    struct pp_sink out = {put, stdout};
    request.report = "top";
    bool ok = p && pp_render(ctx, p, &request, &out, NULL, &err);
    if (!ok) fprintf(stderr, "host: %s\n", err.text);
    pp_profile_free(p);
    pp_context_free(ctx);
    return ok ? 0 : 1;
}
