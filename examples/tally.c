/* A decoder from outside the tree: a tally, "#tally UNIT" and then "COUNT FUNCTION" a line.
 *
 *     cc -shared -fPIC $(pkg-config --cflags cpprof) tally.c -o tally.so
 *     cpprof -plugin=tally.so -top calls.tally
 */
#include <cpprof/plugin.h>

#include <stdlib.h>

static const char mark[] = "#tally ";

static bool probe(const void *head, size_t n) {
    return n >= sizeof mark - 1 && !memcmp(head, mark, sizeof mark - 1);
}

/* Takes a line off `text`, as a string of at most n - 1 bytes; false at its end. */
static bool next_line(struct pp_str *text, char *ret_line, size_t n) {
    if (!text->len) return false;
    const char *newline = memchr(text->data, '\n', text->len);
    size_t len = newline ? (size_t)(newline - text->data) : text->len;
    size_t kept = len < n ? len : n - 1;
    memcpy(ret_line, text->data, kept);
    ret_line[kept] = 0;
    *text = pp_str_slice(*text, newline ? len + 1 : len, text->len);
    return true;
}

static bool add_line(const struct pp_host *host, const char *line, struct pp_builder *b,
                     struct pp_error *err) {
    char *name;
    int64_t count = strtoll(line, &name, 10);
    if (name == line || *name != ' ')
        return host->fail(err, PP_E_FORMAT, "a line of a tally is COUNT FUNCTION");
    struct pp_build_function f = {.size = sizeof f, .name = name + 1, .system_name = name + 1};
    struct pp_line_view at = {0};
    struct pp_build_location l = {
        .size = sizeof l, .mapping = PP_NOWHERE, .lines = &at, .n_lines = 1};
    uint32_t location;
    if (!host->add_function(b, &f, &at.function, err) || !host->add_location(b, &l, &location, err))
        return false;
    struct pp_build_sample s = {
        .size = sizeof s, .locations = &location, .n_locations = 1, .values = &count};
    return host->add_sample(b, &s, err);
}

static bool decode(const struct pp_host *host, const void *bytes, size_t n, struct pp_builder *b,
                   struct pp_error *err) {
    struct pp_str text = {bytes, n};
    char line[4096];
    next_line(&text, line, sizeof line);
    if (!host->add_sample_type(b, "calls", line + sizeof mark - 1, err)) return false;
    while (next_line(&text, line, sizeof line))
        if (*line && !add_line(host, line, b, err)) return false;
    return true;
}

static const struct pp_plugin_decoder decoder = {sizeof decoder, "tally", probe, decode};

PP_API bool cpprof_plugin(const struct pp_host *host, struct pp_registry *registry,
                          struct pp_error *err) {
    if (host->abi != PP_PLUGIN_ABI)
        return host->fail(err, PP_E_UNSUPPORTED, "made for another version of cpprof");
    return host->add_decoder(registry, &decoder, err);
}
