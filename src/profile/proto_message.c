#include "profile/proto_message.h"

static void *arena_alloc(void *arena, size_t size) {
    return pp_arena_alloc(arena, 1, _Alignof(max_align_t), size);
}

static void arena_free(void *arena, void *memory) {
    (void)arena;
    (void)memory;
}

static void append(struct pp_str *to, const void *bytes, size_t len) {
    memcpy((char *)to->data + to->len, bytes, len);
    to->len += len;
}

static void append_varint(struct pp_str *to, uint64_t v) {
    uint8_t byte;
    for (; v >= 0x80; v >>= 7) {
        byte = (uint8_t)(v | 0x80);
        append(to, &byte, 1);
    }
    byte = (uint8_t)v;
    append(to, &byte, 1);
}

/* Copies the fields that the schema knows, nested messages likewise. `to` has room for the message:
 * a copy is never longer, since what is kept is written at its shortest. */
static bool copy_known(const ProtobufCMessageDescriptor *type, struct wire message,
                       struct pp_str *to, struct pp_arena *arena) {
    while (message.at < message.end) {
        struct wire_field f;
        if (!wire_field(&message, &f)) return false;
        if (f.number == 0 || f.number > UINT32_MAX) continue;
        const ProtobufCFieldDescriptor *field =
            protobuf_c_message_descriptor_get_field(type, (unsigned)f.number);
        if (!field) continue;
        bool nested = field->type == PROTOBUF_C_TYPE_MESSAGE;
        if (f.type != (nested ? WIRE_BYTES : WIRE_VARINT)) return false;
        append_varint(to, f.number << 3 | f.type);
        if (!nested) {
            append_varint(to, f.value);
            continue;
        }
        size_t len = (size_t)(f.bytes.end - f.bytes.at);
        struct pp_str inner = {pp_arena_alloc(arena, 1, 1, len), 0};
        if (!copy_known(field->descriptor, f.bytes, &inner, arena)) return false;
        append_varint(to, inner.len);
        append(to, inner.data, inner.len);
    }
    return true;
}

ProtobufCMessage *proto_unpack(const ProtobufCMessageDescriptor *type, struct wire message,
                               struct pp_arena *arena) {
    ProtobufCAllocator allocator = {arena_alloc, arena_free, arena};
    size_t len = (size_t)(message.end - message.at);
    ProtobufCMessage *m = protobuf_c_message_unpack(type, &allocator, len, message.at);
    if (m) return m;
    struct pp_str known = {pp_arena_alloc(arena, 1, 1, len), 0};
    if (!copy_known(type, message, &known, arena)) return NULL;
    return protobuf_c_message_unpack(type, &allocator, known.len, (const uint8_t *)known.data);
}
