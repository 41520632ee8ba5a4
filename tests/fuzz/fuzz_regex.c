/* A pattern and a text, separated by a NUL. */
#include "world.h"

#include "base/regex.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const uint8_t *split = size ? memchr(data, 0, size) : NULL;
    size_t n = split ? (size_t)(split - data) : size;
    struct pp_error err = {0};
    struct regex *rx = regex_compile((struct pp_str){(const char *)data, n}, &err);
    if (rx && split) regex_matches(rx, (struct pp_str){(const char *)split + 1, size - n - 1});
    regex_free(rx);
    return 0;
}
