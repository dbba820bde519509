# Step 2: libllama, static, built for this processor, from the llama.cpp source inside the llama-cpp-python sdist.

llama_version=0.3.36
llama_sha256=832db0699007f1be95a7e41ef12e88926b02ba836461e36a36372db2760c1a2e
llama_sdist=$cache/downloads/llama_cpp_python-$llama_version.tar.gz
llama_options=(-DCMAKE_BUILD_TYPE=Release -DBUILD_SHARED_LIBS=OFF -DGGML_NATIVE=ON -DLLAMA_BUILD_COMMON=OFF
  -DLLAMA_BUILD_TOOLS=OFF -DLLAMA_BUILD_EXAMPLES=OFF -DLLAMA_BUILD_TESTS=OFF -DLLAMA_BUILD_SERVER=OFF
  -DLLAMA_BUILD_APP=OFF -DLLAMA_OPENSSL=OFF)

# With GPIOT_CUDA=ON for NVIDIA GPUs; the CUDA toolkit is the user's own.
if [ "${GPIOT_CUDA:-OFF}" = ON ]; then llama_options+=(-DGGML_CUDA=ON); fi

# The folder of the build in the cache: another source, compiler, processor or option gives another one.
# GPIOT_LLAMA, a prefix with lib/cmake/llama, is taken as it is.
llama_prefix() {
  if [ -n "${GPIOT_LLAMA:-}" ]; then echo "$GPIOT_LLAMA"; return; fi
  local key
  key=$({ echo "$llama_sha256 ${llama_options[*]}"; g++ -dumpfullversion 2>/dev/null; cpu_features; } | sha256sum)
  echo "$cache/deps/llama-${key:0:16}"
}

llama_done() { command -v g++ >/dev/null && [ -f "$(llama_prefix)/lib/cmake/llama/llama-config.cmake" ]; }
llama_plan() {
  echo "libllama from source: llama-cpp-python $llama_version (77 MB, MIT) fetched by pip, checked by its hash," \
    "compiled for this processor; it runs the language models"
}
llama_cost() { echo "77 500 $((200 * 2 / cores))"; }

llama_run() {
  local prefix build
  if [ "${GPIOT_CUDA:-OFF}" = ON ] && ! command -v nvcc >/dev/null; then
    fail "GPIOT_CUDA=ON needs the CUDA toolkit: nvcc is not to be found" \
      "install it from NVIDIA and put its bin folder on PATH, or leave GPIOT_CUDA out"
  fi
  prefix=$(llama_prefix)
  build=$prefix.build
  fetch_sdist llama-cpp-python "$llama_version" "$llama_sha256" "$llama_sdist" "77 MB"
  if [ ! -f "$build/source-ready" ]; then
    mkdir -p "$build"
    logged "unpacking llama.cpp" "rm -r $build" tar -xzf "$llama_sdist" -C "$build" --strip-components=1 \
      "llama_cpp_python-$llama_version/vendor/llama.cpp"
    touch "$build/source-ready"
  fi
  local remedy="rm -r $build"
  logged "configuring llama.cpp" "$remedy" "$cmake" -S "$build/vendor/llama.cpp" -B "$build/out" -G Ninja \
    -DCMAKE_MAKE_PROGRAM=/usr/bin/ninja -DCMAKE_INSTALL_PREFIX="$prefix" -DCMAKE_C_COMPILER_LAUNCHER=ccache \
    -DCMAKE_CXX_COMPILER_LAUNCHER=ccache "${llama_options[@]}"
  logged "compiling llama.cpp (about $((200 * 2 / cores)) s)" "$remedy, or free some memory" \
    "$cmake" --build "$build/out"
  logged "installing llama.cpp" "$remedy" "$cmake" --install "$build/out" --prefix "$prefix.new"
  rm -rf "$prefix"
  mv "$prefix.new" "$prefix"
  rm -rf "$build"
}
