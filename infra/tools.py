"""Installs the project's Python tools into its own folder, with the system's Python and nothing else.

A virtual environment is made once and again only when its requirements change: a stamp holds their hash, so that a
warm start costs a few milliseconds. pip takes only files whose hash stands in the requirements.
Call: `python3 -m infra.tools [tools] [emulator] [package]`.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import venv
from pathlib import Path

from infra import needs

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
    # few of the modules are ever imported, so none is compiled ahead
    pip.append("--no-compile")
    # the file is the whole closure: with --no-deps nothing else can come along
    pip += ["--no-deps", "--require-hashes"]
    # what it says is shown, and read: a registry that does not answer is named
    done = subprocess.run([*pip, "-r", file], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{done.stdout}{done.stderr}\n{needs.pip_failure(done.stdout + done.stderr)}")
    stamp.write_text(wanted(file))


def main() -> None:
    """Installs the environments named on the command line, or those that the local stack needs."""
    if problems := needs.missing():
        sys.exit("\n".join(problems))
    for name in sys.argv[1:] or ["tools", "emulator"]:
        install(name)


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as failure:
        said = (failure.output or b"").decode(errors="replace")
        sys.exit(f"{said}\nno virtual environment could be made; if no reason is above: apt-get install python3-venv")
