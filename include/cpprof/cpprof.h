/* All of libcpprof. */
#ifndef CPPROF_CPPROF_H
#define CPPROF_CPPROF_H

#include "build.h"
#include "context.h"
#include "error.h"
#include "profile.h"
#include "query.h"
#include "report.h"
#include "rows.h"
#include "str.h"
#include "version.h"

#endif
