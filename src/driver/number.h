/* Numbers as Go's flag package reads them. False, and nothing set, for anything else. */
#ifndef DRIVER_NUMBER_H
#define DRIVER_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

/* 1, t, T, true, True, TRUE and their opposites. */
bool number_bool(const char *text, bool *ret_v);

bool number_real(const char *text, double *ret_v);

/* A size in bytes with an optional unit: 64mb, 8gb. */
bool number_size(const char *text, uint64_t *ret_bytes);

#endif
