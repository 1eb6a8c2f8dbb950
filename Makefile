# Gongbao: `make demo` runs the main job, `make test` the tests. `make help` lists the rest.
# The first that runs and fits; 3.13 comes last, since the wheel with the Redis server is not made for it yet.
FITS := import sys, venv; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
PYTHON ?= $(shell for name in python3.12 python3.11 python3 python3.13; do \
	$$name -c '$(FITS)' 2>/dev/null && echo $$name && break; done)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all:

.DEFAULT_GOAL := help

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

setup: $(VENV)/ready ## make .venv from requirements.lock

demo: setup ## publish eight items of a made-up town on emulated platforms, print the delivery log
	$(BIN)/gongbao demo --once

play: setup ## the same, and stay: look at the phone pages, add items of your own
	$(BIN)/gongbao demo

test: $(VENV)/ready-to-test ## run the tests on real parts: Redis, SQLite, PostgreSQL, Chromium
	$(BIN)/python -m pytest

check: $(VENV)/ready-to-test ## what CI runs: format, lint, types, layers, config, tests, build
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/gongbao config example | diff config.example.toml -
	$(MAKE) test

config: setup ## write config.example.toml from the models
	$(BIN)/gongbao config example > config.example.toml

bench: $(VENV)/ready-to-test ## print the figures of the benchmarks, each with a ratio to a reference
	$(BIN)/python -m tests.benchmarks

lock: ## renew requirements.lock and requirements-dev.lock (needs uv)
	uv pip compile $(LOCK) --extra install -o requirements.lock pyproject.toml
	uv pip compile $(LOCK) --extra install --extra dev -c requirements.lock -o requirements-dev.lock pyproject.toml

LOCK := --quiet --universal --generate-hashes --python-version 3.11 --no-emit-index-url --no-emit-find-links --no-header --no-annotate

clean: ## remove .venv and what the tools left
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build *.egg-info

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or later is needed (apt install python3 python3-venv)" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/ready: requirements.lock pyproject.toml | $(VENV)/bin/python
	$(PIP) -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-index --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/ready-to-test: requirements-dev.lock $(VENV)/ready
	$(PIP) -r requirements-dev.lock
	@touch $@

.PHONY: help setup demo play test check config bench lock clean
