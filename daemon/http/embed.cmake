# raiten_embed(TARGET NAME ROOT FILES...): compiles files into TARGET as bytes.
#
#   raiten_embed(raiten_app kiosk daemon/http/kiosk index.html kiosk.js)
#
# gives `#include "raiten_embedded/kiosk.hpp"` with
#   std::span<const raiten::http::EmbeddedFile> raiten::http::embedded::kiosk();
#
# This file is both the function and, run with `cmake -P`, the generator.

if(NOT CMAKE_SCRIPT_MODE_FILE)
  set(RAITEN_EMBED_SCRIPT ${CMAKE_CURRENT_LIST_FILE})

  function(raiten_embed target name root)
    cmake_path(ABSOLUTE_PATH root BASE_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR})
    set(folder ${CMAKE_CURRENT_BINARY_DIR}/embed)
    set(source ${folder}/raiten_embedded/${name}.cpp)
    set(header ${folder}/raiten_embedded/${name}.hpp)
    list(TRANSFORM ARGN PREPEND ${root}/ OUTPUT_VARIABLE inputs)
    string(REPLACE ";" "|" names "${ARGN}")
    add_custom_command(
      OUTPUT ${source} ${header}
      COMMAND ${CMAKE_COMMAND} -D NAME=${name} -D ROOT=${root} -D "FILES=${names}"
        -D SOURCE=${source} -D HEADER=${header} -P ${RAITEN_EMBED_SCRIPT}
      DEPENDS ${inputs} ${RAITEN_EMBED_SCRIPT}
      COMMENT "Embedding ${name}"
      VERBATIM)
    target_sources(${target} PRIVATE ${source} ${header})
    set_source_files_properties(${source} PROPERTIES SKIP_PRECOMPILE_HEADERS ON)
    target_include_directories(${target} PRIVATE ${folder})
  endfunction()
  return()
endif()

string(REPLACE "|" ";" FILES "${FILES}")
set(arrays "")
set(rows "")
set(number 0)
foreach(file IN LISTS FILES)
  file(READ ${ROOT}/${file} bytes HEX)
  string(REGEX REPLACE "(................................)" "\\1\n    " bytes "${bytes}")
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
  # The zero at the end makes an empty file an array too.
  string(APPEND arrays "constexpr unsigned char file_${number}[] = {\n    ${bytes}0};\n")
  string(APPEND rows "    {\"${file}\", text_of(file_${number}, sizeof file_${number} - 1)},\n")
  math(EXPR number "${number} + 1")
endforeach()

file(WRITE ${HEADER} "#pragma once

#include \"daemon/http/asset.hpp\"

namespace raiten::http::embedded {

std::span<const EmbeddedFile> ${NAME}();

}  // namespace raiten::http::embedded
")
file(WRITE ${SOURCE} "#include \"raiten_embedded/${NAME}.hpp\"

#include <cstddef>

namespace raiten::http::embedded {

namespace {

${arrays}
std::string_view text_of(const unsigned char* bytes, std::size_t size)
{
    return {reinterpret_cast<const char*>(bytes), size};
}

const EmbeddedFile files[] = {
${rows}};

}  // namespace

std::span<const EmbeddedFile> ${NAME}()
{
    return files;
}

}  // namespace raiten::http::embedded
")
