/* See dwarf_lines.h. DWARF 5, section 6.2. The row that answers an address is the last one at or
 * before it in the sequence with the lowest end, as llvm-symbolizer has it. */
#include "symbol/dwarf_lines.h"

#include "base/search.h"

#include <dwarf.h>

enum { MAX_FORMATS = 255 };

struct entry_format {
    uint64_t content, form;
};

struct header {
    const struct dwarf_line_sections *in;
    struct dwarf_cursor c;
    bool is_64, uses_texts;
    struct pp_arena *arena;
};

/* One attribute of a directory or file; a string goes to ret_text, a number to ret_number. */
static void read_form(struct header *h, uint64_t form, struct pp_str *ret_text,
                      uint64_t *ret_number) {
    struct dwarf_cursor *c = &h->c;
    switch (form) {
    case DW_FORM_string:
        *ret_text = dwarf_string(c);
        return;
    case DW_FORM_line_strp:
        *ret_text = dwarf_string_at(h->in->line_str, dwarf_uint(c, h->is_64 ? 8 : 4));
        return;
    case DW_FORM_strp:
        h->uses_texts = true;
        *ret_text = dwarf_string_at(h->in->str, dwarf_uint(c, h->is_64 ? 8 : 4));
        return;
    case DW_FORM_udata:
        *ret_number = dwarf_uleb(c);
        return;
    case DW_FORM_data1:
        *ret_number = dwarf_u8(c);
        return;
    case DW_FORM_data2:
        *ret_number = dwarf_u16(c);
        return;
    case DW_FORM_data4:
        *ret_number = dwarf_u32(c);
        return;
    case DW_FORM_data8:
        *ret_number = dwarf_u64(c);
        return;
    case DW_FORM_data16:
        dwarf_bytes(c, 16);
        return;
    case DW_FORM_block:
        dwarf_bytes(c, dwarf_uleb(c));
        return;
    default:
        c->failed = true;
    }
}

static size_t read_formats(struct header *h, struct entry_format *formats) {
    size_t n = dwarf_u8(&h->c);
    for (size_t i = 0; i < n; i++) {
        formats[i].content = dwarf_uleb(&h->c);
        formats[i].form = dwarf_uleb(&h->c);
    }
    return n;
}

/* The tables of version 5: self-describing entries. */
static struct dwarf_line_file *read_entries(struct header *h, size_t *ret_n) {
    struct entry_format formats[MAX_FORMATS];
    size_t n_formats = read_formats(h, formats);
    uint64_t n = dwarf_uleb(&h->c);
    *ret_n = 0;
    if (n > dwarf_left(&h->c) || (n && !n_formats)) h->c.failed = true;
    if (h->c.failed) return NULL;
    struct dwarf_line_file *entries = PP_NEW(h->arena, struct dwarf_line_file, n);
    for (uint64_t i = 0; i < n && !h->c.failed; i++)
        for (size_t k = 0; k < n_formats; k++) {
            struct pp_str text = PP_STR("");
            uint64_t number = 0;
            read_form(h, formats[k].form, &text, &number);
            if (formats[k].content == DW_LNCT_path) entries[i].name = text;
            if (formats[k].content == DW_LNCT_directory_index) entries[i].dir = number;
        }
    *ret_n = n;
    return entries;
}

static void read_tables_5(struct header *h, struct dwarf_line_table *t) {
    struct dwarf_line_file *dirs = read_entries(h, &t->n_dirs);
    t->dirs = PP_NEW(h->arena, struct pp_str, t->n_dirs);
    for (size_t i = 0; i < t->n_dirs; i++)
        t->dirs[i] = dirs[i].name;
    t->files = read_entries(h, &t->n_files);
}

static void read_tables_4(struct header *h, struct dwarf_line_table *t) {
    size_t cap_dirs = 0, cap_files = 0;
    for (;;) {
        struct pp_str dir = dwarf_string(&h->c);
        if (h->c.failed || dir.len == 0) break;
        PP_PUSH(h->arena, t->dirs, t->n_dirs, cap_dirs, dir);
    }
    for (;;) {
        struct dwarf_line_file file = {.name = dwarf_string(&h->c)};
        if (h->c.failed || file.name.len == 0) break;
        file.dir = dwarf_uleb(&h->c);
        dwarf_uleb(&h->c); /* time */
        dwarf_uleb(&h->c); /* length */
        PP_PUSH(h->arena, t->files, t->n_files, cap_files, file);
    }
}

