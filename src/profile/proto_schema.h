/* profile.proto as protoc-c compiled it. */
#ifndef PROFILE_PROTO_SCHEMA_H
#define PROFILE_PROTO_SCHEMA_H

#include <profile.pb-c.h>

#endif
