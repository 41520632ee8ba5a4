/* See gopclntab.h. The layout is that of Go's runtime: pcHeader and moduledata in
 * runtime/symtab.go, _func in runtime/runtime2.go, inlinedCall in runtime/symtabinl.go. */
#include "symbol/gopclntab.h"

#include "symbol/dwarf_read.h"

#include <elf.h>

static const uint32_t magic_1_18 = 0xfffffff0, magic_1_20 = 0xfffffff1;

enum {
    MAX_TRIES = 8,
    MAX_STEPS = 1 << 18,
    MAX_INLINED = 64,
    PCDATA_INLINE_TREE = 2,
    FUNCDATA_INLINE_TREE = 3
};

/* ---- finding the tables ---- */

struct words {
    const struct elf_file *f;
    uint64_t address; /* of the first */
    uint64_t at[48];  /* a pointer each, relocated */
    unsigned n;
};

/* The pointers of a position-independent program are in its relocations, not in its data. */
static void relocate(struct words *w) {
    for (uint32_t i = 1; i < w->f->n_sections; i++) {
        const struct elf_section *s = &w->f->sections[i];
        if (s->type != SHT_RELA) continue;
        for (size_t at = 0; at + 24 <= s->bytes.len; at += 24) {
            uint64_t index = (elf_u64(w->f, s->bytes.data + at) - w->address) / 8;
            if (index < w->n && w->at[index] == 0)
                w->at[index] = elf_u64(w->f, s->bytes.data + at + 16);
        }
    }
}

static bool read_words(struct words *w, const struct elf_file *f, uint64_t address, unsigned n) {
    struct pp_str bytes = elf_file_at(f, address);
    *w = (struct words){.f = f, .address = address, .n = n};
    if (bytes.len < 8 * n) return false;
    for (unsigned i = 0; i < n; i++)
        w->at[i] = elf_u64(f, bytes.data + 8 * i);
    relocate(w);
    return true;
}

/* The module's data begins with the addresses of the table and of its names. */
static bool is_module_data(const struct words *w, uint64_t table, uint64_t names) {
    return w->at[0] == table && w->at[1] == names;
}

static bool find_in_data(struct words *ret, const struct elf_file *f, uint64_t table,
                         uint64_t names) {
    unsigned tries = 0;
    for (uint32_t i = 1; i < f->n_sections; i++) {
        const struct elf_section *s = &f->sections[i];
        if (s->type != SHT_PROGBITS || !(s->flags & SHF_WRITE)) continue;
        for (size_t at = 0; at + 8 <= s->bytes.len && tries < MAX_TRIES; at += 8) {
            if (elf_u64(f, s->bytes.data + at) != table) continue;
            tries++;
            if (read_words(ret, f, s->addr + at, 42) && is_module_data(ret, table, names))
                return true;
        }
    }
    return false;
}

static bool find_in_relocations(struct words *ret, const struct elf_file *f, uint64_t table,
                                uint64_t names) {
    unsigned tries = 0;
    for (uint32_t i = 1; i < f->n_sections; i++) {
        const struct elf_section *s = &f->sections[i];
        if (s->type != SHT_RELA) continue;
        for (size_t at = 0; at + 24 <= s->bytes.len && tries < MAX_TRIES; at += 24) {
            if (elf_u64(f, s->bytes.data + at + 16) != table) continue;
            tries++;
            if (read_words(ret, f, elf_u64(f, s->bytes.data + at), 42) &&
                is_module_data(ret, table, names))
                return true;
        }
    }
    return false;
}

/* Where inline trees are: moduledata.gofunc, 38 words in; Go 1.20 put two before it. */
static struct pp_str find_function_data(const struct gopclntab *t, const struct elf_file *f,
                                        uint64_t address) {
    struct words w;
    uint64_t names = address + (uint64_t)(t->names.data - t->table.data);
    if (!find_in_data(&w, f, address, names) && !find_in_relocations(&w, f, address, names))
        return PP_STR("");
    return elf_file_at(f, w.at[t->has_start_lines ? 40 : 38]);
}

