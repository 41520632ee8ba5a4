#include "base/progress.h"

#include "base/clock.h"

#include <stdatomic.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

enum { QUIET_MS = 1000, REDRAW_MS = 200, COLUMNS = 80 /* of a terminal that does not say */ };

static atomic_bool is_drawn;
/* Since when one work has followed the other, and when the last one ended: many short ones are told
 * of as a long one is. */
static atomic_llong busy_since, busy_until;

static void put(int terminal, struct pp_str line) {
    struct winsize size;
    char text[1024];
    int columns = ioctl(terminal, TIOCGWINSZ, &size) == 0 && size.ws_col ? size.ws_col : COLUMNS;
    if (line.len < (size_t)columns) columns = (int)line.len;
    int n = snprintf(text, sizeof text, "\r\033[K%.*s", columns, line.len ? line.data : "");
    if (n > (int)sizeof text - 1) n = (int)sizeof text - 1;
    ssize_t written = write(terminal, text, (size_t)n);
    (void)written;
}

void progress_draw(int terminal, struct pp_str line) {
    atomic_store(&is_drawn, true);
    put(terminal, line);
}

void progress_clear(int terminal) {
    if (atomic_exchange(&is_drawn, false)) put(terminal, PP_STR(""));
}

static void draw(struct progress *p) {
    char line[100];
    if (p->is_hidden) return;
    long long seconds = (clock_ms() - p->started) / 1000;
    int n = p->total ? snprintf(line, sizeof line, "%s: %zu%%", p->what, p->done * 100 / p->total)
                     : snprintf(line, sizeof line, "%s: %llds", p->what, seconds);
    progress_draw(p->terminal, (struct pp_str){line, (size_t)n});
    p->is_visible = true;
}

/* Holds the lock but while it waits. */
static void wait_for_end(struct progress *p, int64_t ms) {
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until); /* a clock that is set delays a line, and no more */
    int64_t ns = until.tv_nsec + ms % 1000 * 1000000;
    until.tv_sec += (time_t)(ms / 1000 + ns / 1000000000);
    until.tv_nsec = (long)(ns % 1000000000);
    while (p->is_running && pthread_cond_timedwait(&p->ended, &p->lock, &until) == 0)
        ;
}

/* How long nothing is drawn yet. */
static int64_t quiet(int64_t now) {
    if (now - atomic_load(&busy_until) > REDRAW_MS) atomic_store(&busy_since, now);
    int64_t left = atomic_load(&busy_since) + QUIET_MS - now;
    return left > REDRAW_MS ? left : REDRAW_MS;
}

static void *redraw(void *user) {
    struct progress *p = user;
    pthread_mutex_lock(&p->lock);
    wait_for_end(p, p->quiet);
    while (p->is_running) {
        draw(p);
        wait_for_end(p, REDRAW_MS);
    }
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

void progress_begin(struct progress *p, int terminal, const char *what) {
    *p = (struct progress){.terminal = terminal, .what = what};
    if (terminal <= 0) return;
    p->started = clock_ms();
    p->quiet = quiet(p->started);
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->ended, NULL);
    p->is_running = true;
    if (pthread_create(&p->thread, NULL, redraw, p) == 0) return;
    p->is_running = false; /* no line, then */
    p->terminal = 0;
    pthread_cond_destroy(&p->ended);
    pthread_mutex_destroy(&p->lock);
}

void progress_tick(void *user, size_t done, size_t total) {
    struct progress *p = user;
    if (p->terminal <= 0) return;
    pthread_mutex_lock(&p->lock);
    p->done = done;
    p->total = total;
    pthread_mutex_unlock(&p->lock);
}

void progress_hide(struct progress *p, bool hide) {
    if (!p || p->terminal <= 0) return;
    pthread_mutex_lock(&p->lock);
    if (hide && p->is_visible) progress_clear(p->terminal);
    p->is_hidden = hide;
    pthread_mutex_unlock(&p->lock);
}

void progress_end(struct progress *p) {
    if (p->terminal <= 0 || !p->is_running) return;
    pthread_mutex_lock(&p->lock);
    p->is_running = false;
    atomic_store(&busy_until, clock_ms());
    pthread_cond_signal(&p->ended);
    pthread_mutex_unlock(&p->lock);
    pthread_join(p->thread, NULL);
    pthread_cond_destroy(&p->ended);
    pthread_mutex_destroy(&p->lock);
    if (p->is_visible) progress_clear(p->terminal);
}
