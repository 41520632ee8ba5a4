/* See elf_file.h. The only file that knows libelf's calls. */
#include "symbol/elf_file.h"

#include "base/inflate.h"
#include "symbol/elf_notes.h"
#include "symbol/other_file.h"

#include <endian.h>
#include <gelf.h>
#include <pthread.h>

static pthread_once_t version_once = PTHREAD_ONCE_INIT;

static void set_version(void) {
    elf_version(EV_CURRENT);
}

uint16_t elf_u16(const struct elf_file *f, const void *at) {
    uint16_t v;
    memcpy(&v, at, sizeof v);
    return f->big_endian ? be16toh(v) : le16toh(v);
}

uint32_t elf_u32(const struct elf_file *f, const void *at) {
    uint32_t v;
    memcpy(&v, at, sizeof v);
    return f->big_endian ? be32toh(v) : le32toh(v);
}

uint64_t elf_u64(const struct elf_file *f, const void *at) {
    uint64_t v;
    memcpy(&v, at, sizeof v);
    return f->big_endian ? be64toh(v) : le64toh(v);
}

static struct pp_str file_range(const struct elf_file *f, uint64_t offset, uint64_t size) {
    if (offset > f->image.size || size > f->image.size - offset) return PP_STR("");
    return (struct pp_str){(const char *)f->image.bytes + offset, size};
}

static void read_segments(struct elf_file *f, struct pp_arena *arena) {
    size_t n;
    bool has_base = false;
    if (elf_getphdrnum(f->elf, &n) != 0 || n > f->image.size / sizeof(Elf32_Phdr)) return;
    f->segments = PP_NEW(arena, struct elf_segment, n);
    for (size_t i = 0; i < n; i++) {
        GElf_Phdr ph;
        if (!gelf_getphdr(f->elf, (int)i, &ph)) return;
        f->segments[f->n_segments++] = (struct elf_segment){
            ph.p_type, ph.p_flags, ph.p_offset, ph.p_vaddr, ph.p_filesz, ph.p_memsz, ph.p_align};
        if (ph.p_type == PT_LOAD && !has_base) f->load_base = ph.p_vaddr;
        has_base |= ph.p_type == PT_LOAD;
    }
}

/* What kind of compression, and how long the contents claim to be. */
void elf_section_read_packing(const struct elf_file *f, struct elf_section *s) {
    if (s->flags & SHF_COMPRESSED) {
        size_t header = f->is_64 ? sizeof(Elf64_Chdr) : sizeof(Elf32_Chdr);
        s->packing = PACKED_UNKNOWN;
        if (s->bytes.len < header) return;
        uint32_t type = elf_u32(f, s->bytes.data);
        s->unpacked_size = f->is_64 ? elf_u64(f, s->bytes.data + 8) : elf_u32(f, s->bytes.data + 4);
        if (type == ELFCOMPRESS_ZLIB) s->packing = PACKED_ZLIB;
        if (type == 2 /* ELFCOMPRESS_ZSTD */) s->packing = PACKED_ZSTD;
    } else if (pp_str_has_prefix(s->name, PP_STR(".zdebug_")) && s->bytes.len > 12 &&
               memcmp(s->bytes.data, "ZLIB", 4) == 0) {
        uint64_t size;
        memcpy(&size, s->bytes.data + 4, sizeof size);
        s->unpacked_size = be64toh(size);
        s->packing = PACKED_GNU_ZLIB;
    }
}

static void read_sections(struct elf_file *f, struct pp_arena *arena) {
    size_t n, names;
    if (elf_getshdrnum(f->elf, &n) != 0 || n > f->image.size / sizeof(Elf32_Shdr)) return;
    if (elf_getshdrstrndx(f->elf, &names) != 0) names = 0;
    f->sections = PP_NEW(arena, struct elf_section, n + 1);
    for (size_t i = 0; i < n; i++) {
        GElf_Shdr sh;
        if (!gelf_getshdr(elf_getscn(f->elf, i), &sh)) return;
        const char *name = names ? elf_strptr(f->elf, names, sh.sh_name) : NULL;
        struct elf_section *s = &f->sections[f->n_sections++];
        *s = (struct elf_section){.name = pp_str_from(name),
                                  .type = sh.sh_type,
                                  .link = sh.sh_link,
                                  .info = sh.sh_info,
                                  .flags = sh.sh_flags,
                                  .addr = sh.sh_addr,
                                  .size = sh.sh_size,
                                  .align = sh.sh_addralign};
        if (sh.sh_type == SHT_NOBITS || sh.sh_type == SHT_NULL) continue;
        s->bytes = file_range(f, sh.sh_offset, sh.sh_size);
        elf_section_read_packing(f, s);
    }
}

