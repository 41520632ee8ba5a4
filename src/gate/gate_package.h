/* The package of a function, from its name alone. */
#ifndef GATE_PACKAGE_H
#define GATE_PACKAGE_H

#include "cpprof/str.h"

/* "encoding/json" of "encoding/json.(*Decoder).Decode"; "ns::type" of "ns::type::f<int>(x::y)"; ""
 * where there is none. */
struct pp_str gate_package(struct pp_str function);

#endif
