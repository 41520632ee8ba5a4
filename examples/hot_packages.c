/* A report from outside the tree: what each package costs, most first, with its functions.
 *
 *     cc -shared -fPIC $(pkg-config --cflags cpprof) hot_packages.c -o hot_packages.so
 *     cpprof -plugin=hot_packages.so -hot_packages cpu.pb.gz
 */
#include <cpprof/plugin.h>

#include <stdlib.h>

struct package {
    struct pp_str name;
    int64_t flat;
    size_t functions;
};

/* Up to the last "/", and from there up to the first ".": "net/http.(*Server).Serve" is of
 * "net/http"; up to "::" in C++ and Rust. */
static struct pp_str package_of(struct pp_str function) {
    size_t from = 0;
    for (size_t i = 0; i < function.len && function.data[i] != '('; i++)
        if (function.data[i] == '/') from = i + 1;
    for (size_t i = from; i < function.len; i++)
        if (function.data[i] == '.' || (function.data[i] == ':' && i))
            return pp_str_slice(function, 0, i);
    return PP_STR("(no package)");
}

static int by_flat(const void *a, const void *b) {
    const struct package *x = a, *y = b;
    if (x->flat != y->flat) return x->flat < y->flat ? 1 : -1;
    return pp_str_cmp(x->name, y->name);
}

static size_t collect(const struct pp_host *host, struct pp_question *q, struct package **ret) {
    struct pp_node node = {.size = sizeof node};
    size_t n_nodes = 0, n = 0;
    while (host->node(q, n_nodes, &node))
        n_nodes++;
    struct package *packages = host->alloc(q, (n_nodes + 1) * sizeof *packages);
    for (size_t i = 0, at; host->node(q, i, &node); i++) {
        struct pp_str name = package_of(node.name);
        for (at = 0; at < n && !pp_str_eq(packages[at].name, name); at++)
            ;
        if (at == n) packages[n++].name = name;
        packages[at].flat += node.flat;
        packages[at].functions++;
    }
    qsort(packages, n, sizeof *packages, by_flat);
    *ret = packages;
    return n;
}

static bool text(const struct pp_host *host, struct pp_question *q, struct pp_output *out,
                 struct pp_error *err) {
    struct package *packages;
    size_t n = collect(host, q, &packages);
    (void)err;
    for (size_t i = 0; i < n; i++) {
        host->put_value(q, out, packages[i].flat, 10);
        host->put(out, "  ", 2);
        host->put(out, packages[i].name.data, packages[i].name.len);
        host->put(out, "\n", 1);
    }
    return true;
}

static bool rows(const struct pp_host *host, struct pp_question *q, struct pp_rows *out,
                 struct pp_error *err) {
    struct package *packages;
    size_t n = collect(host, q, &packages);
    (void)err;
    for (size_t i = 0; i < n; i++) {
        const struct pp_cell cells[] = {
            {.kind = PP_CELL_TEXT, .text = packages[i].name},
            {.kind = PP_CELL_INT, .num = (int64_t)packages[i].functions},
            {.kind = PP_CELL_INT, .num = packages[i].flat},
        };
        host->row(out, cells);
    }
    return true;
}

static const char *const columns[] = {"package", "functions", "flat"};

static const struct pp_plugin_report report = {
    sizeof report, "hot_packages", "What each package costs by itself", 1, columns, 3, text, rows};

PP_API bool cpprof_plugin(const struct pp_host *host, struct pp_registry *registry,
                          struct pp_error *err) {
    if (host->abi != PP_PLUGIN_ABI)
        return host->fail(err, PP_E_UNSUPPORTED, "made for another version of cpprof");
    return host->add_report(registry, &report, err);
}
