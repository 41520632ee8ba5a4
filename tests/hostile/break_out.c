/* For LD_PRELOAD: when cpprof first writes something (with WHEN_ASKED: when it is first asked for a
 * page), it does what a bug in a parser could be made
 * to do, and tells on standard error what came of it, a word each. */
#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static void tell(const char *what, int done) {
    dprintf(STDERR_FILENO, "%s=%s\n", what, done ? "done" : "refused");
}

static const char *in_home(const char *name) {
    static char path[4096];
    snprintf(path, sizeof path, "%s/%s", getenv("HOME"), name);
    return path;
}

static int starts(void) {
    pid_t pid;
    int status;
    char *argv[] = {"true", NULL};
    unsetenv("LD_PRELOAD");
    if (posix_spawn(&pid, "/bin/true", NULL, NULL, argv, environ) != 0) return 0;
    return waitpid(pid, &status, 0) == pid && status == 0;
}

static int connects(void) {
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons((in_port_t)atoi(getenv("PORT")))};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    int status = connect(fd, (struct sockaddr *)&to, sizeof to);
    close(fd);
    return status == 0;
}

static void break_out(void) {
    int fd = open(in_home("made"), O_WRONLY | O_CREAT, 0600);
    tell("make", fd >= 0);
    fd = open(in_home("victim"), O_WRONLY);
    tell("write", fd >= 0);
    tell("truncate", truncate(in_home("victim"), 0) == 0);
    tell("remove", unlink(in_home("other")) == 0);
    tell("mkdir", mkdir(in_home("dir"), 0700) == 0);
    tell("start", starts());
    tell("connect", connects());
    tell("kill", kill(atoi(getenv("VICTIM")), SIGTERM) == 0);
}

static void break_out_once(void) {
    static int tried;
    if (!tried++) break_out();
}

ssize_t write(int fd, const void *bytes, size_t len) {
    ssize_t (*real)(int, const void *, size_t);
    *(void **)&real = dlsym(RTLD_NEXT, "write");
    if (fd != STDERR_FILENO && !getenv("WHEN_ASKED")) break_out_once();
    return real(fd, bytes, len);
}

/* What a server does when it is asked. */
int accept4(int fd, struct sockaddr *from, socklen_t *len, int flags) {
    int (*real)(int, struct sockaddr *, socklen_t *, int);
    *(void **)&real = dlsym(RTLD_NEXT, "accept4");
    int got = real(fd, from, len, flags);
    if (got >= 0 && getenv("WHEN_ASKED")) break_out_once();
    return got;
}
