# What a person or CI does with this checkout. `make` alone lists it; running needs only make and Python 3.11 or newer.

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help setup demo test lint policies bench lock clean fresh

PY := .venv/bin/python
PIP := $(PY) -m pip --disable-pip-version-check --no-input

help: ## list what make can do here
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' Makefile

demo: .venv/.project ## play one story in the terminal, then serve the pages (DEMO_SERVE=0 ends after the story)
	@$(PY) -m broker demo

setup: .venv/.dev ## install what working on the code needs: Python packages, OPA, PostgreSQL
	@$(call wanted,get-opa,OPA,tests of the policies with OPA)
	@$(call wanted,get-postgresql,PostgreSQL,tests of the store on PostgreSQL)

test: setup ## set up, then run every check and every test
	@$(MAKE) --no-print-directory lint
	@echo "Running all tests."
	@$(PY) -m pytest
	@$(MAKE) --no-print-directory fresh

lint: .venv/.dev ## check style, types and layers
	@echo "Checking style, types and layers."
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy
	@.venv/bin/lint-imports

policies: .venv/.project ## build policies/bundle from the policies
	@OPA=$$(deploy/install/get-opa) && export OPA && $(PY) -m broker policy build

bench: .venv/.dev ## measure decisions against OPA and PostgreSQL on this machine
	@OPA=$$(deploy/install/get-opa) && POSTGRES_BIN=$$(deploy/install/get-postgresql) && export OPA POSTGRES_BIN && \
	  $(PY) -m broker bench

# The oldest Python resolves: what only it needs is then in the lock, and newer ones skip nothing they need.
COMPILE := CUSTOM_COMPILE_COMMAND="make lock" .tools/lock/bin/pip-compile --quiet --upgrade --generate-hashes \
  --no-emit-index-url --no-emit-find-links --strip-extras --allow-unsafe \
  --build-deps-for wheel --build-deps-for editable

lock: ## resolve pyproject.toml anew into requirements.lock and requirements-dev.lock (needs python3.11)
	@echo "Resolving the newest versions that pyproject.toml allows."
	@python3.11 -m venv --clear .tools/lock
	@.tools/lock/bin/python -m pip --disable-pip-version-check install --quiet pip-tools
	@$(COMPILE) --output-file requirements.lock pyproject.toml
	@$(COMPILE) --extra dev --constraint requirements.lock --output-file requirements-dev.lock pyproject.toml

clean: ## remove everything that make and the tests have made
	@rm -rf .venv .tools .cache .hypothesis .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
	@rm -rf dist build demo-data bench.json .coverage
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The built policies are committed, so that running needs no OPA; this holds them to their sources.
fresh: .venv/.project
	@if ! deploy/install/find-opa >/dev/null; then \
	  echo "Whether policies/bundle is fresh was not checked: there is no OPA."; \
	elif mkdir -p .cache && rm -rf .cache/bundle && cp -R policies/bundle .cache/bundle && \
	  $(MAKE) --no-print-directory policies && diff -r .cache/bundle policies/bundle; then \
	  echo "policies/bundle is what the policies build."; \
	else \
	  echo "policies/bundle was not what these policies build. If they were built just now, commit the result." >&2; exit 1; \
	fi

# Stamps: each names the file whose change makes it stale, so that a second run does nothing.
.venv/.runtime: requirements.lock
	@python=$$(deploy/install/find-python) && \
	  echo "Making a virtual environment in .venv with $$("$$python" --version)." && "$$python" -m venv --clear .venv
	@echo "Installing the $$(grep -c == requirements.lock) packages of requirements.lock, each checked against its hash."
	@$(PIP) install --quiet --require-hashes --requirement requirements.lock || { \
	  echo "The packages could not be installed; the lines above say why." >&2; exit 1; }
	@touch $@

.venv/.project: .venv/.runtime pyproject.toml
	@$(PIP) install --quiet --no-index --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.dev: .venv/.project requirements-dev.lock
	@echo "Installing the packages that the checks and tests need, from requirements-dev.lock."
	@$(PIP) install --quiet --require-hashes --requirement requirements-dev.lock || { \
	  echo "The packages could not be installed; the lines above say why." >&2; exit 1; }
	@touch $@

# $(call wanted,script,program,tests): a missing program costs some tests on a person's machine and fails in CI.
define wanted
deploy/install/$(1) >/dev/null || { \
  if [ "$$CI" = true ]; then echo "CI needs $(2)." >&2; exit 1; fi; \
  echo "Going on without $(2): the $(3) will be skipped, and pytest says how many."; }
endef
