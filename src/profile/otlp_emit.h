/* Messages with names and numbers, written as the wire format or as OTLP's JSON by the same calls.
 * Fields of one number come together, between emit_list and emit_list_end. */
#ifndef PROFILE_OTLP_EMIT_H
#define PROFILE_OTLP_EMIT_H

#include "base/json.h"

enum { EMIT_DEEPEST = 16 };

struct emitter {
    bool as_json;
    struct json j;
    struct pp_arena *arena;
    char *wire; /* all of it: a length stands before what it counts */
    size_t n, cap;
    size_t starts[EMIT_DEEPEST];
    int depth;
};

void emit_list(struct emitter *e, const char *name);
void emit_list_end(struct emitter *e);

/* A message, as a field or as an element of a list (then without a name). */
void emit_begin(struct emitter *e, const char *name, unsigned number);
void emit_end(struct emitter *e);

/* 0 and "" are left out. JSON has 64-bit integers as texts. */
void emit_index(struct emitter *e, const char *name, unsigned number, uint32_t v);
void emit_u64(struct emitter *e, const char *name, unsigned number, uint64_t v);
void emit_i64(struct emitter *e, const char *name, unsigned number, int64_t v);
void emit_fixed64(struct emitter *e, const char *name, unsigned number, uint64_t v);

/* These are written whatever the value. */
void emit_any_i64(struct emitter *e, const char *name, unsigned number, int64_t v);
void emit_bool(struct emitter *e, const char *name, unsigned number, bool v);
void emit_text(struct emitter *e, const char *name, unsigned number, struct pp_str s);
void emit_hex(struct emitter *e, const char *name, unsigned number, struct pp_str digits);

/* Packed numbers; nothing when there are none. */
void emit_indices(struct emitter *e, const char *name, unsigned number, const uint32_t *v,
                  size_t n);
void emit_i64s(struct emitter *e, const char *name, unsigned number, const int64_t *v, size_t n);

#endif
