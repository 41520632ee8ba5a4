/* What a reader of the profile should know about its recording: a line each. */
#include "profile/decode/perf/perf_session.h"

#include <inttypes.h>

/* What is not all of the recording: with -strict an error. */
static void doubt(const struct perf_session *s) {
    const struct perf_notes *n = &s->notes;
    if (n->bad_record)
        pp_fail(&s->in->doubt, PP_E_FORMAT,
                "perf.data: no record at byte %" PRIu64 ": what follows was left out", n->bad_at);
    else if (n->is_cut)
        pp_fail(&s->in->doubt, PP_E_FORMAT,
                "perf.data: the file is cut short: read as far as it goes");
    else if (n->no_data_size)
        pp_fail(&s->in->doubt, PP_E_FORMAT,
                "perf.data: perf was ended before it finished the file: read as far as it goes");
}

void perf_say_notes(const struct perf_session *s) {
    const struct perf_notes *n = &s->notes;
    const struct {
        uint64_t count;
        const char *before, *after;
    } lines[] = {
        {n->lost, "", "records were lost while it was recorded; they are counted as [lost]"},
        {n->lost_samples, "",
         "samples were lost while it was recorded; they are counted as [lost]"},
        {n->throttled, "the kernel throttled the events", "times"},
        {n->broken_samples, "", "samples are shorter than they say and were left out"},
        {n->unknown_events, "", "samples of unknown events were left out"},
        {n->aux_bytes, "", "bytes of hardware traces (AUX) were skipped"},
        {n->wrong_abi, "", "stacks of 32-bit programs were not unwound"},
        {n->not_unwound, "", "stacks were not unwound: it is not known how on that machine"},
        {n->cut, "", "stacks are longer than what was copied of them and were cut there"},
        {n->lost_way, "", "stacks end where no rule says who called"},
        {n->guessed, "", "stacks were unwound in part by frame pointers"},
        {n->looped + n->too_deep, "", "stacks never end and were cut"},
        {n->no_dump, "", "jit-PID.dump files are missing, broken or another user's"},
        {n->other_clock, "",
         "jit-PID.dump files have times of another clock, so that what was last at an address "
         "counts (perf record -k 1 has their clock)"},
    };
    doubt(s);
    if (!s->host) return;
    const struct pp_diag *d = &s->host->diag;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        if (lines[i].count)
            pp_say(d, "perf.data: %s%s%" PRIu64 " %s", lines[i].before, *lines[i].before ? " " : "",
                   lines[i].count, lines[i].after);
}
