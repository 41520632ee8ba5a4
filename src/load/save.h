/* Keeping a profile that came from a server, which will never give the same one again. */
#ifndef LOAD_SAVE_H
#define LOAD_SAVE_H

#include "base/world.h"
#include "profile/profile.h"

/* Writes PPROF_TMPDIR/pprof.FILE.TYPE.TYPE.NNN.pb.gz, or into $HOME/pprof, or the temporary
 * directory, and says so. A failure is said too, and is no more than that. */
void save_profile(const struct pp_profile *p, const struct world *env);

#endif
