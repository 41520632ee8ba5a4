/* The pages of code that the kernel puts into every process ("[vdso]"): this process's own are
 * those of all others that ran under the same kernel, which their build id tells. */
#ifndef SYMBOL_VDSO_H
#define SYMBOL_VDSO_H

#include "symbol/elf_file.h"

/* A copy of this process's; false where there is none. What is kept lives in `arena`. */
bool vdso_open(struct elf_file *ret_file, struct pp_arena *arena);

#endif
