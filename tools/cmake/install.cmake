# What an installed brood is made of.

function(brood_install)
    include(CMakePackageConfigHelpers)
    set(package ${CMAKE_INSTALL_LIBDIR}/cmake/brood)
    set(pkgconfig ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

    install(FILES core/include/brood.h core/include/brood_child.h
            DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
    install(DIRECTORY core/include/brood
            DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
            FILES_MATCHING PATTERN "*.h")
    install(TARGETS brood_shared brood_static EXPORT brood-targets)
    if(TARGET brood_program)
        install(TARGETS brood_program)
    endif()

    install(EXPORT brood-targets NAMESPACE brood:: DESTINATION ${package})
    configure_package_config_file(tools/cmake/brood-config.cmake.in
        ${PROJECT_BINARY_DIR}/brood-config.cmake
        INSTALL_DESTINATION ${package})
    write_basic_package_version_file(
        ${PROJECT_BINARY_DIR}/brood-config-version.cmake
        COMPATIBILITY SameMinorVersion)
    install(FILES ${PROJECT_BINARY_DIR}/brood-config.cmake
                  ${PROJECT_BINARY_DIR}/brood-config-version.cmake
            DESTINATION ${package})

    # Relative, so that an installed tree can be moved.
    file(RELATIVE_PATH brood_pc_prefix "/${pkgconfig}" "/")
    configure_file(tools/cmake/brood.pc.in ${PROJECT_BINARY_DIR}/brood.pc @ONLY)
    install(FILES ${PROJECT_BINARY_DIR}/brood.pc DESTINATION ${pkgconfig})

    get_property(pages GLOBAL PROPERTY BROOD_PAGES)
    foreach(page ${pages})
        cmake_path(GET page EXTENSION LAST_ONLY section)
        string(SUBSTRING ${section} 1 -1 section)
        install(FILES ${page} DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section})
    endforeach()
    get_property(words GLOBAL PROPERTY BROOD_COMPLETIONS)
    foreach(file ${words})
        cmake_path(GET file FILENAME shell)
        brood_completion_place(${shell} dir name)
        install(FILES ${file} DESTINATION ${CMAKE_INSTALL_DATADIR}/${dir}
                RENAME ${name})
    endforeach()
endfunction()

# Where each shell looks for the completions of a command.
function(brood_completion_place shell ret_dir ret_name)
    if(shell STREQUAL "bash")
        set(dir bash-completion/completions)
        set(name brood)
    elseif(shell STREQUAL "zsh")
        set(dir zsh/site-functions)
        set(name _brood)
    else()
        set(dir fish/vendor_completions.d)
        set(name brood.fish)
    endif()
    set(${ret_dir} ${dir} PARENT_SCOPE)
    set(${ret_name} ${name} PARENT_SCOPE)
endfunction()
