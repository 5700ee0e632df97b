#!/bin/sh
# Installs one of Debian's programs when it is not on this machine: chromium for tests/browser, valgrind for `make bench`,
# g++ for `make fuzz`.
# Call: sh infra/debian.sh PROGRAM, which is its package's name too.
set -eu
program=$1
command -v "$program" >/dev/null 2>&1 && exit 0
if ! command -v apt-get >/dev/null 2>&1; then
  echo "$program is missing and this is not a Debian: install it, then try again" >&2
  exit 1
fi
as_root=""
[ "$(id -u)" = 0 ] || as_root="sudo"
echo "installing $program"
$as_root apt-get -qq update
DEBIAN_FRONTEND=noninteractive $as_root apt-get -qq install --yes --no-install-recommends "$program" >/dev/null
