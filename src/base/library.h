/* Shared libraries that few runs need: loaded when there is something for them to do. They stay
 * loaded until the program ends. */
#ifndef BASE_LIBRARY_H
#define BASE_LIBRARY_H

#include <stdbool.h>

/* `file`: "libcurl.so.4". NULL where the system has none. */
void *library_open(const char *file);

/* Whether it was opened before. */
bool library_is_open(const char *file);

/* Looks a function up; ret_function points to a pointer to a function of its type. */
bool library_find(void *library, const char *name, void *ret_function);

#endif
