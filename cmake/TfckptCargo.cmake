# Finds cargo, and says how it builds for what CMake builds for:
#
#   TFCKPT_CARGO          the program
#   tfckpt_cargo_build    the command line that builds the library
#   tfckpt_cargo_output   the folder where that leaves it; a generator expression
#   tfckpt_system_libs    what a program needs that links the static library

# Cargo.

function(tfckpt_find_cargo)
    # One that is gone is not looked for again by itself.
    if(TFCKPT_CARGO AND NOT EXISTS "${TFCKPT_CARGO}")
        unset(TFCKPT_CARGO CACHE)
    endif()
    # Where rustup puts it, be it on the PATH or not.
    set(home "$ENV{HOME}/.cargo")
    if(DEFINED ENV{CARGO_HOME})
        set(home "$ENV{CARGO_HOME}")
    endif()
    find_program(TFCKPT_CARGO cargo PATHS "${home}/bin"
        NO_CMAKE_FIND_ROOT_PATH DOC "Rust's cargo")
    if(NOT TFCKPT_CARGO)
        message(FATAL_ERROR "tfckpt is built by cargo, which is not here. Install Rust "
            "(https://rustup.rs), or set TFCKPT_CARGO to its cargo.")
    endif()
endfunction()

# Cargo takes the rustc of the PATH, which need not be the one beside it.
function(tfckpt_find_environment out)
    get_filename_component(folder "${TFCKPT_CARGO}" DIRECTORY)
    find_program(found cargo NO_CMAKE_FIND_ROOT_PATH)
    set(environment --unset=MAKEFLAGS --unset=MFLAGS)
    if(NOT found STREQUAL TFCKPT_CARGO AND EXISTS "${folder}/rustc")
        list(APPEND environment "PATH=${folder}:$ENV{PATH}")
    endif()
    unset(found CACHE)
    set(${out} "${environment}" PARENT_SCOPE)
endfunction()

function(tfckpt_check_rust)
    file(STRINGS "${PROJECT_SOURCE_DIR}/Cargo.toml" wanted REGEX "^rust-version = ")
    string(REGEX MATCH "[0-9.]+" wanted "${wanted}")
    tfckpt_rustc(said --version)
    string(REGEX MATCH "[0-9]+\\.[0-9.]+" found "${said}")
    if(found VERSION_LESS wanted)
        message(FATAL_ERROR "tfckpt needs Rust ${wanted} or newer, and that of ${TFCKPT_CARGO} "
            "is '${found}'. Install one (https://rustup.rs), or set TFCKPT_CARGO to its cargo.")
    endif()
endfunction()

# tfckpt_rustc(OUT ARG...): what rustc has to say.
function(tfckpt_rustc out)
    execute_process(COMMAND "${CMAKE_COMMAND}" -E env ${tfckpt_environment} rustc ${ARGN}
        OUTPUT_VARIABLE said ERROR_VARIABLE said RESULT_VARIABLE failed)
    if(failed)
        message(FATAL_ERROR "tfckpt: rustc failed:\n${said}")
    endif()
    set(${out} "${said}" PARENT_SCOPE)
endfunction()

# The target.

# Rust's name for the machine that CMake builds for; empty where that is this machine.
function(tfckpt_find_target out)
    if(TFCKPT_CARGO_TARGET OR NOT CMAKE_CROSSCOMPILING)
        set(${out} "${TFCKPT_CARGO_TARGET}" PARENT_SCOPE)
        return()
    endif()
    tfckpt_architecture(architecture)
    tfckpt_system(system)
    set(${out} "${architecture}-${system}" PARENT_SCOPE)
endfunction()

function(tfckpt_architecture out)
    string(TOLOWER "${CMAKE_SYSTEM_PROCESSOR}" processor)
    if(processor MATCHES "^(x86_64|amd64|x64)$")
        set(${out} x86_64 PARENT_SCOPE)
    elseif(processor MATCHES "^(aarch64|arm64)")
        set(${out} aarch64 PARENT_SCOPE)
    elseif(processor STREQUAL "riscv64")
        set(${out} riscv64gc PARENT_SCOPE)
    elseif(processor MATCHES "^(ppc64le|powerpc64le)$")
        set(${out} powerpc64le PARENT_SCOPE)
    elseif(processor MATCHES "^(s390x|loongarch64)$")
        set(${out} ${processor} PARENT_SCOPE)
    else()
        message(FATAL_ERROR "tfckpt: no Rust target is known for the processor "
            "'${CMAKE_SYSTEM_PROCESSOR}'. Set TFCKPT_CARGO_TARGET.")
    endif()
endfunction()

