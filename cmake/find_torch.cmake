# LibTorch, for gpiot-tune alone: the PyTorch wheel is its SDK. GPIOT_TORCH names the folder `torch` of an unpacked or
# installed wheel; the set-up puts one into the cache. CPU and CUDA wheels alike.
set(GPIOT_TORCH "" CACHE PATH "folder 'torch' of a PyTorch wheel")
add_library(gpiot_torch INTERFACE)
if(EXISTS ${GPIOT_TORCH}/lib/libtorch_cuda.so)
  # Torch's own package file asks for NVIDIA's compiler here, and no source of ours needs it: its libraries do.
  set(GPIOT_TORCH_INCLUDES ${GPIOT_TORCH}/include ${GPIOT_TORCH}/include/torch/csrc/api/include)
  # What registers the kernels of the GPU is called by nobody, so the linker would leave it out.
  target_link_options(gpiot_torch INTERFACE -Wl,--no-as-needed -L${GPIOT_TORCH}/lib -Wl,-rpath,${GPIOT_TORCH}/lib)
  target_link_libraries(gpiot_torch INTERFACE torch torch_cuda c10_cuda torch_cpu c10)
  # Our own kernels and sums between GPUs want the headers of CUDA, too: what pip puts beside the wheel, with
  # nvidia-cuda-crt and nvidia-cuda-cccl. Without them ATen's operations do it, and gradients go over the CPU.
  file(GLOB GPIOT_CUDA_INCLUDES ${GPIOT_TORCH}/../nvidia/cu1?/include)
  if(NOT EXISTS ${GPIOT_CUDA_INCLUDES}/crt/host_defines.h OR NOT EXISTS ${GPIOT_CUDA_INCLUDES}/nv/target)
    set(GPIOT_CUDA_INCLUDES "")
  endif()
  # What our own kernels want beside torch: the runtime and the compiler at run time, of the same wheels. The compiler
  # looks for its builtins by name alone, and finds what is loaded.
  set(GPIOT_CUDA_LIBS ${GPIOT_TORCH}/../nvidia/cu1?/lib)
  file(GLOB GPIOT_CUDA_RUNTIME ${GPIOT_CUDA_LIBS}/libcudart.so.1? ${GPIOT_CUDA_LIBS}/libnvrtc.so.1?
       ${GPIOT_CUDA_LIBS}/libnvrtc-builtins.so.1?.?)
else()
  find_package(Torch REQUIRED PATHS ${GPIOT_TORCH}/share/cmake/Torch NO_DEFAULT_PATH)
  set(GPIOT_TORCH_INCLUDES ${TORCH_INCLUDE_DIRS})
  target_link_libraries(gpiot_torch INTERFACE ${TORCH_LIBRARIES})
endif()
# Its headers are not ours to warn about. at::parallel_for is compiled into our code, so it wants OpenMP; the library
# of the wheel itself, so that there is one pool of threads.
target_include_directories(gpiot_torch SYSTEM INTERFACE ${GPIOT_TORCH_INCLUDES})
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

# Torch's headers take 11 s of each source that reads them. What names gpiot_torch_headers takes them compiled once.
# Every source still includes what it uses.
add_library(gpiot_torch_headers OBJECT ${CMAKE_CURRENT_LIST_DIR}/torch_headers.cpp)
target_link_libraries(gpiot_torch_headers PRIVATE gpiot_torch nlohmann_json::nlohmann_json)
target_precompile_headers(gpiot_torch_headers PRIVATE <ATen/ATen.h> <nlohmann/json.hpp>)
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
  target_compile_options(gpiot_torch INTERFACE -fpch-preprocess) # for ccache
endif()
