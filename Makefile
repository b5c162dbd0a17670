# Two commands matter: `make run` and `make test`. Every target sets up what it needs, and nothing twice.
SHELL := /bin/bash
PYTHON ?= python3
PORT ?= 8000
VENV := .venv
DEMO := .demo
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet -c constraints.txt

# What Tangqiao's source leaves open: the demo's town has given it.
run $(DEMO)/.filled: export TRIAGE_PARAMETERS ?= {"tangqiao": {"finish_workdays": 5}}

.PHONY: run test test-core test-torch setup check bench accuracy soak model words

run: $(DEMO)/.filled          ## serve the demo at http://127.0.0.1:$(PORT)/
	@$(BIN)/triage serve --demo --port $(PORT) --database sqlite:///$(DEMO)/triage.db

$(DEMO)/.filled: | $(VENV)/.core
	@echo "filling the demo with a month of 300 orders: about a minute" >&2
	@rm -rf $(DEMO) && mkdir -p $(DEMO)
	@$(BIN)/triage demo --database sqlite:///$(DEMO)/triage.db --size 0.112 >&2
	@touch $@

test: check test-core test-torch  ## the gate: every test

test-core: $(VENV)/.dev       ## everything that needs no torch
	$(BIN)/python -m pytest -n 2 --dist loadgroup

test-torch: $(VENV)/.torch    ## what needs torch and sentence-transformers
	$(BIN)/python -m pytest tests/torch

setup: $(VENV)/.dev $(VENV)/.torch  ## everything the tests need

check: $(VENV)/.dev           ## style, types, policy packs
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/triage policy check

bench: $(VENV)/.torch         ## measurements beside peers
	$(BIN)/python -m benchmarks.decide
	$(BIN)/python -m benchmarks.ledger load
	$(BIN)/python -m benchmarks.ledger million
	$(BIN)/python -m benchmarks.reclassify
	$(BIN)/python -m benchmarks.train

accuracy: $(VENV)/.dev        ## how often right on real messages; takes hours
	$(BIN)/python -m benchmarks.accuracy

soak: $(VENV)/.dev            ## every property with 5,000 examples instead of 100; writes soak-report.txt
	TRIAGE_TEST_KILLS=200 $(BIN)/python -m pytest -n 2 --dist loadgroup --hypothesis-profile=soak | tee soak-report.txt; exit $${PIPESTATUS[0]}

model: $(VENV)/.core          ## build models/default from the written taxonomy
	$(BIN)/python -m training.default_model

words: $(VENV)/.torch         ## build models/default/words, the table of word vectors
	$(BIN)/python -m training.word_table

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.core: pyproject.toml constraints.txt | $(VENV)/bin/python
	@echo "installing the lean core: about 130 MB to download" >&2
	@$(PIP) -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.core
	@echo "installing what the tests need: about 800 MB to download" >&2
	@$(PIP) -e '.[dev,notebooks,peers,postgres,spark,strong,training]'
	@touch $@

$(VENV)/.torch: $(VENV)/.dev
	@echo "installing torch (CPU) and sentence-transformers: about 300 MB to download" >&2
	@$(PIP) -e '.[embeddings]'
	@touch $@
