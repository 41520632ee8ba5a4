#include "symbol/symbol_list.h"

#include <elf.h>
#include <stdlib.h>

struct entry {
    uint64_t value;
    struct pp_str name;
};

struct collector {
    struct pp_arena *arena;
    struct entry *at;
    size_t n, cap;
};

static bool collect(void *user, const struct elf_symbol *s) {
    struct collector *c = user;
    if (s->type == STT_SECTION || s->type == STT_FILE || !s->name.len) return true;
    if (s->section == 0 && s->value == 0) return true; /* defined elsewhere */
    struct entry e = {s->value, s->name};
    PP_PUSH(c->arena, c->at, c->n, c->cap, e);
    return true;
}

static int by_address(const void *left, const void *right) {
    const struct entry *a = left, *b = right;
    if (a->value != b->value) return a->value < b->value ? -1 : 1;
    return pp_str_cmp(a->name, b->name);
}

void symbol_list_build(const struct elf_file *f, struct symbol_groups *ret_groups,
                       struct pp_arena *arena) {
    static const uint32_t kinds[] = {SHT_SYMTAB, SHT_DYNSYM};
    struct collector c = {.arena = arena};
    for (size_t k = 0; k < 2 && c.n == 0; k++)
        for (uint32_t i = 1; i < f->n_sections; i++)
            if (f->sections[i].type == kinds[k])
                elf_file_each_symbol(f, &f->sections[i], collect, &c);
    if (c.n) qsort(c.at, c.n, sizeof *c.at, by_address);
    struct pp_str *names = PP_NEW(arena, struct pp_str, c.n);
    struct symbol_group *groups = PP_NEW(arena, struct symbol_group, c.n);
    size_t n = 0;
    for (size_t i = 0; i < c.n; i++) {
        names[i] = c.at[i].name;
        if (i == 0 || c.at[i].value != c.at[i - 1].value) {
            if (n) groups[n - 1].end = c.at[i].value - 1;
            groups[n++] = (struct symbol_group){&names[i], 0, c.at[i].value, UINT64_MAX};
        }
        groups[n - 1].n_names++;
    }
    *ret_groups = (struct symbol_groups){groups, n};
}
