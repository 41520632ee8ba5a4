#include "driver/host/leash.h"

#include "base/clock.h"
#include "base/process.h"

#include <errno.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

enum { GRACE_MS = 2000, STEP_MS = 10, LONG_STEP_MS = 50 };

static const int from_outside[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP};

/* Whether the group is gone in time. Its leader is a child of this program. */
static bool is_gone(pid_t group) {
    for (int waited = 0; waited < GRACE_MS; waited += STEP_MS) {
        waitpid(group, NULL, WNOHANG);
        if (kill(-group, 0) != 0) return true;
        poll(NULL, 0, STEP_MS);
    }
    return false;
}

static void end_command(pid_t group, int number) {
    kill(-group, number);
    if (is_gone(group)) return;
    kill(-group, SIGKILL);
    is_gone(group);
}

__attribute__((noreturn)) static void end_by(struct leash *l, int number) {
    if (l->pid) end_command(l->pid, number);
    l->put_away(l->subject);
    pthread_sigmask(SIG_UNBLOCK, &l->heard, NULL);
    raise(number);
    for (;;) /* not reached: it was not ignored */
        pause();
}

static void stop_both(pid_t group) {
    if (group) kill(-group, SIGSTOP); /* a group without a terminal takes no SIGTSTP */
    raise(SIGSTOP);
    if (group) kill(-group, SIGCONT);
}

static void *watch(void *user) {
    struct leash *l = user;
    for (bool over = false; !over;) {
        int number;
        if (sigwait(&l->heard, &number) != 0) continue;
        pthread_mutex_lock(&l->lock);
        over = l->is_over;
        if (!over && number == SIGTSTP)
            stop_both(l->pid);
        else if (!over && number != SIGCHLD)
            end_by(l, number);
        pthread_mutex_unlock(&l->lock);
    }
    return NULL;
}

void leash_begin(struct leash *l, void (*put_away)(void *subject), void *subject) {
    *l = (struct leash){.put_away = put_away, .subject = subject};
    pthread_mutex_init(&l->lock, NULL);
    sigemptyset(&l->heard);
    sigaddset(&l->heard, SIGCHLD); /* with which leash_end wakes the watcher */
    for (size_t i = 0; i < sizeof from_outside / sizeof *from_outside; i++) {
        struct sigaction now;
        sigaction(from_outside[i], NULL, &now);
        if (now.sa_handler != SIG_IGN) sigaddset(&l->heard, from_outside[i]);
    }
    pthread_sigmask(SIG_BLOCK, &l->heard, &l->mask);
}

bool leash_watch(struct leash *l, struct pp_error *err) {
    int status = pthread_create(&l->watcher, NULL, watch, l);
    l->is_watched = status == 0;
    return status == 0 || pp_fail(err, PP_E_IO, "no thread for -run: %s", strerror(status));
}

/* Whether it ends by itself within so many milliseconds (0: as many as it likes). Looked for often
 * at first: many commands are short. */
static bool ends_in_time(pid_t pid, int64_t most) {
    int64_t from = clock_ms();
    for (int step = 1;; step = step * 2 < LONG_STEP_MS ? step * 2 : LONG_STEP_MS) {
        siginfo_t info = {0};
        int status = waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT | (most ? WNOHANG : 0));
        if (status != 0 ? errno != EINTR : info.si_pid == pid) return true;
        if (most && clock_ms() - from >= most) return false;
        if (most) poll(NULL, 0, step);
    }
}

bool leash_run(struct leash *l, const char *const *argv, unsigned seconds, struct pp_error *err) {
    pthread_mutex_lock(&l->lock);
    bool ok = process_start_alone(argv, &l->pid, err);
    pthread_mutex_unlock(&l->lock);
    if (!ok) return false;
    /* Its id is its own until it is waited for, which is under the lock. */
    ok = ends_in_time(l->pid, (int64_t)seconds * 1000);
    pthread_mutex_lock(&l->lock);
    if (ok) {
        ok = process_wait(argv, l->pid, err);
    } else {
        end_command(l->pid, SIGTERM);
        ok = process_fail_in_time("the command", seconds, err);
    }
    l->pid = 0;
    pthread_mutex_unlock(&l->lock);
    return ok;
}

void leash_end(struct leash *l) {
    pthread_mutex_lock(&l->lock);
    l->is_over = true;
    l->put_away(l->subject);
    pthread_mutex_unlock(&l->lock);
    if (l->is_watched) {
        pthread_kill(l->watcher, SIGCHLD);
        pthread_join(l->watcher, NULL);
    }
    pthread_sigmask(SIG_SETMASK, &l->mask, NULL);
    pthread_mutex_destroy(&l->lock);
}
