/* Which symbols a shared library shows. */
#ifndef CPPROF_EXPORT_H
#define CPPROF_EXPORT_H

#define PP_API __attribute__((visibility("default")))

#endif
