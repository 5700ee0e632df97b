"""Whatever a build, a start or a test loads comes from the package registries, pinned."""

from __future__ import annotations

import re
import tomllib

from infra.local import settings

INFRA = settings.ROOT / "infra"


def test_every_rust_package_is_ours_or_the_registrys():
    for lock in ("Cargo.lock", "tests/fuzz/Cargo.lock"):
        packages = tomllib.loads(settings.ROOT.joinpath(lock).read_text())["package"]
        sources = {package.get("source", "ours").split("+")[0] for package in packages}
        assert sources == {"ours", "registry"}, lock
        assert all("checksum" in package for package in packages if "source" in package), lock


def test_python_packages_are_named_and_not_addressed():
    for file in (*INFRA.glob("*.txt"), *INFRA.glob("*.in")):
        for line in file.read_text().splitlines():
            addressed = re.search(r"://|git\+|--(?:extra-)?index|--find-links|--trusted-host", line)
            assert not addressed, f"{file.name}: {line}"


def test_no_script_loads_anything_by_itself():
    scripts = [settings.ROOT / "Makefile", settings.ROOT / ".ci/run", *INFRA.rglob("*.sh"), *INFRA.rglob("*.py")]
    scripts += [file for file in settings.ROOT.joinpath("tests").rglob("*.py") if "infra" not in file.parts]
    loads = re.compile(r"\b(?:curl|wget|playwright install|npm|npx|git clone|docker|rustup (?:toolchain|component))\b")
    found = {
        f"{file.relative_to(settings.ROOT)}: {line.strip()}"
        for file in scripts
        for line in file.read_text().splitlines()
        if loads.search(line) and not line.lstrip().startswith("#")
    }
    # what only says what a person may do
    assert {line for line in found if not line.startswith("infra/needs.py")} == set()


def test_rustup_is_kept_from_loading_a_toolchain():
    assert "export RUSTUP_AUTO_INSTALL := 0" in settings.ROOT.joinpath("Makefile").read_text()
