# What a person or CI does with this checkout. `make` alone lists it; running needs only make and Python 3.11 or newer.

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help setup demo shell test check torture lint policies pages mutate bench lock clean fresh

PY := .venv/bin/python
# One worker a processor. A file stays with one worker, so that what its tests share is made once.
TESTS := $(PY) -m pytest --numprocesses auto --dist loadfile --no-loadscope-reorder

help: ## list what make can do here
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' Makefile

demo: .venv/.runtime ## play one story in the terminal, then serve the pages (DEMO_SERVE=0 ends after the story)
	@$(PY) -m broker demo

shell: .venv/.runtime ## open a shell in which `broker` is the command of this checkout
	@PATH="$(CURDIR)/.venv/bin:$$PATH" && export PATH && echo "broker is $$(command -v broker); exit ends this shell." && \
	  exec "$${SHELL:-/bin/sh}"

setup: .venv/.dev ## install what working on the code needs: Python packages, OPA, PostgreSQL, Node, Chromium, Keycloak
	@$(call wanted,get-opa,OPA,tests of the policies with OPA)
	@$(call wanted,get-postgresql,PostgreSQL,tests of the store on PostgreSQL)
	@$(call wanted,find-node,Node,tests of what the browser gets)
	@if deploy/install/find-node >/dev/null 2>&1; then $(MAKE) --no-print-directory node_modules/.installed; fi
	@$(call wanted,get-chromium,Chromium,tests of the pages in a browser)
	@$(call wanted,get-keycloak,Keycloak,tests of signing in at a real identity provider)

test: lint setup ## check style, types and layers, set up the rest, then run every test
	@echo "Running all tests."
	@$(TESTS)
	@$(MAKE) --no-print-directory fresh

check: lint ## the working loop: style, types, layers, and the tests that start no server
	@$(TESTS) --quiet -m "not opa and not postgres and not node" \
	  tests/unit tests/property tests/policy tests/conventions tests/vectors tests/flows

torture: setup ## run in full what `make test` runs a sample of: a thousand kills, tens of thousands of documents (hours)
	@TORTURE=1 $(TESTS) -m torture

lint: .venv/.dev ## check that the lock fits pyproject.toml, style, types and layers
	@echo "Checking lock, style, types and layers."
	@uv=$$(deploy/install/get-uv) && "$$uv" pip check --quiet --python $(PY) || { \
	  echo "The lock does not hold what pyproject.toml asks for: make lock." >&2; exit 1; }
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy
	@.venv/bin/lint-imports

policies: .venv/.runtime ## build policies/bundle, and write the pages and closed lists that follow from the policies
	@OPA=$$(deploy/install/get-opa) && export OPA && $(PY) -m broker policy vocabulary && \
	  $(PY) -m broker policy build && $(PY) -m broker policy pages >/dev/null

pages: .venv/.runtime node_modules/.installed ## write docs/api and build broker/web/static, what the browser gets
	@$(PY) -m broker openapi > docs/api/openapi.json && $(PY) -m broker openapi --calls > docs/api/calls.md
	@node=$$(deploy/install/find-node) && "$$node" broker/web/client/types.mjs && "$$node" broker/web/client/build.mjs

mutate: .venv/.dev ## break each policy rule once and see whether a case fails (some minutes)
	@OPA=$$(deploy/install/get-opa) && export OPA && PYTHONPATH=tests/policy $(PY) tests/policy/mutate.py

bench: .venv/.dev ## measure decisions against OPA and PostgreSQL on this machine
	@OPA=$$(deploy/install/get-opa) && POSTGRES_BIN=$$(deploy/install/get-postgresql) && export OPA POSTGRES_BIN && \
	  $(PY) -m broker bench

# One resolution for every platform and every Python from the oldest on; no address of an index gets into a lock.
COMPILE := UV_CUSTOM_COMPILE_COMMAND="make lock" $$uv pip compile --quiet --upgrade --universal --python-version 3.11 \
  --generate-hashes --no-emit-index-url --no-emit-find-links