/* Narrows the cursor to the table at its place. */
static bool enter_table(struct header *h) {
    uint64_t length = dwarf_u32(&h->c);
    h->is_64 = length == 0xffffffff;
    if (h->is_64) length = dwarf_u64(&h->c);
    if (h->c.failed || length > dwarf_left(&h->c)) return false;
    h->c.end = h->c.at + length;
    return true;
}

bool dwarf_lines_open(struct dwarf_line_table *ret_table, const struct dwarf_line_sections *in,
                      uint64_t offset, struct pp_arena *arena) {
    struct header h = {
        .in = in, .c = dwarf_cursor(in->line, offset, in->big_endian), .arena = arena};
    struct dwarf_line_table t = {0};
    if (!enter_table(&h)) return false;
    t.version = dwarf_u16(&h.c);
    if (t.version < 2 || t.version > 5) return false;
    if (t.version == 5) dwarf_bytes(&h.c, 2); /* sizes of an address and of a segment selector */
    uint64_t header_length = dwarf_uint(&h.c, h.is_64 ? 8 : 4);
    if (h.c.failed || header_length > dwarf_left(&h.c)) return false;
    t.program = h.c;
    t.program.at += header_length;
    h.c.end = t.program.at;
    t.min_instruction = dwarf_u8(&h.c);
    if (t.version >= 4) dwarf_u8(&h.c); /* operations an instruction */
    dwarf_u8(&h.c);                     /* whether rows are statements to begin with */
    t.line_base = (int8_t)dwarf_u8(&h.c);
    t.line_range = dwarf_u8(&h.c);
    t.opcode_base = dwarf_u8(&h.c);
    if (t.opcode_base == 0) return false;
    t.operand_counts = dwarf_bytes(&h.c, t.opcode_base - 1U);
    if (h.c.failed) return false;
    if (t.version == 5)
        read_tables_5(&h, &t);
    else
        read_tables_4(&h, &t);
    if (h.c.failed && t.n_files == 0) return false;
    t.uses_texts = h.uses_texts;
    *ret_table = t;
    return true;
}

struct row {
    uint64_t address;
    uint32_t file, line, column;
};

struct machine {
    const struct dwarf_line_table *t;
    struct dwarf_cursor c;
    struct row now, last; /* last: the row emitted before, if has_last */
    bool has_last;
    struct dwarf_line_lookup *lookups;
    struct row *answers;   /* of the sequence that is running, beside the lookups */
    size_t n, first, next; /* lookups [first, next) are answered in this sequence */
    uint64_t code_start, sequence_start;
    void (*see)(void *user, uint64_t address); /* instead of lookups; or NULL */
    void (*see_sequence)(void *user, uint64_t start, uint64_t end); /* or NULL */
    void *user;
};

static void emit_row(struct machine *m) {
    if (m->see) {
        m->see(m->user, m->now.address);
        return;
    }
    if (!m->has_last) {
        m->first = m->next = SEARCH_BELOW(m->lookups, m->n, address, m->now.address);
        m->sequence_start = m->now.address;
    } else {
        while (m->next < m->n && m->lookups[m->next].address < m->now.address)
            m->answers[m->next++] = m->last;
    }
    m->last = m->now;
    m->has_last = true;
}

static void end_sequence(struct machine *m) {
    emit_row(m);
    uint64_t end = m->now.address;
    if (m->sequence_start >= m->code_start) {
        if (m->see_sequence) m->see_sequence(m->user, m->sequence_start, end);
        for (size_t i = m->first; i < m->next; i++) {
            struct dwarf_line_lookup *l = &m->lookups[i];
            if (end >= l->sequence_end) continue;
            l->sequence_end = end;
            l->file = m->answers[i].file;
            l->line = m->answers[i].line;
            l->column = m->answers[i].column;
        }
    }
    m->has_last = false;
    m->now = (struct row){.file = 1, .line = 1};
}

static void run_extended(struct machine *m) {
    uint64_t length = dwarf_uleb(&m->c);
    if (length == 0) return;
    const unsigned char *body = dwarf_bytes(&m->c, length);
    if (!body) return;
    struct dwarf_cursor c = {body + 1, body + length, m->c.big_endian, false};
    if (*body == DW_LNE_end_sequence)
        end_sequence(m);
    else if (*body == DW_LNE_set_address)
        m->now.address = dwarf_uint(&c, length - 1);
}

static void advance(struct machine *m, uint64_t operations) {
    m->now.address += operations * m->t->min_instruction;
}

static unsigned const_add_pc(const struct dwarf_line_table *t) {
    return t->line_range ? (255U - t->opcode_base) / t->line_range : 0;
}

