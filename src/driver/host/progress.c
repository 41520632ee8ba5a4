#include "driver/host/progress.h"

#include "base/clock.h"

#include <stdio.h>
#include <unistd.h>

enum { QUIET_MS = 1000, REDRAW_MS = 200 };

void progress_begin(struct progress *p, const struct driver_env *env, const char *what) {
    *p = (struct progress){.env = env, .what = what, .started = clock_ms()};
    p->shown = p->started + QUIET_MS - REDRAW_MS;
}

static void draw(struct progress *p, size_t done, size_t total) {
    char line[100];
    int n =
        snprintf(line, sizeof line, "\r%s: %zu%%\033[K", p->what, total ? done * 100 / total : 100);
    ssize_t written = write(p->env->terminal, line, (size_t)n);
    (void)written; /* a terminal that is gone needs no line */
    p->visible = true;
}

void progress_tick(void *user, size_t done, size_t total) {
    struct progress *p = user;
    if (p->env->terminal <= 0 || __atomic_exchange_n(&p->drawing, 1, __ATOMIC_ACQUIRE)) return;
    int64_t now = clock_ms();
    if (now - p->shown >= REDRAW_MS) {
        p->shown = now;
        draw(p, done, total);
    }
    __atomic_store_n(&p->drawing, 0, __ATOMIC_RELEASE);
}

void progress_end(struct progress *p) {
    if (!p->visible) return;
    ssize_t written = write(p->env->terminal, "\r\033[K", 4);
    (void)written;
}
