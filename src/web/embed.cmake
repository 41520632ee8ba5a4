# cmake -DSOURCE=src/web -DOUTPUT=web_files.c -P embed.cmake: the front end as C arrays (web.h).
#
# The modules become one script: a file that is opened from a disk may not import others. Their order is
# modules.txt's, each after what it imports; `import` statements go, `export` before a declaration goes.
# So the names that modules declare at their top must differ.
file(STRINGS "${SOURCE}/modules.txt" modules)
set(script "(() => {\n'use strict'\n")
foreach(module ${modules})
  file(READ "${SOURCE}/${module}" text)
  string(REGEX REPLACE "(^|\n)import [^'\n]*'\\./[a-z_]+\\.js'" "\\1" text "${text}")
  string(REGEX REPLACE "(^|\n)export " "\\1" text "${text}")
  string(APPEND script "${text}")
endforeach()
string(APPEND script "})()\n")
file(READ "${SOURCE}/page.css" style)

# Hexadecimal digits to base64: three digits are two characters. A sum of SHA-256 has 64 digits.
function(base64_of hex ret_text)
  string(CONCAT alphabet "ABCDEFGHIJKLMNOPQRSTUVWXYZ" "abcdefghijklmnopqrstuvwxyz" "0123456789+/")
  set(text "")
  foreach(at RANGE 0 60 3)
    string(SUBSTRING ${hex} ${at} 3 digits)
    math(EXPR high "0x${digits} >> 6")
    math(EXPR low "0x${digits} & 63")
    string(SUBSTRING ${alphabet} ${high} 1 first)
    string(SUBSTRING ${alphabet} ${low} 1 second)
    string(APPEND text "${first}${second}")
  endforeach()
  string(SUBSTRING ${hex} 63 1 digit)
  math(EXPR last "0x${digit} << 2")
  string(SUBSTRING ${alphabet} ${last} 1 first)
  set(${ret_text} "${text}${first}=" PARENT_SCOPE)
endfunction()

set(code "/* Made by src/web/embed.cmake. */\n#include \"web/web.h\"\n")
foreach(name script style)
  if("${${name}}" MATCHES "</(script|style)")
    message(FATAL_ERROR "the ${name} holds </${CMAKE_MATCH_1}, which would end it inside a page")
  endif()
  string(SHA256 sum "${${name}}")
  base64_of(${sum} hash)
  string(HEX "${${name}}" bytes)
  string(REGEX REPLACE "(..)" "0x\\1," bytes "${bytes}")
  string(REGEX REPLACE "(................................................................................)" "\\1\n" bytes "${bytes}")
  string(APPEND code "static const unsigned char ${name}_bytes[] = {\n${bytes}};\n"
    "const struct web_file web_${name} = {${name}_bytes, sizeof ${name}_bytes, \"sha256-${hash}\"};\n")
endforeach()
file(WRITE "${OUTPUT}" "${code}")
