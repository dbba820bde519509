# Step 1: Debian's packages, for building (compiler, libraries) and running (bubblewrap, python3).

package_list=(
  g++ cmake ninja-build ccache pkg-config          # build
  libfmt-dev nlohmann-json3-dev libcli11-dev libtomlplusplus-dev libcurl4-openssl-dev libssl-dev libseccomp-dev
  libgtest-dev libgmock-dev                        # tests
  bubblewrap                                       # the sandbox of generated programs
  python3 python3-venv python3-pip ca-certificates # what runs in it
  poppler-utils                                    # pdftotext, in the sandbox too: papers for the knowledge base
)

missing_packages() {
  local package known
  if ! command -v dpkg-query >/dev/null; then return 0; fi
  known=" $(dpkg-query -W -f '${db:Status-Status}:${Package} ' "${package_list[@]}" 2>/dev/null || true) "
  for package in "${package_list[@]}"; do
    case $known in *" installed:$package "*) ;; *) printf '%s ' "$package" ;; esac
  done
}

packages_done() { [ -z "$(missing_packages)" ]; }
packages_plan() {
  echo "Debian packages by apt: $(missing_packages)(compiler and libraries to build gpiot, bubblewrap for the sandbox," \
    "Python to run what it writes, pdftotext to read papers in PDF)"
}
packages_cost() { # on a bare Debian 12 for the whole list: measured, and what apt says of poppler-utils
  local count
  count=$(missing_packages | wc -w)
  echo "$((115 * count / ${#package_list[@]})) $((436 * count / ${#package_list[@]})) $((30 * count / ${#package_list[@]}))"
}

packages_run() {
  local as_root=() missing
  read -r -a missing <<<"$(missing_packages)"
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || fail "apt needs root and there is no sudo" "as root: apt-get install ${missing[*]}"
    say "  apt needs root: sudo may ask for your password"
    sudo -v || fail "sudo refused" "as root: apt-get install ${missing[*]}"
    as_root=(sudo)
  fi
  local remedy="check the network and /etc/apt/sources.list"
  logged "apt-get update" "$remedy" "${as_root[@]}" apt-get update
  logged "apt-get install ${missing[*]}" "$remedy" "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y --no-install-recommends "${missing[@]}"
}
