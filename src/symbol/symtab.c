/* See symtab.h. The choice among several symbols at one address is llvm-symbolizer's, whose names
 * google/pprof shows: the largest, and among equals the last of the table. */
#include "symbol/symtab.h"

#include "base/search.h"

#include <elf.h>
#include <stdlib.h>

struct collector {
    const struct elf_file *file;
    struct pp_arena *arena;
    struct symtab_entry *at;
    size_t n, cap;
    struct pp_str source; /* the last STT_FILE */
};

static bool is_wanted(const struct elf_file *f, const struct elf_symbol *s) {
    if (s->section == 0 || s->name.len == 0) return false;
    if (!(f->sections[s->section].flags & SHF_ALLOC)) return false;
    if (f->type == ET_REL && f->sections[s->section].addr >> ELF_FAR_BITS) return false;
    return s->type == STT_NOTYPE || s->type == STT_FUNC || s->type == STT_OBJECT ||
           s->type == STT_GNU_IFUNC;
}

/* ARM and RISC-V mark code and data with symbols like $x and $d.12. */
static bool is_mapping_symbol(const struct elf_file *f, struct pp_str name) {
    if (f->machine != EM_ARM && f->machine != EM_AARCH64 && f->machine != EM_RISCV) return false;
    return name.len >= 2 && name.data[0] == '$' && memchr("adtx", name.data[1], 4) &&
           (name.len == 2 || name.data[2] == '.');
}

static bool collect(void *user, const struct elf_symbol *s) {
    struct collector *c = user;
    if (s->type == STT_FILE) {
        c->source = s->name;
        return true;
    }
    if (!is_wanted(c->file, s) || is_mapping_symbol(c->file, s->name)) return true;
    struct symtab_entry e = {.start = s->value, .name = s->name, .type = s->type};
    if (c->file->machine == EM_ARM && s->type == STT_FUNC) e.start &= ~UINT64_C(1);
    e.end = s->size > UINT64_MAX - e.start ? UINT64_MAX : e.start + s->size;
    if (s->binding == STB_LOCAL) e.file = c->source;
    e.order = (uint32_t)c->n;
    PP_PUSH(c->arena, c->at, c->n, c->cap, e);
    return true;
}

static int by_address(const void *a, const void *b) {
    const struct symtab_entry *x = a, *y = b;
    if (x->start != y->start) return x->start < y->start ? -1 : 1;
    if (x->end != y->end) return x->end < y->end ? -1 : 1;
    return (x->order > y->order) - (x->order < y->order);
}

static size_t keep_last_of_each(struct symtab_entry *at, size_t n) {
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        if (i + 1 == n || at[i + 1].start != at[i].start) at[kept++] = at[i];
    return kept;
}

enum { GAP = 64 };

struct span {
    uint64_t start, end;
    struct pp_str bytes; /* "" where the file has none */
};

static int by_start(const void *a, const void *b) {
    const struct span *x = a, *y = b;
    if (x->start != y->start) return x->start < y->start ? -1 : 1;
    return (x->end > y->end) - (x->end < y->end);
}

/* The loaded sections by address. */
static struct span *loaded_sections(const struct elf_file *f, struct pp_arena *arena,
                                    size_t *ret_n) {
    struct span *spans = PP_NEW(arena, struct span, f->n_sections);
    size_t n = 0;
    for (uint32_t i = 1; i < f->n_sections; i++) {
        const struct elf_section *s = &f->sections[i];
        if ((s->flags & SHF_ALLOC) && s->size)
            spans[n++] = (struct span){s->addr, s->addr + s->size, s->bytes};
    }
    if (n) qsort(spans, n, sizeof *spans, by_start);
    *ret_n = n;
    return spans;
}

static bool is_filler(char byte) {
    return byte == 0 || byte == '\x90' || byte == '\xcc';
}

/* The address of the first gap between two addresses of a section, or `end`. Alignment leaves less
 * than a gap. */
static uint64_t first_gap(const struct span *s, uint64_t start, uint64_t end) {
    uint64_t run = 0, at = start - s->start, last = end - s->start;
    if (last > s->bytes.len) last = s->bytes.len;
    for (; at < last; at++) {
        char byte = s->bytes.data[at];
        bool same = run && byte == s->bytes.data[at - 1];
        run = !is_filler(byte) ? 0 : same ? run + 1 : 1;
        if (run == GAP) return s->start + at - (GAP - 1);
    }
    return end;
}

static void bound_sizeless(const struct elf_file *f, struct symtab *t, struct pp_arena *arena) {
    size_t n, at = 0;
    struct span *spans = loaded_sections(f, arena, &n);
    for (size_t i = 0; i < t->n; i++) {
        struct symtab_entry *e = &t->entries[i];
        while (at + 1 < n && spans[at + 1].start <= e->start)
            at++;
        if (e->end != e->start || n == 0 || spans[at].start > e->start) continue;
        e->end = spans[at].end > e->start ? spans[at].end : e->start;
        if (i + 1 < t->n && t->entries[i + 1].start < e->end) e->end = t->entries[i + 1].start;
        e->end = first_gap(&spans[at], e->start, e->end);
    }
}

struct symtab symtab_build(const struct elf_file *f, struct pp_arena *arena) {
    struct collector c = {.file = f, .arena = arena};
    struct symtab t = {0};
    static const uint32_t kinds[] = {SHT_SYMTAB, SHT_DYNSYM};
    for (size_t k = 0; k < 2 && c.n == 0; k++) {
        for (uint32_t i = 1; i < f->n_sections; i++)
            if (f->sections[i].type == kinds[k])
                elf_file_each_symbol(f, &f->sections[i], collect, &c);
        t.complete = k == 0;
    }
    if (c.n == 0) return (struct symtab){0};
    qsort(c.at, c.n, sizeof *c.at, by_address);
    t.entries = c.at;
    t.n = keep_last_of_each(c.at, c.n);
    if (t.complete) bound_sizeless(f, &t, arena);
    return t;
}

const struct symtab_entry *symtab_find(const struct symtab *t, uint64_t address) {
    size_t n = SEARCH_UP_TO(t->entries, t->n, start, address);
    if (n == 0) return NULL;
    const struct symtab_entry *e = &t->entries[n - 1];
    if (e->start == address) return e;
    return address < e->end ? e : NULL;
}