/* Where the sections of a relocatable file are taken to be. Code lies as the kernel lays a module's
 * out (layout_sections in kernel/module/main.c): in the file's order, aligned, without what is
 * thrown away after the start. All else is far from it. */
static void lay_out(struct elf_file *f) {
    uint64_t end = 0;
    for (uint32_t i = 1; i < f->n_sections; i++) {
        struct elf_section *s = &f->sections[i];
        s->addr = 0;
        if (!(s->flags & SHF_ALLOC)) continue;
        s->addr = (uint64_t)i << ELF_FAR_BITS;
        if (!(s->flags & SHF_EXECINSTR) || pp_str_has_prefix(s->name, PP_STR(".init"))) continue;
        uint64_t align = s->align && s->align <= 4096 ? s->align : 1;
        uint64_t at = (end + align - 1) / align * align;
        if (s->size >= (UINT64_C(1) << ELF_FAR_BITS) - at) return;
        s->addr = at;
        end = at + s->size;
    }
}

static bool read_header(struct elf_file *f, struct pp_error *err) {
    GElf_Ehdr header;
    if (elf_kind(f->elf) != ELF_K_ELF || !gelf_getehdr(f->elf, &header))
        return pp_fail(err, PP_E_FORMAT, "broken ELF header");
    f->type = header.e_type;
    f->machine = header.e_machine;
    f->is_64 = header.e_ident[EI_CLASS] == ELFCLASS64;
    f->big_endian = header.e_ident[EI_DATA] == ELFDATA2MSB;
    return true;
}

static bool open_other(struct elf_file *f, struct pp_arena *arena, struct pp_error *err) {
    static const struct other_format *const formats[] = {&macho_format, &pe_format};
    f->is_other = true;
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        if (formats[i]->is(&f->image)) return formats[i]->read(f, arena, err);
    const struct pp_str head = {(const char *)f->image.bytes, f->image.size};
    const struct inflate_kind *packed = inflate_kind_of(head);
    if (packed || pp_str_has_prefix(head, PP_STR("\xfd"
                                                 "7zXZ")))
        return pp_fail(err, PP_E_UNRECOGNIZED, "compressed by %s: unpack it",
                       packed ? packed->name : "xz");
    return pp_fail(err, PP_E_UNRECOGNIZED, "not an ELF, Mach-O or PE file");
}

bool elf_file_open_image(struct elf_file *ret_file, struct image image, struct pp_arena *arena,
                         struct pp_error *err) {
    struct elf_file f = {.image = image};
    if (image.size < SELFMAG || memcmp(image.bytes, ELFMAG, SELFMAG) != 0) {
        bool ok = open_other(&f, arena, err);
        if (ok) *ret_file = f;
        if (!ok) image_close(&f.image);
        return ok;
    }
    f.elf = elf_file_handle(&f);
    if (!f.elf || !read_header(&f, err)) {
        elf_file_close(&f);
        return pp_fail(err, PP_E_FORMAT, "broken ELF header");
    }
    read_segments(&f, arena);
    read_sections(&f, arena);
    if (f.type == ET_REL) lay_out(&f);
    f.build_id = elf_notes_build_id(&f, arena);
    *ret_file = f;
    return true;
}

bool elf_file_open(struct elf_file *ret_file, const char *path, struct pp_arena *arena,
                   struct pp_error *err) {
    struct image image;
    return image_open(&image, path, err) && elf_file_open_image(ret_file, image, arena, err);
}

void elf_file_close(struct elf_file *f) {
    if (f->elf) elf_end(f->elf);
    image_close(&f->image);
    *f = (struct elf_file){0};
}

