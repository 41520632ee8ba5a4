#include "profile/decode/proto_strings.h"

bool proto_strings_find(struct proto_strings strings, uint64_t at, uint32_t *ret_string) {
    if (at >= strings.n) return false;
    *ret_string = strings.at ? strings.at[at] : (uint32_t)at;
    return true;
}

static void settle_as(struct proto_string_table *t, uint32_t string) {
    PP_PUSH(t->arena, t->found, t->n_settled, t->cap, string);
}

static void settle_oldest(struct proto_string_table *t) {
    uint32_t at = t->n_settled;
    uint32_t string = intern_settle(t->interner, t->waiting[at % PROTO_STRINGS_WAITING]);
    if (string == at && !t->found) {
        t->n_settled++;
        return;
    }
    for (t->n_settled = t->found ? at : 0; t->n_settled < at;)
        settle_as(t, t->n_settled);
    settle_as(t, string);
}

static void settle_all(struct proto_string_table *t) {
    while (t->n_settled < t->n)
        settle_oldest(t);
}

/* From the first one on that is there twice each is looked up at once: else all would be kept. */
void proto_strings_add(struct proto_string_table *t, struct pp_str s) {
    if (t->n == 0) {
        t->n = t->n_settled = 1;
        return;
    }
    if (t->found) {
        settle_all(t);
        t->n++;
        settle_as(t, intern(t->interner, s));
        return;
    }
    if (t->n == t->n_settled + PROTO_STRINGS_WAITING) settle_oldest(t);
    t->waiting[t->n++ % PROTO_STRINGS_WAITING] = intern_later(t->interner, s);
}

struct proto_strings proto_strings_end(struct proto_string_table *t) {
    settle_all(t);
    return (struct proto_strings){t->found, t->n};
}
