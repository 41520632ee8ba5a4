#include "page/configs.h"

#include "base/file.h"
#include "base/json_read.h"
#include "base/path.h"
#include "base/whole_file.h"

#include <errno.h>
#include <unistd.h>

enum { MOST_CONFIGS = 200, MOST_BYTES = 1 << 20, LONGEST_NAME = 200 };

struct config {
    struct pp_str name;
    struct pp_query values;
};

struct configs {
    struct config *at;
    size_t n, cap;
};

/* ---- reading ---- */

/* In the file what is missing is zero, as pprof has it. */
static const struct pp_query zero = {
#define ZERO(type, name, def)                                                                      \
    .name = _Generic((type)0, const char * : (type)(uintptr_t) "", default : (type)0),
    PP_QUERY(ZERO)
#undef ZERO
};

static const struct param_row *row_of(struct pp_str saved) {
    for (const struct param_row *row = param_table; row->field; row++)
        if (*row->saved && pp_str_eq(saved, pp_str_from(row->saved))) return row;
    return NULL;
}

/* A value as text; what is neither text, number nor truth is left out. */
static bool read_value(struct json_read *j, struct pp_str *ret_text, struct pp_arena *arena) {
    *ret_text = PP_STR("");
    switch (json_read_peek(j)) {
    case '"': {
        struct pp_str text;
        if (!json_read_string(j, arena, &text)) return false;
        *ret_text = pp_arena_copy(arena, text);
        return true;
    }
    case '0':
        if (!json_read_number(j, ret_text)) return false;
        *ret_text = pp_arena_copy(arena, *ret_text);
        return true;
    case 't':
        *ret_text = PP_STR("true");
        return json_read_word(j, PP_STR("true"));
    default:
        return json_read_skip(j);
    }
}

static bool read_config(struct json_read *j, struct config *ret_config, struct pp_arena *arena) {
    *ret_config = (struct config){.values = zero};
    bool more, first = true;
    if (!json_read_take(j, '{')) return false;
    for (struct pp_str key, text; json_read_member(j, first, &key, arena, &more) && more;
         first = false) {
        if (!read_value(j, &text, arena)) return false;
        const struct param_row *row = row_of(key);
        if (pp_str_eq(key, PP_STR("name"))) ret_config->name = text;
        if (row && text.len) param_set(row, &ret_config->values, text, NULL);
    }
    return !more;
}

static bool read_list(struct json_read *j, struct configs *c, struct pp_arena *arena) {
    bool more, first = true;
    if (json_read_peek(j) != '[') return json_read_skip(j);
    if (!json_read_take(j, '[')) return false;
    for (; json_read_next(j, ']', first, &more) && more; first = false) {
        struct config config;
        if (c->n == MOST_CONFIGS || !read_config(j, &config, arena)) return false;
        if (config.name.len) PP_PUSH(arena, c->at, c->n, c->cap, config);
    }
    return !more;
}

static bool read_text(struct pp_str text, struct configs *c, struct pp_arena *arena) {
    struct json_read j = {text, 0};
    bool more, first = true;
    if (!json_read_take(&j, '{')) return false;
    for (struct pp_str key; json_read_member(&j, first, &key, arena, &more) && more;
         first = false) {
        bool is_list = pp_str_eq(key, PP_STR("configs"));
        if (!(is_list ? read_list(&j, c, arena) : json_read_skip(&j))) return false;
    }
    return !more && json_read_end(&j);
}

/* A file that is not there holds none. */
static bool read_file(const struct page_world *w, struct configs *ret_configs,
                      struct pp_arena *arena, struct pp_error *err) {
    *ret_configs = (struct configs){0};
    if (!w->settings_file.len) return true;
    struct pp_str text;
    struct pp_error why = {0};
    if (access(w->settings_file.data, F_OK) != 0) return true;
    if (!file_read(w->settings_file, MOST_BYTES, &text, arena, &why))
        return pp_fail(err, PP_E_IO, "%s: %s", w->settings_file.data, why.text);
    return read_text(text, ret_configs, arena) ||
           pp_fail(err, PP_E_FORMAT, "%s is not a list of configurations", w->settings_file.data);
}

/* ---- writing ---- */

static void put_value(struct out *o, const struct param_row *row, const struct pp_query *q) {
    const void *field = (const char *)q + row->offset;
    OUT_LIT(o, ",\n      ");
    json_literal(o, pp_str_from(row->saved));
    OUT_LIT(o, ": ");
    switch (row->kind) {
    case PARAM_BOOL:
        OUT_LIT(o, "true");
        break;
    case PARAM_INT:
        out_i64(o, *(const int *)field);
        break;
    case PARAM_REAL:
        out_printf(o, "%.15g", *(const double *)field);
        break;
    default:
        json_literal(o, pp_str_from(*(const char *const *)field));
    }
}

static bool is_zero(const struct param_row *row, const struct pp_query *q) {
    const void *field = (const char *)q + row->offset;
    switch (row->kind) {
    case PARAM_BOOL:
        return !*(const bool *)field;
    case PARAM_INT:
        return !*(const int *)field;
    case PARAM_REAL:
        return *(const double *)field == 0;
    default:
        return !**(const char *const *)field;
    }
}

