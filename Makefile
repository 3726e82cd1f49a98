# Every target does its own set-up: a machine with Python 3.11 or newer and make is enough.
#   make demo [ARGS="--once --json"]    make test [ARGS="-k budget"]    make test-faults    make test-api    make test-browser    make test-prometheus    make test-redis    make test-pythons    make lint    make docs    make bench    make bench-fleet

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
ARGS ?=

.PHONY: bench bench-fleet demo docs test test-api test-browser test-faults test-prometheus test-pythons test-redis lint wheel-test plugin-test clean help

help:
	@sed -n '2p' Makefile | sed 's/^#  *//'

$(VENV)/.base: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "ccstats needs Python 3.11 or newer; name one: make PYTHON=python3.12" >&2; exit 1; }
	@echo "setting up $(VENV)" >&2
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(PIP) install --upgrade 'pip>=25.1'
	@$(PIP) install --constraint constraints.txt --editable '.[all]'
	@touch $@

$(VENV)/.dev: $(VENV)/.base
	@$(PIP) install --constraint constraints.txt --group dev
	@touch $@

demo: $(VENV)/.base
	@$(BIN)/ccstats demo $(ARGS)

# All cores share the tests; make test ARGS="-n 0 -k budget" runs some of them in one process.
test: $(VENV)/.dev
	@$(BIN)/python -P -m pytest -n auto --dist worksteal $(ARGS)

# Outages, hostile networks, a day of a thousand queues: on virtual time, in some minutes.
test-faults: $(VENV)/.dev
	@$(BIN)/python -P -m pytest -m faults tests/faults $(ARGS)

$(VENV)/.browser: $(VENV)/.dev
	@$(PIP) install --constraint constraints.txt --group browser
	@npm install --silent --no-package-lock --ignore-scripts --prefix $(VENV)/axe axe-core@4
	@touch $@

# The wallboard in this machine's Chromium; axe-core looks for what some people could not use.
test-browser: $(VENV)/.browser
	@CCSTATS_AXE=$(abspath $(VENV)/axe/node_modules/axe-core/axe.min.js) $(BIN)/python -P -m pytest -m browser tests/serve $(ARGS)

# Debian's Prometheus on what is served, its promtool on the rules of examples/grafana.
test-prometheus: $(VENV)/.dev
	@$(BIN)/python -P -m pytest -m prometheus tests/serve $(ARGS)

# What takes seconds on a real Redis server: outages, and processes that are killed.
test-redis: $(VENV)/.dev
	@$(BIN)/python -P -m pytest -m redis tests/fleet $(ARGS)

$(VENV)/.api: $(VENV)/.dev
	@$(PIP) install --constraint constraints.txt --group api
	@touch $@

# The API against its own description, 200 examples per operation.
test-api: $(VENV)/.api
	@$(BIN)/python -P -m pytest -m api tests/serve $(ARGS)

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

$(VENV)/.peers: $(VENV)/.dev
	@$(PIP) install --constraint constraints.txt --editable '.[all,peers]'
	@touch $@

# The page that is generated from the catalogue and from what the adapters declare.
docs: $(VENV)/.base
	@$(BIN)/ccstats metrics --markdown --adapter twilio --adapter genesys > docs/metrics.md

# Ratios against bare aiohttp and the official clients: make bench [ARGS="--quick --json"]
bench: $(VENV)/.peers
	@$(BIN)/python -m benchmarks.run $(ARGS)

# What several workers through Redis cost, on a redis-server of its own: make bench-fleet [ARGS="--quick"]
bench-fleet: $(VENV)/.dev
	@$(BIN)/python -m benchmarks.fleet $(ARGS)

# The suite on every CPython from 3.11 to 3.13 that is on this machine, each in an environment of its own.
test-pythons:
	@scripts/test-pythons $(ARGS)

# The suite against the built wheel, away from the source tree.
wheel-test: $(VENV)/.dev
	@scripts/test-wheel $(ARGS)

# The wheel with two plugins from outside, in a clean environment: their suites, types and import contracts.
plugin-test: $(VENV)/.dev
	@scripts/test-plugins $(ARGS)

clean:
	rm -rf .venv* build dist
