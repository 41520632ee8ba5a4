/* What a decoder may ask of the program around it: somebody who listens to notes, a way to unwind
 * stacks that were copied into a file, for which binaries have to be opened, and files of names. */
#ifndef PROFILE_DECODE_HOST_H
#define PROFILE_DECODE_HOST_H

#include "base/arena.h"
#include "cpprof/diag.h"

#include <stdint.h>

enum unwind_machine { UNWIND_NONE, UNWIND_X86_64, UNWIND_ARM64 };

/* A part of a file in the memory of the process. */
struct unwind_place {
    uint32_t module; /* a small number: the same for the same file, build and offset */
    uint64_t start, limit, offset;
    struct pp_str path, build_id; /* lower-case hex; "" when it is not known */
};

/* One thread as it was stopped. */
struct unwind_stack {
    uint64_t regs[33]; /* by DWARF's numbers of the machine */
    uint64_t known;    /* a bit a register that has a value */
    uint64_t pc, sp;
    struct pp_str bytes; /* the copy of its stack, from sp on */
    bool big_endian;
    /* Where the address lies; false when in no file. */
    bool (*find)(void *user, uint64_t address, struct unwind_place *ret_place);
    void *user;
};

enum unwind_end {
    UNWIND_COMPLETE, /* reached the outermost frame */
    UNWIND_CUT,      /* the copy of the stack ends before the stack does */
    UNWIND_LOST,     /* no rule says who called */
    UNWIND_TOO_DEEP, /* more frames than there was room for */
    UNWIND_LOOP      /* the stack pointer went nowhere */
};

struct unwind_result {
    uint32_t n;         /* frames: the first is pc itself */
    uint32_t n_guessed; /* that were found by the frame pointer for want of a rule */
    enum unwind_end end;
};

struct stack_unwinder {
    void *(*open)(const struct stack_unwinder *u, enum unwind_machine machine);
    /* Writes the addresses of the frames, leaf first: of the callers the address one before the
     * one they return to, that is inside of the call. */
    void (*unwind)(void *state, const struct unwind_stack *stack, uint64_t *ret_frames,
                   uint32_t max_frames, struct unwind_result *ret_result);
    void (*close)(void *state);
};

/* Files that a profile names, besides its binaries. */
struct named_files {
    /* The bytes of a file, until it is closed; NULL when it is missing or not to be trusted. */
    void *(*open)(const struct named_files *f, struct pp_str path, struct pp_str *ret_bytes);
    void (*close)(void *file);
};

struct decode_host {
    struct pp_diag diag;
    const struct stack_unwinder *unwinder; /* NULL: there is none */
    const struct named_files *files;       /* NULL: none may be opened */
};

#endif
