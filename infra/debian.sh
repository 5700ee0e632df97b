#!/bin/sh
# Installs one of Debian's programs when it is not on this machine: chromium for tests/browser, valgrind for `make bench`,
# g++ for `make fuzz`.
# Call: sh infra/debian.sh PROGRAM, which is its package's name too.
set -eu
program=$1
command -v "$program" >/dev/null 2>&1 && exit 0

missing() {
  echo "$program is missing $1" >&2
  exit 1
}

command -v apt-get >/dev/null 2>&1 || missing "and this is not a Debian: install it, then try again"
as_root=""
if [ "$(id -u)" != 0 ]; then
  as_root="sudo"
  command -v sudo >/dev/null 2>&1 || missing "and only root may install it; as root: apt-get install $program"
fi
echo "installing $program"
# a source that does not answer matters only if the package cannot be had without it
$as_root apt-get -qq update || echo "apt-get could not read every Debian package registry that it is set up for" >&2
DEBIAN_FRONTEND=noninteractive $as_root apt-get -qq install --yes --no-install-recommends "$program" >/dev/null ||
  missing "and the Debian package registry did not bring it: check this machine's network and apt's sources, then: apt-get install $program"
