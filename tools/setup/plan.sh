# The plan: what is to be installed, why and how much; one question; then the steps in order.

# run_setup STEP... -- ARGUMENTS OF THE COMMAND
run_setup() {
  local steps=() todo=() step
  while [ "$1" != -- ]; do steps+=("$1"); shift; done
  shift
  for step in "${steps[@]}"; do "${step}_done" || todo+=("$step"); done
  [ ${#todo[@]} -gt 0 ] || return 0
  # Compiling our own sources again installs nothing: no question.
  if [ ${#todo[@]} -gt 1 ] || ! is_build_step "${todo[0]}"; then
    show_plan "${todo[@]}"
    check_space "${todo[@]}"
    ask_once "$@"
  fi
  take_lock
  local number=0
  for step in "${todo[@]}"; do
    number=$((number + 1))
    if "${step}_done"; then continue; fi
    say "[$number/${#todo[@]}] $step"
    "${step}_run"
  done
  exec 9>&-
  say "set-up done in $((SECONDS - setup_started)) s"
}

is_build_step() { [ "$1" = release ] || [ "$1" = cuda ] || [ "$1" = dev ] || [ "$1" = tune ] || [ "$1" = asan ] || [ "$1" = tsan ]; }

sum_costs() { # prints "download_MB disk_MB seconds" over the steps
  local step
  for step in "$@"; do "${step}_cost"; done | awk '{d += $1; s += $2; t += $3} END {print d + 0, s + 0, t + 0}'
}

show_plan() {
  local step number=0 download disk seconds
  say "gpiot needs to be set up on this machine. This is what will be done:"
  for step in "$@"; do
    number=$((number + 1))
    say "  $number. $("${step}_plan")"
  done
  read -r download disk seconds < <(sum_costs "$@")
  say "  In all: about $download MB to download, $disk MB on disk, about $(((seconds + 59) / 60)) min here ($cores cores)."
  say "  Everything but the Debian packages goes to $cache and $GPIOT_ROOT/build."
  if [ "${command:-}" = setup ]; then
    say "  Afterwards, in the background at the lowest priority: the knowledge base of the Python packages (91 MB to download,"
    say "  200 MB on disk, 5 to 10 min; GPIOT_KNOWLEDGE_BACKGROUND=off leaves it out)."
  fi
  say "  Later, when a command first needs it: the language model qwen2.5-coder-1.5b (1.12 GB, Apache-2.0)."
}

check_space() {
  local needed free
  read -r _ needed _ < <(sum_costs "$@")
  free=$(df -Pm "$cache" | awk 'NR == 2 {print $4}')
  [ "$free" -ge "$needed" ] || fail "the disk is too full: $free MB are free below $cache, $needed MB are needed" \
    "free some space, or set GPIOT_HOME to a folder on another disk"
}

ask_once() {
  local argument answer
  [ "${CI:-}" != true ] || return 0
  for argument in "$@"; do
    if [ "$argument" = --yes ] || [ "$argument" = -y ]; then return 0; fi
  done
  [ -t 0 ] || fail "the set-up wants a yes, and there is no terminal to ask on" "./gpiot setup --yes (or CI=true)"
  read -r -p "Go on? [Y/n] " answer
  case $answer in
    '' | y | Y | yes) ;;
    *) fail "nothing was done" ;;
  esac
}

take_lock() {
  command -v flock >/dev/null || return 0
  exec 9>"$cache/setup.lock"
  flock -n 9 && return 0
  say "another set-up of gpiot is running; waiting for it"
  flock 9
}
