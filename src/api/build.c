/* Profiles from nothing: the builder of the decoders, with tables found again by content. */
#include "cpprof/build.h"

#include "api/api.h"
#include "api/builder.h"
#include "base/hash.h"
#include "base/scope.h"
#include "profile/builder.h"
#include "profile/decode/legacy/legacy_maps.h"

#include <elf.h>
#include <link.h>
#include <stdio.h>
#include <unistd.h>

struct pp_builder {
    struct pp_context *ctx; /* NULL inside a decoder, whose call's bounds hold */
    struct loaded *made;    /* NULL inside a decoder */
    struct profile_builder b;
    struct hash_index functions, locations;
    struct pp_arena
        scratch; /* of one call; freed by the next, since a call may end in the middle */
};

/* The arguments of any call that adds. */
struct adding {
    struct pp_builder *b;
    const void *what;
    const char *text, *other;
    uint32_t at;
    bool ok;
    struct pp_error *err;
};

/* What the builder has it keeps, also when memory is exhausted. */
static bool run_in(struct adding *a, void (*run)(void *args)) {
    pp_arena_done(&a->b->scratch);
    if (!a->b->ctx) {
        run(a);
        return a->ok;
    }
    if (!scope_run_keeping(a->b->ctx->allow, run, a))
        return pp_fail(a->err, PP_E_MEMORY, "out of memory");
    return a->ok;
}

static uint32_t string(struct pp_builder *b, const char *text) {
    return builder_string(&b->b, pp_str_from(text ? text : ""));
}

/* ---- begin and end ---- */

static void begin(void *args) {
    struct adding *a = args;
    struct pp_builder *b = a->b = pp_calloc(1, sizeof *a->b);
    b->made = loaded_new();
    b->made->name = PP_STR("built");
    builder_init(&b->b, &b->made->arena);
    a->ok = true;
}

struct pp_builder *pp_builder_new(struct pp_context *ctx, struct pp_error *err) {
    struct adding a = {.err = err};
    if (!api_call(ctx, begin, &a, err)) return NULL;
    a.b->ctx = ctx;
    return a.b;
}

static void free_shell(struct pp_builder *b) {
    index_done(&b->functions);
    index_done(&b->locations);
    pp_arena_done(&b->scratch);
    pp_free(b);
}

void pp_builder_free(struct pp_builder *b) {
    if (!b) return;
    builder_done(&b->b);
    loaded_free(b->made);
    free_shell(b);
}

static void finish(void *args) {
    struct adding *a = args;
    a->ok = builder_finish(&a->b->b, &a->b->made->model, a->err);
}

bool pp_builder_finish(struct pp_builder *b, struct pp_profile **ret_profile,
                       struct pp_error *err) {
    struct adding a = {.b = b, .err = err};
    bool ok = run_in(&a, finish);
    if (ok)
        *ret_profile = &b->made->model;
    else
        loaded_free(b->made);
    free_shell(b);
    return ok;
}

struct pp_builder *builder_inside(struct pp_arena *arena) {
    struct pp_builder *b = pp_calloc(1, sizeof *b);
    builder_init(&b->b, arena);
    return b;
}

bool builder_end_inside(struct pp_builder *b, bool ok, struct pp_profile *ret_profile,
                        struct pp_error *err) {
    if (ok)
        ok = builder_finish(&b->b, ret_profile, err);
    else
        builder_done(&b->b);
    free_shell(b);
    return ok;
}

/* ---- the whole ---- */

static void add_type(void *args) {
    struct adding *a = args;
    if (a->b->b.p.n_samples) {
        pp_fail(a->err, PP_E_USAGE, "sample types come before samples");
        return;
    }
    builder_add_type(&a->b->b, string(a->b, a->text), string(a->b, a->other));
    a->ok = true;
}

bool pp_builder_add_sample_type(struct pp_builder *b, const char *type, const char *unit,
                                struct pp_error *err) {
    struct adding a = {.b = b, .text = type, .other = unit, .err = err};
    return run_in(&a, add_type);
}

