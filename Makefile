# Everything a person runs. `make help` lists it.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ARGS ?=
PYTEST_WORKERS ?= 2

.DEFAULT_GOAL := help
.PHONY: help setup demo test lint format bench soak docs lock clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

setup: $(VENV)/.ready ## bring everything that the project needs into .venv

$(VENV)/.ready: requirements.lock pyproject.toml
	@command -v uv >/dev/null || test -x .tools/bin/uv || { $(PYTHON) -m venv .tools && .tools/bin/pip install --quiet uv; }
	@PATH="$$PATH:$(CURDIR)/.tools/bin"; set -e; \
	  test -x $(BIN)/python || uv venv --quiet --python $(PYTHON) $(VENV); \
	  uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements.lock; \
	  uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
	@touch $@

demo: setup ## Amazon on this machine, Packline beside it, orders all the time (ARGS=--once to end by itself)
	@$(BIN)/packline demo $(ARGS)

test: setup lint ## lint, then every test with coverage
	@$(BIN)/python -m pytest -n $(PYTEST_WORKERS) --dist loadgroup --cov --cov-report=term:skip-covered $(ARGS)

lint: setup ## ruff, mypy, import-linter, file and function limits
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python scripts/limits.py

format: setup ## rewrite the code in the project's format
	@$(BIN)/ruff check --fix . ; $(BIN)/ruff format .

bench: setup ## every benchmark beside its baseline, results as JSON
	@$(BIN)/python -m bench $(ARGS)

soak: setup ## the long run: 100,000 shipments over a simulated week, with everything going wrong (ARGS=--help)
	@PYTHONPATH=tests $(BIN)/python -m soak $(ARGS)

docs: setup ## generate docs/reference
	@$(BIN)/python scripts/reference.py

lock: ## pin all dependencies with hashes, without addresses
	@uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-annotate --no-header --python-version 3.11 --extra dev --output-file requirements.lock pyproject.toml scripts/build-requirements.in

clean: ## remove what the targets made
	@rm -rf $(VENV) .tools .packline .mypy_cache .ruff_cache .hypothesis htmlcov .coverage*
