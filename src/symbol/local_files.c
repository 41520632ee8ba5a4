/* See local_files.h. */
#include "symbol/local_files.h"

#include "base/path.h"
#include "symbol/image.h"

static bool open_in_dirs(const struct local_files *f, struct pp_str path, struct image *ret_image) {
    struct pp_arena scratch = {0};
    bool ok = false;
    for (size_t i = 0; i < f->n_dirs && !ok; i++) {
        struct pp_str at = path_join(f->dirs[i], path_base(path), &scratch);
        ok = f->dirs[i].len && image_open(ret_image, pp_arena_copy(&scratch, at).data, NULL);
    }
    pp_arena_done(&scratch);
    return ok;
}

static void *open_file(const struct named_files *files, struct pp_str path,
                       struct pp_str *ret_bytes) {
    const struct local_files *f = (const struct local_files *)files; /* its first member */
    struct pp_arena scratch = {0};
    struct image image;
    const char *text = pp_arena_copy(&scratch, path).data;
    bool ok = path.len && path.data[0] == '/' && !memchr(path.data, 0, path.len);
    ok = ok && (image_open_own(&image, text, NULL) || open_in_dirs(f, path, &image));
    pp_arena_done(&scratch);
    if (!ok) return NULL;
    struct image *opened = pp_malloc(sizeof *opened);
    *opened = image;
    *ret_bytes = (struct pp_str){(const char *)image.bytes, image.size};
    return opened;
}

static void close_file(void *file) {
    image_close(file);
    pp_free(file);
}

void local_files_init(struct local_files *ret_f, const struct pp_str *dirs, size_t n_dirs) {
    *ret_f = (struct local_files){{open_file, close_file}, dirs, n_dirs};
}
