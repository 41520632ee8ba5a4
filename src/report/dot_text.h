/* Texts within the double quotes of the DOT language. */
#ifndef REPORT_DOT_TEXT_H
#define REPORT_DOT_TEXT_H

#include "base/out.h"

/* As it is to be read: quotes and backslashes escaped, lines left-justified. */
void put_dot_text(struct out *o, struct pp_str s);

/* As it stands, escapes and all; changed only where it would end the quotes. The reference writes
 * titles and tags so. */
void put_dot_raw(struct out *o, struct pp_str s);

/* A color between green (-1), grey (0) and red (1); light for a background. */
void put_dot_color(struct out *o, double score, bool background);

#endif
