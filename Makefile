# Two commands do everything on a fresh machine: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.complete
# For tests that wait for nothing but the processor.
SIDE_BY_SIDE := --numprocesses=auto --maxprocesses=4
export NUMBA_CACHE_DIR ?= $(CURDIR)/$(VENV)/numba

.PHONY: setup demo test test-all lint bench simulate screenshots constraints clean

setup: $(STAMP)

# uv does the installing, and comes by pip into the checkout's own environment.
$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] < (3, 11))' || \
		{ echo "Neural Hall needs Python 3.11 or newer: apt-get install python3"; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || \
		{ [ "$$(id -u)" = 0 ] && apt-get update -qq && apt-get install -y -qq python3-venv; } || \
		{ echo "Python's venv is missing: apt-get install python3-venv"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt uv
	@$(BIN)/uv pip install --quiet --python $(BIN)/python -c constraints.txt -e '.[dev]'
	@touch $@

demo: setup
	@$(BIN)/hall demo

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: lint
	$(BIN)/pytest -m "not full" $(SIDE_BY_SIDE)

# Only what `make test` leaves out: real time, real processes, display, sound, one after the other;
# then the festival's tests again, on a PostgreSQL that they start themselves.
test-all: setup
	$(BIN)/pytest -m full --timeout=1200 --ignore=tests/festival_api
	$(BIN)/pytest -m full $(SIDE_BY_SIDE) tests/festival_api

bench: setup
	$(BIN)/python -m benchmarks

# Ten thousand whole shows on virtual time, under random faults.
simulate: setup
	@$(BIN)/hall simulate --shows 10000

# Pictures of the console for the documents, by the system's Chromium.
screenshots: setup
	$(BIN)/python docs/screenshots.py

constraints:
	$(BIN)/uv pip compile --quiet --universal --no-header --no-annotate --all-extras --no-emit-index-url --no-emit-find-links pyproject.toml -o constraints.txt
	echo "uv==$$($(BIN)/uv --version | cut -d' ' -f2)" >> constraints.txt

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
