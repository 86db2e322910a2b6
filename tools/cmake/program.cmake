# The program brood, and how it is linked.
#
# Debian's libzmq.so brings 18 shared libraries along; loading them takes
# several times as long as starting the program itself. So the program is
# linked with libzmq's archive where that works, without the transports that
# no channel uses (tools/static/absent_transports.c).

include(CheckLinkerFlag)

# Sets BROOD_STATIC_LIBS, empty where a static program cannot be linked.
function(brood_find_static_libs)
    set(BROOD_STATIC_LIBS "" PARENT_SCOPE)
    set(hints ${ZMQ_LIBDIR} ${ZMQ_LIBRARY_DIRS})
    find_library(BROOD_ZMQ_ARCHIVE libzmq.a HINTS ${hints})
    mark_as_advanced(BROOD_ZMQ_ARCHIVE)
    if(NOT BROOD_ZMQ_ARCHIVE)
        return()
    endif()
    set(libs ${BROOD_ZMQ_ARCHIVE})
    # What libzmq.a may have been built with.
    foreach(name sodium bsd md)
        find_library(BROOD_${name}_ARCHIVE lib${name}.a HINTS ${hints})
        mark_as_advanced(BROOD_${name}_ARCHIVE)
        if(BROOD_${name}_ARCHIVE)
            list(APPEND libs ${BROOD_${name}_ARCHIVE})
        endif()
    endforeach()
    # What the program takes beside it.
    foreach(name sqlite3 yajl_s pcre2-8)
        find_library(BROOD_${name}_ARCHIVE lib${name}.a HINTS ${hints})
        mark_as_advanced(BROOD_${name}_ARCHIVE)
        if(NOT BROOD_${name}_ARCHIVE)
            return()
        endif()
        list(APPEND libs ${BROOD_${name}_ARCHIVE})
    endforeach()
    list(APPEND libs -lstdc++ -lm -lpthread)

    set(check ${PROJECT_BINARY_DIR}/CMakeFiles/check-static)
    try_compile(BROOD_STATIC_LINKS ${check}
        SOURCES ${PROJECT_SOURCE_DIR}/tools/static/check_inproc.c
                ${PROJECT_SOURCE_DIR}/tools/static/absent_transports.c
        CMAKE_FLAGS -DINCLUDE_DIRECTORIES=${ZMQ_INCLUDE_DIRS}
        COMPILE_DEFINITIONS -D_GNU_SOURCE
        LINK_OPTIONS -static
        LINK_LIBRARIES ${libs}
        COPY_FILE ${check}-program)
    if(BROOD_STATIC_LINKS AND NOT DEFINED BROOD_STATIC_RUNS)
        execute_process(COMMAND ${CMAKE_CROSSCOMPILING_EMULATOR}
                                ${check}-program
                        RESULT_VARIABLE r TIMEOUT 10
                        OUTPUT_QUIET ERROR_QUIET)
        if(r EQUAL 0)
            set(BROOD_STATIC_RUNS TRUE CACHE INTERNAL "")
        else()
            set(BROOD_STATIC_RUNS FALSE CACHE INTERNAL "")
        endif()
    endif()
    if(BROOD_STATIC_LINKS AND BROOD_STATIC_RUNS)
        set(BROOD_STATIC_LIBS ${libs} PARENT_SCOPE)
    endif()
endfunction()

function(brood_link_program target)
    set(libs "")
    if(BROOD_STATIC_PROGRAM AND NOT BROOD_SANITIZER)
        brood_find_static_libs()
        set(libs ${BROOD_STATIC_LIBS})
        if(NOT libs AND NOT BROOD_STATIC_PROGRAM STREQUAL "AUTO")
            message(FATAL_ERROR "brood: cannot link the program statically; "
                    "see ${PROJECT_BINARY_DIR}/CMakeFiles/CMakeError.log")
        endif()
    endif()
    target_link_libraries(${target} PRIVATE brood_static)
    if(NOT libs)
        message(STATUS "The program is linked with libzmq.so")
        target_link_libraries(${target} PRIVATE PkgConfig::ZMQ
                              ${BROOD_TOOL_LIBS})
        return()
    endif()
    message(STATUS "The program is linked statically")
    target_sources(${target} PRIVATE
        ${PROJECT_SOURCE_DIR}/tools/static/absent_transports.c)
    target_link_libraries(${target} PRIVATE ${libs})
    target_link_options(${target} PRIVATE -static -Wl,--gc-sections)
    # libzmq.a mentions getpwuid, of which the linker warns; no channel asks
    # for what calls it.
    check_linker_flag(C -Wl,--no-warnings BROOD_LINKER_HAS_NO_WARNINGS)
    if(BROOD_LINKER_HAS_NO_WARNINGS)
        target_link_options(${target} PRIVATE -Wl,--no-warnings)
    endif()
endfunction()

function(brood_program)
    file(GLOB main CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tools/brood.c)
    if(NOT main)
        return()
    endif()
    add_executable(brood_program ${main} $<TARGET_OBJECTS:brood_tools>)
    set_target_properties(brood_program PROPERTIES OUTPUT_NAME brood)
    target_include_directories(brood_program PRIVATE
        ${PROJECT_SOURCE_DIR}/tools)
    target_link_libraries(brood_program PRIVATE brood_warnings)
    brood_link_program(brood_program)
endfunction()
