# What people and CI run. A fresh clone needs Python 3.11 to 3.13, pip, make and git; everything else is fetched into .venv.

VENV   ?= .venv
BIN    := $(VENV)/bin
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys, ensurepip; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null && echo $$p && break; done)
PIP    := $(BIN)/python -m pip --quiet --disable-pip-version-check --no-input
LOCKED := --require-hashes --requirement
TESTS  ?= tests
MINUTES ?= 10
PROCESSES ?= 2

.DEFAULT_GOAL := help
.PHONY: help demo test lint format docs bench soak lock clean

help: ## Show this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /make \1\t/' | expand -t 14

demo: $(VENV)/.demo ## Run everything on this machine: broker, topics, worker, two businesses. Ctrl-C ends it
	@$(BIN)/client-status demo

test: $(VENV)/.dev ## Run the tests; says what it had to skip and why. TESTS=tests/domain runs a part, PROCESSES=0 in one process
	@command -v java >/dev/null && command -v mvn >/dev/null || \
		echo "Java or Maven is not here: tests on a real Apache Kafka will be skipped (the embedded broker is used)."
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || \
		echo "Chromium is not here: tests of the page in a browser will be skipped."
	@$(BIN)/python -m pytest -n $(PROCESSES) $(TESTS)

lint: $(VENV)/.dev ## Check style, format, types and the rings of imports
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check --quiet
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

format: $(VENV)/.dev ## Put the code into the shape that lint wants
	@$(BIN)/ruff check --fix --quiet
	@$(BIN)/ruff format

docs: $(VENV)/.dev ## Write again the parts of the documentation that come from the code
	@$(BIN)/python docs/render.py

bench: $(VENV)/.dev ## Measure on a real Kafka, beside stock Faust; writes docs/performance.md
	@$(BIN)/python -m bench

soak: $(VENV)/.dev ## Break a running pair of workers for MINUTES=10 and check every output; CLUSTER=1: on three brokers; HISTORIES=3: by the model
	@$(BIN)/python -m tests.faults.soak --minutes $(MINUTES) $(if $(CLUSTER),--cluster) $(if $(HISTORIES),--histories $(HISTORIES))

# -- environments: made on first use, made again when what they are made from changes ------------------------------

$(BIN)/python:
	@if [ -z "$(PYTHON)" ]; then \
		echo "No Python 3.11, 3.12 or 3.13 with venv and pip was found. Install one (Debian: python3-venv)," ; \
		echo "or name it: make PYTHON=/path/to/python3.12 ..." ; exit 1 ; fi
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.demo: requirements/demo.txt requirements/build.txt pyproject.toml | $(BIN)/python
	@echo "Installing into $(VENV) ..."
	@$(PIP) install $(LOCKED) requirements/demo.txt $(LOCKED) requirements/build.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements/dev.txt requirements/build.txt pyproject.toml | $(BIN)/python
	@echo "Installing into $(VENV) ..."
	@$(PIP) install $(LOCKED) requirements/dev.txt $(LOCKED) requirements/build.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@ $(VENV)/.demo

# -- locked versions -----------------------------------------------------------------------------------------------

COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--custom-compile-command "make lock" $(if $(UPGRADE),--upgrade)

lock: | $(BIN)/python ## Write requirements/ from pyproject.toml; UPGRADE=1 moves to the newest versions
	@$(PIP) install uv
	@$(COMPILE) pyproject.toml --extra demo --group test --group lint --group bench --output-file requirements/dev.txt
	@$(COMPILE) pyproject.toml --constraints requirements/dev.txt --output-file requirements/worker.txt
	@$(COMPILE) pyproject.toml --constraints requirements/dev.txt --extra demo --output-file requirements/demo.txt
	@$(COMPILE) --group pyproject.toml:build --constraints requirements/dev.txt --output-file requirements/build.txt

clean: ## Remove the environment and what the tools cached
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache artifacts build dist
