/* C++ and Rust names for people, as google/pprof shows them. */
#ifndef SYMBOL_DEMANGLE_H
#define SYMBOL_DEMANGLE_H

#include "base/arena.h"
#include "cpprof/str.h"

enum demangle_mode {
    DEMANGLE_DEFAULT,   /* no parameters, no template arguments, no return type */
    DEMANGLE_TEMPLATES, /* no parameters, no return type */
    DEMANGLE_FULL,      /* all but clone suffixes */
    DEMANGLE_NONE
};

/* The name of a function whose linkage name is `system_name`. One that is no mangled name stays,
 * but if it looks like C++ that has been demangled already, the mode's parts are cut off it. */
struct pp_str demangle_function(struct pp_str system_name, enum demangle_mode mode,
                                struct pp_arena *arena);

/* The mangled name as text; false when it is none, or would be absurdly long. */
bool demangle_name(struct pp_str mangled, enum demangle_mode mode, struct pp_arena *arena,
                   struct pp_str *ret_name);

/* Rust's mangling before v0: _ZN...17h<hash>E. */
bool demangle_rust_legacy(struct pp_str mangled, struct pp_arena *arena, struct pp_str *ret_name);

/* C++ (Itanium ABI). */
bool demangle_cxx(const char *mangled, enum demangle_mode mode, struct pp_arena *arena,
                  struct pp_str *ret_name);

/* Rust v0: _R... */
bool demangle_rust(const char *mangled, enum demangle_mode mode, struct pp_arena *arena,
                   struct pp_str *ret_name);

/* An identifier of Rust that is not ASCII; false when it is none. */
bool demangle_punycode(struct pp_str id, struct pp_arena *arena, struct pp_str *ret_text);

#endif
