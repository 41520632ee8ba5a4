/* Which reports, encoders and decoders there are: the built-in ones, and what plug-ins added. */
#ifndef QUERY_CATALOG_H
#define QUERY_CATALOG_H

#include "profile/decode/decode.h"
#include "report/report.h"

struct catalog {
    const struct report_format **reports; /* in the order of the help */
    const struct encoder **encoders;
    const struct profile_decoder **decoders; /* added ones only, which are asked first */
    size_t n_reports, n_encoders, n_decoders;
    size_t cap_reports, cap_encoders, cap_decoders;
    struct pp_arena *arena;
};

/* The built-in ones. Its tables live in `arena`. */
void catalog_init(struct catalog *c, struct pp_arena *arena);

/* By name or alias; NULL if there is none. */
const struct report_format *catalog_report(const struct catalog *c, struct pp_str name);
const struct encoder *catalog_encoder(const struct catalog *c, struct pp_str name);

/* What is added is referred to. A name that is taken, or is none, is an error. */
bool catalog_add_report(struct catalog *c, const struct report_format *report,
                        struct pp_error *err);
bool catalog_add_encoder(struct catalog *c, const struct encoder *encoder, struct pp_error *err);
bool catalog_add_decoder(struct catalog *c, const struct profile_decoder *decoder,
                         struct pp_error *err);

#endif
