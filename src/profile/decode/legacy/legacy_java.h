/* The part that all legacy Java profiles end in: what each address stands for. */
#ifndef PROFILE_LEGACY_JAVA_H
#define PROFILE_LEGACY_JAVA_H

#include "profile/decode/legacy/legacy.h"

/* Reads "0x<address> <function> (<file>:<line>)" to the end of the source and gives the locations
 * their functions; addresses are not kept. */
bool legacy_java_locations(struct legacy *l, struct lines *lines, struct pp_error *err);

#endif
