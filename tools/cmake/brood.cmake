# How a layer and the library are compiled.

add_library(brood_warnings INTERFACE)
target_compile_options(brood_warnings INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wvla -Wundef
    -Wstrict-prototypes -Wmissing-prototypes
    -Wwrite-strings -Wcast-qual -Wimplicit-fallthrough -Wformat=2
    $<$<C_COMPILER_ID:Clang>:-Wmissing-variable-declarations>
    $<$<BOOL:${BROOD_WERROR}>:-Werror>)
target_compile_definitions(brood_warnings INTERFACE
    $<$<BOOL:${BROOD_FAULT_INJECTION}>:BROOD_FAULT_INJECTION>)

add_compile_definitions(_GNU_SOURCE)
if(BROOD_SANITIZER)
    add_compile_options(-fsanitize=${BROOD_SANITIZER} -fno-omit-frame-pointer
                        -fno-sanitize-recover=all)
    add_link_options(-fsanitize=${BROOD_SANITIZER})
else()
    # What a program does not use of the archive is left out of it.
    add_compile_options(-ffunction-sections -fdata-sections)
endif()
if(BROOD_LIBFUZZER)
    add_compile_options(-fsanitize=fuzzer-no-link)
endif()

# brood_sources(<layer> <glob>...): <layer>_sources, in the caller.
function(brood_sources layer)
    file(GLOB sources CONFIGURE_DEPENDS ${ARGN})
    set(${layer}_sources ${sources} PARENT_SCOPE)
endfunction()

# brood_embed(<ret> <header> <file>...): C sources that hold these files, each
# as an array of bytes named after it (page.css: page_css), for <header>.
function(brood_embed ret header)
    foreach(file ${ARGN})
        cmake_path(GET file FILENAME name)
        string(MAKE_C_IDENTIFIER ${name} name)
        set(out ${PROJECT_BINARY_DIR}/embedded/${name}.c)
        set(script ${PROJECT_SOURCE_DIR}/tools/cmake/embed.cmake)
        add_custom_command(OUTPUT ${out}
            COMMAND ${CMAKE_COMMAND} -D IN=${PROJECT_SOURCE_DIR}/${file}
                    -D OUT=${out} -D NAME=${name} -D HEADER=${header}
                    -P ${script}
            DEPENDS ${file} ${script} VERBATIM)
        list(APPEND sources ${out})
    endforeach()
    set(${ret} ${sources} PARENT_SCOPE)
endfunction()

# brood_layer(<name> SOURCES ... [LAYERS ...] [LIBS ...] [PUBLIC_ONLY])
# Linking to a layer is the only way to see its symbols, so a call that goes
# the wrong way fails to link in that layer's own unit tests. PUBLIC_ONLY
# shows it the public headers and nothing else of the library.
function(brood_layer name)
    cmake_parse_arguments(arg "PUBLIC_ONLY" "" "SOURCES;LAYERS;LIBS" ${ARGN})
    if(NOT arg_SOURCES)
        # An object library must have a source.
        set(arg_SOURCES ${PROJECT_BINARY_DIR}/empty/${name}.c)
        file(CONFIGURE OUTPUT ${arg_SOURCES}
             CONTENT "typedef int brood_${name}_is_empty;\n")
    endif()
    add_library(brood_${name} OBJECT ${arg_SOURCES})
    if(arg_PUBLIC_ONLY)
        target_include_directories(brood_${name} PUBLIC
            ${PROJECT_SOURCE_DIR}/${name} ${PROJECT_SOURCE_DIR}/core/include)
    else()
        target_include_directories(brood_${name} PUBLIC
            ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/core
            ${PROJECT_SOURCE_DIR}/core/include)
    endif()
    target_link_libraries(brood_${name} PUBLIC brood_warnings Threads::Threads
                          PRIVATE ${arg_LIBS})
    set_property(TARGET brood_${name} PROPERTY BROOD_LAYERS ${arg_LAYERS})
endfunction()

# brood_library(<layer>...): libbrood.so and libbrood.a of these layers, and
# brood_inside, an archive that shows tests what the other two hide.
function(brood_library)
    foreach(layer ${ARGN})
        list(APPEND objects $<TARGET_OBJECTS:brood_${layer}>)
    endforeach()

    # Hidden symbols are global in an archive of plain objects, and names like
    # buf_add would clash with a caller's. In one object they can be local.
    set(whole ${PROJECT_BINARY_DIR}/libbrood.o)
    add_custom_command(OUTPUT ${whole}
        COMMAND ${CMAKE_LINKER} -r -o ${whole} ${objects}
        COMMAND ${CMAKE_OBJCOPY} --localize-hidden ${whole}
        DEPENDS ${objects} COMMAND_EXPAND_LISTS VERBATIM
        COMMENT "Joining the layers in libbrood.o")
    set_source_files_properties(${whole} PROPERTIES EXTERNAL_OBJECT TRUE
                                GENERATED TRUE)

    add_library(brood_shared SHARED ${objects})
    add_library(brood_static STATIC ${whole})
    add_library(brood_inside STATIC EXCLUDE_FROM_ALL ${objects})
    set_target_properties(brood_static brood_inside PROPERTIES
                          LINKER_LANGUAGE C)
    foreach(target brood_shared brood_static)
        set_target_properties(${target} PROPERTIES OUTPUT_NAME brood
            VERSION ${PROJECT_VERSION} SOVERSION 0)
        target_include_directories(${target} PUBLIC
            $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/core/include>
            $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
    endforeach()
    target_include_directories(brood_inside PUBLIC
        ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/core
        ${PROJECT_SOURCE_DIR}/core/include)
    target_link_libraries(brood_shared PRIVATE Threads::Threads PkgConfig::ZMQ)
    target_link_libraries(brood_inside PUBLIC Threads::Threads PkgConfig::ZMQ)
    # brood_static leaves libzmq to its user: the program may want its archive.
    target_link_libraries(brood_static PUBLIC Threads::Threads
        INTERFACE $<INSTALL_INTERFACE:$<LINK_ONLY:PkgConfig::ZMQ>>)
    if(NOT BROOD_SANITIZER)
        target_link_options(brood_shared PRIVATE -Wl,--no-undefined)
    endif()

    set_target_properties(brood_shared PROPERTIES EXPORT_NAME brood)
    set_target_properties(brood_static PROPERTIES EXPORT_NAME brood-static)
    add_library(brood::brood ALIAS brood_shared)
    add_library(brood::brood-static ALIAS brood_static)
endfunction()
