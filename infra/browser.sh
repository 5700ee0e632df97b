#!/bin/sh
# Installs Debian's chromium when no chromium is on this machine: tests/browser drives it.
set -eu
command -v chromium >/dev/null 2>&1 && exit 0
if ! command -v apt-get >/dev/null 2>&1; then
  echo "chromium is missing and this is not a Debian: install it, then try again" >&2
  exit 1
fi
as_root=""
[ "$(id -u)" = 0 ] || as_root="sudo"
echo "installing chromium"
$as_root apt-get -qq update
DEBIAN_FRONTEND=noninteractive $as_root apt-get -qq install --yes --no-install-recommends chromium >/dev/null
