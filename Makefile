# Two commands do everything: `make up` and `make test`. They need only python3 (>= 3.11, with venv) and make.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
DEV_STAMP := $(VENV)/.installed-dev
export HONEYGUIDE_DATA ?= $(CURDIR)/.honeyguide

.DEFAULT_GOAL := help
.PHONY: help up test check lock clean

help:  ## this list
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' Makefile

up: $(STAMP)  ## install what is missing, start everything with the demo company, print the address
	@exec $(BIN)/honeyguide up --demo

test: $(DEV_STAMP)  ## every check and every test
	@.ci/run

check: $(DEV_STAMP)  ## static checks only: format, lint, types, imports, sizes
	@.ci/run check

$(STAMP): pyproject.toml requirements.lock web/package-lock.json
	@$(PYTHON) -c 'import sys; sys.exit("Honeyguide needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Try: make up PYTHON=python3.12") if sys.version_info < (3, 11) else None'
	@test -x $(BIN)/python || { echo "Making the environment in $(VENV) ..."; $(PYTHON) -m venv $(VENV); }
	@echo "Installing Honeyguide and building its pages (a minute or so the first time) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==0.13.9
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements.lock
	@$(BIN)/python web/build.py
	@HONEYGUIDE_SKIP_WEB=1 $(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps -e .
	@touch $(STAMP)

$(DEV_STAMP): $(STAMP) requirements-dev.lock
	@echo "Installing the tools of the tests ..."
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements-dev.lock
	@touch $(DEV_STAMP)

LOCK := $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-annotate --no-header --python-version 3.11 pyproject.toml
lock:  ## pin every dependency anew, with hashes
	@$(LOCK) -o requirements.lock
	@$(LOCK) --group dev --extra fallback-postgres -c requirements.lock -o requirements-dev.lock

clean:  ## forget the environment and what was built; data is kept
	@rm -rf $(VENV) dist build src/honeyguide/web/static/console web/node_modules
