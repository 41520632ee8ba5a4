/* Named settings of the page, in the file that pprof keeps them in: both read what the other
 * wrote. */
#ifndef PAGE_CONFIGS_H
#define PAGE_CONFIGS_H

#include "base/json.h"
#include "page/answer.h"
#include "page/params.h"

/* "configs":[{"name":..., "params":{...}}]: what of each differs from the defaults, as an address
 * has it. A file that is not there, or can't be read, holds none. */
void configs_put(struct json *j, const struct page_world *w, struct pp_arena *arena);

/* Keeps what the address says under its parameter `config`, or forgets it. */
bool configs_save(const struct page_world *w, const struct params *p, struct pp_arena *arena,
                  struct pp_error *err);
bool configs_delete(const struct page_world *w, const struct params *p, struct pp_arena *arena,
                    struct pp_error *err);

#endif
