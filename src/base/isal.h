/* gzip and zlib by ISA-L, where the system has it: it takes half of zlib's time to inflate and a
 * fifth to compress. It is loaded when there is much to do, since loading costs more than a small
 * profile.
 */
#ifndef BASE_ISAL_H
#define BASE_ISAL_H

#include "base/inflate.h"

extern const struct inflate_kind inflate_isal, inflate_isal_zlib; /* open where the library is */

/* Many sources will come: loads the library, which then inflates the small ones, too. */
void isal_expect_many(void);
bool isal_is_loaded(void);

/* A part of what is deflated. */
struct isal_part {
    const unsigned char *data;
    size_t n, window; /* bytes from `data` on, and known ones before it */
    bool last;        /* the stream ends with it; else it is flushed up to a whole byte */
};

/* Deflates it to `to`. Returns the length; 0 when there is no library, or no room. May be called by
 * several threads at once. */
size_t isal_pack(const struct isal_part *part, unsigned char *to, size_t cap);

#endif
