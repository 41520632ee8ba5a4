/* Reads hexadecimal object addresses, a line each, and prints what the symbol layer knows about
 * them: per address a line "0xADDRESS", then per frame "function<TAB>file:line:column". For
 * comparing with llvm-symbolizer; see symbolize.py. INDEX_DIR: the folder of an index to use.
 * MOST_TREES: so many bytes of packed trees are unpacked as a whole. */
#include "base/parallel.h"
#include "symbol/batch.h"
#include "symbol/index_store.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static int by_address(const void *a, const void *b) {
    const struct lookup *x = a, *y = b;
    return (x->address > y->address) - (x->address < y->address);
}

static void print(const struct lookup *l) {
    printf("0x%" PRIx64 "\n", l->address);
    for (uint32_t i = 0; i < l->n_frames; i++) {
        const struct frame *f = &l->frames[i];
        printf("%.*s\t%.*s:%" PRId64 ":%" PRId64 "\t%" PRId64 "\n", PP_STR_ARG(f->function),
               PP_STR_ARG(f->file), f->line, f->column, f->start_line);
    }
}

int main(int argc, char **argv) {
    struct pp_arena a = {0}, arenas[PARALLEL_MAX + 1] = {0};
    struct object o;
    struct pp_error err;
    struct pp_str dirs[] = {PP_STR("/usr/lib/debug"), pp_str_from(getenv("DEBUG_DIR"))};
    if (argc < 2 || !object_open(&o, pp_str_from(argv[1]), &err)) {
        fprintf(stderr, "%s\n", argc < 2 ? "usage: symbolize_tool BINARY <ADDRESSES" : err.text);
        return 2;
    }
    if (getenv("MOST_TREES")) o.most_trees = strtoull(getenv("MOST_TREES"), NULL, 10);
    struct batch_object b = {.object = &o};
    size_t cap = 0;
    char line[64];
    while (fgets(line, sizeof line, stdin)) {
        struct lookup l = {.address = strtoull(line, NULL, 16)};
        PP_PUSH(&a, b.lookups, b.n, cap, l);
    }
    qsort(b.lookups, b.n, sizeof *b.lookups, by_address);
    const struct index_store index = {.dir = pp_str_from(getenv("INDEX_DIR")), .is_named = true};
    struct batch_options opt = {.dirs = {.at = dirs, .n = dirs[1].len ? 2 : 1},
                                .index = &index,
                                .threads = argc > 2 ? (unsigned)atoi(argv[2]) : 0};
    batch_run(&b, 1, &opt, arenas);
    for (size_t i = 0; i < b.n; i++)
        print(&b.lookups[i]);
    for (size_t i = 0; i < o.search.n_looked; i++)
        fprintf(stderr, "%.*s\n", PP_STR_ARG(o.search.looked[i]));
    for (size_t i = 0; i <= PARALLEL_MAX; i++)
        pp_arena_done(&arenas[i]);
    object_close(&o);
    pp_arena_done(&a);
    return 0;
}
