# `cpack -G TGZ` packs all that is installed; `cpack -G DEB` makes three Debian packages:
#
#   libtfckpt0.1     the shared library, called by its SONAME, so that programs linked with
#                    another version may have theirs beside it
#   libtfckpt-dev    headers, static library, CMake package, pkg-config file
#   tfckpt           the command, which needs neither of them
#
# Debian has its libraries in lib/<machine>, which CMake does where the prefix is /usr.

set(CPACK_GENERATOR TGZ DEB)
set(CPACK_PACKAGE_NAME tfckpt)
set(CPACK_PACKAGE_VENDOR "The tfckpt authors")
# Whoever makes a package answers for it, and says so as for all tools of Debian.
if(NOT "$ENV{DEBEMAIL}" STREQUAL "")
    set(maintainer "$ENV{DEBFULLNAME} <$ENV{DEBEMAIL}>")
else()
    set(maintainer "The tfckpt authors <tfckpt@localhost>")
endif()
set(CPACK_PACKAGE_CONTACT "${maintainer}" CACHE STRING "Who answers for the packages")
set(CPACK_PACKAGE_FILE_NAME
    "tfckpt-${PROJECT_VERSION}-${CMAKE_SYSTEM_NAME}-${CMAKE_SYSTEM_PROCESSOR}")
set(CPACK_STRIP_FILES OFF)

set(runtime_package "libtfckpt${tfckpt_abi}")
set(development_package libtfckpt-dev)
set(command_package tfckpt)

set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# Programs built with this version need it or a later one of the same SONAME.
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS_POLICY ">=")

set(CPACK_DEBIAN_RUNTIME_PACKAGE_NAME "${runtime_package}")
set(CPACK_DEBIAN_RUNTIME_PACKAGE_SECTION libs)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_CONTROL_EXTRA
    "${PROJECT_SOURCE_DIR}/cmake/debian/triggers;${PROJECT_BINARY_DIR}/debian/symbols")
set(CPACK_DEBIAN_RUNTIME_DESCRIPTION
    "This is the shared library, for the programs that were linked with it.")

set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME "${development_package}")
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS "${runtime_package} (= ${PROJECT_VERSION})")
set(CPACK_DEBIAN_DEVELOPMENT_DESCRIPTION
    "These are the headers for C and C++, the static library, and what CMake
and pkg-config need to find them.")

set(CPACK_DEBIAN_COMMAND_PACKAGE_NAME "${command_package}")
set(CPACK_DEBIAN_COMMAND_PACKAGE_SECTION science)
set(CPACK_DEBIAN_COMMAND_DESCRIPTION
    "This is the command, which lists, verifies, compares, rewrites and merges
checkpoints.")

# What a program takes of the library, for the packages of programs: all of it since the
# version that a SONAME begins with.
file(STRINGS tests/c/symbols.txt symbols)
set(lines "${tfckpt_soname} ${runtime_package} #MINVER#\n")
foreach(symbol IN LISTS symbols)
    string(APPEND lines " ${symbol}@Base ${PROJECT_VERSION}\n")
endforeach()
file(WRITE "${PROJECT_BINARY_DIR}/debian/symbols" "${lines}")
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS tests/c/symbols.txt)

# What Debian wants of a package and nobody else: these parts are in none but the packages.
find_program(TFCKPT_GZIP gzip DOC "Packs what Debian has packed")
mark_as_advanced(TFCKPT_GZIP)
string(TIMESTAMP TFCKPT_DATE "%a, %d %b %Y %H:%M:%S +0000" UTC)
foreach(part runtime development command)
    set(TFCKPT_PART "${part}")
    set(TFCKPT_PACKAGE "${${part}_package}")
    configure_file(cmake/debian/finish.cmake.in "${PROJECT_BINARY_DIR}/debian/${part}.cmake" @ONLY)
    configure_file(cmake/debian/changelog.in "${PROJECT_BINARY_DIR}/debian/${part}/changelog" @ONLY)
    install(FILES cmake/debian/copyright "${PROJECT_BINARY_DIR}/debian/${part}/changelog"
        DESTINATION "share/doc/${TFCKPT_PACKAGE}" COMPONENT ${part}_debian EXCLUDE_FROM_ALL)
    install(SCRIPT "${PROJECT_BINARY_DIR}/debian/${part}.cmake"
        COMPONENT ${part}_debian EXCLUDE_FROM_ALL)
    list(APPEND CPACK_COMPONENTS_ALL ${part} ${part}_debian)
endforeach()
install(FILES cmake/debian/lintian-overrides DESTINATION share/lintian/overrides
    RENAME "${runtime_package}" COMPONENT runtime_debian EXCLUDE_FROM_ALL)

include(CPack)
foreach(part runtime development command)
    cpack_add_component_group(${part})
    cpack_add_component(${part} GROUP ${part})
    cpack_add_component(${part}_debian GROUP ${part})
endforeach()