static void set_info(void *args) {
    struct adding *a = args;
    const struct pp_build_info *info = a->what;
    struct pp_profile *p = &a->b->b.p;
    p->period_type.type = string(a->b, info->period_type);
    p->period_type.unit = string(a->b, info->period_unit);
    p->default_sample_type = string(a->b, info->default_sample_type);
    p->period = info->period;
    p->time_nanos = info->time_nanos;
    p->duration_nanos = info->duration_nanos;
    a->ok = true;
}

bool pp_builder_set_info(struct pp_builder *b, const struct pp_build_info *info,
                         struct pp_error *err) {
    struct adding a = {.b = b, .what = info, .err = err};
    return run_in(&a, set_info);
}

static void add_comment(void *args) {
    struct adding *a = args;
    builder_add_comment(&a->b->b, string(a->b, a->text));
    a->ok = true;
}

bool pp_builder_add_comment(struct pp_builder *b, const char *text, struct pp_error *err) {
    struct adding a = {.b = b, .text = text, .err = err};
    return run_in(&a, add_comment);
}

/* ---- mappings ---- */

static uint32_t mapping(struct pp_builder *b, const struct legacy_mapping *m) {
    const struct pp_mapping made = {
        .id = (uint64_t)b->b.p.n_mappings + 1,
        .start = m->start,
        .limit = m->limit,
        .offset = m->offset,
        .file = builder_string(&b->b, m->file),
        .build_id = builder_string(&b->b, m->build_id),
    };
    return builder_add_mapping(&b->b, &made);
}

static void add_mapping(void *args) {
    struct adding *a = args;
    const struct pp_build_mapping *m = a->what;
    a->at = mapping(
        a->b, &(struct legacy_mapping){.start = m->start,
                                       .limit = m->limit,
                                       .offset = m->offset,
                                       .file = pp_str_from(m->file ? m->file : ""),
                                       .build_id = pp_str_from(m->build_id ? m->build_id : "")});
    a->ok = true;
}

bool pp_builder_add_mapping(struct pp_builder *b, const struct pp_build_mapping *m,
                            uint32_t *ret_mapping, struct pp_error *err) {
    struct adding a = {.b = b, .what = m, .err = err};
    bool ok = run_in(&a, add_mapping);
    if (ok && ret_mapping) *ret_mapping = a.at;
    return ok;
}

static void add_maps(void *args) {
    struct adding *a = args;
    const struct pp_limits limits = {.max_bytes = 64 << 20};
    struct legacy_maps maps = {.arena = &a->b->scratch};
    struct input in;
    if (!input_open_file(&in, a->text, &limits, a->err)) {
        pp_wrap(a->err, "%s", a->text);
        return;
    }
    struct lines lines = {.in = &in};
    a->ok = legacy_maps_read(&maps, &lines, a->err) || pp_wrap(a->err, "%s", a->text);
    for (uint32_t i = 0; a->ok && i < maps.n; i++)
        mapping(a->b, &maps.at[i]);
    input_close(&in);
}

bool pp_builder_add_maps(struct pp_builder *b, const char *path, struct pp_error *err) {
    struct adding a = {.b = b, .text = path, .err = err};
    return run_in(&a, add_maps);
}

struct own_mappings {
    struct pp_builder *b;
    const char *program;
    bool ok;
    struct pp_error *err;
};

/* The build id among the notes of a loaded object, as hex. */
static void find_build_id(const struct dl_phdr_info *info, const ElfW(Phdr) * h, char *ret_hex) {
    const char *at = (const char *)(info->dlpi_addr + h->p_vaddr), *end = at + h->p_memsz;
    while (end - at >= (ptrdiff_t)sizeof(ElfW(Nhdr))) {
        const ElfW(Nhdr) *note = (const void *)at;
        const char *name = at + sizeof *note;
        const unsigned char *id = (const void *)(name + ((note->n_namesz + 3U) & ~3U));
        at = (const char *)id + ((note->n_descsz + 3U) & ~3U);
        if (at > end || note->n_type != NT_GNU_BUILD_ID || note->n_namesz != 4 ||
            memcmp(name, "GNU", 4) != 0 || note->n_descsz > 32)
            continue;
        for (unsigned i = 0; i < note->n_descsz; i++)
            snprintf(ret_hex + 2 * i, 3, "%02x", id[i]);
        return;
    }
}

