# Step 5: gpiot itself. One step per CMake preset; `release` is what the launcher starts.

preset_run() { # PRESET
  local build=$GPIOT_ROOT/build/$1 remedy="rm -r build/$1" new_stamp tune=(-DGPIOT_TUNE=OFF)
  # gpiot-tune, where LibTorch is there; the sanitizers do not know its code.
  case $1 in release | dev | cuda) if torch_done; then tune=(-DGPIOT_TUNE=ON "-DGPIOT_TORCH=$(torch_folder)"); fi ;; esac
  mkdir -p "$build"
  new_stamp=$build/.gpiot-ready.new
  cpu_features >"$new_stamp" # before the build: a source edited meanwhile is newer than the stamp
  logged "configuring gpiot ($1)" "$remedy" "$cmake" -S "$GPIOT_ROOT" --preset "$1" \
    -DCMAKE_MAKE_PROGRAM=/usr/bin/ninja -DCMAKE_PREFIX_PATH="$(llama_prefix)" \
    -DGPIOT_SQLITE="$(sqlite_prefix)" "${tune[@]}"
  logged "compiling gpiot ($1)" "$remedy" "$cmake" --build "$build"
  mv "$new_stamp" "$build/.gpiot-ready"
}

release_done() { up_to_date; }
release_plan() { echo "gpiot itself, compiled from $GPIOT_ROOT"; }
release_cost() { echo "0 120 $((180 * 2 / cores))"; }
release_run() { preset_run release; }

cuda_done() { up_to_date; }
cuda_plan() { echo "gpiot for NVIDIA GPUs, compiled from $GPIOT_ROOT"; }
cuda_cost() { release_cost; }
cuda_run() { preset_run cuda; }

# The first `gpiot tune` adds gpiot-tune to the build that is there.
tune_done() { [ -x "$GPIOT_ROOT/build/$preset/apps/gpiot-tune" ] && up_to_date; }
tune_plan() { echo "gpiot-tune, compiled from $GPIOT_ROOT"; }
tune_cost() { echo "0 60 $((150 * 2 / cores))"; }
tune_run() { preset_run "$preset"; }

# The other presets are for ./test; they are always handed to ninja, which knows best what is old.
dev_done() { false; }
dev_plan() { echo "gpiot with its tests, compiled from $GPIOT_ROOT"; }
dev_cost() { echo "0 600 $((420 * 2 / cores))"; }
dev_run() { preset_run dev; }
