#include "report/id_texts.h"

void id_texts_init(struct id_texts *t, const struct pp_profile *p, char separator,
                   struct pp_arena *arena) {
    struct out one;
    t->p = p;
    t->at = PP_NEW(arena, struct id_text, p->n_locations);
    out_open_memory(&one);
    for (uint32_t i = 0; i < p->n_locations; i++) {
        one.used = 0;
        out_char(&one, separator);
        out_u64(&one, pp_id(p->location_ids, i));
        memcpy(t->at[i].text, one.buffer, one.used);
        t->at[i].len = (unsigned char)one.used;
    }
    out_close(&one, NULL);
}

void id_texts_put(const struct id_texts *t, struct out *o, struct pp_stack stack) {
    enum { TEXT = sizeof t->at->text };
    if (stack.len) out_u64(o, pp_id(t->p->location_ids, pp_frame(t->p, stack.first)));
    for (uint32_t i = 1; i < stack.len; i++) {
        const struct id_text *id = &t->at[pp_frame(t->p, stack.first + i)];
        if (o->size - o->used < TEXT) {
            out_bytes(o, id->text, id->len);
            continue;
        }
        memcpy(o->buffer + o->used, id->text, TEXT); /* of a known size: no call */
        o->used += id->len;
    }
}
