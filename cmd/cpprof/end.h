/* Ends that may come anywhere: one line on standard error, exit status 2. Nothing half written is
 * left behind, since a file has no name before it is complete. */
#ifndef CPPROF_END_H
#define CPPROF_END_H

#include <stddef.h>

__attribute__((noreturn)) void end_out_of_memory(size_t wanted);

/* A part of the C library itself, so there is nothing to go on with. */
__attribute__((noreturn)) void end_without_library(const char *file);

/* A binary is mapped, not copied: most of a large one is never looked at. From now on the access to
 * a part that is gone ends the program in this way. */
void end_when_a_file_shrinks(void);

/* Ends the program at its start where the stack may not grow to what it, its libraries and their
 * threads need: a fault in the middle of a report could not be told. */
void end_when_the_stack_is_small(void);

#endif
