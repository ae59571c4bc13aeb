# What `cmake --install` gives:
#   bin/sweepgate
#   include/sweepgate/{core,hpo,validate,jobs/client}/   every include names its room: -I PREFIX/include/sweepgate
#   lib/libsweepgate_{core,hpo,validate,trial}.a, lib/pkgconfig/sweepgate.pc
#   share/sweepgate/client/    what a trial carries: the C pair, the in-process objective's header, the Python file
#   share/sweepgate/examples/, share/sweepgate/slurm/, share/sweepgate/ci/
#   share/man/man1/, share/bash-completion/completions/
install(TARGETS sweepgate sweepgate_core sweepgate_hpo sweepgate_validate sweepgate_trial)
foreach(room core hpo validate jobs/client)
  install(DIRECTORY ${room}/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/sweepgate/${room} FILES_MATCHING PATTERN "*.h"
          PATTERN "*_state.h" EXCLUDE) # the inside of one thing, shared by its files
endforeach()

set(share ${CMAKE_INSTALL_DATADIR}/sweepgate)
install(DIRECTORY jobs/client/ DESTINATION ${share}/client FILES_MATCHING
        PATTERN "*.h" PATTERN "*.c" PATTERN "*.py" PATTERN "__pycache__" EXCLUDE)
install(FILES LICENSES/MIT.txt DESTINATION ${share}/client RENAME LICENSE)
install(DIRECTORY jobs/examples jobs/slurm jobs/ci DESTINATION ${share} OPTIONAL USE_SOURCE_PERMISSIONS
        PATTERN "__pycache__" EXCLUDE)
install(FILES LICENSE README.md CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR})

# The libraries are static only, so whoever links them needs what they need: `pkg-config --static`. SQLite by its name and not
# as a required package: its own file asks for libraries that only a static SQLite would need.
file(RELATIVE_PATH up_to_prefix /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
string(JOIN " " sqlite_libs ${SQLITE_LDFLAGS})
configure_file(cmake/sweepgate.pc.in ${PROJECT_BINARY_DIR}/sweepgate.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/sweepgate.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

# Manual pages and completion, written by the program from its own option rows.
file(READ jobs/cli/command_list.h rows)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS jobs/cli/command_list.h)
string(REGEX MATCHALL "\nX\\([a-z_]+\\)" rows "${rows}")
set(pages sweepgate.1)
foreach(row ${rows})
  string(REGEX REPLACE "\nX\\(([a-z_]+)\\)" "\\1" command ${row})
  string(REPLACE "_" "-" command ${command})
  list(APPEND pages sweepgate-${command}.1)
endforeach()
set(manual)
foreach(page ${pages})
  string(REGEX REPLACE "^sweepgate-?(.*)\\.1$" "\\1" command ${page})
  set(file ${PROJECT_BINARY_DIR}/man/${page})
  add_custom_command(OUTPUT ${file} COMMAND sweepgate help --man ${command} > ${file}.new
                     COMMAND ${CMAKE_COMMAND} -E rename ${file}.new ${file}
                     DEPENDS sweepgate VERBATIM)
  list(APPEND manual ${file})
endforeach()
set(completion ${PROJECT_BINARY_DIR}/completion/sweepgate)
add_custom_command(OUTPUT ${completion} COMMAND sweepgate help --completion > ${completion}.new
                   COMMAND ${CMAKE_COMMAND} -E rename ${completion}.new ${completion} DEPENDS sweepgate VERBATIM)
file(MAKE_DIRECTORY ${PROJECT_BINARY_DIR}/man ${PROJECT_BINARY_DIR}/completion)
add_custom_target(manual ALL DEPENDS ${manual} ${completion})
install(FILES ${manual} DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES ${completion} DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
