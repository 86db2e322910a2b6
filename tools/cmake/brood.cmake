add_library(brood_warnings INTERFACE)
target_compile_options(brood_warnings INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wvla -Wundef
    -Wstrict-prototypes -Wmissing-prototypes
    -Wwrite-strings -Wcast-qual -Wimplicit-fallthrough -Wformat=2
    $<$<C_COMPILER_ID:Clang>:-Wmissing-variable-declarations>
    $<$<BOOL:${BROOD_WERROR}>:-Werror>)
target_compile_definitions(brood_warnings INTERFACE _GNU_SOURCE
    $<$<BOOL:${BROOD_FAULT_INJECTION}>:BROOD_FAULT_INJECTION>)
if(BROOD_SANITIZER)
    add_compile_options(-fsanitize=${BROOD_SANITIZER} -fno-omit-frame-pointer
                        -fno-sanitize-recover=all)
    add_link_options(-fsanitize=${BROOD_SANITIZER})
endif()

# brood_layer(<name> SOURCES ... [LAYERS ...] [LIBS ...])
# Linking to a layer is the only way to see its symbols, so a call that goes
# the wrong way fails to link in that layer's own unit tests.
function(brood_layer name)
    cmake_parse_arguments(arg "" "" "SOURCES;LAYERS;LIBS" ${ARGN})
    add_library(brood_${name} OBJECT ${arg_SOURCES})
    target_include_directories(brood_${name} PUBLIC
        ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/core
        ${PROJECT_SOURCE_DIR}/core/include)
    target_link_libraries(brood_${name} PUBLIC brood_warnings Threads::Threads
                          PRIVATE ${arg_LIBS})
    set_property(TARGET brood_${name} PROPERTY BROOD_LAYERS ${arg_LAYERS})
endfunction()

# brood_test(<suite> <source> LAYERS ... [LABELS ...])
# <suite> is dotted: core.pool, fault.pool, integ.timeout.
function(brood_test suite source)
    cmake_parse_arguments(arg "" "TIMEOUT" "LAYERS;LABELS" ${ARGN})
    string(REPLACE "." "_" target test_${suite})
    add_executable(${target} ${source})
    target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
    foreach(layer ${arg_LAYERS})
        target_sources(${target} PRIVATE $<TARGET_OBJECTS:brood_${layer}>)
        target_link_libraries(${target} PRIVATE
            $<TARGET_PROPERTY:brood_${layer},LINK_LIBRARIES>)
        target_include_directories(${target} PRIVATE
            $<TARGET_PROPERTY:brood_${layer},INTERFACE_INCLUDE_DIRECTORIES>)
    endforeach()
    target_link_libraries(${target} PRIVATE brood_warnings cmocka)
    add_test(NAME ${suite} COMMAND ${target})
    set_tests_properties(${suite} PROPERTIES
        LABELS "${arg_LABELS}" TIMEOUT 30 SKIP_RETURN_CODE 77)
endfunction()

function(brood_install)
    include(CMakePackageConfigHelpers)
    install(DIRECTORY core/include/brood DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
    install(TARGETS brood EXPORT brood-targets)
    install(TARGETS brood_cli)
    install(EXPORT brood-targets NAMESPACE brood::
            DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/brood)
    configure_package_config_file(tools/cmake/brood-config.cmake.in brood-config.cmake
        INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/brood)
    write_basic_package_version_file(brood-config-version.cmake
        COMPATIBILITY SameMinorVersion)
    file(RELATIVE_PATH brood_pc_prefix "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/")
    configure_file(tools/cmake/brood.pc.in brood.pc @ONLY)
    install(FILES ${PROJECT_BINARY_DIR}/brood-config.cmake
                  ${PROJECT_BINARY_DIR}/brood-config-version.cmake
            DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/brood)
    install(FILES ${PROJECT_BINARY_DIR}/brood.pc
            DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endfunction()