static void put_file(struct out *o, const struct configs *c) {
    OUT_LIT(o, "{\n  \"configs\": [");
    for (size_t i = 0; i < c->n; i++) {
        out_text0(o, i ? ",\n    {\n      \"name\": " : "\n    {\n      \"name\": ");
        json_literal(o, c->at[i].name);
        for (const struct param_row *row = param_table; row->field; row++)
            if (*row->saved && !is_zero(row, &c->at[i].values)) put_value(o, row, &c->at[i].values);
        OUT_LIT(o, "\n    }");
    }
    out_text0(o, c->n ? "\n  ]\n}\n" : "]\n}\n");
}

/* Whole or not at all, in a folder that XDG wants to be the user's own. */
static bool write_file(const struct page_world *w, const struct configs *c, struct pp_arena *arena,
                       struct pp_error *err) {
    struct whole_file file;
    struct out o;
    struct pp_str folder = path_dir(w->settings_file, arena);
    if (!file_make_folders(folder, 0700))
        return pp_fail(err, PP_E_IO, "%.*s: %s", PP_STR_ARG(folder), strerror(errno));
    if (!whole_file_open(&file, w->settings_file, 0600, arena, err)) return false;
    out_open_fd(&o, file.fd);
    put_file(&o, c);
    bool ok = out_close(&o, err);
    return whole_file_close(&file, ok, arena, err);
}

/* ---- what the page asks for ---- */

static struct config *find(struct configs *c, struct pp_str name) {
    for (size_t i = 0; i < c->n; i++)
        if (pp_str_eq(c->at[i].name, name)) return &c->at[i];
    return NULL;
}

static pthread_mutex_t writing = PTHREAD_MUTEX_INITIALIZER;

static bool open_for_change(const struct page_world *w, struct pp_str name,
                            struct configs *ret_configs, struct pp_arena *arena,
                            struct pp_error *err) {
    if (!w->settings_file.len) return pp_fail(err, PP_E_USAGE, "there is no place to save in");
    if (!name.len || name.len > LONGEST_NAME)
        return pp_fail(err, PP_E_USAGE, "invalid config name");
    return read_file(w, ret_configs, arena, err);
}

static bool save(const struct page_world *w, const struct params *p, struct pp_arena *arena,
                 struct pp_error *err) {
    struct configs c;
    struct config new = {.name = params_get(p, "config"), .values = w->question};
    if (!open_for_change(w, new.name, &c, arena, err) || !params_apply(p, &new.values, err))
        return false;
    struct config *old = find(&c, new.name);
    if (!old && c.n == MOST_CONFIGS) return pp_fail(err, PP_E_LIMIT, "too many configurations");
    if (old)
        *old = new;
    else
        PP_PUSH(arena, c.at, c.n, c.cap, new);
    return write_file(w, &c, arena, err);
}

bool configs_save(const struct page_world *w, const struct params *p, struct pp_arena *arena,
                  struct pp_error *err) {
    pthread_mutex_lock(&writing);
    bool ok = save(w, p, arena, err);
    pthread_mutex_unlock(&writing);
    return ok;
}

static bool forget(const struct page_world *w, const struct params *p, struct pp_arena *arena,
                   struct pp_error *err) {
    struct configs c;
    struct pp_str name = params_get(p, "config");
    if (!open_for_change(w, name, &c, arena, err)) return false;
    struct config *old = find(&c, name);
    if (!old) return pp_fail(err, PP_E_NOT_FOUND, "config %s not found", name.data);
    memmove(old, old + 1, (size_t)(c.at + c.n - (old + 1)) * sizeof *old);
    c.n--;
    return write_file(w, &c, arena, err);
}

bool configs_delete(const struct page_world *w, const struct params *p, struct pp_arena *arena,
                    struct pp_error *err) {
    pthread_mutex_lock(&writing);
    bool ok = forget(w, p, arena, err);
    pthread_mutex_unlock(&writing);
    return ok;
}

void configs_put(struct json *j, const struct page_world *w, struct pp_arena *arena) {
    const struct pp_query defaults = PP_QUERY_INIT;
    struct configs c;
    if (!read_file(w, &c, arena, NULL)) c.n = 0;
    json_key(j, "can_save");
    json_bool(j, w->settings_file.len > 0);
    json_key(j, "configs");
    json_array(j);
    for (size_t i = 0; i < c.n; i++) {
        json_object(j);
        json_key(j, "name");
        json_str(j, c.at[i].name);
        json_key(j, "params");
        json_object(j);
        for (const struct param_row *row = param_table; row->field; row++) {
            struct pp_str text = param_text(row, &c.at[i].values, arena);
            if (!*row->saved || pp_str_eq(text, param_text(row, &defaults, arena))) continue;
            json_key(j, row->word);
            json_str(j, text);
        }
        json_object_end(j);
        json_object_end(j);
    }
    json_array_end(j);
}
