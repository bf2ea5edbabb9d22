# Refuses a static library that could look at a clock, a file, a socket, a thread or a dice cup.
#   cmake -D NM=nm -D LIBRARY=libraiten_core.a -P pure.cmake
# With -D PLANTED=ON the library must contain every forbidden thing, and each must be found: that
# is how the list below is shown to bite.
set(forbidden
  "[a-z_]+_clock::now[^\n]*" "clock_gettime" "gettimeofday" "time" "nanosleep"
  "open(at)?(64)?" "fopen(64)?" "socket" "connect"
  "(s?rand|random|getrandom)" "random_device::[^\n]*" "RAND_[a-z]+"
  "(secure_)?getenv" "sqlite3_[a-z0-9_]+" "pthread_create"
  "basic_([io]?fstream|filebuf)[^\n]*" "c(out|err)")

execute_process(COMMAND ${NM} --undefined-only --demangle ${LIBRARY}
  OUTPUT_VARIABLE symbols COMMAND_ERROR_IS_FATAL ANY)
set(found "")
foreach(name IN LISTS forbidden)
  string(REGEX MATCHALL " [UWVw] ([^\n]*::)?${name}(@[^\n]*)?\n" hits "${symbols}")
  if(PLANTED AND NOT hits)
    message(FATAL_ERROR "the check is blind: ${name} was planted in ${LIBRARY} and not found")
  endif()
  string(APPEND found ${hits})
endforeach()
if(found AND NOT PLANTED)
  message(FATAL_ERROR "impure symbols in ${LIBRARY}:\n${found}")
endif()
