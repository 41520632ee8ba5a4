/* Messages that are decoded by protobuf-c: all but Sample. */
#ifndef PROFILE_PROTO_MESSAGE_H
#define PROFILE_PROTO_MESSAGE_H

#include "cpprof/arena.h"
#include "profile/wire.h"

#include <profile.pb-c.h>

/* Decodes one message into `arena`; NULL when it is none. What the reference skips (field number 0,
 * numbers past the schema) is skipped, though protobuf-c itself refuses some of it. */
ProtobufCMessage *proto_unpack(const ProtobufCMessageDescriptor *type, struct wire message,
                               struct pp_arena *arena);

#endif
