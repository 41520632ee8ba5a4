/* Pieces of Markdown (GitHub's) with texts of strangers in them. */
#ifndef REPORT_MARKDOWN_TEXT_H
#define REPORT_MARKDOWN_TEXT_H

#include "base/out.h"

enum { MARKDOWN_BYTES = 60000 }; /* a comment holds 65536 characters */

/* As a code span; of more than `longest` characters the middle is left out. */
void markdown_code(struct out *o, struct pp_str s, size_t longest);

/* The same in a table, whose cells end at a bar even within code. */
void markdown_cell(struct out *o, struct pp_str s, size_t longest);

/* The last two names of a path, in a table. */
void markdown_path(struct out *o, struct pp_str path, size_t longest);

#endif
