#include "base/library.h"

#include <dlfcn.h>
#include <string.h>

void *library_open(const char *file) {
    return dlopen(file, RTLD_NOW | RTLD_LOCAL);
}

bool library_find(void *library, const char *name, void *ret_function) {
    void *at = dlsym(library, name);
    memcpy(ret_function, &at, sizeof at);
    return at;
}
