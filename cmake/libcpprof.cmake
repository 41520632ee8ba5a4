# libcpprof: the layers up to the public library, as one archive and as one shared library that shows
# what include/cpprof declares and nothing else.
set(library_layers base profile web graph symbol gate history report query api)
set(library_objects $<TARGET_OBJECTS:profile_proto>)
foreach(layer ${library_layers})
  list(APPEND library_objects $<TARGET_OBJECTS:pp_${layer}>)
endforeach()
# The archive is one object in which all other names are local: they never meet those of who links it.
add_custom_command(OUTPUT cpprof.o
  COMMAND ${CMAKE_CXX_COMPILER} -r -nostdlib $<$<BOOL:${CPPROF_LTO}>:-flinker-output=nolto-rel> -o cpprof.o ${library_objects}
  COMMAND ${CMAKE_OBJCOPY} --localize-hidden cpprof.o
  DEPENDS ${library_objects} COMMAND_EXPAND_LISTS VERBATIM)
add_library(libcpprof_static STATIC ${PROJECT_BINARY_DIR}/cpprof.o)
add_library(libcpprof SHARED ${library_objects})
set(version_script ${PROJECT_SOURCE_DIR}/src/api/libcpprof.map)
set_target_properties(libcpprof libcpprof_static PROPERTIES OUTPUT_NAME cpprof LINKER_LANGUAGE CXX)
set_target_properties(libcpprof PROPERTIES VERSION ${PROJECT_VERSION} SOVERSION 0 LINK_DEPENDS ${version_script})
target_link_options(libcpprof PRIVATE -Wl,--version-script=${version_script})
if(NOT CPPROF_SANITIZE) # a sanitizer's functions are the program's
  target_link_options(libcpprof PRIVATE -Wl,--no-undefined)
endif()
target_link_libraries(libcpprof PRIVATE cpprof_flags PkgConfig::LIBELF PkgConfig::LIBDW PkgConfig::ZSTD PkgConfig::RE2
  PkgConfig::PROTOBUF_C ZLIB::ZLIB Threads::Threads m ${CMAKE_DL_LIBS})
# What is installed for those who embed it: headers, both libraries, pkg-config and CMake packages.
foreach(target libcpprof libcpprof_static)
  target_include_directories(${target} INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
endforeach()
target_link_libraries(libcpprof_static INTERFACE elf dw zstd re2 protobuf-c z stdc++ m pthread ${CMAKE_DL_LIBS})
set_target_properties(libcpprof PROPERTIES EXPORT_NAME cpprof)
set_target_properties(libcpprof_static PROPERTIES EXPORT_NAME static)
set(PC_LIBS_PRIVATE "-lstdc++ -lm -lpthread -ldl")
file(RELATIVE_PATH PC_UP /p/${CMAKE_INSTALL_LIBDIR}/pkgconfig /p) # the tree may be moved
set(PC_LIBDIR "\${prefix}/${CMAKE_INSTALL_LIBDIR}")
set(PC_INCLUDEDIR "\${prefix}/${CMAKE_INSTALL_INCLUDEDIR}")
configure_file(cmake/cpprof.pc.in cpprof.pc @ONLY)
include(CMakePackageConfigHelpers)
write_basic_package_version_file(cpprof-config-version.cmake COMPATIBILITY SameMajorVersion)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/cpprof)
install(DIRECTORY include/cpprof DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(TARGETS libcpprof libcpprof_static EXPORT cpprof_targets
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(EXPORT cpprof_targets FILE cpprof-targets.cmake NAMESPACE cpprof:: DESTINATION ${package_dir})
install(FILES cmake/cpprof-config.cmake ${CMAKE_CURRENT_BINARY_DIR}/cpprof-config-version.cmake
  DESTINATION ${package_dir})
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/cpprof.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
