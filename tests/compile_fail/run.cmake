# Compiles one snippet and compares the compiler's answer with the comments in it:
#   // expect: TEXT   exactly one error, and TEXT is in it; without this line the snippet has to compile
#   // culprit: NAME  NAME is named in the answer; may stand on several lines
# usage: cmake -DCOMPILER=c++ -DINCLUDE=include -DSNIPPET=snippet.cpp -P run.cmake
foreach(variable COMPILER INCLUDE SNIPPET)
  if(NOT DEFINED ${variable})
    message(FATAL_ERROR "${variable} is not given")
  endif()
endforeach()

# A bracket or a semicolon would make CMake split the lines in the wrong places.
function(read_lines text result)
  string(REPLACE ";" "<semicolon>" text "${text}")
  string(REPLACE "[" "<open>" text "${text}")
  string(REPLACE "]" "<close>" text "${text}")
  string(REPLACE "\\" "<backslash>" text "${text}")
  string(REPLACE "\n" ";" text "${text}")
  set(${result} "${text}" PARENT_SCOPE)
endfunction()

set(ENV{LC_ALL} C)
execute_process(COMMAND ${COMPILER} -std=c++20 -fsyntax-only -Wall -Wextra -I${INCLUDE} ${SNIPPET}
  RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)

file(READ ${SNIPPET} source)
read_lines("${source}" source_lines)
read_lines("${output}" output_lines)

set(expected "")
set(culprits "")
foreach(line IN LISTS source_lines)
  if(line MATCHES "^// expect: (.+)$")
    set(expected "${CMAKE_MATCH_1}")
  elseif(line MATCHES "^// culprit: (.+)$")
    list(APPEND culprits "${CMAKE_MATCH_1}")
  endif()
endforeach()

if(expected STREQUAL "")
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "has to compile, but the compiler said:\n${output}")
  endif()
  return()
endif()

if(result EQUAL 0)
  message(FATAL_ERROR "compiles, but expected: ${expected}")
endif()
if(NOT expected MATCHES "^syncline: ")
  message(FATAL_ERROR "the expected text does not begin with `syncline: `: ${expected}")
endif()

set(errors 0)
set(matches 0)
foreach(line IN LISTS output_lines)
  if(line MATCHES "error: ")
    math(EXPR errors "${errors} + 1")
    string(FIND "${line}" "${expected}" position)
    if(NOT position EQUAL -1)
      math(EXPR matches "${matches} + 1")
    endif()
  endif()
endforeach()
if(NOT errors EQUAL 1 OR NOT matches EQUAL 1)
  message(FATAL_ERROR "expected one error, and in it: ${expected}\n${errors} errors, ${matches} with that text:\n${output}")
endif()

foreach(culprit IN LISTS culprits)
  string(FIND "${output}" "${culprit}" position)
  if(position EQUAL -1)
    message(FATAL_ERROR "does not name ${culprit}:\n${output}")
  endif()
endforeach()
