/* Text in HTML: markup is escaped, and what would not be shown as it is (see safe.h) is written
 * out. */
#ifndef BASE_HTML_H
#define BASE_HTML_H

#include "base/out.h"

/* For elements and for attributes in double quotes. */
void html_put(struct out *o, struct pp_str text);

#endif
