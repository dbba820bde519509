# libllama: where the set-up put it (CMAKE_PREFIX_PATH or llama_DIR), else the newest one in the cache of gpiot, so that
# `cmake --preset NAME` works by hand, too.
if(NOT CMAKE_PREFIX_PATH AND NOT llama_DIR)
  file(GLOB built LIST_DIRECTORIES true ${gpiot_cache}/deps/llama-*)
  list(APPEND CMAKE_PREFIX_PATH ${built})
endif()
if(GPIOT_CUDA)
  find_package(CUDAToolkit REQUIRED)
endif()
find_package(llama QUIET)
if(NOT llama_FOUND)
  message(FATAL_ERROR "libllama was not found: run ./gpiot setup, or give -DCMAKE_PREFIX_PATH=PREFIX of an installed llama.cpp")
endif()
