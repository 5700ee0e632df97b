"""What is installed and built is what was looked at: Python packages by version and hash, crates with their reasons."""

from __future__ import annotations

import collections
import re
import tomllib

from infra import tools
from infra.local import settings

NAME = re.compile(r"^([A-Za-z0-9._-]+)==")


def spelled(name):
    """A package's name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def pins(text):
    """Package -> its logical line, of a requirements file."""
    lines = re.sub(r"\\\n", " ", text).splitlines()
    found = {}
    for line in lines:
        if line.strip() and not line.startswith("#"):
            pin = NAME.match(line)
            assert pin, f"not a pinned package: {line}"
            found[spelled(pin[1])] = line
    return found


def test_every_package_of_every_environment_is_pinned_by_hash():
    for _, requirements in tools.ENVIRONMENTS.values():
        for name, line in pins((tools.INFRA / requirements).read_text()).items():
            assert re.search(r"--hash=sha256:[0-9a-f]{64}\b", line), (requirements, name)


def test_the_pins_are_of_what_is_asked_for():
    for _, requirements in tools.ENVIRONMENTS.values():
        asked = pins((tools.INFRA / requirements).with_suffix(".in").read_text())
        pinned = pins((tools.INFRA / requirements).read_text())
        for name, line in asked.items():
            assert pinned[name].split()[0].partition("==")[2] == line.partition("==")[2], (requirements, name)


def test_no_file_names_an_index_and_pip_takes_nothing_without_its_hash():
    for file in tools.INFRA.glob("requirements*"):
        text = file.read_text()
        assert not re.search(r"index-url|find-links|trusted-host|https?://", text), file.name
    assert '"--require-hashes"' in (tools.INFRA / "tools.py").read_text()


# Windows, Android and UEFI alone: no function runs there
OTHER_PLATFORMS = {"r-efi", "windows-sys"}
# Declared for what it switches on: reqwest finds its TLS provider by a feature of rustls.
BY_FEATURE = {("data-axle-client", "rustls"), ("postgrid-client", "rustls")}
# A crate's library may have another name than its package.
LIBRARIES = {
    "async-stripe-billing": "stripe_billing",
    "async-stripe-checkout": "stripe_checkout",
    "async-stripe-client-core": "stripe_client_core",
    "async-stripe-core": "stripe_core",
    "async-stripe-shared": "stripe_shared",
    "async-stripe-types": "stripe_types",
    "dynoxide-rs": "dynoxide",
}


def toml(path):
    return tomllib.loads((settings.ROOT / path).read_text())


def test_of_two_versions_of_a_crate_the_older_ones_have_a_reason():
    packages = toml("Cargo.lock")["package"]
    names = collections.Counter(package["name"] for package in packages)
    skipped = {entry["crate"]: entry["reason"] for entry in toml("deny.toml")["bans"]["skip"]}
    assert all(skipped.values())
    locked = {f"{package['name']}@{package['version']}" for package in packages}
    assert set(skipped) <= locked, "a reason for a version that is gone"
    for name, count in names.items():
        if count > 1 and name not in OTHER_PLATFORMS:
            reasons = [crate for crate in skipped if crate.startswith(f"{name}@")]
            assert len(reasons) == count - 1, f"{name} is locked in {count} versions"


def test_what_is_banned_is_not_locked_and_every_crate_is_of_the_registry():
    packages = toml("Cargo.lock")["package"]
    banned = {entry["crate"] for entry in toml("deny.toml")["bans"]["deny"] if "wrappers" not in entry}
    assert not banned & {package["name"] for package in packages}
    (registry,) = toml("deny.toml")["sources"]["allow-registry"]
    assert {package["source"] for package in packages if "source" in package} == {f"registry+{registry}"}


def test_every_dependency_of_a_crate_is_used_by_it():
    unused = []
    for manifest in [*settings.ROOT.glob("functions/*/Cargo.toml"), *settings.ROOT.glob("shared/**/Cargo.toml")]:
        content = tomllib.loads(manifest.read_text())
        crate = content["package"]["name"]
        sources = [file for folder in ("src", "tests") for file in (manifest.parent / folder).rglob("*.rs")]
        code = "\n".join(re.sub(r"//.*", "", file.read_text()) for file in sources)
        for table in ("dependencies", "dev-dependencies"):
            for package in content.get(table, {}):
                library = LIBRARIES.get(package, package.replace("-", "_"))
                if not re.search(rf"\b{library}\b", code) and (crate, package) not in BY_FEATURE:
                    unused.append((crate, package))
    assert not unused, "\n".join(map(str, unused))
