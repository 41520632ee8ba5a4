/* One recording while it is read. perf_file.c frames it into records, perf_queue.c brings those
 * into the order of time, perf_records.c takes them in; perf_samples.c finds those samples that
 * were seen before, perf_batch.c has the others walked (perf_walk.c) and counted. */
#ifndef PERF_SESSION_H
#define PERF_SESSION_H

#include "base/input.h"
#include "profile/decode/host.h"
#include "profile/decode/perf/perf_profile.h"
#include "profile/decode/perf/perf_queue.h"
#include "profile/decode/perf/perf_walk.h"

/* The processes that stand for the kernels. */
#define PERF_KERNEL_PID       UINT32_MAX
#define PERF_GUEST_KERNEL_PID (UINT32_MAX - 1)

struct perf_build_id {
    uint32_t file, build_id; /* string ids */
};

/* The jit-PID.dump of a process. */
struct perf_session_dump {
    struct perf_dump dump;
    void *file;      /* open, of the host */
    uint32_t object; /* in the profile */
    uint32_t n_put;  /* of its functions, that lie in memory by now */
};

struct perf_cgroup {
    uint64_t id;
    uint32_t path;
};

/* Whether looking for samples pays: where nearly all are new it is in vain. */
struct perf_trial {
    uint32_t n_asked, n_found; /* since it began */
    uint32_t n_left;           /* so many samples are not looked for before the next one */
};

/* What is told when all is read. */
struct perf_notes {
    uint64_t lost, lost_samples, throttled, broken_samples, unknown_events, aux_bytes;
    uint64_t unwound, guessed, cut, lost_way, too_deep, looped, wrong_abi, not_unwound;
    uint64_t no_dump, other_clock;
    bool no_data_size, is_cut, bad_record;
    uint64_t bad_at;
};

struct perf_session {
    struct input *in;
    const struct decode_host *host;
    struct pp_arena *arena, scratch;
    struct pp_error *err;
    bool swap;
    struct perf_events events;
    struct perf_spaces spaces;
    struct perf_profile profile;
    struct perf_queue queue;

    struct perf_spool *spool;        /* that inflated records are written to */
    bool inflating, inflated_is_cut; /* so far: within a block or a record */
    void *inflater;
    struct scope_mark *inflater_mark;
    size_t spool_at;                  /* so far its records were read */
    uint64_t inflated, inflated_from; /* bytes */

    struct perf_build_id *build_ids;
    uint32_t n_build_ids;
    size_t cap_build_ids;
    struct hash_index build_id_index;
    struct perf_cgroup *cgroups;
    uint32_t n_cgroups;
    size_t cap_cgroups;
    struct hash_index cgroup_index;

    struct perf_session_dump **dumps;
    uint32_t n_dumps;
    size_t cap_dumps;
    uint64_t dump_bytes;

    struct pp_str version, command, arch;
    bool has_clock;
    uint64_t wall_clock, clock; /* the same moment in nanoseconds since 1970 and on perf's clock */
    uint64_t first_time, last_time;
    uint64_t end; /* of what the header of a file leads to */

    struct known known;     /* rows of the profile, by what their samples are known by */
    uint64_t kernels_epoch; /* of both kernels' tables */
    struct perf_trial trial;
    bool sums_are_vain;       /* almost no sample was seen before; the framing thread asks */
    struct perf_batch *batch; /* of samples that are counted together; NULL before the first */
    uint32_t mode_texts[MODE_N];
    struct perf_notes notes;
};

/* Takes the complete records of inflated bytes, and says how many bytes they are. */
bool perf_take_run(struct perf_session *s, struct perf_spool *spool, struct pp_str bytes,
                   size_t *ret_taken);

/* Takes records in, in this order; false when reading ends with s->err. */
bool perf_take_records(void *session, const struct perf_run *run);

/* perf tells where a guest's kernel lies only if it was given the guest's list of symbols: without
 * it all of the kernels' half is that kernel. */
void perf_map_guest(struct perf_session *s);

/* Takes some of the samples from `from` on, which is one, and returns the record behind them. Those
 * that were seen before are counted, the others go into the batch. They are counted by
 * perf_end_samples, which comes before the records are gone and before the kernel's maps change;
 * those of processes are kept for it. */
size_t perf_take_samples(struct perf_session *s, const struct perf_run *run, size_t from);
void perf_end_samples(struct perf_session *s);
void perf_batch_done(struct perf_session *s);

/* Adds the samples that the kernel counted but could not write. */
void perf_add_lost(struct perf_session *s);

/* A process has mapped a file: if it is a dump of code that it makes, that is read. False when not.
 */
bool perf_find_dump(struct perf_session *s, uint32_t pid, struct pp_str file);

/* Whether there are functions that the process has made until then and that are not put yet. */
bool perf_code_waits(struct perf_session *s, uint32_t pid, uint64_t time);

/* Puts the functions that the process has made until then where they lie. */
void perf_put_code(struct perf_session *s, uint32_t pid, uint64_t time);
void perf_close_dumps(struct perf_session *s);

/* One feature of the header. */
void perf_take_feature(struct perf_session *s, unsigned feature, struct pp_str bytes);

/* The build ids of a feature or of one record of its own. */
void perf_take_build_ids(struct perf_session *s, struct pp_str bytes);
void perf_take_build_id(struct perf_session *s, uint16_t misc, struct pp_str body);

/* Gives build ids to what has none. */
void perf_spread_build_ids(struct perf_session *s);
uint32_t perf_build_id_of(struct perf_session *s, uint32_t file);
uint32_t perf_build_id_text(struct perf_session *s, struct pp_str bytes);

/* Says what was lost, left out or guessed. */
void perf_say_notes(const struct perf_session *s);

/* All of the input, record by record. */
bool perf_read(struct perf_session *s);

#endif
