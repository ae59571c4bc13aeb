# One interface target carries the warning set, the feature macros and the sanitizers to every room.
add_library(sweepgate_flags INTERFACE)
target_include_directories(sweepgate_flags INTERFACE $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>)
target_compile_definitions(sweepgate_flags INTERFACE _GNU_SOURCE _FILE_OFFSET_BITS=64
                           SWEEPGATE_VERSION="${PROJECT_VERSION}")
target_compile_options(sweepgate_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wvla
  -Wformat=2 -Werror -Wno-psabi -fno-math-errno -ffp-contract=off)
if(SWEEPGATE_FUZZ)
  target_compile_options(sweepgate_flags INTERFACE -fsanitize=fuzzer-no-link)
  target_link_options(sweepgate_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
if(SWEEPGATE_SANITIZE)
  target_compile_options(sweepgate_flags INTERFACE -fsanitize=${SWEEPGATE_SANITIZE}
                         -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(sweepgate_flags INTERFACE -fsanitize=${SWEEPGATE_SANITIZE})
  target_compile_definitions(sweepgate_flags INTERFACE SWEEPGATE_SANITIZED=1)
endif()

# sweepgate_room(NAME DEPENDS...): the static library of one folder, all of its .c files but those excluded.
function(sweepgate_room name)
  cmake_parse_arguments(ROOM "" "" "EXCLUDE;LINK" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.c)
  foreach(pattern ${ROOM_EXCLUDE})
    list(FILTER sources EXCLUDE REGEX ${pattern})
  endforeach()
  add_library(sweepgate_${name} STATIC ${sources})
  target_link_libraries(sweepgate_${name} PRIVATE sweepgate_flags PUBLIC ${ROOM_LINK})
  target_include_directories(sweepgate_${name} PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>)
endfunction()
