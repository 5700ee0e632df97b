"""Installs the project's Python tools into its own folder, with the system's Python and nothing else.

A virtual environment is made once and again only when its requirements change: a stamp holds their hash, so that a
warm start costs a few milliseconds. pip takes only files whose hash stands in the requirements. Call: `python3 infra/tools.py [tools] [emulator] [package]`.
"""

from __future__ import annotations

import hashlib
import importlib.util
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
INFRA = ROOT / "infra"

# environment -> (its folder, what is installed there: made from the file of the same name that ends in .in)
ENVIRONMENTS = {
    "tools": ("venv", "requirements.txt"),
    "emulator": ("venv-emulator", "requirements-emulator.txt"),
    "package": ("venv-package", "requirements-package.txt"),
}


def wanted(file: Path) -> str:
    """The hash of everything that decides an environment's content."""
    digest = hashlib.sha256(sys.version.encode())
    digest.update(file.read_bytes())
    return digest.hexdigest()


def install(name: str) -> None:
    """Makes the environment `name` as its requirements say, unless it is so already."""
    folder_name, requirements = ENVIRONMENTS[name]
    folder = ROOT / ".local" / folder_name
    file = INFRA / requirements
    stamp = folder / "requirements.sha256"
    if stamp.exists() and stamp.read_text() == wanted(file):
        return
    print(f"installing {requirements} into .local/{folder_name}", flush=True)
    shutil.rmtree(folder, ignore_errors=True)
    venv.create(folder, with_pip=True)
    pip = [folder / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    # the file is the whole closure: with --no-deps nothing else can come along
    subprocess.run([*pip, "--no-deps", "--require-hashes", "-r", file], check=True)
    stamp.write_text(wanted(file))


def main() -> None:
    """Installs the environments named on the command line, or those that the local stack needs."""
    if sys.version_info < (3, 11):
        sys.exit(f"Python 3.11 or newer is needed; this is {sys.version.split()[0]}")
    if not importlib.util.find_spec("ensurepip"):
        sys.exit("this Python cannot make virtual environments; on Debian: apt-get install python3-venv")
    for name in sys.argv[1:] or ["tools", "emulator"]:
        install(name)


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as failure:
        sys.exit(f"pip could not install the tools (exit {failure.returncode}); see its message above")
