# Man pages and completions. Those of subcommands are written from their tables
# of options by mkdoc, a program that is built for that and not installed.

function(brood_documents)
    set(out ${PROJECT_BINARY_DIR}/man)
    set(pages "")
    file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tools/man/*.[1-9])
    foreach(source ${sources})
        cmake_path(GET source FILENAME name)
        add_custom_command(OUTPUT ${out}/${name}
            COMMAND ${CMAKE_COMMAND} -E copy ${source} ${out}/${name}
            DEPENDS ${source} VERBATIM)
        list(APPEND pages ${out}/${name})
    endforeach()

    set(words "")
    file(GLOB mkdoc CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tools/doc/*.c)
    file(GLOB templates CONFIGURE_DEPENDS
         ${PROJECT_SOURCE_DIR}/tools/man/*.[1-9].in)
    if(mkdoc)
        add_executable(brood_mkdoc ${mkdoc} $<TARGET_OBJECTS:brood_tools>)
        set_target_properties(brood_mkdoc PROPERTIES OUTPUT_NAME mkdoc
            RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tools)
        target_include_directories(brood_mkdoc PRIVATE
            ${PROJECT_SOURCE_DIR}/tools)
        target_link_libraries(brood_mkdoc PRIVATE brood_warnings brood_static
                              PkgConfig::ZMQ ${BROOD_TOOL_LIBS})
        foreach(template ${templates})
            cmake_path(GET template FILENAME name)
            string(REGEX REPLACE "\\.in$" "" name ${name})
            brood_mkdoc_output(${out}/${name} "man;${template}" ${template})
            list(APPEND pages ${out}/${name})
        endforeach()
        foreach(shell bash zsh fish)
            set(file ${PROJECT_BINARY_DIR}/completions/${shell})
            brood_mkdoc_output(${file} ${shell} "")
            list(APPEND words ${file})
        endforeach()
    endif()
    add_custom_target(brood_documents ALL DEPENDS ${pages} ${words})
    set_property(GLOBAL PROPERTY BROOD_PAGES "${pages}")
    set_property(GLOBAL PROPERTY BROOD_COMPLETIONS "${words}")
endfunction()

# A file that is what mkdoc prints; never left half written.
function(brood_mkdoc_output file arguments depends)
    cmake_path(GET file PARENT_PATH dir)
    add_custom_command(OUTPUT ${file}
        COMMAND ${CMAKE_COMMAND} -E make_directory ${dir}
        COMMAND $<TARGET_FILE:brood_mkdoc> ${arguments} > ${file}.new
        COMMAND ${CMAKE_COMMAND} -E rename ${file}.new ${file}
        DEPENDS brood_mkdoc ${depends} VERBATIM)
endfunction()
