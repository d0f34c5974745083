# What is installed, and where. None of the files depends on the prefix: what is installed
# may be moved. In parts, for the packages: runtime, development, command.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

install(FILES LICENSE DESTINATION "${CMAKE_INSTALL_DOCDIR}")

# runtime: what a program needs that was linked with the shared library.

install(FILES "${tfckpt_built}/lib/${tfckpt_shared}" "${tfckpt_built}/lib/${tfckpt_soname}"
    DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT runtime)

# development: what a program needs to be compiled and linked.

install(FILES "${tfckpt_built}/lib/libtfckpt.so" "${tfckpt_built}/lib/libtfckpt.a"
    DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT development)
install(DIRECTORY include/tfckpt
    DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}" COMPONENT development
    FILES_MATCHING PATTERN "*.h" PATTERN "*.hpp")

set(package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/tfckpt")
set(generated "${CMAKE_CURRENT_BINARY_DIR}/package")
configure_package_config_file(cmake/tfckptConfig.cmake.in "${generated}/tfckptConfig.cmake"
    INSTALL_DESTINATION "${package_dir}"
    PATH_VARS CMAKE_INSTALL_LIBDIR CMAKE_INSTALL_INCLUDEDIR NO_SET_AND_CHECK_MACRO)
# Before 1.0 every minor version may change the interface.
if(PROJECT_VERSION_MAJOR EQUAL 0)
    set(compatibility SameMinorVersion)
else()
    set(compatibility SameMajorVersion)
endif()
write_basic_package_version_file("${generated}/tfckptConfigVersion.cmake"
    COMPATIBILITY ${compatibility})
install(FILES "${generated}/tfckptConfig.cmake" "${generated}/tfckptConfigVersion.cmake"
    DESTINATION "${package_dir}" COMPONENT development)

# The same for pkg-config. A folder that is absolute, as some distributions have it, stays.
file(RELATIVE_PATH PC_PREFIX "/prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/prefix")
string(REGEX REPLACE "/$" "" PC_PREFIX "${PC_PREFIX}")
foreach(dir LIBDIR INCLUDEDIR)
    if(IS_ABSOLUTE "${CMAKE_INSTALL_${dir}}")
        set(PC_${dir} "${CMAKE_INSTALL_${dir}}")
    else()
        set(PC_${dir} "\${prefix}/${CMAKE_INSTALL_${dir}}")
    endif()
endforeach()
string(REPLACE ";" " " PC_SYSTEM_LIBS "${tfckpt_system_libs}")
foreach(name tfckpt tfckpt-static)
    configure_file(cmake/${name}.pc.in "${generated}/${name}.pc" @ONLY)
    install(FILES "${generated}/${name}.pc"
        DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig" COMPONENT development)
endforeach()

# command: it has the library in it.

if(TFCKPT_COMMAND)
    install(PROGRAMS "${tfckpt_built}/bin/tfckpt"
        DESTINATION "${CMAKE_INSTALL_BINDIR}" COMPONENT command)
endif()
if(tfckpt_manual)
    install(FILES "${tfckpt_built}/man/tfckpt.1"
        DESTINATION "${CMAKE_INSTALL_MANDIR}/man1" COMPONENT command)
endif()