static const struct elf_section *find_section(const struct elf_file *f) {
    static const char *const names[] = {".gopclntab", ".data.rel.ro.gopclntab"};
    for (size_t i = 0; i < 2; i++) {
        const struct elf_section *s = elf_file_section(f, pp_str_from(names[i]));
        if (s) return s;
    }
    return NULL;
}

static struct pp_str part_at(struct pp_str table, uint64_t offset) {
    return offset < table.len ? pp_str_slice(table, offset, table.len) : PP_STR("");
}

static uint64_t text_address(const struct elf_file *f) {
    const struct elf_section *s = elf_file_section(f, PP_STR(".text"));
    return s ? s->addr : 0;
}

bool gopclntab_open(struct gopclntab *ret_table, const struct elf_file *f) {
    const struct elf_section *s = find_section(f);
    struct words w;
    if (!s || !f->is_64 || s->bytes.len < 72) return false;
    uint32_t magic = elf_u32(f, s->bytes.data);
    if ((magic != magic_1_18 && magic != magic_1_20) || s->bytes.data[7] != 8) return false;
    if (!read_words(&w, f, s->addr, 9)) return false;
    struct gopclntab t = {.table = s->bytes,
                          .text = w.at[3] ? w.at[3] : text_address(f),
                          .n_functions = w.at[1],
                          .quantum = (uint8_t)s->bytes.data[6],
                          .has_start_lines = magic == magic_1_20,
                          .big_endian = f->big_endian};
    t.names = part_at(t.table, w.at[4]);
    t.units = part_at(t.table, w.at[5]);
    t.files = part_at(t.table, w.at[6]);
    t.pcs = part_at(t.table, w.at[7]);
    t.functions = part_at(t.table, w.at[8]);
    if (t.n_functions == 0 || t.n_functions > t.functions.len / 8) return false;
    t.function_data = find_function_data(&t, f, s->addr);
    *ret_table = t;
    return true;
}

/* ---- reading them ---- */

struct function {
    const struct gopclntab *t;
    uint64_t entry; /* address */
    uint64_t size;
    uint32_t name, pc_file, pc_line, n_pcdata, unit, start_line;
    uint8_t n_funcdata;
    struct dwarf_cursor tables; /* pcdata, then funcdata */
};

static uint32_t word(const struct gopclntab *t, struct pp_str part, uint64_t offset) {
    struct dwarf_cursor c = dwarf_cursor(part, offset, t->big_endian);
    return dwarf_u32(&c);
}

/* The table of functions: pairs of the entry (from the text's start) and the place of the record,
 * and at the end the end of the last function. */
static bool find_function(const struct gopclntab *t, uint64_t pc, struct function *ret) {
    uint64_t low = 0, high = t->n_functions, offset = pc - t->text;
    if (pc < t->text || offset > UINT32_MAX) return false;
    while (low < high) {
        uint64_t mid = low + (high - low) / 2;
        if (word(t, t->functions, 8 * mid) <= offset)
            low = mid + 1;
        else
            high = mid;
    }
    if (low == 0) return false;
    uint32_t entry = word(t, t->functions, 8 * (low - 1));
    uint32_t end = word(t, t->functions, 8 * low);
    if (offset >= end) return false;
    uint32_t place = word(t, t->functions, 8 * (low - 1) + 4);
    struct dwarf_cursor c = dwarf_cursor(t->functions, place, t->big_endian);
    struct function f = {.t = t, .entry = t->text + entry, .size = end - entry};
    dwarf_u32(&c); /* entry */
    f.name = dwarf_u32(&c);
    dwarf_bytes(&c, 12); /* size of the arguments, deferreturn, stack sizes */
    f.pc_file = dwarf_u32(&c);
    f.pc_line = dwarf_u32(&c);
    f.n_pcdata = dwarf_u32(&c);
    f.unit = dwarf_u32(&c);
    if (t->has_start_lines) f.start_line = dwarf_u32(&c);
    dwarf_bytes(&c, 3); /* kind, flags, padding */
    f.n_funcdata = dwarf_u8(&c);
    f.tables = c;
    *ret = f;
    return !c.failed;
}

