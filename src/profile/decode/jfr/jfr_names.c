/* Names as Java's users write them. */
#include "base/text.h"
#include "profile/decode/jfr/jfr.h"

static const char *basic_name(char letter) {
    static const struct {
        char letter;
        const char *name;
    } table[] = {{'B', "byte"}, {'C', "char"}, {'D', "double"}, {'F', "float"},
                 {'I', "int"},  {'J', "long"}, {'S', "short"},  {'Z', "boolean"}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (table[i].letter == letter) return table[i].name;
    return NULL;
}

/* What the name of an array's elements is: "Ljava/lang/String;" or a letter. */
static struct pp_str element_name(struct pp_str s) {
    if (s.len > 2 && s.data[0] == 'L' && s.data[s.len - 1] == ';')
        return pp_str_slice(s, 1, s.len - 1);
    const char *basic = s.len == 1 ? basic_name(s.data[0]) : NULL;
    return basic ? pp_str_from(basic) : s;
}

/* A hidden class, of a lambda mostly, ends in its number: "/0x0000000801003000" or "/12345" as Java
 * prints it, "+0x00007f0801003000/36006" inside of newer ones, whose last part is cut off. Returns
 * where that begins, or the end. No part of a package begins with a digit. */
static size_t hidden_suffix(struct pp_str *s) {
    size_t plus = text_find(*s, PP_STR("+0x"), 0), slash = s->len;
    while (slash > 0 && s->data[slash - 1] != '/')
        slash--;
    bool numbered = slash > 0 && slash < s->len && text_is_digit(s->data[slash]);
    if (plus == SIZE_MAX) return numbered ? slash - 1 : s->len;
    if (numbered && plus < slash) s->len = slash - 1;
    return plus;
}

struct pp_str jfr_class_name(struct pp_str s, struct pp_arena *arena) {
    size_t dimensions = 0;
    while (dimensions < s.len && s.data[dimensions] == '[')
        dimensions++;
    if (dimensions) s = element_name(pp_str_slice(s, dimensions, s.len));
    size_t end = hidden_suffix(&s);
    char *name = PP_NEW(arena, char, s.len + 2 * dimensions + 1);
    for (size_t i = 0; i < s.len; i++)
        name[i] = i == end ? '/' : i < end && s.data[i] == '/' ? '.' : s.data[i];
    for (size_t i = 0; i < dimensions; i++)
        memcpy(name + s.len + 2 * i, "[]", 2);
    return (struct pp_str){name, s.len + 2 * dimensions};
}
