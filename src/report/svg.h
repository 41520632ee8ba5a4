/* What graphviz draws, made fit for a browser. */
#ifndef REPORT_SVG_H
#define REPORT_SVG_H

#include "base/out.h"

/* Writes the picture so that it fills the window, is moved by dragging, scaled by the wheel and put
 * back by a double click. Text that is no picture by graphviz is written as it is. */
void svg_put(struct out *o, struct pp_str svg);

#endif
