/* A cage for the parsers: what a bug in one of them could be made to do to the rest of the machine.
 *
 * From sandbox_enter on, this process and those that it starts may write and make files only where
 * this command line has something to write, run programs only if its report needs one, and connect
 * to servers only if it names one. Reading is free: a profile may name binaries and sources
 * anywhere. Linux's Landlock does it, as far as the kernel has it. */
#ifndef DRIVER_SANDBOX_H
#define DRIVER_SANDBOX_H

#include "base/world.h"
#include "driver/flags.h"

/* Call it before the first thread starts. Does nothing where Landlock is missing, with -nosandbox,
 * at the prompt (any report may follow) and for reports that a viewer shows (it lives on). */
void sandbox_enter(const struct command_line *cl);

/* Around a server that has read its profile: from here on nothing is written but in the directory
 * of `settings` ("": nowhere), and no server is asked. Starting programs stays: graphs and
 * instructions need some. */
void sandbox_serve(const struct command_line *cl, struct pp_str settings);

/* Of Landlock in this kernel; 0: there is no sandbox. */
long sandbox_version(void);

#endif
