/* An encoder from outside the tree: tab separated values, with a line of names first.
 *
 *     cc -shared -fPIC $(pkg-config --cflags cpprof) tsv.c -o tsv.so
 *     cpprof -plugin=tsv.so -top -tsv cpu.pb.gz
 */
#include <cpprof/plugin.h>

#include <stdio.h>

static void put(const struct pp_host *host, struct pp_output *out, const char *text) {
    host->put(out, text, strlen(text));
}

static void begin(const struct pp_host *host, const struct pp_table *table, struct pp_output *out) {
    for (size_t i = 0; i < table->n_columns; i++) {
        if (i) put(host, out, "\t");
        put(host, out, table->columns[i]);
    }
    put(host, out, "\n");
}

/* What would end a field or a line becomes a blank. */
static void put_text(const struct pp_host *host, struct pp_output *out, struct pp_str s) {
    for (size_t i = 0; i < s.len; i++) {
        char c = s.data[i] == '\t' || s.data[i] == '\n' || s.data[i] == '\r' ? ' ' : s.data[i];
        host->put(out, &c, 1);
    }
}

static void put_cell(const struct pp_host *host, struct pp_output *out, const struct pp_cell *c) {
    char number[40] = "";
    if (c->kind == PP_CELL_TEXT) put_text(host, out, c->text);
    if (c->kind == PP_CELL_INT || c->kind == PP_CELL_BOOL)
        snprintf(number, sizeof number, "%lld", (long long)c->num);
    if (c->kind == PP_CELL_HEX)
        snprintf(number, sizeof number, "0x%llx", (unsigned long long)c->num);
    if (c->kind == PP_CELL_SHARE)
        snprintf(number, sizeof number, "%.6g", (double)c->num / (double)c->total);
    if (c->kind == PP_CELL_DOUBLE) snprintf(number, sizeof number, "%.17g", c->real);
    put(host, out, number);
    for (size_t i = 0; i < c->n_texts; i++) {
        if (i) put(host, out, ";");
        put_text(host, out, c->texts[i]);
    }
}

static void row(const struct pp_host *host, const struct pp_table *table,
                const struct pp_cell *cells, struct pp_output *out) {
    for (size_t i = 0; i < table->n_columns; i++) {
        if (i) put(host, out, "\t");
        put_cell(host, out, &cells[i]);
    }
    put(host, out, "\n");
}

static void end(const struct pp_host *host, const struct pp_table *table, struct pp_output *out) {
    (void)host, (void)table, (void)out;
}

static const struct pp_plugin_encoder encoder = {sizeof encoder, "tsv", "Tab separated values",
                                                 begin,          row,   end};

PP_API bool cpprof_plugin(const struct pp_host *host, struct pp_registry *registry,
                          struct pp_error *err) {
    if (host->abi != PP_PLUGIN_ABI)
        return host->fail(err, PP_E_UNSUPPORTED, "made for another version of cpprof");
    return host->add_encoder(registry, &encoder, err);
}
