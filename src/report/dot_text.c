#include "report/dot_text.h"

#include <math.h>

/* graphviz takes a NUL for the end of everything. */
static void put_byte(struct out *o, char c) {
    if (c)
        out_char(o, c);
    else
        OUT_LIT(o, "\ufffd");
}

void put_dot_text(struct out *o, struct pp_str s) {
    for (size_t i = 0; i < s.len; i++) {
        char c = s.data[i];
        if (c == '\n') {
            OUT_LIT(o, "\\l");
            continue;
        }
        if (c == '\\' || c == '"') out_char(o, '\\');
        put_byte(o, c);
    }
}

void put_dot_raw(struct out *o, struct pp_str s) {
    for (size_t i = 0; i < s.len; i++) {
        char c = s.data[i];
        if (c == '"') out_char(o, '\\');
        put_byte(o, c);
        if (c != '\\') continue;
        put_byte(o, i + 1 < s.len ? s.data[i + 1] : '\\');
        i++;
    }
}

/* What Go makes of a float on amd64 when it converts it to a byte. */
static unsigned to_byte(double v) {
    return isnan(v) ? 0 : (unsigned)(int)v & 0xff;
}

void put_dot_color(struct out *o, double score, bool background) {
    double saturation = background ? 0.1 : 1.0, value = background ? 0.93 : 0.7;
    const double shift = 0.7; /* moves scores away from grey */
    if (score > 1) score = 1;
    if (score < -1) score = -1;
    if (fabs(score) < 0.2) saturation *= fabs(score) / 0.2;
    if (score > 0) score = pow(score, 1 - shift);
    if (score < 0) score = -pow(-score, 1 - shift);
    double red = value, green = value;
    if (score < 0)
        red = value * (1 + saturation * score);
    else
        green = value * (1 - saturation * score);
    double blue = value * (1 - saturation);
    out_printf(o, "#%02x%02x%02x", to_byte(red * 255), to_byte(green * 255), to_byte(blue * 255));
}
