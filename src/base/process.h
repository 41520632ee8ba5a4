/* Running other programs: never through a shell, never found by a relative entry of PATH, always
 * with an end. The library's own descriptors are not inherited. */
#ifndef BASE_PROCESS_H
#define BASE_PROCESS_H

#include "base/out.h"

struct process {
    const char *const *argv; /* argv[0]: a path, or a name for process_find; ends with NULL */
    struct pp_str input;     /* what it reads from standard input */
    uint64_t max_output;     /* bytes; more is a failure; 0: no limit */
    unsigned seconds;        /* then it is killed (PP_E_LIMIT, limit: these); it gets no more
                                processor time either, should we end first; 0: no limit */
};

/* The path of a program: in `dirs` (separated by ':') first, then in PATH. A name with a slash is
 * its own path. False when there is none that may be executed. */
bool process_find(struct pp_str name, struct pp_str dirs, struct pp_str *ret_path,
                  struct pp_arena *arena);

/* Runs it to its end and appends what it wrote to `output`, an output in memory. Any exit status
 * but 0 is a failure; the error has the first line that the program wrote to standard error. */
bool process_run(const struct process *process, struct out *output, struct pp_error *err);

/* What process_run says of a program that is killed because its time is over. */
bool process_fail_in_time(const char *name, unsigned seconds, struct pp_error *err);

/* Starts it with the terminal's standard output and error, without input. Its id, for
 * process_wait, which gives false for any exit status but 0. */
bool process_start(const char *const *argv, int *ret_pid, struct pp_error *err);
/* The same in a session of its own: without a terminal, the leader of a process group. */
bool process_start_alone(const char *const *argv, int *ret_pid, struct pp_error *err);
bool process_wait(const char *const *argv, int pid, struct pp_error *err);

/* A file name as an argument that no program takes for an option or a response file. */
struct pp_str process_file_argument(struct pp_str path, struct pp_arena *arena);

#endif
