/* Bytes as a Go program's line table. They are put into the smallest ELF file that has one: two
 * bytes say how long the data of the inline trees is, then come that data and the table. */
#include "world.h"

#include "symbol/gopclntab.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT = 0x401000, TABLE = 0x500000, TREES = 0x600000, DATA = 0x700000 };
enum { N_SECTIONS = 6, N_SEGMENTS = 3, WORDS = 42, NAMES_AT = 32 };

static const char names[] = "\0.text\0.gopclntab\0.trees\0.data\0.shstrtab";

struct writer {
    uint8_t *bytes;
    Elf64_Ehdr *header;
    Elf64_Shdr *sections;
    Elf64_Phdr *segments;
    size_t at;
};

static void put(struct writer *w, Elf64_Word name, Elf64_Word type, Elf64_Xword flags,
                uint64_t addr, const void *bytes, size_t n) {
    if (n) memcpy(w->bytes + w->at, bytes, n);
    w->sections[w->header->e_shnum++] = (Elf64_Shdr){.sh_name = name,
                                                     .sh_type = type,
                                                     .sh_flags = flags,
                                                     .sh_addr = addr,
                                                     .sh_offset = w->at,
                                                     .sh_size = n};
    if (addr && type == SHT_PROGBITS)
        w->segments[w->header->e_phnum++] = (Elf64_Phdr){
            .p_type = PT_LOAD, .p_offset = w->at, .p_vaddr = addr, .p_filesz = n, .p_memsz = n};
    w->at += (n + 7) & ~(size_t)7;
}

static void put_all(struct writer *w, const uint8_t *trees, size_t n_trees, const uint8_t *table,
                    size_t n_table) {
    uint64_t words[WORDS] = {TABLE}, at_names = 0;
    if (n_table >= NAMES_AT + 8) memcpy(&at_names, table + NAMES_AT, 8);
    words[1] = TABLE + at_names;
    words[38] = words[40] = TREES;
    w->header->e_shnum = 1;
    put(w, 1, SHT_NOBITS, SHF_ALLOC | SHF_EXECINSTR, TEXT, NULL, 0);
    put(w, 7, SHT_PROGBITS, SHF_ALLOC, TABLE, table, n_table);
    put(w, 18, SHT_PROGBITS, SHF_ALLOC, TREES, trees, n_trees);
    put(w, 25, SHT_PROGBITS, SHF_ALLOC | SHF_WRITE, DATA, words, sizeof words);
    put(w, 31, SHT_STRTAB, 0, 0, names, sizeof names);
}

static bool build(struct image *ret_image, const uint8_t *data, size_t size) {
    size_t n_trees = data[0] | (size_t)data[1] << 8;
    if (n_trees > size - 2) n_trees = size - 2;
    size_t heads =
        sizeof(Elf64_Ehdr) + N_SECTIONS * sizeof(Elf64_Shdr) + N_SEGMENTS * sizeof(Elf64_Phdr);
    if (!image_reserve(ret_image, heads + size + 8 * WORDS + sizeof names + 64, NULL)) return false;
    struct writer w = {.bytes = ret_image->bytes, .at = heads};
    w.header = (Elf64_Ehdr *)(void *)w.bytes;
    w.sections = (Elf64_Shdr *)(void *)(w.bytes + sizeof *w.header);
    w.segments = (Elf64_Phdr *)(void *)(w.sections + N_SECTIONS);
    *w.header = (Elf64_Ehdr){.e_type = ET_EXEC,
                             .e_machine = EM_X86_64,
                             .e_version = EV_CURRENT,
                             .e_shoff = sizeof *w.header,
                             .e_phoff = heads - N_SEGMENTS * sizeof(Elf64_Phdr),
                             .e_ehsize = sizeof *w.header,
                             .e_phentsize = sizeof(Elf64_Phdr),
                             .e_shentsize = sizeof(Elf64_Shdr),
                             .e_shstrndx = N_SECTIONS - 1};
    memcpy(w.header->e_ident, ELFMAG, SELFMAG);
    w.header->e_ident[EI_CLASS] = ELFCLASS64;
    w.header->e_ident[EI_DATA] = ELFDATA2LSB;
    w.header->e_ident[EI_VERSION] = EV_CURRENT;
    put_all(&w, data + 2, n_trees, data + 2 + n_trees, size - 2 - n_trees);
    return true;
}

static void ask(const struct gopclntab *t) {
    struct pp_arena arena = {0};
    struct name_budget left = {.most = NAME_BYTES};
    for (uint64_t i = 0; i < 64; i++) {
        struct lookup l = {.address = t->text + (i < 48 ? i : i * i)};
        gopclntab_covers(t, l.address);
        gopclntab_resolve(t, &l, &left, &arena);
        for (uint32_t k = 0; k < l.n_frames; k++) {
            touch(l.frames[k].function);
            touch(l.frames[k].file);
        }
    }
    pp_arena_done(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct pp_arena arena = {0};
    struct image image;
    struct elf_file f;
    struct gopclntab t;
    struct pp_error err;
    if (size < 2 || size > 1 << 20 || !build(&image, data, size)) return 0;
    if (!elf_file_open_image(&f, image, &arena, &err)) abort();
    if (gopclntab_open(&t, &f)) ask(&t);
    elf_file_close(&f);
    pp_arena_done(&arena);
    return 0;
}
