# Two commands do all the set-up: `make demo` and `make test`.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PLUGINS := $(wildcard plugins/builtin_*)
# How many requests `make fuzz` makes up, of each kind, for each operation.
EXAMPLES ?= 150
EDITABLE := $(addprefix --editable ,. $(PLUGINS))

.PHONY: help install install-dev demo test chaos test-lowest audit sbom fuzz lint format bench docs screenshots lock clean

help: ## List the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

install: $(VENV)/.installed ## Kernel and built-in plugins into .venv, from the lock file

$(BIN)/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "fmhost needs Python 3.11 or newer; name one with: make PYTHON=python3.11")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: requirements.lock pyproject.toml plugins/*/pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation $(EDITABLE)
	@touch $@

install-dev: $(VENV)/.installed-dev ## The same with what tests, lint and benchmarks need

$(VENV)/.installed-dev: requirements-dev.lock $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes --requirement requirements-dev.lock
	$(BIN)/python -m fmhost.testing.browser
	@touch $@

demo: install ## From nothing to an optimal battery schedule
	$(BIN)/fmhost demo

test: install-dev lint ## Lint and all tests, on SQLite and PostgreSQL, in-process and with Redis
	$(BIN)/python -m pytest --numprocesses=2

chaos: install-dev ## 2,000 jobs while workers, Redis and PostgreSQL are killed and clocks jump
	$(BIN)/python -m fmhost.testing.chaos

test-lowest: ## All tests with the lowest versions that pyproject.toml allows
	$(PYTHON) -m venv .venv-lowest
	.venv-lowest/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes --requirement requirements-lowest.lock
	.venv-lowest/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation $(EDITABLE)
	.venv-lowest/bin/python -m pytest --numprocesses=2

AUDIT := .venv-audit
LOCKED := requirements.lock requirements-image.lock requirements-dev.lock

$(AUDIT)/.installed: requirements-audit.lock
	$(PYTHON) -m venv $(AUDIT)
	$(AUDIT)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes --requirement requirements-audit.lock
	@touch $@

audit: $(AUDIT)/.installed ## Look up the known faults of what the lock files pin (needs the network)
	$(AUDIT)/bin/pip-audit --strict --disable-pip --require-hashes $(addprefix --requirement ,$(LOCKED))

sbom: $(AUDIT)/.installed ## List what the image installs, in the format CycloneDX, in build/sbom.json
	@mkdir -p build
	$(AUDIT)/bin/cyclonedx-py requirements --pyproject pyproject.toml --output-reproducible --output-format JSON --output-file build/sbom.json requirements-image.lock

fuzz: install-dev ## Requests that nobody means, for about an hour; fewer with EXAMPLES=50
	$(BIN)/python -m pytest --numprocesses=2 --timeout=0 --fuzz-examples=$(EXAMPLES) tests/api/fuzzing

lint: install-dev ## Style, types, and who may import whom
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: install-dev ## Let ruff format the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: install-dev ## All benchmarks
	@set -e; for script in bench/*.py; do echo "== $$script"; $(BIN)/python $$script; done

docs: install-dev ## Write the generated pages of docs/
	$(BIN)/python -m fmhost.settings > docs/settings.md
	$(BIN)/python -m fmhost.cli.documentation > docs/commands.md
	$(BIN)/python -m fmhost.testing.api_page > docs/api.md

screenshots: install-dev ## Take the pictures of docs/images anew, of a demonstration
	$(BIN)/python -m fmhost.testing.screenshots docs/images

lock: ## Resolve the dependencies anew (needs uv)
	uv lock --upgrade
	uv export --quiet --frozen --all-packages --no-dev --group build --no-emit-workspace --no-header --no-annotate --format requirements.txt --output-file requirements.lock
	uv export --quiet --frozen --all-packages --no-dev --group build --extra sentry --extra telemetry --no-emit-workspace --no-header --no-annotate --format requirements.txt --output-file requirements-image.lock
	uv export --quiet --frozen --all-packages --all-groups --no-group audit --no-emit-workspace --no-header --no-annotate --format requirements.txt --output-file requirements-dev.lock
	uv export --quiet --frozen --package fmhost --only-group audit --no-emit-workspace --no-header --no-annotate --format requirements.txt --output-file requirements-audit.lock
	uv lock --quiet --resolution lowest-direct
	uv export --quiet --frozen --all-packages --all-groups --no-group audit --no-emit-workspace --no-header --no-annotate --format requirements.txt --output-file requirements-lowest.lock
	rm uv.lock

clean: ## Remove the environments and caches, never the instance folder
	rm -rf .venv .venv-lowest .venv-audit build .mypy_cache .ruff_cache .pytest_cache .hypothesis