/* A table of values by address: differences of value and address, in pairs. */
struct values {
    struct dwarf_cursor c;
    uint64_t end; /* of what has the value */
    uint32_t value, steps;
    uint8_t quantum;
};

static struct values values_open(const struct function *f, uint32_t table) {
    return (struct values){.c = dwarf_cursor(f->t->pcs, table, f->t->big_endian),
                           .end = f->entry,
                           .value = UINT32_MAX,
                           .steps = table ? 0 : MAX_STEPS,
                           .quantum = f->t->quantum};
}

/* Steps to the next value; false when there is none. */
static bool values_next(struct values *v) {
    if (v->steps == MAX_STEPS || v->c.failed) return false;
    uint32_t step = (uint32_t)dwarf_uleb(&v->c);
    if (step == 0 && v->steps > 0) return false;
    v->steps++;
    v->value += step & 1 ? ~(step >> 1) : step >> 1;
    v->end += dwarf_uleb(&v->c) * v->quantum;
    return true;
}

/* -1 when there is none. */
static int32_t value_at(const struct function *f, uint32_t table, uint64_t pc) {
    struct values v = values_open(f, table);
    while (values_next(&v))
        if (pc < v.end) return (int32_t)v.value;
    return -1;
}

static struct pp_str file_of(const struct function *f, uint64_t pc) {
    int32_t number = value_at(f, f->pc_file, pc);
    if (number < 0) return PP_STR("");
    uint32_t place = word(f->t, f->t->units, 4 * ((uint64_t)f->unit + (uint32_t)number));
    return place == UINT32_MAX ? PP_STR("") : dwarf_string_at(f->t->files, place);
}

struct inlined {
    uint32_t name, start_line, parent; /* parent: the call's place, from the function's entry */
};

static bool read_inlined(const struct function *f, uint64_t tree, int32_t index,
                         struct inlined *ret) {
    bool new_layout = f->t->has_start_lines;
    uint64_t size = new_layout ? 16 : 20;
    uint64_t at = tree + size * (uint64_t)index;
    struct dwarf_cursor c = dwarf_cursor(f->t->function_data, at, f->t->big_endian);
    if (new_layout) {
        dwarf_bytes(&c, 4); /* kind */
        *ret = (struct inlined){.name = dwarf_u32(&c)};
        ret->parent = dwarf_u32(&c);
        ret->start_line = dwarf_u32(&c);
    } else {
        dwarf_bytes(&c, 12); /* parent's index, kind, file, line */
        *ret = (struct inlined){.name = dwarf_u32(&c)};
        ret->parent = dwarf_u32(&c);
    }
    return !c.failed && ret->parent < f->size;
}

/* The table that tells inlined calls by address, and the tree that they are in. */
static bool find_tree(const struct function *f, uint32_t *ret_table, uint64_t *ret_tree) {
    if (f->n_pcdata <= PCDATA_INLINE_TREE || f->n_funcdata <= FUNCDATA_INLINE_TREE) return false;
    struct dwarf_cursor c = f->tables;
    dwarf_bytes(&c, 4 * PCDATA_INLINE_TREE);
    *ret_table = dwarf_u32(&c);
    c = f->tables;
    dwarf_bytes(&c, 4 * ((uint64_t)f->n_pcdata + FUNCDATA_INLINE_TREE));
    uint32_t tree = dwarf_u32(&c);
    *ret_tree = tree;
    return !c.failed && tree != UINT32_MAX && f->t->function_data.len > 0;
}

