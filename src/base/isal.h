/* gzip by ISA-L, where the system has it: it takes half of zlib's time to inflate and a fifth to
 * compress. It is loaded when there is much to do, since loading costs more than a small profile.
 */
#ifndef BASE_ISAL_H
#define BASE_ISAL_H

#include "base/inflate.h"

#ifdef CPPROF_HAVE_ISAL

extern const struct inflate_kind inflate_isal;

/* Deflates n bytes, which `window` bytes stand before, to `to`: the end of the stream, or up to a
 * whole byte. Returns the length; 0 when there is no library, or no room. May be called by several
 * threads at once. */
size_t isal_pack(const unsigned char *data, size_t window, size_t n, bool last, unsigned char *to,
                 size_t cap);

#else

static inline size_t isal_pack(const unsigned char *data, size_t window, size_t n, bool last,
                               unsigned char *to, size_t cap) {
    (void)data, (void)window, (void)n, (void)last, (void)to, (void)cap;
    return 0;
}

#endif
#endif
