"""The progress of a build, read from what cargo really writes into a pipe."""

from __future__ import annotations

import json

from infra.local.compiling import Compiling, crates_below, name_of

REGISTRY = "registry+https://registry.example/index"


def artifact(package_id: str, kind: str = "lib", fresh: bool = False) -> str:
    """One line of `cargo build --message-format=json`, with the fields that are read and some more."""
    target = {"kind": [kind], "crate_types": [kind], "name": name_of(package_id), "edition": "2024", "test": True}
    return json.dumps(
        {"reason": "compiler-artifact", "package_id": package_id, "target": target, "features": [], "fresh": fresh}
    )


def test_a_package_is_named_however_cargo_writes_its_id():
    assert name_of(f"{REGISTRY}#syn@2.0.119") == "syn"
    assert name_of("path+file:///home/someone/droplab/shared/ledger#0.1.0") == "ledger"
    assert name_of("path+file:///home/someone/droplab/shared/vendors/stripe#stripe-client@0.1.0") == "stripe-client"


def test_a_build_says_how_far_it_is_what_is_left_and_what_it_works_at():
    build = Compiling(8)
    build.artifact(artifact(f"{REGISTRY}#cfg-if@1.0.5", fresh=True))
    for started in ("libc v0.2.191", "aws-sdk-dynamodb v1.136.0", "rustls v0.23.46", "h2 v0.4.20"):
        assert build.heard(f"   Compiling {started}") is None
    assert build.line() == "compiling: 1 of 8 crates, 7 left; now libc, aws-sdk-dynamodb, rustls"
    build.artifact(artifact(f"{REGISTRY}#libc@0.2.191"))
    assert build.line() == "compiling: 2 of 8 crates, 6 left; now aws-sdk-dynamodb, rustls, h2"
    assert build.compiled == 1


def test_a_function_is_its_library_and_its_program():
    build, function = Compiling(2), "path+file:///droplab/functions/credits#0.1.0"
    build.heard("   Compiling credits v0.1.0 (/droplab/functions/credits)")
    build.artifact(artifact(function))
    assert build.line() == "compiling: 1 of 2 crates, 1 left"
    build.artifact(artifact(function, "bin"))
    build.artifact(artifact(function, "bin"))
    assert build.line() == "compiling: 2 of 2 crates, 0 left"


def test_a_build_script_is_not_its_crate():
    build = Compiling(1)
    build.heard("   Compiling ring v0.17.14")
    build.artifact(artifact(f"{REGISTRY}#ring@0.17.14", "custom-build"))
    build.artifact(json.dumps({"reason": "build-script-executed", "package_id": f"{REGISTRY}#ring@0.17.14"}))
    assert build.line() == "compiling: 0 of 1 crates, 1 left; now ring"


def test_a_warm_build_says_nothing():
    build = Compiling(2)
    for name in ("cfg-if@1.0.5", "libc@0.2.191"):
        build.artifact(artifact(f"{REGISTRY}#{name}", fresh=True))
    build.artifact(json.dumps({"reason": "build-finished", "success": True}))
    assert build.heard("    Finished `local` profile [unoptimized] target(s) in 0.31s") is None
    assert (build.line(), build.compiled) == (None, 0)


def test_downloads_are_counted_before_anything_compiles():
    build = Compiling(0)
    assert build.heard(" Downloading crates ...") is None
    assert build.line() is None
    assert build.heard("  Downloaded syn v2.0.119") is None
    assert build.heard("  Downloaded aws-sdk-s3 v1.157.0 (registry `mirror`)") is None
    assert build.line() == "downloading Rust packages: 2"


def test_what_a_person_should_read_is_shown():
    build = Compiling(1)
    for line in (
        "error[E0425]: cannot find value `x` in this scope",
        "   --> functions/credits/src/lib.rs:3:5",
        "",
        "warning: unused variable: `y`",
        "    Blocking waiting for file lock on build directory",
        "error: linker `cc` not found",
    ):
        assert build.heard(line) == line


def test_more_crates_than_were_counted_are_no_negative_number():
    build = Compiling(1)
    for name in ("a@1.0.0", "b@1.0.0"):
        build.artifact(artifact(f"{REGISTRY}#{name}"))
    assert build.line() == "compiling: 2 of 2 crates, 0 left"


def test_a_broken_line_of_json_does_not_end_a_build():
    build = Compiling(1)
    for line in ("", "{", "[]", "null", json.dumps({"reason": "build-finished"})):
        build.artifact(line)
    assert build.line() is None


def test_what_a_program_needs_is_found_behind_cargos_marks():
    tree = """\
0bench v0.1.0 (/droplab/tests/bench)
1dynoxide-rs v3.2.0
2serde v1.0.229
3serde_derive v1.0.229 (proc-macro)

0credits v0.1.0 (/droplab/functions/credits)
1ledger v0.1.0 (/droplab/shared/ledger)
2serde v1.0.229 (*)
2syn v2.0.119
1syn v3.0.10

0simulator v0.1.0 (/droplab/tests/simulator)
1ledger v0.1.0 (/droplab/shared/ledger) (*)
1proptest v1.12.0
"""
    needed = crates_below(tree.splitlines(), {"credits"})
    assert {package.split()[0] for package in needed} == {"credits", "ledger", "serde", "serde_derive", "syn"}
    assert {"syn v2.0.119", "syn v3.0.10"} <= needed
