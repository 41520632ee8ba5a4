#include "base/library.h"

#include "base/scope.h"

#include <dlfcn.h>
#include <link.h>
#include <string.h>

void *library_open(const char *file) {
    if (!scope_may(SCOPE_LIBRARIES)) return NULL;
    return dlopen(file, RTLD_NOW | RTLD_LOCAL);
}

bool library_is_open(const char *file) {
    void *library = dlopen(file, RTLD_NOW | RTLD_NOLOAD);
    if (library) dlclose(library); /* it stays for whoever opened it */
    return library;
}

const char *library_path(void *library) {
    struct link_map *map;
    return dlinfo(library, RTLD_DI_LINKMAP, &map) == 0 ? map->l_name : "";
}

bool library_find(void *library, const char *name, void *ret_function) {
    void *at = dlsym(library, name);
    memcpy(ret_function, &at, sizeof at);
    return at;
}
