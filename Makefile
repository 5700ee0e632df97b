# DropLab credits. `make run` starts the whole product on this machine; `make test` proves it.
# Needs Rust, Python 3 and make. Everything else goes into .local/ and target/.

.DEFAULT_GOAL := help
PYTHON := .local/venv/bin/python
# the tools of .local first; their telemetry off; lints and validation need a region and no account
export PATH := $(CURDIR)/.local/venv/bin:$(PATH)
export SAM_CLI_TELEMETRY := 0
export AWS_DEFAULT_REGION := us-east-1
# nothing comes from elsewhere than the package registries: a toolchain that is missing is named, not loaded
export RUSTUP_AUTO_INSTALL := 0
# one profile for everything on this machine: what is built for one serves the others
CARGO_LOCAL := --profile local --workspace --locked
# long, and worth their printed totals: a step of their own
PROOF_TESTS := a_page_of_arithmetic nothing_is_lost of_the_matrix

.PHONY: help run demo test check quick package stop status tools browser test-format test-lint test-rust test-proof test-template test-stack bench sim mutations fuzz clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: ## the whole product on loopback, in the foreground; Ctrl-C stops it
	@python3 -m infra.start

demo: tools ## a month of business through the public API, then the vendor cost report
	@$(PYTHON) -m tests.demo

test: tools ## everything, on a fresh machine
	@$(PYTHON) -m infra.checks

check: tools ## format, lint and tests of what changed since BASE (by default: since the upstream branch)
	@$(PYTHON) -m infra.lanes check

quick: tools ## the pure crates and one target of tests/suite: make quick SUITE=refunds
	@$(PYTHON) -m infra.lanes quick $(SUITE)

test-format: ## formatting of the Rust code
	cargo fmt --all --check
	cargo fmt --manifest-path tests/fuzz/Cargo.toml --check

test-lint: ## clippy, with the workspace's lints; warnings fail
	cargo clippy $(CARGO_LOCAL) --all-targets --quiet -- --deny warnings

test-rust: ## unit, contract and handler tests
	cargo test $(CARGO_LOCAL) -- $(addprefix --skip ,$(PROOF_TESTS))

test-proof: ## the ledger against its model, the simulator's seeds, the fault matrix; prints what they met
	cargo test $(CARGO_LOCAL) --test ledger_model --test seeds --test matrix -- --show-output $(PROOF_TESTS)

test-template: tools ## template.yaml: SAM's and CloudFormation's checks, and ours
	sam validate --template-file template.yaml
	cfn-lint template.yaml
	@mkdir -p .local
	$(PYTHON) -m infra.local.template .local/expanded.json
	cfn-lint .local/expanded.json
	$(PYTHON) -m pytest -q tests/template tests/infra tests/demo

test-stack: tools browser ## the story and the browser, on a stack deployed for them
	@$(PYTHON) -m infra.local up --detach
	$(PYTHON) -m pytest -q --durations=12 tests/end_to_end tests/browser

bench: ## counts and ratios beside their targets: requests, capacity, instructions, sizes, a predicted bill
	@sh infra/debian.sh valgrind || echo 'no instructions will be counted'
	cargo build --release --locked $(patsubst functions/%/,--package %,$(wildcard functions/*/))
	cargo run --release --locked --quiet --package bench

sim: ## one seed of the simulator: make sim SEED=7 STEPS=300 (SEEDS=100 for as many from it on)
	cargo build $(CARGO_LOCAL) --quiet --bin simulator
	target/local/simulator --seed $(or $(SEED),1) --seeds $(or $(SEEDS),1) --steps $(or $(STEPS),300)

mutations: tools ## mutation tests: deliberate mistakes in a copy of the code, each of which a named test must catch; then cargo-mutants
	@$(PYTHON) -m tests.mutations $(ONLY)
	@if [ -z "$(ONLY)" ]; then $(PYTHON) -m tests.mutations.mutants; fi

fuzz: ## libFuzzer over the Stripe signature and the event parser, FUZZ_SECONDS=600 each; KEEP=1 adds what was found to the corpus
	@sh infra/debian.sh g++
	@python3 -m tests.fuzz $(ONLY)
	@if [ -n "$(KEEP)" ]; then python3 -m tests.fuzz --keep $(ONLY); fi

package: ## what is uploaded to AWS: sam build with the release profile
	@python3 -m infra.tools tools package
	PATH="$(CURDIR)/.local/venv-package/bin:$$PATH" sam build

stop: ## stops the stack that runs here
	@$(PYTHON) -m infra.local down

status: ## addresses of the running stack
	@$(PYTHON) -m infra.local status

tools: ## the pinned Python tools, in .local/
	@python3 -m infra.tools

browser: ## Debian's chromium, if missing
	@sh infra/debian.sh chromium

clean: ## everything that was built, installed or logged
	@if [ -x $(PYTHON) ]; then $(PYTHON) -m infra.local down; fi
	rm -rf .local .aws-sam target
