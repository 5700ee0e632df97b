"""The fast lanes: `make quick` and `make check` test what a change can break, while it is being written.

    python -m infra.lanes quick [SUITE…]   the pure crates, and one target of tests/suite
    python -m infra.lanes check            format, lint and tests of the packages that changed

What changed is what differs from BASE (a revision; by default where this branch left its upstream, else HEAD), with what
is not committed. Both lanes are a part of `make test`, which decides.

Packages are always chosen together with `suite`, which depends on nearly all of them: a package on its own would be
built with other features of its dependencies, and the AWS SDK with it, for minutes.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
import tomllib
from pathlib import Path

from infra.local import settings

PURE = ("money", "terms", "pricing", "ledger")

#: by package, the targets of tests/suite that try it hardest; a package without a line has its own tests alone
SUITES = {
    "alerts": ("owner_alerts",),
    "audience": ("audience", "keys"),
    "billing": ("money_in", "open_orders", "owner_alerts", "recovery", "refunds", "review", "top_up"),
    "costs": ("costs_reports",),
    "data-axle-client": ("audience",),
    "holds": ("audience", "printing"),
    "ledger": ("ledger_expiry", "ledger_past", "ledger_store", "ledger_watch", "lessons"),
    "money": ("ledger_store", "costs_reports"),
    "platform": ("audit", "gateway_shapes", "keys"),
    "postgrid-client": ("printing",),
    "pricing": ("audience",),
    "printing": ("printing",),
    "refusals": ("audience", "printing"),
    "sandbox": ("money_in", "printing"),
    "recipients": ("audience", "printing", "stored_items"),
    "stripe-client": ("money_in", "top_up"),
    "support": ("ledger_store",),
    "tables": ("ledger_store", "recovery", "printing"),
    "terms": ("gateway_shapes",),
    "vendor-http": ("keys", "printing"),
}

#: of a function, the targets that call its handler
SUITES_OF_FUNCTIONS = {
    "audience-count": ("audience",),
    "audience-purchase": ("audience",),
    "audience-purchase-status": ("audience",),
    "auto-top-up": ("top_up",),
    "auto-top-up-settings": ("top_up",),
    "billing-portal": ("money_in",),
    "campaign-create": ("printing",),
    "campaign-print": ("printing",),
    "campaign-print-status": ("printing",),
    "contact-fetcher": ("audience",),
    "credit-adjustments": ("owner_alerts", "audit"),
    "credit-alerts": ("owner_alerts",),
    "credit-orders": ("money_in", "open_orders"),
    "credit-transactions": ("money_in", "statement_file"),
    "credits": ("ledger_past",),
    "monthly-vendor-report": ("costs_reports",),
    "print-batch": ("printing",),
    "print-planner": ("printing",),
    "purchase-credits": ("money_in", "open_orders"),
    "quarantine": ("review",),
    "recovery": ("recovery",),
    "refund-decisions": ("refunds",),
    "refund-request": ("refunds",),
    "stripe-webhook": ("money_in",),
    "sweeper": ("printing", "audience", "owner_alerts"),
    "vendor-costs": ("costs_reports",),
}

#: in the gate alone: they take minutes
SLOW = {"every_order", "ledger_model"}

#: with every change of Rust code
ALWAYS = ("architecture",)


def main() -> int:
    """Runs a lane; 0 when all of it passed."""
    lane, words = sys.argv[1], sys.argv[2:]
    steps = quick(words) if lane == "quick" else check(os.environ.get("BASE"))
    took = []
    for name, command in steps:
        print(f"== {name}", flush=True)
        started = time.monotonic()
        ended = subprocess.run(command, cwd=settings.ROOT, check=False).returncode
        took.append(f"{name} {time.monotonic() - started:.0f} s")
        if ended != 0:
            print(f"{name} failed: {' '.join(command)}", file=sys.stderr)
            return ended
    print(", ".join(took) or "nothing changed that these lanes test")
    return 0


def quick(suites: list[str]) -> list[tuple[str, list[str]]]:
    """The pure crates and one target, or those that are named."""
    return [("test", test_command(list(PURE), suites or ["ledger_store"]))]


def check(base: str | None) -> list[tuple[str, list[str]]]:
    """Everything that a change of these files asks for."""
    files = changed(base)
    touched = packages_of(files, packages())
    steps = []
    if touched:
        chosen = [word for name in sorted({*touched, "suite"}) for word in ("-p", name)]
        lint = ["cargo", "clippy", *chosen, "--profile", "local", "--locked", "--all-targets", "--quiet"]
        steps.append(("format", ["cargo", "fmt", "--all", "--check"]))
        steps.append(("lint", [*lint, "--", "--deny", "warnings"]))
        steps.append(("test", test_command(sorted(touched - {"suite"}), targets_of(touched, files))))
    if any(is_of_python_tests(file) for file in files):
        pytest = [sys.executable, "-m", "pytest", "-q", "tests/template", "tests/infra"]
        steps.append(("template", pytest))
    return steps


def targets_of(touched: set[str], files: list[str]) -> list[str]:
    """The targets of tests/suite for changed packages and for changed targets themselves."""
    known = {**SUITES, **SUITES_OF_FUNCTIONS}
    targets = {target for name in touched for target in known.get(name, ())} | set(ALWAYS)
    for file in files:
        parts = Path(file).parts
        if parts[:3] == ("tests", "suite", "tests") and len(parts) > 3:
            targets.add(Path(parts[3]).stem)
    return sorted(targets)


def test_command(names: list[str], targets: list[str]) -> list[str]:
    """Unit tests of packages and targets of tests/suite, side by side where cargo-nextest is installed."""
    chosen = [word for name in ("suite", *names) for word in ("-p", name)]
    chosen += ["--lib", *(word for target in targets for word in ("--test", target))]
    if shutil.which("cargo-nextest"):
        return ["cargo", "nextest", "run", "--cargo-profile", "local", "--locked", "--no-tests", "pass", *chosen]
    print("cargo-nextest is not installed (`cargo install cargo-nextest --locked`): one test binary at a time")
    return ["cargo", "test", "--profile", "local", "--locked", "--quiet", *chosen]


def changed(base: str | None) -> list[str]:
    """The files that differ from the base, and those that git does not know yet."""
    base = base or git("merge-base", "HEAD", "@{upstream}").strip() or "HEAD"
    new = git("ls-files", "--others", "--exclude-standard")
    return sorted({*git("diff", "--name-only", base).splitlines(), *new.splitlines()})


def git(*words: str) -> str:
    """What git prints; nothing where it fails."""
    return subprocess.run(["git", *words], cwd=settings.ROOT, capture_output=True, text=True, check=False).stdout


def packages() -> dict[str, str]:
    """The workspace's packages: their folder and their name."""
    manifest = tomllib.loads((settings.ROOT / "Cargo.toml").read_text())
    found = {}
    for pattern in manifest["workspace"]["members"]:
        for path in settings.ROOT.glob(f"{pattern}/Cargo.toml"):
            folder = str(path.parent.relative_to(settings.ROOT))
            found[folder] = tomllib.loads(path.read_text())["package"]["name"]
    return found


def packages_of(files: list[str], known: dict[str, str]) -> set[str]:
    """The packages that files belong to. What all packages share is everybody's: `suite` stands for it."""
    touched = set()
    for file in files:
        folders = [folder for folder in known if file.startswith(f"{folder}/")]
        if folders:
            touched.add(known[max(folders, key=len)])
        elif file in {"Cargo.toml", "Cargo.lock", "clippy.toml", "rust-toolchain.toml"}:
            touched.add("suite")
    return touched


def is_of_python_tests(file: str) -> bool:
    """Whether the tests of the template and of infra read a file."""
    return file.endswith((".py", ".md", ".yaml", ".toml", "Makefile")) or file.startswith("infra/")


if __name__ == "__main__":
    sys.exit(main())
