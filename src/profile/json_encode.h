/* Writing wire messages as protobuf's JSON: names in lowerCamelCase, 64-bit integers as strings,
 * defaults left out. The fields of a profile come one by one; those of one number come together. */
#ifndef PROFILE_JSON_ENCODE_H
#define PROFILE_JSON_ENCODE_H

#include "base/json.h"
#include "profile/proto_schema.h"

struct json_encoder {
    struct json j;
    unsigned open; /* the repeated field whose array is open, or 0 */
};

void json_encode_begin(struct json_encoder *e, struct out *out);
void json_encode_message(struct json_encoder *e, unsigned field, const ProtobufCMessage *m);
void json_encode_bytes(struct json_encoder *e, unsigned field, struct pp_str s);
void json_encode_int(struct json_encoder *e, unsigned field, int64_t v);
void json_encode_end(struct json_encoder *e);

#endif
