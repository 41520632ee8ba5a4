#include "report/encode/columns.h"

#include "report/encode/cells.h"

const struct pp_cell *row_cell(const struct pp_table *head, const struct pp_cell *cells,
                               const char *column) {
    for (size_t i = 0; i < head->n_columns; i++)
        if (!strcmp(head->columns[i], column))
            return cells[i].kind == PP_CELL_NULL ? NULL : &cells[i];
    return NULL;
}

const struct pp_cell *head_cell(const struct pp_table *head, const char *name) {
    for (size_t i = 0; i < head->n_fields; i++)
        if (!head->fields[i].group && !strcmp(head->fields[i].name, name))
            return head->fields[i].value.kind == PP_CELL_NULL ? NULL : &head->fields[i].value;
    return NULL;
}

enum row_verdict row_verdict(const struct pp_table *head, const struct pp_cell *cells) {
    static const struct {
        const char *name;
        enum row_verdict verdict;
    } verdicts[] = {
        {"broken", ROW_BAD},
        {"improved", ROW_IMPROVED},
        {"unsure", ROW_UNSURE},
        {"cannot compare", ROW_ERROR},
    };
    const struct pp_cell *c = row_cell(head, cells, "verdict");
    if (!c) return ROW_PLAIN;
    for (size_t i = 0; i < sizeof verdicts / sizeof *verdicts; i++)
        if (pp_str_eq(c->text, pp_str_from(verdicts[i].name))) return verdicts[i].verdict;
    return ROW_GOOD;
}

void row_name(struct out *out, const struct pp_table *head, const struct pp_cell *cells) {
    const struct pp_cell *rule = row_cell(head, cells, "rule");
    const struct pp_cell *function = row_cell(head, cells, "function");
    if (rule) cell_plain(out, rule);
    if (rule && function) OUT_LIT(out, ": ");
    if (function) cell_plain(out, function);
    for (size_t i = 0; !rule && !function && i < head->n_columns; i++) {
        if (cells[i].kind != PP_CELL_TEXT) continue;
        cell_plain(out, &cells[i]);
        return;
    }
}

void row_message(struct out *out, const struct pp_table *head, const struct pp_cell *cells) {
    const struct pp_cell *message = row_cell(head, cells, "message");
    if (message) {
        cell_plain(out, message);
        return;
    }
    for (size_t i = 0; i < head->n_columns; i++) {
        if (i) out_char(out, ' ');
        out_text0(out, head->columns[i]);
        out_char(out, '=');
        cell_plain(out, &cells[i]);
    }
}
