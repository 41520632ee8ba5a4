/* Aligns columns as Go's text/tabwriter does with right alignment and a padding of one blank. A
 * cell ends with a tab (or VT); what follows the last one in a line is not aligned. A column is a
 * run of lines that have that cell. FF ends a line and all columns; bytes between two 0xff are
 * text. */
#ifndef REPORT_TABWRITER_H
#define REPORT_TABWRITER_H

#include "base/out.h"

void tabwriter_put(struct out *o, struct pp_str text);

#endif
