/* The bytes of a file that a stranger named: a profile says where its binaries lie, so such a path
 * may lead to a device, a FIFO, the kernel's memory or a file of any size. Only a regular file of a
 * bounded size, outside /proc and /sys, becomes an image; opening it never blocks. */
#ifndef SYMBOL_IMAGE_H
#define SYMBOL_IMAGE_H

#include "cpprof/error.h"
#include "cpprof/str.h"

#include <stdint.h>

struct image {
    unsigned char *bytes; /* read-only, except in an image made by image_reserve */
    size_t size;
    int64_t changed;         /* when the file was, in ns since 1970; 0: it is no file */
    int64_t renewed;         /* when anything about it was, its name or its mode included */
    struct image_room *room; /* image.c's own; NULL: the bytes are another's */
};

/* Maps the file, and zeros behind its end. image_close unmaps. */
bool image_open(struct image *ret_image, const char *path, struct pp_error *err);

/* The same, of a file of this user's or of root's, and not by a link (file_open_own). */
bool image_open_own(struct image *ret_image, const char *path, struct pp_error *err);

/* Anonymous writable memory of `size` bytes, zero and untouched: what nobody writes costs nothing.
 */
bool image_reserve(struct image *ret_image, uint64_t size, struct pp_error *err);

/* Gives back the memory of a part of a file that will not be looked at soon. If it is, it is read
 * again. */
void image_forget(const struct image *image, struct pp_str part);

/* Makes a part of the memory of image_reserve zero and untouched again, but for its first and last
 * page. */
void image_drop(struct pp_str part);

void image_close(struct image *image);

#endif
