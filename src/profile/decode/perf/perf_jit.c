/* Code that a just-in-time compiler made: its process maps a page of the dump that it writes, which
 * is how perf learns of it. Each function lies in memory from its own time on. */
#include "profile/decode/perf/perf_session.h"
#include "profile/jit_name.h"

#include <time.h>

enum { MAX_DUMPS = 256 }; /* a stranger's recording may name any number */

static bool is_of_its_clock(const struct perf_session *s, const struct perf_dump *d) {
    for (uint32_t i = 0; i < s->events.n; i++) {
        const struct perf_event *e = &s->events.at[i];
        if (!(e->flags & ATTR_CLOCK) || e->clock != CLOCK_MONOTONIC) return false;
    }
    return !d->has_cycles;
}

/* In the order of time, or all at once. */
static void settle_times(struct perf_session *s, struct perf_dump *d) {
    if (!is_of_its_clock(s, d)) {
        s->notes.other_clock++;
        for (uint32_t i = 0; i < d->n; i++)
            d->codes[i].time = 0;
    }
    perf_dump_sort(d);
}

static struct perf_session_dump *read_dump(struct perf_session *s, struct pp_str path) {
    const struct named_files *files = s->host->files;
    struct perf_session_dump *d = PP_NEW(&s->scratch, struct perf_session_dump, 1);
    struct pp_str bytes;
    if (s->n_dumps == MAX_DUMPS) return NULL;
    d->file = files->open(files, path, &bytes);
    if (!d->file) return NULL;
    s->dump_bytes += bytes.len;
    if (s->dump_bytes <= s->in->limits.max_bytes &&
        perf_dump_read(&d->dump, bytes, &s->scratch, NULL))
        return d;
    files->close(d->file);
    return NULL;
}

static void add_dump(struct perf_session *s, struct perf_session_dump *d, struct pp_str file) {
    settle_times(s, &d->dump);
    const struct perf_object o = {.file = builder_string(&s->profile.b, file),
                                  .owner = PP_NONE,
                                  .start = d->dump.low,
                                  .len = d->dump.high - d->dump.low,
                                  .has_functions = true};
    d->object = perf_profile_add_object(&s->profile, &o);
    PP_PUSH(&s->scratch, s->dumps, s->n_dumps, s->cap_dumps, d);
}

bool perf_find_dump(struct perf_session *s, uint32_t pid, struct pp_str file) {
    if (!s->host || !s->host->files || !jit_name_is_dump(file)) return false;
    struct perf_process *process = perf_process_of(&s->spaces, pid);
    if (process->dump != PP_NONE) return true;
    struct perf_session_dump *d = read_dump(s, file);
    if (!d) {
        s->notes.no_dump++;
        return false;
    }
    process->dump = s->n_dumps;
    add_dump(s, d, file);
    return true;
}

static bool put_one(struct perf_session *s, uint32_t pid, struct perf_session_dump *d,
                    const struct perf_code *code) {
    struct perf_made *made = PP_NEW(&s->scratch, struct perf_made, 1);
    *made = (struct perf_made){&d->dump, code, d->object};
    const struct perf_object o = {
        .file = s->profile.objects[d->object].file,
        .owner = PP_NONE,
        .start = code->start,
        .len = code->size,
        .made = made,
    };
    struct perf_map map = {.start = code->start, .end = code->start + code->size};
    map.object = perf_profile_add_object(&s->profile, &o);
    return perf_process_code(&s->spaces, pid, &map, NULL);
}

static struct perf_session_dump *dump_of(struct perf_session *s, uint32_t pid) {
    if (s->n_dumps == 0) return NULL;
    uint32_t at = perf_process_of(&s->spaces, pid)->dump;
    return at == PP_NONE ? NULL : s->dumps[at];
}

static bool is_due(const struct perf_session_dump *d, uint64_t time) {
    return d && d->n_put < d->dump.n && d->dump.codes[d->n_put].time <= time;
}

bool perf_code_waits(struct perf_session *s, uint32_t pid, uint64_t time) {
    return is_due(dump_of(s, pid), time);
}

void perf_put_code(struct perf_session *s, uint32_t pid, uint64_t time) {
    struct perf_session_dump *d = dump_of(s, pid);
    while (is_due(d, time))
        if (!put_one(s, pid, d, &d->dump.codes[d->n_put++])) d->n_put = d->dump.n;
}

void perf_close_dumps(struct perf_session *s) {
    for (uint32_t i = 0; i < s->n_dumps; i++)
        s->host->files->close(s->dumps[i]->file);
}
