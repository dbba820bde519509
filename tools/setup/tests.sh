# Sourced by ./test: runs ctest and counts what it says. Counts come from the JUnit files, so that a test that did not
# run at all (a crash at discovery, a missing binary) is a failure too.

passed=0 failed=0 skipped=0
test_runs=()

asan_run() { preset_run asan; }
tsan_run() { preset_run tsan; }

# Models for the tests that need real ones: 98 MB that write text, 46 MB that embed it. Kept in the cache; found there
# without a network.
pull_test_model() {
  local gpiot=$GPIOT_ROOT/build/dev/apps/gpiot
  if [ -z "${GPIOT_TEST_EMBEDDER:-}" ] && [ -x "$gpiot" ]; then
    say "the test model minilm-l6-v2 (46 MB, made of a download of 84 MB, Apache-2.0)"
    "$gpiot" model pull minilm-l6-v2 >/dev/null || fail "the test model could not be fetched" "check the network"
    GPIOT_TEST_EMBEDDER=$cache/models/all-MiniLM-L6-v2.bf16.gguf
    export GPIOT_TEST_EMBEDDER
  fi
  if [ -n "${GPIOT_TEST_MODEL:-}" ] || [ ! -x "$gpiot" ]; then return; fi
  say "the test model smollm2-135m (98 MB, Apache-2.0)"
  "$gpiot" model pull smollm2-135m >/dev/null || fail "the test model could not be fetched" "check the network"
  GPIOT_TEST_MODEL=$cache/models/SmolLM2-135M-Instruct.Q4_1.gguf
  export GPIOT_TEST_MODEL
}

# run_tests PRESET LABELS PATTERN
run_tests() {
  local preset=$1 build=$GPIOT_ROOT/build/$1 report=$GPIOT_ROOT/build/$1/tests-${2//[^a-z]/-}.xml counts status=0
  local wrap=()
  # The thread sanitizer of g++ 12 cannot live with the address randomisation of newer kernels, and does not see the
  # barriers of libgomp: two of ggml's threads look like a race. Our own threads are not libgomp's.
  [ "$preset" != tsan ] || wrap=(env OMP_THREAD_LIMIT=1 setarch "$(uname -m)" -R)
  say "tests of preset $preset, labels $2"
  rm -f "$report"
  "${wrap[@]}" /usr/bin/ctest --test-dir "$build" -L "$2" -R "$3" -j "$cores" --timeout 600 \
    --output-on-failure --output-junit "$report" || status=$?
  counts=$(count_tests "$report" "$status")
  say "  $preset: $counts (passed failed skipped)"
  local p f s
  read -r p f s <<<"$counts"
  passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
  test_runs+=("$preset $2 $p $f $s")
}

# count_tests JUNIT_FILE CTEST_STATUS   prints "passed failed skipped"
count_tests() {
  "$python" - "$1" "$2" <<'PYTHON'
import os, sys, xml.etree.ElementTree as tree
path, status = sys.argv[1], int(sys.argv[2])
if not os.path.exists(path):
    print(0, 1, 0)
    sys.exit()
cases = list(tree.parse(path).getroot().iter("testcase"))
skipped = sum(case.get("status") in ("notrun", "disabled") and case.find("failure") is None for case in cases)
failed = sum(case.get("status") == "fail" or case.find("failure") is not None for case in cases)
passed = len(cases) - skipped - failed
print(passed, max(failed, 1) if status else failed, skipped)
PYTHON
}

# write_results FILE SECONDS
write_results() {
  mkdir -p "$(dirname "$1")"
  printf '%s\n' "${test_runs[@]}" | "$python" -c '
import json, subprocess, sys
keys = ["preset", "labels", "passed", "failed", "skipped"]
runs = [dict(zip(keys, [int(v) if v.isdigit() else v for v in line.split()])) for line in sys.stdin]
git = lambda *a: subprocess.run(["git", *a], capture_output=True, text=True).stdout.strip()
changed = bool(git("status", "--porcelain", "-uno"))
print(json.dumps({"command": "./test --all", "commit": git("rev-parse", "HEAD"), "changed": changed, "date": sys.argv[1],
                  "seconds": int(sys.argv[2]), "cores": int(sys.argv[3]), "runs": runs}, indent=1))
' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$2" "$cores" >"$1"
  say "written: $1"
}

close_tests() {
  if [ $((passed + failed)) -eq 0 ]; then
    say "no test matches"
    failed=1
  fi
  if [ "$skipped" -gt 0 ]; then echo "$passed passed, $failed failed, $skipped skipped"; else echo "$passed passed, $failed failed"; fi
  [ "$failed" -eq 0 ]
}
