#include "profile/decode/decode.h"
#include "profile/decode/kept_labels.h"

#include "test.h"

#include <dirent.h>
#include <stdio.h>

static struct kept_labels *decode(const char *path, bool later, struct pp_profile *ret_profile,
                                  struct pp_arena *arena) {
    struct input in;
    struct pp_error err = {0};
    assert_true(input_open_file(&in, path, NULL, &err));
    in.labels_later = in.units_only = later;
    if (!profile_decode(&in, ret_profile, arena, &err)) fail_msg("%s: %s", path, err.text);
    struct kept_labels *kept = in.kept;
    input_close(&in);
    return kept;
}

static bool has_labels(const struct pp_profile *p) {
    for (uint32_t i = 0; i < p->n_samples; i++)
        if (pp_labels_of(p, i)) return true;
    return false;
}

/* The same sets at the same positions. */
static void check_same_labels(const struct pp_profile *a, const struct pp_profile *b) {
    assert_int_equal(a->n_label_sets, b->n_label_sets);
    assert_int_equal(a->n_labels, b->n_labels);
    assert_int_equal(a->n_samples, b->n_samples);
    for (uint32_t i = 0; i < a->n_labels; i++) {
        assert_int_equal(a->labels[i].key, b->labels[i].key);
        assert_int_equal(a->labels[i].text, b->labels[i].text);
        assert_int_equal(a->labels[i].num, b->labels[i].num);
    }
    for (uint32_t i = 0; i < a->n_label_sets; i++) {
        assert_int_equal(a->label_sets[i].first, b->label_sets[i].first);
        assert_int_equal(a->label_sets[i].n_text, b->label_sets[i].n_text);
        assert_int_equal(a->label_sets[i].n_num, b->label_sets[i].n_num);
    }
    for (uint32_t i = 0; i < a->n_samples; i++)
        assert_int_equal(pp_labels_of(a, i), pp_labels_of(b, i));
}

/* The sums of samples are the same where their sets are. */
static void check_sums(const struct kept_labels *kept, const struct pp_profile *lean,
                       const struct pp_profile *whole, struct pp_arena *arena) {
    const struct known_sums *sums = kept_labels_sums(kept, lean, arena);
    for (uint32_t i = 0; i < whole->n_samples; i++)
        for (uint32_t j = 0; j <= i && j < 100; j++)
            assert_int_equal(sums[i].a == sums[j].a && sums[i].b == sums[j].b,
                             pp_labels_of(whole, i) == pp_labels_of(whole, j));
}

/* All profiles of a folder; how many of them have labels. */
static unsigned check_folder(const char *folder) {
    unsigned n = 0;
    DIR *d = opendir(folder);
    assert_non_null(d);
    for (struct dirent *e; (e = readdir(d));) {
        char path[500];
        if (!strstr(e->d_name, ".pb")) continue;
        snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
        struct pp_arena arena = {0};
        struct pp_profile at_once, lean;
        assert_null(decode(path, false, &at_once, &arena));
        const struct kept_labels *kept = decode(path, true, &lean, &arena);
        if (has_labels(&at_once) && !kept) fail_msg("%s: nothing was kept", path);
        if (kept) {
            struct pp_profile whole = kept_labels_restore(kept, &lean, &arena);
            check_same_labels(&whole, &at_once);
            if (kept_labels_have_sums(kept)) check_sums(kept, &lean, &whole, &arena);
            n += has_labels(&whole);
        }
        pp_arena_done(&arena);
    }
    closedir(d);
    return n;
}

static void are_those_that_come_at_once(void **state) {
    (void)state;
    assert_true(check_folder(FIXTURES "/made") > 10);
    assert_true(check_folder(FIXTURES "/go") > 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(are_those_that_come_at_once)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
