/* What a shell may offer where the cursor is: reports and flags with their one line of help, values
 * of flags, and files. */
#ifndef DRIVER_OFFER_H
#define DRIVER_OFFER_H

#include "base/out.h"
#include "base/world.h"
#include "driver/flags.h"

/* For the word at position cl->complete of the operands, which are the words of a command line that
 * is being typed. A line each: the word, a tab, what it is. Sample types, functions and labels come
 * from the profile that is named in them, if it is a file here; nothing else is read or asked. */
bool offer_words(struct out *o, const struct command_line *cl, struct pp_error *err);

#endif
