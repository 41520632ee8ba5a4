/* See elf_unpack.h. */
#include "symbol/elf_unpack.h"

#include "base/inflate.h"

enum {
    STEP = 4 << 20,       /* the file's bytes are given back after so many */
    FASTER_FROM = 1 << 17 /* so many bytes are worth loading a faster library */
};

static enum inflate_status step_on(const struct inflate_kind *kind, void *state,
                                   struct inflate_io *io) {
    const char *why;
    enum inflate_status status;
    size_t in, out;
    do {
        in = io->in_len;
        out = io->out_len;
        status = kind->step(state, io, &why);
    } while (status == INFLATE_MORE && io->in_len && (io->in_len < in || io->out_len < out));
    return status;
}

static bool unpack_by(const struct inflate_kind *kind, const struct image *image,
                      struct pp_str from, unsigned char *to, uint64_t to_size) {
    struct inflate_io io = {(const unsigned char *)from.data, 0, to, to_size};
    enum inflate_status status = INFLATE_MORE;
    void *state = kind->open();
    for (size_t at = 0; state && at < from.len && status == INFLATE_MORE; at += STEP) {
        size_t end = from.len - at < STEP ? from.len : at + STEP;
        io.in_len = end - at;
        status = step_on(kind, state, &io);
        if (io.in_len) break; /* the end of the stream, or of the room for it */
        image_forget(image, pp_str_slice(from, at, end));
    }
    if (state) kind->close(state);
    return status == INFLATE_END && io.out_len == 0;
}

bool elf_unpack_zlib(const struct image *image, struct pp_str from, unsigned char *to,
                     uint64_t to_size) {
    const struct inflate_kind *faster = elf_unpack_faster(from);
    if (faster && unpack_by(faster, image, from, to, to_size)) return true;
    bool ok = unpack_by(&inflate_zlib, image, from, to, to_size);
    image_forget(image, from);
    return ok;
}

const struct inflate_kind *elf_unpack_faster(struct pp_str from) {
    const struct inflate_kind *kind = inflate_zlib.faster;
    return from.len >= FASTER_FROM && kind->matches(from) ? kind : NULL;
}
