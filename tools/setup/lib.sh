# Sourced by ./gpiot and ./test. A step is a file STEP.sh that defines
#   STEP_done     true when nothing is to be done
#   STEP_plan     one line: what, why, how much; sets nothing
#   STEP_cost     "download_MB disk_MB seconds" on two cores
#   STEP_run      does it; may be killed and run again
# Expects GPIOT_ROOT, cache and cpu_features.

setup_dir=$GPIOT_ROOT/tools/setup
mkdir -p "$cache/log" "$cache/deps" "$cache/downloads"
log=$cache/log/setup-$(date +%Y%m%d-%H%M%S).log
python=/usr/bin/python3
cmake=/usr/bin/cmake
cores=$(nproc)
setup_started=$SECONDS

say() { printf '%s\n' "$*" >&2; }
fail() { # MESSAGE [REMEDY]
  say "gpiot: $1"
  [ -z "${2:-}" ] || say "  try: $2"
  exit 1
}

source "$setup_dir/packages.sh"
source "$setup_dir/llama.sh"
source "$setup_dir/sqlite.sh"
source "$setup_dir/python.sh"
source "$setup_dir/torch.sh"
source "$setup_dir/build.sh"
source "$setup_dir/plan.sh"

# The newest step of ninja or apt in the log, rather than a line of a compiler's drawing.
last_line() { tail -n 40 "$log" | tr -d '\033\r' | grep -E '^[[:alnum:][]' | tail -n 1 | cut -c1-90; }

# logged WHAT REMEDY COMMAND...   runs with its output in the log; a sign of life every 15 s; on failure the log's end.
logged() {
  local what=$1 remedy=$2 status=0
  shift 2
  printf '\n=== %s\n+ %s\n' "$what" "$*" >>"$log"
  say "  $what ..."
  show_life &
  life=$!
  "$@" >>"$log" 2>&1 </dev/null || status=$?
  end_life
  if [ "$status" -ne 0 ]; then
    say "gpiot: $what failed with status $status. The last lines of $log:"
    tail -n 15 "$log" | sed 's/^/    /' >&2
    say "  try: $remedy; then start the same command again, it goes on where it stopped"
    exit 1
  fi
}

life=
show_life() {
  local started=$SECONDS
  exec 9>&- # the lock is not ours to keep
  trap 'kill $! 2>/dev/null; exit 0' TERM
  while kill -0 $$ 2>/dev/null; do
    sleep 15 >/dev/null 2>&1 & # holds no pipe of ours open
    wait $!
    say "    $((SECONDS - started)) s: $(last_line)"
  done
}
end_life() {
  [ -n "$life" ] || return 0
  kill "$life" 2>/dev/null || true
  wait "$life" 2>/dev/null || true
  life=
}
trap end_life EXIT
trap 'say "gpiot: stopped; start the same command again, it goes on where it stopped"; exit 130' INT TERM

# fetch_sdist NAME VERSION SHA256 FILE SIZE   FILE, in the cache's downloads. pip downloads it and checks the hash, so that
# the user's own index and proxy settings count; see sdist_reader.
fetch_sdist() {
  local list=$cache/downloads/$1.txt
  if [ -f "$4" ] && echo "$3  $4" | sha256sum --check --quiet 2>/dev/null; then return; fi
  echo "$1==$2 --hash=sha256:$3" >"$list"
  logged "fetching $1 $2 ($5)" "check the network and pip's settings (pip config list)" \
    env PYTHONPATH="$setup_dir/sdist_reader" PIP_CONSTRAINT=/dev/null PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_PROGRESS_BAR=off \
    "$python" -m pip download --no-deps --no-build-isolation --use-pep517 --ignore-requires-python --no-binary "$1" \
    --require-hashes -r "$list" -d "$cache/downloads"
}

link_into_path() {
  local folder=$HOME/.local/bin
  mkdir -p "$folder"
  ln -sfn "$GPIOT_ROOT/gpiot" "$folder/gpiot"
  say "linked $folder/gpiot to $GPIOT_ROOT/gpiot"
  case ":$PATH:" in
    *":$folder:"*) ;;
    *) say "$folder is not in PATH yet: start a new login shell, or: export PATH=\"$folder:\$PATH\"" ;;
  esac
}
