# LibTorch, for gpiot-tune alone: the PyTorch wheel is its SDK. GPIOT_TORCH names the folder `torch` of an unpacked or
# installed wheel; the set-up puts one into the cache. CPU and CUDA wheels alike.
set(GPIOT_TORCH "" CACHE PATH "folder 'torch' of a PyTorch wheel")
find_package(Torch REQUIRED PATHS ${GPIOT_TORCH}/share/cmake/Torch NO_DEFAULT_PATH)
add_library(gpiot_torch INTERFACE)
target_link_libraries(gpiot_torch INTERFACE ${TORCH_LIBRARIES})
# Its headers are not ours to warn about. at::parallel_for is compiled into our code, so it wants OpenMP; the library
# of the wheel itself, so that there is one pool of threads.
target_include_directories(gpiot_torch SYSTEM INTERFACE ${TORCH_INCLUDE_DIRS})
target_compile_options(gpiot_torch INTERFACE -fopenmp)
# The wheel brings headers of a newer fmt than the library of the system.
target_compile_definitions(gpiot_torch INTERFACE FMT_HEADER_ONLY)
file(GLOB gomp ${GPIOT_TORCH}/lib/libgomp*.so* ${GPIOT_TORCH}/../torch.libs/libgomp*.so*)
if(gomp)
  list(GET gomp 0 gomp)
  target_link_libraries(gpiot_torch INTERFACE ${gomp})
else()
  target_link_libraries(gpiot_torch INTERFACE gomp)
endif()