/* A relative name is written as DWARF has it, joined to the compilation directory ".". */
static struct pp_str path_of(struct pp_str file, struct name_budget *names,
                             struct pp_arena *arena) {
    if (file.len == 0 || file.data[0] == '/') return file;
    char *path = name_budget_room(names, file.len + 2, arena);
    if (!path) return PP_STR("");
    memcpy(stpcpy(path, "./"), file.data, file.len);
    return (struct pp_str){path, file.len + 2};
}

static void set_place(const struct function *f, struct frame *frame, uint64_t pc,
                      struct name_budget *names, struct pp_arena *arena) {
    int32_t line = value_at(f, f->pc_line, pc);
    frame->file = path_of(file_of(f, pc), names, arena);
    frame->line = line > 0 ? line : 0;
}

bool gopclntab_covers(const struct gopclntab *t, uint64_t address) {
    uint32_t first = word(t, t->functions, 0), end = word(t, t->functions, 8 * t->n_functions);
    return address >= t->text + first && address - t->text < end;
}

/* At least one address a byte of the tables is told, however many functions share one. */
void gopclntab_each(const struct gopclntab *t, void (*see)(void *user, uint64_t address),
                    void *user) {
    uint64_t left = 8 * t->table.len;
    for (uint64_t i = 0; i <= t->n_functions; i++) {
        uint64_t entry = t->text + word(t, t->functions, 8 * i);
        uint32_t tables[3] = {0};
        uint64_t tree;
        struct function f;
        see(user, entry);
        if (!find_function(t, entry, &f)) continue;
        tables[0] = f.pc_line;
        tables[1] = f.pc_file;
        if (!find_tree(&f, &tables[2], &tree)) tables[2] = 0;
        for (size_t k = 0; k < 3; k++)
            for (struct values v = values_open(&f, tables[k]); left && values_next(&v); left--)
                see(user, v.end);
    }
}

static bool contains(struct pp_str s, struct pp_str part) {
    return s.len && memmem(s.data, s.len, part.data, part.len) != NULL;
}

/* Functions that the compiler made have no line of declaration in DWARF; the table says one. Only
 * the comparison of types and the initialization of packages have it in both. */
static void clear_start_of_made(struct frame *f) {
    bool made = pp_str_has_suffix(f->file, PP_STR("<autogenerated>"));
    if (contains(f->function, PP_STR(".gowrap")) ||
        (made && !pp_str_has_prefix(f->function, PP_STR("type:.")) &&
         !pp_str_has_suffix(f->function, PP_STR(".init"))))
        f->start_line = 0;
}

void gopclntab_resolve(const struct gopclntab *t, struct lookup *l, struct name_budget *names,
                       struct pp_arena *arena) {
    struct function f;
    struct frame frames[MAX_INLINED + 1];
    uint32_t n = 0, table;
    uint64_t pc = l->address, tree;
    if (!find_function(t, pc, &f)) return;
    if (value_at(&f, f.pc_line, pc) < 0) return; /* in the padding behind the function */
    if (find_tree(&f, &table, &tree)) {
        struct inlined call;
        for (int32_t index; n < MAX_INLINED && (index = value_at(&f, table, pc)) >= 0; n++) {
            if (!read_inlined(&f, tree, index, &call)) break;
            frames[n] = (struct frame){.function = dwarf_string_at(t->names, call.name),
                                       .start_line = call.start_line};
            set_place(&f, &frames[n], pc, names, arena);
            pc = f.entry + call.parent;
        }
    }
    frames[n] =
        (struct frame){.function = dwarf_string_at(t->names, f.name), .start_line = f.start_line};
    set_place(&f, &frames[n++], pc, names, arena);
    for (uint32_t i = 0; i < n; i++)
        clear_start_of_made(&frames[i]);
    l->frames = PP_NEW(arena, struct frame, n);
    memcpy(l->frames, frames, n * sizeof *frames);
    l->n_frames = n;
    l->source = FRAMES_PCLNTAB;
}
