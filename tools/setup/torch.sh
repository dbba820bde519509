# Only for `gpiot tune` and the tests: LibTorch, which is the PyTorch wheel (CPU), read as data and never installed.

torch_version=2.13.0
torch_sha256=6746dbcbeb526eb61330b76b41ff1b4eb848951103a892eeb080dfa2b264667b # cp311, x86_64, +cpu
torch_index=https://download.pytorch.org/whl/cpu

# GPIOT_TORCH, the folder `torch` of an installed wheel (one for CUDA, say), is taken as it is.
torch_folder() { echo "${GPIOT_TORCH:-$cache/deps/torch-$torch_version/torch}"; }

torch_done() { [ -f "$(torch_folder)/lib/libtorch_cpu.so" ]; }
torch_plan() {
  echo "LibTorch from the PyTorch wheel $torch_version for CPUs (192 MB, BSD-3-Clause), fetched by pip, checked by its" \
    "hash: it trains the adapters"
}
torch_cost() { echo "192 700 30"; }

torch_unpack='
import glob, sys, zipfile
[wheel] = glob.glob(sys.argv[1] + "/torch-*.whl")
with zipfile.ZipFile(wheel) as archive:
    folders = ("torch/lib/", "torch/include/", "torch/share/", "torch.libs/")
    archive.extractall(sys.argv[2], [name for name in archive.namelist() if name.startswith(folders)])
'

torch_run() {
  local wheels=$cache/downloads/torch folder=$cache/deps/torch-$torch_version remedy="check the network and pip's settings (pip config list)"
  mkdir -p "$wheels"
  # With its local version: the wheel of that number on PyPI is the large one for CUDA, and would be fetched in vain.
  echo "torch==$torch_version+cpu --hash=sha256:$torch_sha256" >"$wheels/torch.txt"
  local get=(env PIP_CONSTRAINT=/dev/null PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_PROGRESS_BAR=off "$python" -m pip download
    --no-deps --only-binary=:all: --python-version 3.11 --platform manylinux_2_28_x86_64 --require-hashes
    -r "$wheels/torch.txt" -d "$wheels")
  # The user's own index first; PyTorch's where that has not the wheel for CPUs.
  if ! "${get[@]}" >>"$log" 2>&1 </dev/null; then
    logged "fetching LibTorch $torch_version (192 MB)" "$remedy" "${get[@]}" --index-url "$torch_index"
  fi
  rm -rf "$folder.new"
  logged "unpacking LibTorch" "rm -r $folder.new" "$python" -c "$torch_unpack" "$wheels" "$folder.new"
  rm -rf "$folder"
  mv "$folder.new" "$folder"
  rm -rf "$wheels"
}
