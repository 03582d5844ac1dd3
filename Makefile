# Isthmus. `make` alone explains itself.
SHELL := /bin/bash -eu -o pipefail
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv
MEMBERS := services/common services/amazon-ingest services/mapper services/netsuite-writer \
	services/inventory-publisher services/settlement-processor services/console sandbox
PROGRAMS := $(notdir $(patsubst %/__main__.py,%,$(wildcard services/*/src/*/__main__.py sandbox/src/*/__main__.py)))
READY := $(VENV)/.ready
KAFKA ?= embedded
export ISTHMUS_KAFKA_MODE ?= $(KAFKA)

.DEFAULT_GOAL := help
.PHONY: help setup check test demo down crash bench lock

help: ## Show what can be made
	@echo "Isthmus: Amazon Seller Central <-> NetSuite on Kafka. Needs Python 3.11 or later, and make."
	@echo
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'
	@echo
	@echo "  KAFKA=embedded|container|host:port chooses the Kafka of test, demo and crash (default: embedded)"

setup: $(READY) ## Make the virtual environment from the locks (the others do this themselves)

$(READY): requirements/bootstrap.lock requirements/dev.lock $(addsuffix /pyproject.toml,$(MEMBERS))
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Isthmus needs Python 3.11 or later; $(PYTHON) is older. Remedy: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	@test -x $(BIN)/pip || $(PYTHON) -m venv $(VENV)
	@echo "setup: installing the locked packages into $(VENV)"
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bootstrap.lock
	@$(UV) pip sync --quiet --python $(BIN)/python --require-hashes <(cat requirements/bootstrap.lock requirements/dev.lock)
	@$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation $(addprefix -e ,$(MEMBERS))
	@# Imported once, whatever is told to Python: a worker whose modules are compiled starts twice as fast.
	@PYTHONDONTWRITEBYTECODE= $(BIN)/python -c 'import importlib, sys; [*map(importlib.import_module, sys.argv[1:])]' \
		$(PROGRAMS:%=%.__main__) isthmus.ops.health_app isthmus.cli.demo.wiring
	@touch $@

check: $(READY) ## Format, lint, types, imports, schemas: seconds, no Kafka
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/isthmusctl schemas check

test: $(READY) ## Prove the promises on real Apache Kafka
	@COLUMNS=120 $(BIN)/pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder

demo: $(READY) ## Orders from a simulated Amazon into a simulated NetSuite, while workers are killed
	@$(BIN)/isthmusctl demo

down: $(READY) ## Stop what a demo or a kept Kafka left running
	@$(BIN)/isthmusctl demo-down
	@$(BIN)/isthmusctl kafka down

SEED ?= 1
FAULTS ?= 60
NODES ?= 1
PLANT ?=
crash: $(READY) ## Seeded faults until an invariant breaks: SEED=n FAULTS=n NODES=1|3 PLANT=bug
	@$(BIN)/python -m tests.crash --seed $(SEED) --faults $(FAULTS) --nodes $(NODES) $(if $(PLANT),--plant $(PLANT))

RUNS ?= 5
ONLY ?=
PEERS := benchmarks/.venv
bench: $(READY) $(PEERS)/.ready ## Measure speed, latency, recovery, memory: RUNS=n ONLY=codec,stage,...
	@$(BIN)/python -m benchmarks --runs $(RUNS) --only "$(ONLY)"

$(PEERS)/.ready: requirements/peers.lock | $(READY)
	@echo "bench: installing FastStream and Quix Streams, to compare with, into $(PEERS)"
	@$(UV) venv --quiet --allow-existing --python $(BIN)/python $(PEERS)
	@$(UV) pip sync --quiet --python $(PEERS)/bin/python --require-hashes requirements/peers.lock
	@touch $@

lock: $(READY) ## Resolve the newest allowed versions into requirements/*.lock
	@$(UV) lock --quiet --upgrade
	@$(UV) export --quiet --frozen --all-packages --all-extras --no-emit-workspace --no-header --no-annotate -o requirements/dev.lock >/dev/null
	@for member in amazon-ingest mapper netsuite-writer inventory-publisher settlement-processor console sandbox; do \
		$(UV) export --quiet --frozen --package isthmus-$$member --no-emit-workspace --no-header --no-default-groups --no-annotate \
			-o requirements/$$member.lock >/dev/null; done
	@$(UV) pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
		--no-emit-index-url --no-emit-find-links requirements/peers.in -o requirements/peers.lock
	@echo "lock: requirements/*.lock written; read the difference before you commit it"
