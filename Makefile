# Everything runs in .venv, whatever virtual environment is active. `make help` lists the targets.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
NPM := $(BIN)/python -m web.npm
PACKAGES := web/node_modules/.package-lock.json
PAGE := api/static/index.html
PAGE_SOURCES := $(shell find web/src web/public web/*.html web/*.json web/*.ts -type f)

# What would redirect an installation or an import elsewhere. The package index, proxy and certificates that the user
# configured for pip stay as they are.
unexport VIRTUAL_ENV CONDA_PREFIX PYTHONHOME PYTHONPATH PYTHONPLATLIBDIR MYPYPATH
unexport PIP_CONSTRAINT PIP_DRY_RUN PIP_EDITABLE PIP_NO_DEPS PIP_PREFIX PIP_PYTHON PIP_REQUIRE_HASHES PIP_REQUIREMENT
unexport PIP_ROOT PIP_TARGET UV_PROJECT_ENVIRONMENT UV_PYTHON
export PIP_USER := 0
export PIP_DISABLE_PIP_VERSION_CHECK := 1

LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock"

.DEFAULT_GOAL := help
.PHONY: help install page run up down test thorough check format types lock upgrade faults fuzz bench memory clean FORCE

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

install: $(STAMP) $(PAGE) ## Install Longshore and its tools into .venv, from the hashed locks, and build the page

page: $(PAGE) ## Build the page that the API serves, if its sources have changed

run: install ## Import the example library into a graph and search it, in English and Korean
	$(BIN)/longshore import examples/library --project examples --name "Example library"
	$(BIN)/longshore search --project examples "how an import survives a crash"
	$(BIN)/longshore search --project examples "지식 그래프"
	@echo 'Postgres, Temporal, the worker and the API stay up; "make down" stops them and keeps what was imported.'

up: install ## Start Postgres, Temporal, a worker and the API on this machine
	$(BIN)/longshore up

down: install ## Stop them; what was imported stays
	$(BIN)/longshore down

test: check ## Check the code, then run every test
	$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder

thorough: install ## Run the tests that are left out of `make test` because they take long
	$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder -m thorough

check: install ## Lint, formatting, types, the directions of imports, and the page against the API's schema
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m web.schema --check
	$(NPM) run --silent check

format: install ## Format the code and mend what the linter can mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: install ## Write the page's types anew from the API's schema
	$(BIN)/python -m web.schema

lock: install ## Resolve the dependencies of pyproject.toml into the locks, moving as few as can be
	$(LOCK) pyproject.toml --output-file requirements.lock
	$(LOCK) pyproject.toml --group dev --constraint requirements.lock --output-file requirements-dev.lock

upgrade: LOCK += --upgrade
upgrade: lock ## Resolve them to the newest releases

faults: install ## Try every fault of the matrix, in some 40 minutes, and write the table into docs/reliability.md
	$(BIN)/python -m tests.faults --write docs/reliability.md

fuzz: install ## Damage what every reader reads for ten minutes, with another seed each time
	$(BIN)/python -m tests.poison.fuzz

bench: install ## Measure the durable import against a plain script
	$(BIN)/python -m bench

memory: install ## Import 498 PDFs of 500 MB with no more than 512 MB of memory, and a tenth of them
	$(BIN)/python -m bench.memory

clean: ## Remove .venv, caches and builds; what was imported stays
	rm -rf $(VENV) .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache build dist
	rm -rf web/node_modules api/static
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The stamp holds the folder that .venv was made for: one that was moved, or lost its interpreter, is made again.
ifneq ($(shell $(BIN)/python -c 'print(open("$(STAMP)").read(), end="")' 2>/dev/null),$(CURDIR))
$(STAMP): FORCE
endif

$(STAMP): requirements.lock requirements-dev.lock pyproject.toml
	@if test -e $@ && ! grep -qxF '$(CURDIR)' $@; then rm -rf $(VENV); fi
	@$(BIN)/python -c 'import pip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
			echo "Longshore needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version 2>/dev/null || echo not there)."; \
			echo "Name another one, as in: make install PYTHON=python3.13"; exit 1; }; \
		$(PYTHON) -m venv --clear $(VENV) || { \
			echo "No virtual environment could be made; Debian and Ubuntu keep what it takes in python3-venv."; \
			exit 1; }; \
	} >&2
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements-dev.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@printf '%s\n' '$(CURDIR)' > $@

$(PACKAGES): $(STAMP) web/package.json web/package-lock.json web/.npmrc
	$(NPM) ci --silent
	@touch $@

$(PAGE): $(PACKAGES) $(PAGE_SOURCES)
	$(NPM) run --silent build -- --logLevel warn
	@touch $@
