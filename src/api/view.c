/* Looking at a profile: nothing is allocated, so nothing can fail but a position. */
#include "cpprof/profile.h"

#include "api/api.h"
#include "query/query.h"

void pp_profile_get_info(const struct pp_profile *p, struct pp_profile_info *ret_info) {
    const struct pp_profile_info info = {
        .size = ret_info->size,
        .n_sample_types = p->n_types,
        .n_samples = p->n_samples,
        .n_locations = p->n_locations,
        .n_functions = p->n_functions,
        .n_mappings = p->n_mappings,
        .n_comments = p->n_comments,
        .default_sample_type = query_default_type(p),
        .period_type = pp_string(p, p->period_type.type),
        .period_unit = pp_string(p, p->period_type.unit),
        .period = p->period,
        .time_nanos = p->time_nanos,
        .duration_nanos = p->duration_nanos,
    };
    memcpy(ret_info, &info, info.size < sizeof info ? info.size : sizeof info);
}

bool pp_profile_sample_type(const struct pp_profile *p, uint32_t at,
                            struct pp_type_view *ret_type) {
    if (at >= p->n_types) return false;
    ret_type->type = pp_string(p, p->sample_types[at].type);
    ret_type->unit = pp_string(p, p->sample_types[at].unit);
    return true;
}

bool pp_profile_comment(const struct pp_profile *p, uint32_t at, struct pp_str *ret_text) {
    if (at >= p->n_comments) return false;
    *ret_text = pp_string(p, p->comments[at]);
    return true;
}

bool pp_profile_sample(const struct pp_profile *p, uint32_t at, struct pp_sample_view *ret_sample) {
    if (at >= p->n_samples) return false;
    struct pp_label_set set = p->label_sets[p->sample_labels[at]];
    *ret_sample = (struct pp_sample_view){
        .values = p->values + (size_t)at * p->n_types,
        .depth = p->stacks[p->sample_stack[at]].len,
        .n_labels = set.n_text + set.n_num,
    };
    return true;
}

bool pp_profile_sample_location(const struct pp_profile *p, uint32_t sample, uint32_t depth,
                                uint32_t *ret_location) {
    if (sample >= p->n_samples) return false;
    struct pp_stack stack = p->stacks[p->sample_stack[sample]];
    if (depth >= stack.len) return false;
    *ret_location = pp_frame(p, stack.first + depth);
    return true;
}

bool pp_profile_sample_label(const struct pp_profile *p, uint32_t sample, uint32_t at,
                             struct pp_label_view *ret_label) {
    if (sample >= p->n_samples) return false;
    struct pp_label_set set = p->label_sets[p->sample_labels[sample]];
    if (at >= set.n_text + set.n_num) return false;
    const struct pp_label *l = &p->labels[set.first + at];
    bool is_num = at >= set.n_text;
    struct pp_str text = l->text == PP_NONE ? PP_STR("") : pp_string(p, l->text);
    *ret_label = (struct pp_label_view){
        .key = pp_string(p, l->key),
        .text = is_num ? PP_STR("") : text,
        .unit = is_num ? text : PP_STR(""),
        .num = is_num ? l->num : 0,
        .is_num = is_num,
    };
    return true;
}

bool pp_profile_location(const struct pp_profile *p, uint32_t at,
                         struct pp_location_view *ret_location) {
    if (at >= p->n_locations) return false;
    const struct pp_location *l = &p->locations[at];
    *ret_location =
        (struct pp_location_view){pp_id(p->location_ids, at), l->address, l->mapping, l->n_lines};
    return true;
}

bool pp_profile_location_line(const struct pp_profile *p, uint32_t location, uint32_t at,
                              struct pp_line_view *ret_line) {
    if (location >= p->n_locations || at >= p->locations[location].n_lines) return false;
    const struct pp_line line = pp_line_at(p, p->locations[location].first_line + at);
    *ret_line = (struct pp_line_view){line.function, line.line, line.column};
    return true;
}

bool pp_profile_function(const struct pp_profile *p, uint32_t at,
                         struct pp_function_view *ret_function) {
    if (at >= p->n_functions) return false;
    const struct pp_function *f = &p->functions[at];
    *ret_function = (struct pp_function_view){
        .id = pp_id(p->function_ids, at),
        .name = pp_string(p, f->name),
        .system_name = pp_string(p, f->system_name),
        .filename = pp_string(p, f->filename),
        .start_line = f->start_line,
    };
    return true;
}

bool pp_profile_mapping(const struct pp_profile *p, uint32_t at,
                        struct pp_mapping_view *ret_mapping) {
    if (at >= p->n_mappings) return false;
    const struct pp_mapping *m = &p->mappings[at];
    *ret_mapping = (struct pp_mapping_view){
        .id = m->id,
        .start = m->start,
        .limit = m->limit,
        .offset = m->offset,
        .file = pp_string(p, m->file),
        .build_id = pp_string(p, m->build_id),
    };
    return true;
}
