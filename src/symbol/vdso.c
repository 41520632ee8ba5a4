/* See vdso.h. */
#include "symbol/vdso.h"

#include <link.h>
#include <sys/auxv.h>

enum { MOST_BYTES = 1 << 20 };

/* It is mapped as it would lie in a file, whose end are the headers of its sections. */
static size_t size_of(const ElfW(Ehdr) * head) {
    uint64_t size = head->e_shoff + (uint64_t)head->e_shnum * head->e_shentsize;
    return head->e_shoff && size <= MOST_BYTES ? (size_t)size : 0;
}

bool vdso_open(struct elf_file *ret_file, struct pp_arena *arena) {
    const ElfW(Ehdr) *head = (const void *)getauxval(AT_SYSINFO_EHDR);
    struct image image;
    size_t size = head ? size_of(head) : 0;
    if (size == 0 || !image_reserve(&image, size, NULL)) return false;
    memcpy(image.bytes, head, size);
    return elf_file_open_image(ret_file, image, arena, NULL);
}
