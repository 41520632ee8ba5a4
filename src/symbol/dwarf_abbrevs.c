/* See dwarf_abbrevs.h. DWARF 5, sections 7.5.3 to 7.5.6. */
#include "symbol/dwarf_abbrevs.h"

#include "base/sort.h"

#include <dwarf.h>
#include <stdlib.h>

enum { MOST_SPECS = 1 << 21 }; /* of a table: the largest of real programs have some thousands */

/* ---- forms ---- */

/* Bytes of a form, DWARF_VARIES or DWARF_UNKNOWN. */
static int32_t form_size(uint32_t form, struct dwarf_sizes sizes) {
    switch (form) {
    case DW_FORM_flag_present:
    case DW_FORM_implicit_const:
        return 0;
    case DW_FORM_data1:
    case DW_FORM_ref1:
    case DW_FORM_flag:
    case DW_FORM_strx1:
    case DW_FORM_addrx1:
        return 1;
    case DW_FORM_data2:
    case DW_FORM_ref2:
    case DW_FORM_strx2:
    case DW_FORM_addrx2:
        return 2;
    case DW_FORM_strx3:
    case DW_FORM_addrx3:
        return 3;
    case DW_FORM_data4:
    case DW_FORM_ref4:
    case DW_FORM_ref_sup4:
    case DW_FORM_strx4:
    case DW_FORM_addrx4:
        return 4;
    case DW_FORM_data8:
    case DW_FORM_ref8:
    case DW_FORM_ref_sig8:
    case DW_FORM_ref_sup8:
        return 8;
    case DW_FORM_data16:
        return 16;
    case DW_FORM_addr:
        return sizes.address;
    case DW_FORM_ref_addr:
        return sizes.version < 3 ? sizes.address : sizes.offset;
    case DW_FORM_strp:
    case DW_FORM_line_strp:
    case DW_FORM_strp_sup:
    case DW_FORM_sec_offset:
    case DW_FORM_GNU_ref_alt:
    case DW_FORM_GNU_strp_alt:
        return sizes.offset;
    case DW_FORM_string:
    case DW_FORM_block:
    case DW_FORM_block1:
    case DW_FORM_block2:
    case DW_FORM_block4:
    case DW_FORM_exprloc:
    case DW_FORM_sdata:
    case DW_FORM_udata:
    case DW_FORM_ref_udata:
    case DW_FORM_strx:
    case DW_FORM_addrx:
    case DW_FORM_loclistx:
    case DW_FORM_rnglistx:
    case DW_FORM_GNU_addr_index:
    case DW_FORM_GNU_str_index:
    case DW_FORM_indirect:
        return DWARF_VARIES;
    default:
        return DWARF_UNKNOWN;
    }
}

/* The form that the value itself names, which is neither another such one nor in the table. */
static bool skip_indirect(struct dwarf_cursor *c, struct dwarf_sizes sizes) {
    uint64_t form = dwarf_uleb(c);
    if (form == DW_FORM_indirect || form == DW_FORM_implicit_const || form > UINT32_MAX)
        return false;
    const struct dwarf_spec spec = {.form = (uint32_t)form,
                                    .size = form_size((uint32_t)form, sizes)};
    return dwarf_skip(c, &spec, sizes);
}

bool dwarf_skip_varying(struct dwarf_cursor *c, uint32_t form, struct dwarf_sizes sizes) {
    switch (form) {
    case DW_FORM_string:
        dwarf_string(c);
        break;
    case DW_FORM_block1:
        dwarf_bytes(c, dwarf_u8(c));
        break;
    case DW_FORM_block2:
        dwarf_bytes(c, dwarf_u16(c));
        break;
    case DW_FORM_block4:
        dwarf_bytes(c, dwarf_u32(c));
        break;
    case DW_FORM_block:
    case DW_FORM_exprloc:
        dwarf_bytes(c, dwarf_uleb(c));
        break;
    case DW_FORM_indirect:
        return skip_indirect(c, sizes);
    default: /* a LEB128, signed or not */
        if (form_size(form, sizes) == DWARF_UNKNOWN) return false;
        dwarf_uleb(c);
    }
    return !c->failed;
}

/* ---- the table ---- */