static int add_object(struct dl_phdr_info *info, size_t size, void *user) {
    struct own_mappings *own = user;
    char build_id[65] = "";
    (void)size;
    for (int i = 0; i < info->dlpi_phnum; i++)
        if (info->dlpi_phdr[i].p_type == PT_NOTE && !*build_id)
            find_build_id(info, &info->dlpi_phdr[i], build_id);
    for (int i = 0; i < info->dlpi_phnum && own->ok; i++) {
        const ElfW(Phdr) *h = &info->dlpi_phdr[i];
        if (h->p_type != PT_LOAD || !(h->p_flags & PF_X)) continue;
        const struct pp_build_mapping m = {
            .size = sizeof m,
            .start = info->dlpi_addr + h->p_vaddr,
            .limit = info->dlpi_addr + h->p_vaddr + h->p_memsz,
            .offset = h->p_offset,
            .file = *info->dlpi_name ? info->dlpi_name : own->program,
            .build_id = build_id,
        };
        own->ok = pp_builder_add_mapping(own->b, &m, NULL, own->err);
    }
    own->program = ""; /* the first one is the program, the others say their names */
    return own->ok ? 0 : 1;
}

bool pp_builder_add_own_mappings(struct pp_builder *b, struct pp_error *err) {
    char program[4096];
    ssize_t n = readlink("/proc/self/exe", program, sizeof program - 1);
    program[n > 0 ? n : 0] = 0;
    struct own_mappings own = {.b = b, .program = program, .ok = true, .err = err};
    dl_iterate_phdr(add_object, &own);
    return own.ok;
}

/* ---- functions and locations ---- */

static void add_function(void *args) {
    struct adding *a = args;
    struct pp_builder *b = a->b;
    const struct pp_build_function *f = a->what;
    struct pp_function made = {
        .name = string(b, f->name),
        .system_name = string(b, f->system_name),
        .filename = string(b, f->filename),
        .start_line = f->start_line,
    };
    uint64_t hash = hash_word(hash_seed(), (uint64_t)made.name << 32 | made.filename);
    hash = hash_word(hash_word(hash, made.system_name), (uint64_t)made.start_line);
    a->ok = true;
    for (struct index_probe i = index_probe(&b->functions, hash); index_next(&b->functions, &i);) {
        const struct pp_function *have = &b->b.p.functions[i.position];
        if (have->name != made.name || have->filename != made.filename ||
            have->system_name != made.system_name || have->start_line != made.start_line)
            continue;
        a->at = i.position;
        return;
    }
    a->at = builder_add_function(&b->b, &made);
    index_add(&b->functions, hash, a->at);
}

bool pp_builder_add_function(struct pp_builder *b, const struct pp_build_function *f,
                             uint32_t *ret_function, struct pp_error *err) {
    struct adding a = {.b = b, .what = f, .err = err};
    if (!run_in(&a, add_function)) return false;
    *ret_function = a.at;
    return true;
}

static uint32_t mapping_at(const struct pp_profile *p, uint64_t address) {
    for (uint32_t i = 0; i < p->n_mappings; i++)
        if (address >= p->mappings[i].start && address < p->mappings[i].limit) return i;
    return PP_NONE;
}

static bool check_location(const struct pp_builder *b, const struct pp_build_location *l,
                           struct pp_error *err) {
    const struct pp_profile *p = &b->b.p;
    if (l->mapping != PP_NOWHERE && l->mapping >= p->n_mappings)
        return pp_fail(err, PP_E_USAGE, "there is no mapping %u", l->mapping);
    for (uint32_t i = 0; i < l->n_lines; i++)
        if (l->lines[i].function >= p->n_functions)
            return pp_fail(err, PP_E_USAGE, "there is no function %u", l->lines[i].function);
    return true;
}