lock: ## resolve pyproject.toml anew into the lock files, and take the newest uv
	@echo "Resolving the newest versions that pyproject.toml allows."
	@uv=$$(deploy/install/get-uv) && \
	  $(COMPILE) --group build --output-file requirements.lock pyproject.toml && \
	  $(COMPILE) --group build --group dev --constraints requirements.lock --output-file requirements-dev.lock pyproject.toml && \
	  echo uv | $(COMPILE) --output-file deploy/install/uv-requirements.lock -

clean: ## remove everything that make and the tests have made
	@rm -rf .venv .tools node_modules .cache .hypothesis .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
	@rm -rf dist build demo-data bench.json .coverage
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# What is built is committed, so that running needs neither OPA nor Node; this holds it to its sources.
fresh: .venv/.runtime
	@if ! deploy/install/find-opa >/dev/null; then \
	  echo "Whether policies/bundle is fresh was not checked: there is no OPA."; \
	elif mkdir -p .cache && rm -rf .cache/bundle && cp -R policies/bundle .cache/bundle && \
	  $(MAKE) --no-print-directory policies && diff -r .cache/bundle policies/bundle; then \
	  echo "policies/bundle is what the policies build."; \
	else \
	  echo "policies/bundle was not what these policies build. If they were built just now, commit the result." >&2; exit 1; \
	fi
	@if ! deploy/install/find-node >/dev/null 2>&1; then \
	  echo "Whether broker/web/static is fresh was not checked: there is no Node."; \
	elif mkdir -p .cache && rm -rf .cache/pages && mkdir .cache/pages && \
	  cp -R docs/api broker/web/static broker/web/client/api.ts .cache/pages && \
	  $(MAKE) --no-print-directory pages && diff -r .cache/pages/api docs/api && \
	  diff .cache/pages/api.ts broker/web/client/api.ts && diff -r .cache/pages/static broker/web/static; then \
	  echo "docs/api, broker/web/client/api.ts and broker/web/static are what their sources make."; \
	else \
	  echo "docs/api, api.ts or broker/web/static was not what its sources make: commit the result." >&2; exit 1; \
	fi

# Stamps: each names the files whose change makes it stale, so that a second run does nothing.
.venv/.runtime: requirements.lock pyproject.toml
	@uv=$$(deploy/install/get-uv) && python=$$(deploy/install/find-python) && \
	  echo "Making a virtual environment in .venv with $$("$$python" --version)." && \
	  "$$uv" venv --quiet --clear --no-python-downloads --python "$$python" .venv
	@$(call install,requirements.lock)
	@touch $@

.venv/.dev: .venv/.runtime requirements-dev.lock
	@$(call install,requirements-dev.lock)
	@touch $@

# $(call install,lock): what the lock names, then this project, whose build tools are in the lock.
define install
deploy/install/install-lock $(1) $(PY) && uv=$$(deploy/install/get-uv) && \
  "$$uv" pip install --quiet --python $(PY) --offline --no-deps --no-build-isolation --editable .
endef

# The addresses of packages stay out of the lock; their hashes are in it, and nothing of a package runs on install.
node_modules/.installed: package.json package-lock.json .npmrc
	@echo "Installing the packages of package-lock.json, each checked against its hash."
	@node=$$(deploy/install/find-node) && PATH="$$(dirname "$$node"):$$PATH" npm ci --ignore-scripts --loglevel=error || { \
	  echo "The packages could not be installed; the lines above say why." >&2; exit 1; }
	@touch $@

# $(call wanted,script,program,tests): a missing program costs some tests on a person's machine and fails in CI.
define wanted
deploy/install/$(1) >/dev/null || { \
  if [ "$$CI" = true ]; then echo "CI needs $(2)." >&2; exit 1; fi; \
  echo "Going on without $(2): the $(3) will be skipped, and pytest says how many."; }
endef
