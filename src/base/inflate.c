#include "base/inflate.h"

static const struct inflate_kind *const kind_table[] = {&inflate_gzip, &inflate_zstd};

const struct inflate_kind *inflate_kind_of(struct pp_str head) {
    for (size_t i = 0; i < sizeof kind_table / sizeof *kind_table; i++)
        if (kind_table[i]->matches(head)) return kind_table[i];
    return NULL;
}
