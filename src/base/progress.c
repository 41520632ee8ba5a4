#include "base/progress.h"

#include "base/clock.h"

#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { QUIET_MS = 1000, REDRAW_MS = 200, COLUMNS = 80 /* of a terminal that does not say */ };

void progress_draw(int terminal, struct pp_str line) {
    struct winsize size;
    char text[1024];
    int columns = ioctl(terminal, TIOCGWINSZ, &size) == 0 && size.ws_col ? size.ws_col : COLUMNS;
    if (line.len < (size_t)columns) columns = (int)line.len;
    int n = snprintf(text, sizeof text, "\r\033[K%.*s", columns, line.len ? line.data : "");
    if (n > (int)sizeof text - 1) n = (int)sizeof text - 1;
    ssize_t written = write(terminal, text, (size_t)n);
    (void)written;
}

void progress_clear(int terminal) {
    progress_draw(terminal, PP_STR(""));
}

void progress_begin(struct progress *p, int terminal, const char *what) {
    *p = (struct progress){.terminal = terminal, .what = what, .started = clock_ms()};
    p->shown = p->started + QUIET_MS - REDRAW_MS;
}

static void draw(struct progress *p, size_t done, size_t total) {
    char line[100];
    int n = snprintf(line, sizeof line, "%s: %zu%%", p->what, total ? done * 100 / total : 100);
    progress_draw(p->terminal, (struct pp_str){line, (size_t)n});
    p->visible = true;
}

void progress_tick(void *user, size_t done, size_t total) {
    struct progress *p = user;
    if (p->terminal <= 0 || __atomic_exchange_n(&p->drawing, 1, __ATOMIC_ACQUIRE)) return;
    int64_t now = clock_ms();
    if (now - p->shown >= REDRAW_MS) {
        p->shown = now;
        draw(p, done, total);
    }
    __atomic_store_n(&p->drawing, 0, __ATOMIC_RELEASE);
}

void progress_end(struct progress *p) {
    if (p->visible) progress_clear(p->terminal);
}
