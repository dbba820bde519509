# SQLite: where the set-up put it, or GPIOT_SQLITE, a prefix with include/sqlite3.h and the library; else the newest one in
# the cache of gpiot, so that `cmake --preset NAME` works by hand, too.
set(GPIOT_SQLITE "" CACHE PATH "prefix of an SQLite >= 3.51.3 with FTS5")
set(gpiot_sqlite_prefix ${GPIOT_SQLITE})
if(NOT gpiot_sqlite_prefix)
  file(GLOB built LIST_DIRECTORIES true ${gpiot_cache}/deps/sqlite-*)
  foreach(prefix ${built})
    set(header ${prefix}/include/sqlite3.h)
    # True where there is no newest yet.
    if(EXISTS ${header} AND ${header} IS_NEWER_THAN "${newest}")
      set(newest ${header})
      set(gpiot_sqlite_prefix ${prefix})
    endif()
  endforeach()
endif()
find_library(gpiot_sqlite_library NAMES libsqlite3.a sqlite3 PATHS ${gpiot_sqlite_prefix}
             PATH_SUFFIXES lib lib64 lib/${CMAKE_CXX_LIBRARY_ARCHITECTURE} NO_DEFAULT_PATH NO_CACHE)
set(header ${gpiot_sqlite_prefix}/include/sqlite3.h)
if(NOT gpiot_sqlite_prefix OR NOT gpiot_sqlite_library OR NOT EXISTS ${header})
  message(FATAL_ERROR "SQLite was not found: run ./gpiot setup, or give -DGPIOT_SQLITE=PREFIX of an SQLite >= 3.51.3 with FTS5")
endif()
file(STRINGS ${header} version REGEX "^#define SQLITE_VERSION +\"")
string(REGEX MATCH "[0-9]+\\.[0-9.]+" version "${version}")
# Older ones may corrupt a database in WAL mode that several connections write (the WAL-reset bug).
if(NOT version OR version VERSION_LESS 3.51.3)
  message(FATAL_ERROR "SQLite ${version} in ${gpiot_sqlite_prefix} is too old: its WAL mode can corrupt a database; got ${version}, "
                      "expected 3.51.3 or newer. Run ./gpiot setup without GPIOT_SQLITE, or give another prefix")
endif()
message(STATUS "SQLite ${version}: ${gpiot_sqlite_library}")
add_library(gpiot_sqlite3 INTERFACE)
target_include_directories(gpiot_sqlite3 SYSTEM INTERFACE ${gpiot_sqlite_prefix}/include)
target_link_libraries(gpiot_sqlite3 INTERFACE ${gpiot_sqlite_library} Threads::Threads m)
