#!/bin/sh
# Installs Debian's valgrind when no valgrind is on this machine: `make bench` counts instructions with it.
set -eu
command -v valgrind >/dev/null 2>&1 && exit 0
if ! command -v apt-get >/dev/null 2>&1; then
  echo "valgrind is missing and this is not a Debian: the bench will count no instructions" >&2
  exit 0
fi
as_root=""
[ "$(id -u)" = 0 ] || as_root="sudo"
echo "installing valgrind"
$as_root apt-get -qq update
DEBIAN_FRONTEND=noninteractive $as_root apt-get -qq install --yes --no-install-recommends valgrind >/dev/null
