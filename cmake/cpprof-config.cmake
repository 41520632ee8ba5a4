# find_package(cpprof): cpprof::cpprof is the shared library, cpprof::static the archive.
include(CMakeFindDependencyMacro)
include("${CMAKE_CURRENT_LIST_DIR}/cpprof-targets.cmake")
