# The targets tfckpt::tfckpt and tfckpt::static of a project that has the sources, and what
# builds them. Needs TfckptCargo.
#
# What cargo made is copied, so that the shared library has its SONAME beside it for the
# programs to run with, and so that builds may share cargo's folder.

if(WIN32 OR APPLE)
    message(FATAL_ERROR "tfckpt builds for Linux and FreeBSD, not for ${CMAKE_SYSTEM_NAME}.")
endif()

# As build.rs has it.
if(PROJECT_VERSION_MAJOR EQUAL 0)
    set(tfckpt_abi "0.${PROJECT_VERSION_MINOR}")
else()
    set(tfckpt_abi "${PROJECT_VERSION_MAJOR}")
endif()
set(tfckpt_soname "libtfckpt.so.${tfckpt_abi}")
set(tfckpt_shared "libtfckpt.so.${PROJECT_VERSION}")

# Where the copies are: a folder for each configuration where there are several.
get_property(multi_config GLOBAL PROPERTY GENERATOR_IS_MULTI_CONFIG)
if(NOT multi_config)
    set(tfckpt_built "${CMAKE_CURRENT_BINARY_DIR}")
elseif(NOT CMAKE_VERSION VERSION_LESS 3.20)
    set(tfckpt_built "${CMAKE_CURRENT_BINARY_DIR}/$<CONFIG>")
else()
    message(FATAL_ERROR "tfckpt: with the generator '${CMAKE_GENERATOR}' CMake 3.20 is needed.")
endif()

set(steps
    COMMAND ${tfckpt_cargo_build}
    COMMAND "${CMAKE_COMMAND}" -E make_directory "${tfckpt_built}/lib"
    COMMAND "${CMAKE_COMMAND}" -E copy_if_different
        "${tfckpt_cargo_output}/libtfckpt.so" "${tfckpt_built}/lib/${tfckpt_shared}"
    COMMAND "${CMAKE_COMMAND}" -E copy_if_different
        "${tfckpt_cargo_output}/libtfckpt.a" "${tfckpt_built}/lib/libtfckpt.a"
    COMMAND "${CMAKE_COMMAND}" -E create_symlink
        "${tfckpt_shared}" "${tfckpt_built}/lib/${tfckpt_soname}"
    COMMAND "${CMAKE_COMMAND}" -E create_symlink
        "${tfckpt_soname}" "${tfckpt_built}/lib/libtfckpt.so")

# The command makes its manual page itself, if it can run here.
set(tfckpt_manual OFF)
if(TFCKPT_COMMAND)
    list(APPEND steps
        COMMAND "${CMAKE_COMMAND}" -E make_directory "${tfckpt_built}/bin"
        COMMAND "${CMAKE_COMMAND}" -E copy_if_different
            "${tfckpt_cargo_output}/tfckpt" "${tfckpt_built}/bin/tfckpt")
    if(NOT CMAKE_CROSSCOMPILING OR CMAKE_CROSSCOMPILING_EMULATOR)
        set(tfckpt_manual ON)
        list(APPEND steps
            COMMAND "${CMAKE_COMMAND}" -E make_directory "${tfckpt_built}/man"
            COMMAND ${CMAKE_CROSSCOMPILING_EMULATOR} "${tfckpt_built}/bin/tfckpt" man
                > "${tfckpt_built}/man/tfckpt.1")
    endif()
endif()

# Always run: what has changed is cargo's to know. By itself only where it is the project;
# else for the programs that link it.
set(all "")
if(standalone)
    set(all ALL)
endif()
add_custom_target(tfckpt_cargo ${all} ${steps}
    BYPRODUCTS "${tfckpt_built}/lib/${tfckpt_shared}" "${tfckpt_built}/lib/libtfckpt.a"
    WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}"
    COMMENT "cargo build (tfckpt)" USES_TERMINAL VERBATIM)

# tfckpt_add_library(NAME SHARED|STATIC FILE)
function(tfckpt_add_library name kind file)
    add_library(${name} ${kind} IMPORTED GLOBAL)
    add_dependencies(${name} tfckpt_cargo)
    set_target_properties(${name} PROPERTIES
        IMPORTED_LOCATION "${CMAKE_CURRENT_BINARY_DIR}/lib/${file}"
        INTERFACE_INCLUDE_DIRECTORIES "${PROJECT_SOURCE_DIR}/include")
    if(multi_config)
        foreach(config IN LISTS CMAKE_CONFIGURATION_TYPES)
            string(TOUPPER "${config}" suffix)
            set_target_properties(${name} PROPERTIES
                IMPORTED_LOCATION_${suffix} "${CMAKE_CURRENT_BINARY_DIR}/${config}/lib/${file}")
        endforeach()
    endif()
endfunction()

tfckpt_add_library(tfckpt::tfckpt SHARED "${tfckpt_shared}")
set_target_properties(tfckpt::tfckpt PROPERTIES IMPORTED_SONAME "${tfckpt_soname}")
tfckpt_add_library(tfckpt::static STATIC libtfckpt.a)
set_target_properties(tfckpt::static PROPERTIES
    INTERFACE_LINK_LIBRARIES "${tfckpt_system_libs}")