function(tfckpt_system out)
    if(CMAKE_SYSTEM_NAME STREQUAL "Android")
        set(${out} linux-android PARENT_SCOPE)
    elseif(CMAKE_SYSTEM_NAME STREQUAL "FreeBSD")
        set(${out} unknown-freebsd PARENT_SCOPE)
    elseif(NOT CMAKE_SYSTEM_NAME STREQUAL "Linux")
        message(FATAL_ERROR "tfckpt: no Rust target is known for the system "
            "'${CMAKE_SYSTEM_NAME}'. Set TFCKPT_CARGO_TARGET.")
    elseif("${CMAKE_C_COMPILER_TARGET};${CMAKE_LIBRARY_ARCHITECTURE};${CMAKE_C_COMPILER}"
            MATCHES "musl")
        set(${out} unknown-linux-musl PARENT_SCOPE)
    else()
        set(${out} unknown-linux-gnu PARENT_SCOPE)
    endif()
endfunction()

# Rust links with CMake's compiler, which knows where the other machine's libraries are.
function(tfckpt_find_linker out)
    string(TOUPPER "${tfckpt_target}" name)
    string(REPLACE "-" "_" name "${name}")
    set(environment "CARGO_TARGET_${name}_LINKER=${CMAKE_C_COMPILER}")
    set(flags "")
    if(CMAKE_C_COMPILER_TARGET)
        string(APPEND flags " -Clink-arg=--target=${CMAKE_C_COMPILER_TARGET}")
    endif()
    if(CMAKE_SYSROOT)
        string(APPEND flags " -Clink-arg=--sysroot=${CMAKE_SYSROOT}")
    endif()
    if(flags)
        list(APPEND environment "CARGO_TARGET_${name}_RUSTFLAGS=${flags}")
    endif()
    set(${out} "${environment}" PARENT_SCOPE)
endfunction()

# What Rust's own library needs of the system. A crate with nothing in it needs the same.
function(tfckpt_find_system_libs out)
    set(folder "${CMAKE_CURRENT_BINARY_DIR}/CMakeFiles/tfckpt_empty")
    set(target "")
    if(tfckpt_target)
        set(target --target "${tfckpt_target}")
    endif()
    file(MAKE_DIRECTORY "${folder}")
    file(WRITE "${folder}/empty.rs" "")
    tfckpt_rustc(said ${target} --crate-type staticlib --print native-static-libs
        -o "${folder}/libempty.a" "${folder}/empty.rs")
    if(NOT said MATCHES "native-static-libs: ([^\n]*)")
        message(FATAL_ERROR "tfckpt: rustc does not tell its native-static-libs:\n${said}")
    endif()
    string(STRIP "${CMAKE_MATCH_1}" libs)
    string(REPLACE " " ";" libs "${libs}")
    set(${out} "${libs}" PARENT_SCOPE)
endfunction()

# The profile, which depends on the build type, and that on the generator.

function(tfckpt_find_profile out folder_out)
    set(other_types "$<IF:$<CONFIG:MinSizeRel>,minsizerel,release>")
    set(other_types "$<IF:$<CONFIG:RelWithDebInfo>,relwithdebinfo,${other_types}>")
    if(NOT TFCKPT_CARGO_PROFILE)
        set(profile "$<IF:$<CONFIG:Debug>,dev,${other_types}>")
        set(folder "$<IF:$<CONFIG:Debug>,debug,${other_types}>")
    else()
        set(profile "${TFCKPT_CARGO_PROFILE}")
        string(REGEX REPLACE "^dev$" "debug" folder "${profile}")
    endif()
    set(${out} "${profile}" PARENT_SCOPE)
    set(${folder_out} "${folder}" PARENT_SCOPE)
endfunction()

# All of it together.

tfckpt_find_cargo()
tfckpt_find_environment(tfckpt_environment)
tfckpt_check_rust()
tfckpt_find_target(tfckpt_target)
tfckpt_find_system_libs(tfckpt_system_libs)
tfckpt_find_profile(tfckpt_profile tfckpt_cargo_output)

set(tfckpt_arguments --locked --profile "${tfckpt_profile}"
    --manifest-path "${PROJECT_SOURCE_DIR}/Cargo.toml"
    --target-dir "${TFCKPT_CARGO_TARGET_DIR}")
set(tfckpt_cargo_output "${TFCKPT_CARGO_TARGET_DIR}/${tfckpt_target}/${tfckpt_cargo_output}")
if(TFCKPT_COMMAND)
    list(APPEND tfckpt_arguments --features cli)
endif()
if(tfckpt_target)
    list(APPEND tfckpt_arguments --target "${tfckpt_target}")
    tfckpt_find_linker(tfckpt_linker)
    list(APPEND tfckpt_environment ${tfckpt_linker})
endif()
set(tfckpt_cargo_build "${CMAKE_COMMAND}" -E env ${tfckpt_environment}
    "${TFCKPT_CARGO}" build ${tfckpt_arguments} ${TFCKPT_CARGO_FLAGS})
if(NOT tfckpt_target)
    message(STATUS "tfckpt ${PROJECT_VERSION}: ${TFCKPT_CARGO}, for this machine")
else()
    message(STATUS "tfckpt ${PROJECT_VERSION}: ${TFCKPT_CARGO}, for ${tfckpt_target}")
endif()
