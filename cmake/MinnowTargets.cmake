# What every target of Minnow shares, as properties of an interface target rather than global flags.
#
#   minnow_library(NAME SOURCES ... DEPENDS ...)   one static library per folder
#   minnow_test(NAME SOURCES ... DEPENDS ...)      one GoogleTest binary per tested folder; its tests bear its name as a label

set(MINNOW_SANITIZE "" CACHE STRING "Sanitizers, as given to -fsanitize=")

# -ffp-contract=off: a compiler that fuses a*b+c on its own changes the last bit of a result, and a
# trial must have the same bits wherever it is trained. Fused steps are written out with std::fma.
add_library(minnow_options INTERFACE)
target_compile_features(minnow_options INTERFACE cxx_std_20)
target_include_directories(minnow_options INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(minnow_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Werror -ffp-contract=off
  -Wno-missing-field-initializers)  # {.name = value} leaves the other members at their defaults, on purpose
# g++ 12 takes `"text" + std::string` for an overlapping copy (GCC bug 105651).
target_compile_options(minnow_options INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>)
if(MINNOW_SANITIZE)
  target_compile_options(minnow_options INTERFACE -fsanitize=${MINNOW_SANITIZE} -fno-omit-frame-pointer)
  target_link_options(minnow_options INTERFACE -fsanitize=${MINNOW_SANITIZE})
endif()

find_program(MINNOW_CCACHE ccache)
if(MINNOW_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${MINNOW_CCACHE})
endif()
find_program(MINNOW_MOLD mold)
if(MINNOW_MOLD)
  target_link_options(minnow_options INTERFACE -fuse-ld=mold)
endif()

set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)

function(minnow_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPENDS" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  target_link_libraries(${name} PUBLIC minnow_options ${ARG_DEPENDS})
endfunction()

function(minnow_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPENDS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE minnow_options ${ARG_DEPENDS} GTest::gmock GTest::gtest_main)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
  gtest_discover_tests(${name} DISCOVERY_TIMEOUT 60 PROPERTIES TIMEOUT 600 LABELS ${name})
endfunction()