static bool refers_out(const struct dwarf_spec *s) {
    if (s->code != DW_AT_abstract_origin && s->code != DW_AT_specification) return false;
    return s->form == DW_FORM_ref_addr || s->form == DW_FORM_ref_sig8 ||
           s->form == DW_FORM_indirect;
}

static void add_spec(struct dwarf_abbrevs *t, struct dwarf_abbrev *a, struct dwarf_spec spec) {
    if (spec.size == DWARF_UNKNOWN) a->is_known = false;
    if (spec.code == DW_AT_sibling) a->sibling = a->size;
    t->refers_out |= refers_out(&spec);
    a->size = a->size < 0 || spec.size < 0 ? DWARF_VARIES : a->size + spec.size;
    a->n_specs++;
    PP_PUSH(&t->arena, t->specs, t->n_specs, t->cap_specs, spec);
}

/* False at the end of an abbreviation. */
static bool read_spec(struct dwarf_cursor *c, struct dwarf_sizes sizes, struct dwarf_spec *ret) {
    uint64_t code = dwarf_uleb(c), form = dwarf_uleb(c);
    if (c->failed || (code == 0 && form == 0)) return false;
    *ret = (struct dwarf_spec){.code = code > UINT32_MAX ? UINT32_MAX : (uint32_t)code,
                               .form = form > UINT32_MAX ? UINT32_MAX : (uint32_t)form};
    ret->size = form_size(ret->form, sizes);
    if (ret->form == DW_FORM_implicit_const) {
        ret->constant = c->at;
        dwarf_sleb(c);
    }
    return !c->failed;
}

static bool read_abbrev(struct dwarf_abbrevs *t, struct dwarf_cursor *c) {
    struct dwarf_abbrev a = {.code = dwarf_uleb(c), .is_known = true, .sibling = DWARF_UNKNOWN};
    if (a.code == 0) return false;
    uint64_t tag = dwarf_uleb(c);
    a.tag = tag > UINT32_MAX ? UINT32_MAX : (uint32_t)tag;
    a.has_children = dwarf_u8(c) != 0;
    a.first_spec = t->n_specs;
    struct dwarf_spec spec;
    while (a.n_specs < UINT16_MAX && read_spec(c, t->sizes, &spec))
        add_spec(t, &a, spec);
    if (a.n_specs == UINT16_MAX || t->n_specs > MOST_SPECS || t->n > MOST_SPECS) c->failed = true;
    if (!c->failed) PP_PUSH(&t->arena, t->at, t->n, t->cap, a);
    return !c->failed;
}

static int by_code(const void *left, const void *right, void *user) {
    const struct dwarf_abbrev *a = left, *b = right;
    (void)user;
    return (a->code > b->code) - (a->code < b->code);
}

void dwarf_abbrevs_close(struct dwarf_abbrevs *table) {
    pp_arena_done(&table->arena);
    *table = (struct dwarf_abbrevs){0};
}

bool dwarf_abbrevs_open(struct dwarf_abbrevs *table, struct dwarf_cursor from, uint64_t offset,
                        struct dwarf_sizes sizes, uint64_t *ret_bytes) {
    *ret_bytes = 0;
    if (table->is_open && table->offset == offset && !memcmp(&table->sizes, &sizes, sizeof sizes))
        return table->n > 0;
    dwarf_abbrevs_close(table);
    *table = (struct dwarf_abbrevs){.offset = offset, .sizes = sizes, .is_open = true};
    struct dwarf_cursor c = from;
    while (read_abbrev(table, &c))
        continue;
    *ret_bytes = (uint64_t)(c.at - from.at);
    if (c.failed) table->n = 0;
    sort_stable(table->at, table->n, sizeof *table->at, by_code, NULL);
    return table->n > 0;
}

static int compare_code(const void *key, const void *at) {
    uint64_t code = *(const uint64_t *)key, other = ((const struct dwarf_abbrev *)at)->code;
    return (code > other) - (code < other);
}

const struct dwarf_abbrev *dwarf_abbrevs_find(const struct dwarf_abbrevs *table, uint64_t code) {
    if (code - 1 < table->n && table->at[code - 1].code == code) return &table->at[code - 1];
    if (table->n == 0) return NULL;
    return bsearch(&code, table->at, table->n, sizeof *table->at, compare_code);
}
