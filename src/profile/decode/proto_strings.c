#include "profile/decode/proto_strings.h"

bool proto_strings_find(struct proto_strings strings, uint64_t at, uint32_t *ret_string) {
    if (at >= strings.n) return false;
    *ret_string = strings.at ? strings.at[at] : (uint32_t)at;
    return true;
}

static void settle_as(struct proto_string_table *t, uint32_t string) {
    PP_PUSH(t->arena, t->found, t->n_settled, t->cap, string);
}

/* One is there twice. The table takes each text once: those that wait are added anew. */
static void settle_by_text(struct proto_string_table *t) {
    struct interner *in = t->interner;
    uint32_t n_settled = t->n_settled;
    in->n = n_settled;
    t->n_settled = 0;
    while (t->n_settled < n_settled)
        settle_as(t, t->n_settled);
    while (t->n_settled < t->n)
        settle_as(t, intern_static(in, in->strings[t->n_settled]));
}

static void settle_oldest(struct proto_string_table *t) {
    uint32_t at = t->n_settled;
    if (intern_settle(t->interner, t->waiting[at % PROTO_STRINGS_WAITING]) == at)
        t->n_settled++;
    else
        settle_by_text(t);
}

/* From the first one on that is there twice each is looked up at once. */
void proto_strings_add(struct proto_string_table *t, struct pp_str s) {
    if (t->n == 0) {
        t->n = t->n_settled = 1;
        return;
    }
    if (!t->found && t->n == t->n_settled + PROTO_STRINGS_WAITING) settle_oldest(t);
    uint32_t at = t->n++;
    if (t->found)
        settle_as(t, intern(t->interner, s));
    else
        t->waiting[at % PROTO_STRINGS_WAITING] = intern_later(t->interner, s);
}

struct proto_strings proto_strings_end(struct proto_string_table *t) {
    while (t->n_settled < t->n)
        settle_oldest(t);
    return (struct proto_strings){t->found, t->n};
}
