/* Where warnings and notes go. The library never prints: whoever calls it gives a function. */
#ifndef CPPROF_DIAG_H
#define CPPROF_DIAG_H

#ifdef __cplusplus
extern "C" {
#endif

struct pp_diag {
    void (*say)(void *user, const char *line); /* NULL: nobody listens */
    void *user;
};

/* One line, without a newline at its end. */
void pp_say(const struct pp_diag *diag, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#ifdef __cplusplus
}
#endif

#endif
