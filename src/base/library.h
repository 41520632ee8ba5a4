/* Shared libraries that few runs need: loaded when there is something for them to do. They stay
 * loaded until the program ends. */
#ifndef BASE_LIBRARY_H
#define BASE_LIBRARY_H

#include <stdbool.h>

/* Their files. */
#define LIBRARY_CURL        "libcurl.so.4"
#define LIBRARY_CURL_GNUTLS "libcurl-gnutls.so.4"
#define LIBRARY_DEBUGINFOD  "libdebuginfod.so.1"
#define LIBRARY_EDIT        "libedit.so.2"
#define LIBRARY_ISAL        "libisal.so.2"
#define LIBRARY_LZMA        "liblzma.so.5"
#define LIBRARY_MICROHTTPD  "libmicrohttpd.so.12"
#define LIBRARY_SQLITE      "libsqlite3.so.0"

/* NULL where the system has none. */
void *library_open(const char *file);

/* Whether it was opened before. */
bool library_is_open(const char *file);

/* Where an open one was found; lives as long as the library. */
const char *library_path(void *library);

/* Looks a function up; ret_function points to a pointer to a function of its type. */
bool library_find(void *library, const char *name, void *ret_function);

#endif
