# Every target brings what it needs and does nothing twice: a stamp remembers each finished step,
# and a changed lock or pom redoes its own step only.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

BIN := .venv/bin
DEMO_PARTS := .venv/.bytecode jars/lib/kafka/classes.jsa jars/lib/spark/classes.jsa
STORE_PARTS := .venv/.stores $(patsubst %,jars/lib/%/.done,elasticsearch mongodb cassandra)
# one process per core; a file's tests stay together, because they share what was expensive to make
PARALLEL := -n auto --dist loadfile
# two at a time whatever the machine has: each file has servers of its own, which take memory
IN_PAIRS := -n 2 --dist loadfile --no-loadscope-reorder
# those of speed that take minutes; `agora bench --help` has the others, of which capacity and sinks fill every store for longer
BENCHMARKS ?= core world env bargaining learn scaleout publish ingest latency tables coldstart
ARGS ?=

.PHONY: help setup demo test test-unit lint audit docs bench up down clean system

help: ## Print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(DEMO_PARTS) $(STORE_PARTS) .venv-airflow/.packages ## Install everything: Python packages, jars, stores, Airflow (Java and Maven too where permitted)

demo: $(DEMO_PARTS) ## Show the whole flow in two minutes: simulate, learn, stream, reconcile (ARGS="--keep" leaves it running)
	@$(BIN)/agora demo $(ARGS)

test: setup lint ## Run everything that must pass: lint, unit tests, flow tests on real servers, the DAG
	$(BIN)/python -m pytest -m "not flow and not airflow" $(PARALLEL)
	$(BIN)/python -m pytest -m flow $(IN_PAIRS)
	.venv-airflow/bin/python -m pytest -m airflow tests/dags

test-unit: $(DEMO_PARTS) ## Run the unit tests only, without the slow ones
	$(BIN)/python -m pytest -m "not flow and not airflow and not slow" $(PARALLEL)

lint: .venv/.bytecode ## Check style, types, imports, configuration files, images and dependencies
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	.ci/lint-files
	$(BIN)/python requirements/audit.py

audit: .venv/.bytecode ## Fail for dependencies with known vulnerabilities (`make lint` shows them)
	$(BIN)/python requirements/audit.py --strict

docs: .venv/.bytecode ## Build the documentation site into site/; a warning or a broken link is an error
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet
	@echo "open site/index.html"

bench: $(DEMO_PARTS) ## Measure speed beside the peers (BENCHMARKS="core env" picks some)
	@for name in $(BENCHMARKS); do $(BIN)/agora bench $$name $(ARGS); done

up: $(DEMO_PARTS) ## Start the local servers and leave them running
	@$(BIN)/agora stack up

down: ## Stop the local servers; their data is kept
	@[ ! -x $(BIN)/agora ] || $(BIN)/agora stack down

clean: down ## Remove what was installed and built; runs, tables and results are kept
	rm -rf .venv .venv-airflow jars/lib site agora.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find simulator pipelines spark_jobs tests dags -name __pycache__ -prune -exec rm -rf {} +

system:
	@.ci/setup system

.venv/.python: requirements/uv.txt | system
	.ci/setup python
	@touch $@

.venv/.packages: requirements/dev.txt .venv/.python
	.ci/setup packages
	@touch $@

.venv/.torch: requirements/torch.txt .venv/.packages
	.ci/setup torch
	@touch $@

.venv/.project: pyproject.toml .venv/.packages
	.ci/setup project
	@touch $@

# Each process would compile hundreds of modules again where Python is told not to keep what it compiled
.venv/.bytecode: .venv/.project .venv/.torch
	.ci/setup bytecode
	@touch $@

jars/lib/%/.done: jars/%/pom.xml | system
	.ci/setup jars $*
	@touch $@

jars/lib/mongodb/.done: jars/mongodb/StandIn.java

.venv/.stores: requirements/stores.txt .venv/.packages
	.ci/setup stores
	@touch $@

# Java starts the servers in less time from an archive of their classes; one that cannot be made is done without
jars/lib/kafka/classes.jsa: jars/lib/kafka/.done | .venv/.bytecode
	$(BIN)/python -m pipelines.local_stack.class_archive || echo "no archive of Kafka's classes: it will start more slowly" >&2

jars/lib/spark/classes.jsa: jars/lib/spark/.done | .venv/.bytecode
	$(BIN)/python -m spark_jobs.class_archive > /dev/null 2>&1 || echo "no archive of Spark's classes: it will start more slowly" >&2

.venv-airflow/.packages: requirements/airflow.txt .venv/.python
	.ci/setup airflow
	@touch $@
