/* The program for other machines (CPPROF_PORTABLE): built with a new glibc, it runs with glibc 2.28
 * too. What glibc gave a new version since then is defined here and leads to the version that both
 * have; what it did not have yet is written here. Nothing of it is seen outside of the program.
 * A test looks whether the list is complete: tests/package/tarball. Not for link-time optimization,
 * which does not keep the names that .symver gives. */
#include <dlfcn.h>
#include <link.h>
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/stat.h>

#if defined(__x86_64__)
#define OLD       "GLIBC_2.2.5"
#define OLD_AT    "GLIBC_2.4"
#define OLD_INFO  "GLIBC_2.3.3"
#define STAT_KIND 1
#elif defined(__aarch64__)
#define OLD       "GLIBC_2.17"
#define OLD_AT    "GLIBC_2.17"
#define OLD_INFO  "GLIBC_2.17"
#define STAT_KIND 0
#else
/* cppcheck-suppress preprocessorErrorDirective */
#error "CPPROF_PORTABLE: for x86-64 and aarch64"
#endif

/* old_NAME(...) is NAME as glibc 2.28 has it. */
#define FROM(version, result, name, ...)                                                           \
    result old_##name(__VA_ARGS__);                                                                \
    __asm__(".symver old_" #name "," #name "@" version);
#define ONE(result, name, a)                                                                       \
    FROM(OLD, result, name, a)                                                                     \
    result name(a x) {                                                                             \
        return old_##name(x);                                                                      \
    }
#define TWO(result, name, a, b)                                                                    \
    FROM(OLD, result, name, a, b)                                                                  \
    result name(a x, b y) {                                                                        \
        return old_##name(x, y);                                                                   \
    }

/* ---- threads and libraries: in files of their own until 2.34 ---- */

typedef void (*function)(void);
typedef void (*destructor)(void *);
typedef void *(*thread)(void *);
extern int __pthread_key_create(pthread_key_t *key, destructor at_end);

ONE(int, dlclose, void *)
TWO(void *, dlopen, const char *, int)
TWO(void *, dlsym, void *restrict, const char *restrict)
TWO(int, __pthread_key_create, pthread_key_t *, destructor)
TWO(int, pthread_join, pthread_t, void **)
TWO(int, pthread_kill, pthread_t, int)
TWO(int, pthread_once, pthread_once_t *, function)
ONE(int, pthread_rwlock_destroy, pthread_rwlock_t *)
TWO(int, pthread_rwlock_init, pthread_rwlock_t *restrict, const pthread_rwlockattr_t *restrict)
ONE(int, pthread_rwlock_rdlock, pthread_rwlock_t *)
ONE(int, pthread_rwlock_tryrdlock, pthread_rwlock_t *)
ONE(int, pthread_rwlock_unlock, pthread_rwlock_t *)
ONE(int, pthread_rwlock_wrlock, pthread_rwlock_t *)

FROM(OLD, char *, dlerror, void)
char *dlerror(void) {
    return old_dlerror();
}

FROM(OLD_INFO, int, dlinfo, void *, int, void *)
int dlinfo(void *restrict library, int what, void *restrict ret_answer) {
    return old_dlinfo(library, what, ret_answer);
}

FROM(OLD_INFO, int, dladdr1, const void *, Dl_info *, void **, int)
int dladdr1(const void *address, Dl_info *ret_info, void **ret_entry, int what) {
    return old_dladdr1(address, ret_info, ret_entry, what);
}

FROM(OLD, int, pthread_create, pthread_t *, const pthread_attr_t *, thread, void *)
int pthread_create(pthread_t *restrict ret_id, const pthread_attr_t *restrict attributes,
                   thread start, void *restrict user) {
    return old_pthread_create(ret_id, attributes, start, user);
}

FROM(OLD, int, pthread_sigmask, int, const sigset_t *, sigset_t *)
int pthread_sigmask(int how, const sigset_t *restrict set, sigset_t *restrict ret_old) {
    return old_pthread_sigmask(how, set, ret_old);
}

/* Whether this process has one thread, for the reference counts of libstdc++: it never may be sure.
 */
extern char __libc_single_threaded;
char __libc_single_threaded;

/* ---- stat: until 2.33 with the number of the structure's form ---- */

FROM(OLD, int, __xstat, int, const char *, struct stat *)
int stat(const char *restrict path, struct stat *restrict ret_st) {
    return old___xstat(STAT_KIND, path, ret_st);
}

FROM(OLD, int, __lxstat, int, const char *, struct stat *)
int lstat(const char *restrict path, struct stat *restrict ret_st) {
    return old___lxstat(STAT_KIND, path, ret_st);
}

FROM(OLD, int, __fxstat, int, int, struct stat *)
int fstat(int fd, struct stat *ret_st) {
    return old___fxstat(STAT_KIND, fd, ret_st);
}

FROM(OLD_AT, int, __fxstatat, int, int, const char *, struct stat *, int)
int fstatat(int dir, const char *restrict path, struct stat *restrict ret_st, int flags) {
    return old___fxstatat(STAT_KIND, dir, path, ret_st, flags);
}

/* ---- what did not exist ---- */

uint32_t arc4random(void);
uint32_t arc4random(void) {
    uint32_t number;
    if (getrandom(&number, sizeof number, 0) != sizeof number) abort();
    return number;
}

#ifdef DLFO_STRUCT_HAS_EH_DBASE

struct find {
    uintptr_t pc;
    struct dl_find_object *ret_object;
};

static int find_object(struct dl_phdr_info *info, size_t size, void *user) {
    const struct find *find = user;
    bool is_inside = false;
    void *frames = NULL;
    (void)size;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &info->dlpi_phdr[i];
        uintptr_t start = info->dlpi_addr + part->p_vaddr;
        if (part->p_type == PT_GNU_EH_FRAME) frames = (void *)start;
        if (part->p_type != PT_LOAD || find->pc - start >= part->p_memsz) continue;
        is_inside = true;
        find->ret_object->dlfo_map_start = (void *)start;
        find->ret_object->dlfo_map_end = (void *)(start + part->p_memsz);
    }
    find->ret_object->dlfo_eh_frame = frames;
    return is_inside && frames;
}

/* Where the tables are that an exception is unwound with. */
int _dl_find_object(void *pc, struct dl_find_object *ret_object) {
    struct find find = {(uintptr_t)pc, ret_object};
    *ret_object = (struct dl_find_object){0};
    return dl_iterate_phdr(find_object, &find) ? 0 : -1;
}

#endif

/* ---- the start: a program's start code of 2.34 and later leaves constructors to glibc, one of
 * before them to the program. The linker's --wrap leads here. ---- */

typedef int (*main_function)(int, char **, char **);
typedef void (*constructor)(int, char **, char **);
extern constructor __init_array_start[], __init_array_end[];

static void construct(int argc, char **argv, char **env) {
    for (constructor *c = __init_array_start; c < __init_array_end; c++)
        (*c)(argc, argv, env);
}

FROM(OLD, int, __libc_start_main, main_function, int, char **, constructor, function, function,
     void *)
int __wrap___libc_start_main(main_function main, int argc, char **argv, constructor init,
                             function fini, function loader_fini, void *stack_end);
int __wrap___libc_start_main(main_function main, int argc, char **argv, constructor init,
                             function fini, function loader_fini, void *stack_end) {
    return old___libc_start_main(main, argc, argv, init ? init : construct, fini, loader_fini,
                                 stack_end);
}
