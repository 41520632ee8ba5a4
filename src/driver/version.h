/* What this program is, and which optional parts of it work on this machine. */
#ifndef DRIVER_VERSION_H
#define DRIVER_VERSION_H

#include "base/out.h"

/* `all`: with the compiler, the libraries and their versions, the sandbox and the threads. */
void version_put(struct out *o, bool all);

#endif