struct Elf *elf_file_handle(const struct elf_file *f) {
    pthread_once(&version_once, set_version);
    return elf_memory((char *)f->image.bytes, f->image.size);
}

void elf_file_release(struct Elf *elf) {
    if (elf) elf_end(elf);
}

const struct elf_section *elf_file_section(const struct elf_file *f, struct pp_str name) {
    for (uint32_t i = 1; i < f->n_sections; i++)
        if (f->sections[i].bytes.len && pp_str_eq(f->sections[i].name, name))
            return &f->sections[i];
    return NULL;
}

bool elf_file_has_code(const struct elf_file *f) {
    bool any = false;
    for (uint32_t i = 1; i < f->n_sections; i++) {
        const struct elf_section *s = &f->sections[i];
        if (!(s->flags & SHF_ALLOC) || !(s->flags & SHF_EXECINSTR)) continue;
        if (s->bytes.len) return true;
        any = true;
    }
    return !any;
}

const struct elf_segment *elf_file_text_segment(const struct elf_file *f) {
    for (uint32_t i = 0; i < f->n_sections; i++) {
        if (!pp_str_eq(f->sections[i].name, PP_STR(".text"))) continue;
        uint64_t addr = f->sections[i].addr;
        for (uint32_t k = 0; k < f->n_segments; k++) {
            const struct elf_segment *s = &f->segments[k];
            if (s->type == PT_LOAD && (s->flags & PF_X) && addr >= s->vaddr &&
                addr < s->vaddr + s->memsz)
                return s;
        }
    }
    return NULL;
}

struct pp_str elf_file_at(const struct elf_file *f, uint64_t address) {
    for (uint32_t i = 0; i < f->n_segments; i++) {
        const struct elf_segment *s = &f->segments[i];
        if (s->type != PT_LOAD || address < s->vaddr || address - s->vaddr >= s->filesz) continue;
        uint64_t skip = address - s->vaddr;
        return file_range(f, s->offset + skip, s->filesz - skip);
    }
    return PP_STR("");
}

void elf_file_each_symbol(const struct elf_file *f, const struct elf_section *table,
                          bool (*see)(void *user, const struct elf_symbol *symbol), void *user) {
    for (size_t i = 0; i < f->n_other_symbols; i++)
        if (!see(user, &f->other_symbols[i])) return;
    if (f->is_other) return;
    size_t index = (size_t)(table - f->sections);
    Elf_Data *data = elf_getdata(elf_getscn(f->elf, index), NULL);
    if (!data || table->link >= f->n_sections) return;
    struct pp_str names = f->sections[table->link].bytes;
    size_t size = f->is_64 ? sizeof(Elf64_Sym) : sizeof(Elf32_Sym);
    for (size_t i = 1; i < data->d_size / size; i++) {
        GElf_Sym sym;
        if (!gelf_getsym(data, (int)i, &sym)) return;
        struct elf_symbol s = {.value = sym.st_value,
                               .size = sym.st_size,
                               .type = GELF_ST_TYPE(sym.st_info),
                               .binding = GELF_ST_BIND(sym.st_info),
                               .section = sym.st_shndx < f->n_sections ? sym.st_shndx : 0};
        if (f->type == ET_REL) s.value += f->sections[s.section].addr;
        if (sym.st_name < names.len) {
            const char *name = names.data + sym.st_name;
            s.name = (struct pp_str){name, strnlen(name, names.len - sym.st_name)};
        }
        if (!see(user, &s)) return;
    }
}

bool elf_file_link(const struct elf_file *f, struct pp_str section, struct pp_str *ret_name,
                   struct pp_str *ret_rest) {
    const struct elf_section *s = elf_file_section(f, section);
    if (!s || s->packing != PACKED_NOT) return false;
    size_t len = strnlen(s->bytes.data, s->bytes.len);
    if (len == 0 || len == s->bytes.len) return false;
    *ret_name = pp_str_slice(s->bytes, 0, len);
    *ret_rest = pp_str_slice(s->bytes, len + 1, s->bytes.len);
    return true;
}
