# Every target does its own set-up in .venv; all it needs is Python >= 3.11 and a package index.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python; do $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
# One worker more than processors: some tests wait, for a deadline or for a node.
WORKERS = $(shell $(PYTHON) -c 'import os; print(os.cpu_count() + 1)')
# In half of its time a cell of the chaos matrix waits; more would only make each other late.
CHAOS_WORKERS = $(shell expr 2 \* $(WORKERS) - 1)
INSTALL := $(PIP) install --constraint constraints.txt --editable
# What the lock files name, to the letter, and nothing that a package asks for besides.
LOCKED := install --require-hashes --no-deps --no-build-isolation
COMPILE := .venv-tools/bin/uv pip compile --quiet --universal --python-version 3.11

.DEFAULT_GOAL := help
.PHONY: help demo test test-busy test-browser test-cases chaos soak check format lint types serve bench bench-cases bench-triage lock wheels sbom image docs clean

help: ## Show this help
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: .venv/run ## Diagnose a case on the embedded recorded chain, in Chinese and English
	@$(BIN)/python -m diag.cli.demo

test: .venv/test ## Run the tests
	@PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -q -n $(WORKERS) --dist loadfile

test-busy: .venv/test ## Run the tests three times in a row while every processor is busy
	@PYTHONDONTWRITEBYTECODE= $(BIN)/python tests/support/busy.py $(BIN)/python -m pytest -q -n $(WORKERS) --dist loadfile

test-browser: .venv/browser ## Try the panel in Chromium (installs what is missing, where it may)
	@sh tests/browser/chromium.sh >/dev/null
	@$(BIN)/python -m pytest -q -n 2 tests/browser

test-cases: .venv/test ## Try the kept cases on PostgreSQL and Redis, and kill their workers (installs both, where it may)
	@PYTHON=$(BIN)/python sh tests/cases/servers.sh $(BIN)/python -m pytest -q -n 2 tests/cases tests/channels tests/hooks tests/cases/live

chaos: .venv/chaos ## Try every combination of faults of one to three nodes, and the whole contract
	@$(BIN)/python -m pytest -q -p no:cacheprovider -n $(CHAOS_WORKERS) tests/chaos

soak: .venv/test ## Twenty thousand diagnoses in one process: none wrong, nothing that grows (not in CI)
	@PYTHONPATH=.:tests/support $(BIN)/python tests/chaos/soak.py

check: format lint types test ## Everything CI asks: format, lint, types, tests

format: .venv/check ## Is the code formatted
	@$(BIN)/ruff format --check --quiet diag tests bench

lint: .venv/check ## Is the code clean, and do imports run downwards
	@$(BIN)/ruff check --quiet diag tests bench
	@report=$$($(BIN)/lint-imports --no-logo 2>&1) || { echo "$$report"; exit 1; }

types: .venv/check ## Do the types hold (mypy strict on diag/)
	@$(BIN)/mypy

serve: $(if $(DIAG_CASES)$(DIAG_DATABASE),.venv/cases,.venv/run) ## Answer on http://127.0.0.1:8000; DIAG_CASES=on keeps cases
	@$(BIN)/diag serve

bench: .venv/bench ## Measure everything that was promised, into docs/performance.* (QUICK=1: a look, in two minutes)
	@$(BIN)/python -m bench $(if $(QUICK),--quick)

bench-cases: .venv/test ## Watch ten thousand open cases once, in memory and on a replayed node
	@$(BIN)/python bench/cases.py
	@$(BIN)/python bench/cases.py --latency-ms 30

bench-triage: .venv/run ## Time a thousand tickets, in memory and on a replayed node
	@$(BIN)/python bench/triage.py

docs: .venv/run ## Write docs/checks.md, and the codes in openapi.yaml
	@$(BIN)/python -m diag.diagnosis.catalog docs/checks.md openapi.yaml

lock: .venv-tools/ready ## Pin the newest versions older than a week that setup.cfg allows; hashes for what the image installs
	@$(COMPILE) --no-config --upgrade --exclude-newer '1 week' --all-extras --no-annotate --no-header setup.cfg --output-file constraints.txt
	@$(COMPILE) --generate-hashes --constraint constraints.txt setup.cfg --output-file requirements.txt
	@$(COMPILE) --generate-hashes --constraint constraints.txt --extra cases --extra redis setup.cfg --output-file requirements-cases.txt
	@echo 'setuptools>=78' | $(COMPILE) --generate-hashes - --output-file requirements-build.txt

wheels: .venv-tools/ready ## Ask the package index which of the pinned packages have no wheel, and where
	@.venv-tools/bin/python tests/support/wheels.py

sbom: .venv-tools/ready ## List what the image installs (CycloneDX) in build/sbom.json
	@rm -rf build/sbom && mkdir -p build && $(PYTHON) -m venv build/sbom
	@build/sbom/bin/python -m pip --quiet $(LOCKED) -r requirements-build.txt
	@build/sbom/bin/python -m pip --quiet $(LOCKED) -r requirements-cases.txt
	@build/sbom/bin/python -m pip --quiet install --no-deps --no-build-isolation .
	@build/sbom/bin/python -m pip --quiet uninstall --yes setuptools pip && rm -rf build/lib build/bdist*
	@.venv-tools/bin/cyclonedx-py environment --output-reproducible --output-file build/sbom.json build/sbom/bin/python

image: ## Build the image and try it: read-only, healthy, one diagnosis, SIGTERM (BASE= and ENGINE= choose)
	@BASE="$(BASE)" ENGINE="$(ENGINE)" sh tests/image/try.sh

clean: ## Remove the virtual environments and caches
	@rm -rf .venv .venv-tools build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache *.egg-info

.venv/python:
	@test -n "$(PYTHON)" || { echo "Python >= 3.11 is needed: install it, or run make PYTHON=/path/to/python3"; exit 1; }
	@$(PYTHON) -m venv .venv && touch $@

.venv/run: .venv/python setup.cfg pyproject.toml requirements.txt requirements-build.txt
	@echo "Setting up (once) ..." && $(PIP) $(LOCKED) -r requirements-build.txt && $(PIP) $(LOCKED) -r requirements.txt
	@$(PIP) install --no-deps --no-build-isolation --editable . && touch $@

.venv/cases: .venv/run requirements-cases.txt
	@echo "Setting up cases (once) ..." && $(PIP) $(LOCKED) -r requirements-cases.txt && touch $@

.venv/bench: .venv/run constraints.txt
	@echo "Setting up the benchmark (once) ..." && $(PIP) install --constraint constraints.txt bitshares && touch $@

.venv/test: .venv/python setup.cfg pyproject.toml constraints.txt
	@echo "Setting up the tests (once) ..." && $(INSTALL) '.[test]' && touch $@ .venv/run

.venv/chaos: .venv/python setup.cfg pyproject.toml constraints.txt
	@echo "Setting up the chaos tests (once) ..." && $(INSTALL) '.[test,chaos]' && touch $@ .venv/test .venv/run

.venv/browser: .venv/python setup.cfg pyproject.toml constraints.txt
	@echo "Setting up the browser tests (once) ..." && $(INSTALL) '.[test,browser]' && touch $@ .venv/test .venv/run

.venv/check: .venv/python setup.cfg pyproject.toml constraints.txt
	@echo "Setting up the checks (once) ..." && $(INSTALL) '.[test,check]' && touch $@ .venv/test .venv/run

.venv-tools/ready: setup.cfg
	@$(PYTHON) -m venv .venv-tools && .venv-tools/bin/python -m pip --quiet install --constraint constraints.txt uv cyclonedx-bom && touch $@