static void run_standard(struct machine *m, uint8_t opcode) {
    switch (opcode) {
    case DW_LNS_copy:
        emit_row(m);
        return;
    case DW_LNS_advance_pc:
        advance(m, dwarf_uleb(&m->c));
        return;
    case DW_LNS_advance_line:
        m->now.line += (uint32_t)dwarf_sleb(&m->c);
        return;
    case DW_LNS_set_file:
        m->now.file = (uint32_t)dwarf_uleb(&m->c);
        return;
    case DW_LNS_set_column:
        m->now.column = (uint32_t)dwarf_uleb(&m->c);
        return;
    case DW_LNS_const_add_pc:
        advance(m, const_add_pc(m->t));
        return;
    case DW_LNS_fixed_advance_pc:
        m->now.address += dwarf_u16(&m->c);
        return;
    default:
        for (unsigned i = m->t->operand_counts[opcode - 1]; i > 0; i--)
            dwarf_uleb(&m->c);
    }
}

static void run_special(struct machine *m, uint8_t opcode) {
    unsigned adjusted = (unsigned)opcode - m->t->opcode_base;
    unsigned range = m->t->line_range;
    if (range) {
        advance(m, adjusted / range);
        m->now.line += (uint32_t)(m->t->line_base + (int)(adjusted % range));
    }
    emit_row(m);
}

static void run(struct machine *m) {
    m->c = m->t->program;
    m->now = (struct row){.file = 1, .line = 1};
    while (m->c.at < m->c.end && !m->c.failed) {
        uint8_t opcode = dwarf_u8(&m->c);
        if (opcode >= m->t->opcode_base)
            run_special(m, opcode);
        else if (opcode == 0)
            run_extended(m);
        else
            run_standard(m, opcode);
    }
}

void dwarf_lines_find(const struct dwarf_line_table *t, const struct dwarf_line_sections *in,
                      struct dwarf_line_lookup *lookups, size_t n, struct pp_arena *scratch) {
    struct machine m = {.t = t, .lookups = lookups, .n = n, .code_start = in->code_start};
    m.answers = PP_NEW(scratch, struct row, n);
    run(&m);
}

void dwarf_lines_each(const struct dwarf_line_table *t, const struct dwarf_line_sections *in,
                      void (*see)(void *user, uint64_t address), void *user) {
    struct machine m = {.t = t, .code_start = in->code_start, .see = see, .user = user};
    run(&m);
}

void dwarf_lines_sequences(const struct dwarf_line_table *t, const struct dwarf_line_sections *in,
                           void (*see)(void *user, uint64_t start, uint64_t end), void *user) {
    struct machine m = {.t = t, .code_start = in->code_start, .see_sequence = see, .user = user};
    run(&m);
}

static bool is_absolute(struct pp_str path) {
    return path.len && path.data[0] == '/';
}

enum { MAX_PARTS = 3 };

/* Joins the parts with one slash; empty ones are left out. "": there is no room for it. */
static struct pp_str join(const struct pp_str parts[static MAX_PARTS], struct name_budget *names,
                          struct pp_arena *arena) {
    size_t most = 0, n = 0;
    for (size_t i = 0; i < MAX_PARTS; i++)
        most += parts[i].len + 1;
    char *text = name_budget_room(names, most, arena);
    for (size_t i = 0; text && i < MAX_PARTS; i++) {
        if (parts[i].len == 0) continue;
        if (n && text[n - 1] != '/') text[n++] = '/';
        memcpy(text + n, parts[i].data, parts[i].len);
        n += parts[i].len;
    }
    return text ? (struct pp_str){text, n} : PP_STR("");
}

struct pp_str dwarf_lines_path(const struct dwarf_line_table *t, uint64_t file,
                               struct pp_str unit_dir, struct name_budget *names,
                               struct pp_arena *arena) {
    uint64_t index = t->version >= 5 ? file : file - 1;
    if (index >= t->n_files) return PP_STR("");
    const struct dwarf_line_file *f = &t->files[index];
    if (is_absolute(f->name) || f->name.len == 0) return f->name;
    struct pp_str dir = PP_STR("");
    if (t->version >= 5 && f->dir < t->n_dirs) dir = t->dirs[f->dir];
    if (t->version < 5 && f->dir - 1 < t->n_dirs) dir = t->dirs[f->dir - 1];
    /* From version 5 on directory 0 is the unit's, even where it is not absolute. */
    bool is_whole = is_absolute(dir) || (t->version >= 5 && f->dir == 0 && dir.len);
    const struct pp_str parts[] = {is_whole ? PP_STR("") : unit_dir, dir, f->name};
    return join(parts, names, arena);
}
