/* A walk over stacks for who has to do with few of their frames: those of marked locations. Looking
 * at a frame takes half a nanosecond then, where a loop a stack takes more than one, since the
 * processor foresees no stack's end. */
#ifndef PROFILE_MARKED_FRAMES_H
#define PROFILE_MARKED_FRAMES_H

#include "profile/profile.h"

struct marked_frames {
    const struct pp_profile *p;
    const bool *marked; /* by location */
    uint32_t first_stack, end_stack;
};

/* The marked frames of a stack, of which there are some: where they are in it, the leaf first. */
typedef void marked_frames_visit(void *user, uint32_t stack, const uint32_t *at, uint32_t n);

/* Visits the stacks that have any, in order. */
void marked_frames_walk(const struct marked_frames *m, marked_frames_visit *visit, void *user);

#endif
