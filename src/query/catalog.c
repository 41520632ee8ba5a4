#include "query/catalog.h"

#include "base/text.h"

void catalog_init(struct catalog *c, struct pp_arena *arena) {
    *c = (struct catalog){.arena = arena};
    for (size_t i = 0; report_table[i]; i++)
        PP_PUSH(arena, c->reports, c->n_reports, c->cap_reports, report_table[i]);
    for (size_t i = 0; encoder_table[i]; i++)
        PP_PUSH(arena, c->encoders, c->n_encoders, c->cap_encoders, encoder_table[i]);
}

static bool is_named(const char *name, struct pp_str wanted) {
    return name && pp_str_eq(pp_str_from(name), wanted);
}

const struct report_format *catalog_report(const struct catalog *c, struct pp_str name) {
    for (size_t i = 0; i < c->n_reports; i++)
        if (is_named(c->reports[i]->name, name) || is_named(c->reports[i]->alias, name))
            return c->reports[i];
    return NULL;
}

const struct encoder *catalog_encoder(const struct catalog *c, struct pp_str name) {
    for (size_t i = 0; i < c->n_encoders; i++)
        if (is_named(c->encoders[i]->name, name)) return c->encoders[i];
    return NULL;
}

/* A name becomes a flag: a letter, then letters, digits and "_". */
static bool check_name(const struct catalog *c, const char *name, const char *what,
                       struct pp_error *err) {
    struct pp_str s = pp_str_from(name);
    bool good = s.len > 0 && s.len <= 40 && text_is_letter(s.data[0]);
    for (size_t i = 1; i < s.len && good; i++)
        good = text_is_letter(s.data[i]) || text_is_digit(s.data[i]) || s.data[i] == '_';
    if (!good) return pp_fail(err, PP_E_FORMAT, "the %s has no proper name", what);
    if (catalog_report(c, s) || catalog_encoder(c, s))
        return pp_fail(err, PP_E_FORMAT, "the name \"%s\" is taken", name);
    return true;
}

bool catalog_add_report(struct catalog *c, const struct report_format *report,
                        struct pp_error *err) {
    if (!check_name(c, report->name, "report", err)) return false;
    PP_PUSH(c->arena, c->reports, c->n_reports, c->cap_reports, report);
    return true;
}

bool catalog_add_encoder(struct catalog *c, const struct encoder *encoder, struct pp_error *err) {
    if (!check_name(c, encoder->name, "encoder", err)) return false;
    PP_PUSH(c->arena, c->encoders, c->n_encoders, c->cap_encoders, encoder);
    return true;
}

bool catalog_add_decoder(struct catalog *c, const struct profile_decoder *decoder,
                         struct pp_error *err) {
    if (!decoder->name || !*decoder->name)
        return pp_fail(err, PP_E_FORMAT, "the decoder has no name");
    PP_PUSH(c->arena, c->decoders, c->n_decoders, c->cap_decoders, decoder);
    return true;
}
