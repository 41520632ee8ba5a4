/* The memory map that follows the samples of a legacy profile: lines of /proc/self/maps or of
 * shorter forms, `name=value` lines whose `$name` is replaced in the lines that follow, and log
 * prefixes.
 *
 *     00400000-0fcb000 r-xp 00000000 9c:00 2201453     /path/to/binary
 *     0x40000-0x80000 /path/to/binary (@ff00) abc123456
 *
 * Source: proc(5); for the shorter forms, what github.com/google/pprof reads. */
#ifndef PROFILE_LEGACY_MAPS_H
#define PROFILE_LEGACY_MAPS_H

#include "base/arena.h"
#include "base/lines.h"

struct legacy_mapping {
    uint64_t start, limit, offset;
    struct pp_str file, build_id;
};

struct legacy_maps {
    struct pp_arena *arena;
    struct legacy_mapping *at;
    uint32_t n;
    size_t cap;
};

/* Reads to the end of the source; skips what it does not understand. Texts live as long as the
 * input and the arena. */
bool legacy_maps_read(struct legacy_maps *maps, struct lines *lines, struct pp_error *err);

/* Joins mappings that were split and puts the one that is taken for the main binary first. */
void legacy_maps_massage(struct legacy_maps *maps);

/* For each address the position of its mapping, or PP_NONE for address 0. It corrects starts of
 * mappings by the way, and adds one that covers everything when an address lies in none. */
void legacy_maps_place(struct legacy_maps *maps, const uint64_t *addresses, uint32_t n,
                       uint32_t *ret_mappings);

#endif
