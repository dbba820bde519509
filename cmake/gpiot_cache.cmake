# gpiot_cache: the folder where the set-up puts what it builds, as tools/setup finds it.
if(DEFINED ENV{GPIOT_HOME})
  set(gpiot_cache $ENV{GPIOT_HOME}/cache)
elseif(DEFINED ENV{XDG_CACHE_HOME})
  set(gpiot_cache $ENV{XDG_CACHE_HOME}/gpiot)
else()
  set(gpiot_cache $ENV{HOME}/.cache/gpiot)
endif()
