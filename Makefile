# Two commands set everything up on a machine with Python 3.11+: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: help demo serve test check bench docs soak lock clean format

help:            ## say what each target does
	@grep -E '^[a-z]+: .*##|^[a-z]+: +##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/'

$(READY): requirements/dev.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --require-hashes -r requirements/dev.txt
	@$(BIN)/python -m compileall -q -j 0 $(VENV)/lib >/dev/null || true  # on all cores; packages hold files that are no Python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(READY)

demo: $(READY)   ## draw a benign bank and folder, scan it, show the table
	$(BIN)/python -m safelight demo

serve: $(READY)  ## run the service on this machine
	$(BIN)/safelight serve

test: $(READY)   ## run the tests
	$(BIN)/python -m pytest

check: $(READY)  ## lint, types, architecture, dependencies, generated docs
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry src
	$(BIN)/python -m cogapp --check --check-fail-msg "run: make docs" docs/*.md

bench: $(READY)  ## measure beside named peers; writes docs/benchmarks.md and docs/misses.md
	$(BIN)/safelight bench all --out build/bench
	$(BIN)/python tools/write_benchmarks.py build/bench docs/benchmarks.md
	$(BIN)/python tools/write_misses.py build/bench docs/misses.md

docs: $(READY)   ## build the documentation; warnings are errors
	$(BIN)/python -m cogapp -r docs/*.md
	$(BIN)/sphinx-build -W --keep-going -q -b html docs build/docs/html
	$(BIN)/sphinx-build -W --keep-going -q -b doctest docs build/docs/doctest

soak: $(READY)   ## the long robustness run: mutated files, bombs, kills
	$(BIN)/python -m pytest -m soak --timeout 3600

lock:            ## compile the hash-locked requirement files (needs uv)
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate -o requirements/run.txt pyproject.toml
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --extra bench --extra hint --extra postgresql --extra s3 --extra otel --extra timestamp -o requirements/dev.txt pyproject.toml requirements/dev.in
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --extra postgresql --extra s3 --extra otel --extra timestamp -c requirements/dev.txt -o requirements/service.txt pyproject.toml requirements/service.in

format: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf build .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
