/* Location ids as a sample has them: varints, one after the other, nearly all of them small. */
#ifndef PROFILE_PACKED_IDS_H
#define PROFILE_PACKED_IDS_H

#include "profile/wire.h"

struct packed_ids {
    uint32_t n;
    uint32_t end; /* one more than the largest frame */
};

/* Decodes ids into frames, which are the ids less 1; there is room for as many as `packed` has
 * bytes. False when one of them is not from 1 to 2^31, or is broken. */
typedef bool packed_ids_reader(struct wire packed, uint32_t *frames, struct packed_ids *ret_ids);

packed_ids_reader packed_ids_read;

/* The fastest on this processor. Asking it what it can takes some microseconds where it is a
 * virtual machine's. */
packed_ids_reader *packed_ids_fastest(void);

#endif
