# Every target works in a fresh clone: the virtualenv installs itself when pyproject.toml or the versions change.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON3 ?= python3
VENV := .venv
STAMP := $(VENV)/.installed
PYTHON := $(VENV)/bin/python
SHARD ?= 1/10
SEED ?= 1
HOURS ?= 100
# Debian keeps snmpd where an ordinary user's PATH does not look.
export PATH := $(PATH):/usr/sbin:/sbin

.PHONY: help quick test check long coverage pages simulate demo states reference bench figures clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(STAMP): pyproject.toml .ci/constraints.txt
	@PYTHON3="$(PYTHON3)" .ci/virtualenv $(VENV)
	@touch $@

quick: $(STAMP) ## format, lint, types, tidy, unit tests and scenarios; under a minute
	@$(PYTHON) .ci/suite.py quick

test: $(STAMP) ## everything a change must pass; under 12 minutes
	@.ci/debian-packages
	@$(PYTHON) .ci/suite.py test

check: $(STAMP) ## format, lint, types and the source's own rules; no other tests
	@$(PYTHON) .ci/suite.py check

long: $(STAMP) ## JOB=simulation|whole|models|crash|suffering|packets|encodings|mutation|busy SHARD=k/n: one shard of a long proof; run again to go on
	@$(PYTHON) -m tests.long "$(JOB)" "$(SHARD)" $(if $(EXTRA_CPU_SECONDS),--extra-cpu-seconds "$(EXTRA_CPU_SECONDS)")

coverage: $(STAMP) ## core by its unit tests and scenarios: every line and branch, or those that are missed
	@mkdir -p build
	@$(PYTHON) -m coverage run -m pytest tests/unit/core tests/scenarios -p no:xdist
	@$(PYTHON) -m coverage report

pages: $(STAMP) ## write docs/results.md and the figures of docs/speed.md from docs/results
	@$(PYTHON) -m tests.long.pages

simulate: $(STAMP) ## SEED=1 HOURS=100: replay one simulated site; ends with counts and a verdict
	@$(PYTHON) -m tests.simulation --seed "$(SEED)" --hours "$(HOURS)"

demo: $(STAMP) ## the daemon on a simulated county station; STORY=FILE plays another; Ctrl-C ends it
	@$(PYTHON) -m simulators.demo $(if $(STORY),--story "$(STORY)")

states: $(STAMP) ## draw the README's state diagrams from the tables in core
	@$(PYTHON) -m tests.tidy.states

reference: $(STAMP) ## write docs/metrics*.md from the table of metrics
	@$(PYTHON) -m monitord.metrics.reference docs

bench: $(STAMP) ## measure; keeps figures in docs/results and judges nothing
	@$(PYTHON) -m pytest tests/benchmarks -s -p no:xdist
	@$(PYTHON) -m tests.benchmarks.bench_core
	@$(PYTHON) -m tests.benchmarks.bench_journal
	@$(PYTHON) -m tests.benchmarks.bench_years
	@$(PYTHON) -m tests.benchmarks.bench_report
	@$(PYTHON) -m tests.benchmarks.bench_modbus
	@$(PYTHON) -m tests.benchmarks.bench_scrape
	@$(PYTHON) -m tests.long.pages

figures: $(STAMP) ## the benches of core, record and years, two at a time, and the pages; about five minutes
	@$(PYTHON) -m tests.benchmarks

clean: ## remove the virtualenv and everything built or cached
	@rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis ./*.egg-info
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
