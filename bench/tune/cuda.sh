#!/usr/bin/env bash
# On a machine with an NVIDIA GPU: builds gpiot-tune for it, checks its numbers there, and times it beside TRL + PEFT.
#
#   bench/tune/cuda.sh PYTHON MODEL.gguf RECORDS OUT [speed|peers]
#
# PYTHON has torch 2.11 to 2.13 for CUDA, transformers, peft, trl, datasets, gguf; liger-kernel and unsloth are used where
# they are there. NVIDIA's compiler is not needed: our kernels are compiled at run time. RECORDS must be of one task for the
# comparison of numbers (PEFT has one adapter); where they are of both, two runs of TRL stand beside our one of both. `speed`
# leaves out the comparisons of numbers (for random_model.py's models), `peers` our own profile, too. OUT gets a JSON file
# for each run and summary.json, with the GPU's name. A run that is done is not done again; a peer that does not run is named
# in the summary with its last line.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
[ $# -eq 4 ] || [ $# -eq 5 ] || { sed -n '2,12s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2; exit 2; }
python=$1 model=$(readlink -f "$2") records=$(readlink -f "$3") out=$4 part=${5:-all}
mkdir -p "$out"
out=$(readlink -f "$out")
build=$root/build/tune-cuda

say() { printf '%s\n' "$*" >&2; }
fail() { say "cuda.sh: $1"; say "  try: $2"; exit 1; }

"$python" -c 'import torch, sys; sys.exit(not torch.cuda.is_available())' ||
  fail "this Python's torch sees no GPU" "nvidia-smi; a PyTorch wheel for CUDA: pip install torch (without +cpu)"
torch=$("$python" -c 'import os, torch; print(os.path.dirname(torch.__file__))')

if [ ! -x "$build/bench/tune/gpiot-bench-tune" ] || [ ! -x "$build/src/gpiot/tune/gpiot_tune_test" ]; then
  say "building gpiot-tune against $torch"
  cmake -S "$root" --preset dev -B "$build" -DCMAKE_BUILD_TYPE=Release -DGPIOT_TUNE=ON "-DGPIOT_TORCH=$torch" >"$out/build.log"
  cmake --build "$build" --target gpiot-tune gpiot-bench-tune gpiot_tune_test >>"$out/build.log" || fail "the build failed" \
    "tail $out/build.log"
fi

# once NAME COMMAND...   its JSON in OUT/NAME.json; the end of what it said in OUT/NAME.err
once() {
  local name=$1
  shift
  if [ -s "$out/$name.json" ]; then return; fi
  say "$name"
  if ! "$@" >"$out/$name.new" 2>"$out/$name.err"; then
    say "  did not run: $(tail -n 1 "$out/$name.err")"
    rm -f "$out/$name.new"
    return
  fi
  mv "$out/$name.new" "$out/$name.json"
}
ours() { "$build/bench/tune/gpiot-bench-tune" "$model" "$records" "$@"; }
fast() { ours --set device=cuda sharing=single dropout=0.1 batch_tokens=8192 step_tokens=8192 "$@" --steps "$own_steps" --warm "$own_warm"; }
peft() { "$python" "$here/peft_peer.py" "$model" "$out/peer-$1" --device cuda "${@:2}"; }
trl() { "$python" "$here/trl_peer.py" "$model" "$out/peer-$1" --device cuda --hf "$out/hf" --steps "$steps" --warm 6 "${@:2}"; }
device() { "$build/src/gpiot/tune/gpiot_tune_test" --gtest_filter='Device*:Rows*' >&2 && echo '{"bench": "device", "passed": true}'; }
# The first steps are slower for all: memory is asked for, kernels are compiled.
steps=14 own_steps=36 own_warm=12

# Two GPUs by NCCL: the losses of one.
gpus=$("$python" -c 'import torch; print(torch.cuda.device_count())')
epoch() { "$build/apps/gpiot-tune" "$root/examples/tiny-tune" --set "output=$1" "base=$model" device=cuda epochs=1 type=f32 dropout=0 >&2; }
both() {
  epoch "$out/one" && mpirun --allow-run-as-root -np 2 bash -c "$(declare -f epoch); build='$build' root='$root' model='$model' epoch '$out/two'" &&
    "$python" "$here/same_losses.py" "$out/one/log.jsonl" "$out/two/log.jsonl"
}
# Correctness first: the kernels and the step against the processor, then the base and an adapter against PEFT.
if [ "$part" = all ]; then
  once device device
  once numbers-ours ours --set device=cuda type=f32 sharing=single dropout=0 rank=8 batch_tokens=1024 step_tokens=1024 --steps 3 \
    --peer "$out/peer-numbers"
  once numbers-peft peft numbers --type f32 --check
  if [ "$gpus" -ge 2 ] && command -v mpirun >/dev/null; then once two-gpus both; fi
fi
# Speed: documents of the same records, the first steps of each not timed.
once ours-single fast --peer "$out/peer-speed"
once ours-pect fast --set sharing=pect
if [ "$part" != peers ]; then
  once ours-recompute fast --set recompute=block
  once ours-small fast --set recompute=block base_storage=int8 batch_tokens=2048
  once ours-traced ours --set device=cuda sharing=single dropout=0.1 batch_tokens=8192 step_tokens=8192 --steps 13 --warm 12 --trace "$out/trace.json"
fi
once trl-packed-liger trl speed --form packed --liger --batch 4
once unsloth trl speed --form packed --batch 4 --unsloth
once trl-script trl speed --form script --checkpointing
if grep -q '"kind": *"tdd' "$records" && grep -q '"kind": *"cgd' "$records"; then
  for task in tdd cgd; do once "trl-script-$task" trl speed --form script --checkpointing --task "$task"; done
fi
once trl-script-kept trl speed --form script
once trl-packed-liger-flex trl speed --form packed --batch 4 --liger --attention flex_attention
once trl-packed trl speed --form packed --batch 4
once peft-script peft speed --type bf16 --steps "$steps" --warm 6 --dropout 0.1

"$python" - "$out" <<'END'
import glob, json, os, subprocess, sys
import torch
out = sys.argv[1]
runs, missing = {}, {}
for path in sorted(glob.glob(os.path.join(out, "*.err"))):
    name = os.path.basename(path)[:-4]
    if os.path.exists(os.path.join(out, name + ".json")):
        with open(os.path.join(out, name + ".json"), encoding="utf-8") as file:
            runs[name] = json.load(file)
    else:
        with open(path, encoding="utf-8", errors="replace") as file:
            missing[name] = (file.read().strip().splitlines() or ["no word"])[-1]
rate = lambda name: runs[name]["counted_tokens_per_s"] if name in runs else None
memory = lambda name: runs[name]["peak_device_bytes"] if name in runs else None
peers = [name for name in runs if name.split("-")[0] in ("peft", "trl", "unsloth")] if "ours-single" in runs else []
ratios = {name: {"speed": rate("ours-single") / rate(name), "memory": memory("ours-single") / memory(name)} for name in peers}
summary = {"bench": "tune_cuda", "gpu": torch.cuda.get_device_name(0), "ours_over_peer": ratios, "did_not_run": missing,
           "runs": runs}
with open(os.path.join(out, "summary.json"), "w", encoding="utf-8") as file:
    json.dump(summary, file, indent=1)
print(json.dumps({key: summary[key] for key in ("gpu", "ours_over_peer", "did_not_run")}, indent=1))
END