static bool is_same(const struct pp_profile *p, const struct pp_location *have,
                    const struct pp_location *l, const struct pp_line *lines) {
    if (have->address != l->address || have->mapping != l->mapping || have->n_lines != l->n_lines)
        return false;
    for (uint32_t i = 0; i < l->n_lines; i++) {
        const struct pp_line x = pp_line_at(p, have->first_line + i), *y = &lines[i];
        if (x.function != y->function || x.line != y->line || x.column != y->column) return false;
    }
    return true;
}

static void add_location(void *args) {
    struct adding *a = args;
    struct pp_builder *b = a->b;
    const struct pp_build_location *l = a->what;
    if (!check_location(b, l, a->err)) return;
    struct pp_line *lines = PP_NEW(&b->scratch, struct pp_line, l->n_lines);
    struct pp_location made = {
        .address = l->address,
        .mapping = l->mapping == PP_NOWHERE ? mapping_at(&b->b.p, l->address) : l->mapping,
        .n_lines = PP_LINES(l->n_lines),
    };
    uint64_t hash = hash_word(hash_word(hash_seed(), made.address), made.mapping);
    for (uint32_t i = 0; i < l->n_lines; i++) {
        lines[i] = (struct pp_line){l->lines[i].function, l->lines[i].line, l->lines[i].column};
        hash = hash_word(hash, (uint64_t)lines[i].function << 32 ^ (uint64_t)lines[i].line);
    }
    a->at = PP_NONE;
    for (struct index_probe i = index_probe(&b->locations, hash); index_next(&b->locations, &i);)
        if (is_same(&b->b.p, &b->b.p.locations[i.position], &made, lines)) a->at = i.position;
    if (a->at == PP_NONE) {
        a->at = builder_add_location(&b->b, &made, lines, l->n_lines);
        index_add(&b->locations, hash, a->at);
    }
    a->ok = true;
}

bool pp_builder_add_location(struct pp_builder *b, const struct pp_build_location *l,
                             uint32_t *ret_location, struct pp_error *err) {
    struct adding a = {.b = b, .what = l, .err = err};
    if (!run_in(&a, add_location)) return false;
    *ret_location = a.at;
    return true;
}

/* ---- samples ---- */

static uint32_t label_set(struct pp_builder *b, const struct pp_build_sample *s) {
    struct pp_label *labels = PP_NEW(&b->scratch, struct pp_label, s->n_labels);
    uint32_t n_text = 0, n_num = 0;
    for (uint32_t i = 0; i < s->n_labels; i++)
        if (s->labels[i].text)
            labels[n_text++] = (struct pp_label){.key = string(b, s->labels[i].key),
                                                 .text = string(b, s->labels[i].text)};
    for (uint32_t i = 0; i < s->n_labels; i++) {
        const struct pp_build_label *l = &s->labels[i];
        if (l->text) continue;
        labels[n_text + n_num++] = (struct pp_label){.key = string(b, l->key),
                                                     .text = l->unit ? string(b, l->unit) : PP_NONE,
                                                     .num = l->num};
    }
    return builder_label_set(&b->b, labels, n_text, n_num);
}

static void add_sample(void *args) {
    struct adding *a = args;
    struct pp_builder *b = a->b;
    const struct pp_build_sample *s = a->what;
    for (uint32_t i = 0; i < s->n_locations; i++) {
        if (s->locations[i] < b->b.p.n_locations) continue;
        pp_fail(a->err, PP_E_USAGE, "there is no location %u", s->locations[i]);
        return;
    }
    uint32_t stack = builder_stack(&b->b, s->locations, s->n_locations);
    builder_add_sample(&b->b, stack, label_set(b, s), s->values, b->b.p.n_types);
    a->ok = true;
}

bool pp_builder_add_sample(struct pp_builder *b, const struct pp_build_sample *s,
                           struct pp_error *err) {
    struct adding a = {.b = b, .what = s, .err = err};
    return run_in(&a, add_sample);
}
