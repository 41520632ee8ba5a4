/* Reading a file whose name came from a stranger. */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include "base/arena.h"
#include "cpprof/error.h"
#include "cpprof/str.h"

#include <stdint.h>

enum file_kind { FILE_NONE, FILE_DIRECTORY, FILE_OTHER };

/* What lies at the path, as far as may be seen; looks, and opens nothing. */
enum file_kind file_look(struct pp_str path);

/* Opens it for reading. Only a regular file of at most `max` bytes is, and none of the file systems
 * in which the kernel talks (/proc, /sys, ...); opening never blocks. Returns the descriptor, -1 on
 * failure; the error is the reason alone. */
int file_open(const char *path, uint64_t max, uint64_t *ret_size, struct pp_error *err);

/* The same, of a file of this user's or of root's, and not by a link to one: others may write to
 * the directory, and the name may lead elsewhere whenever it is looked up. */
int file_open_own(const char *path, uint64_t max, uint64_t *ret_size, struct pp_error *err);

/* The bytes of a file that file_open opens, in `arena`. A directory reads as empty. The error is
 * the reason alone, "no such file or directory"; PP_E_NOT_FOUND when it can't be opened or read. */
bool file_read(struct pp_str path, uint64_t max, struct pp_str *ret_bytes, struct pp_arena *arena,
               struct pp_error *err);

/* The bytes of a file or a pipe that the user named. The error is the reason alone; PP_E_LIMIT when
 * there are more, or no end comes in time. */
struct file_patience {
    uint64_t max_bytes;
    int64_t ms;
};
bool file_read_within(const char *path, const struct file_patience *patience,
                      struct pp_str *ret_bytes, struct pp_arena *arena, struct pp_error *err);

/* Makes a folder and those above it, each with this mode; false with errno, and ENOTDIR where
 * something else has one of the names. */
bool file_make_folders(struct pp_str path, unsigned mode);

/* A folder to write in, which stays the same one whatever is put in its place later; links in the
 * path are followed. For the calls that take a folder's descriptor; -1, and errno. */
int file_open_folder(const char *path);

/* A file without a name in a folder, for writing: whatever ends the program, nothing is left
 * behind. -1 where the file system has none, or no name could be given to it later. */
int file_open_unnamed(int folder, unsigned mode);

/* Gives it one that nobody has; false, and errno. */
bool file_name_unnamed(int fd, int folder, const char *name);

/* For those who open in another way (beneath.h): the same checks and reading of a descriptor,
 * whether a path holds a NUL, and an error's first letter as Go has it. */
bool file_read_fd(int fd, uint64_t max, struct pp_str *ret_bytes, struct pp_arena *arena,
                  struct pp_error *err);
bool file_has_nul(struct pp_str path);
void file_reword(struct pp_error *err);

#endif
