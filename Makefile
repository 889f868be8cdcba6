# The commands of INT8 Lens. Needs Python 3.11 or newer and a package registry; nothing else.
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3 python; do \
	$$p -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& echo $$p && break; done)
VENV := .venv
PY := $(VENV)/bin/python
DATA ?= data
PORT ?= 8501
BENCH ?=
OPEN ?= 1
PIP := $(PY) -m pip install --quiet --disable-pip-version-check

.PHONY: help demo dashboard test bench lint format docs sample clean

help:
	@echo "make demo       measure the built-in models here and show the results (OPEN=0: no dashboard)"
	@echo "make dashboard  show what was measured, on http://localhost:$(PORT)"
	@echo "make test       run all tests; pictures of every page in both themes are in test-artifacts/ then"
	@echo "make bench      measure the numbers of docs/method.md here: hours, on a quiet machine (BENCH=\"--only latency\")"
	@echo "make lint       ruff, mypy --strict, the import law"

$(PY):
	@test -n "$(PYTHON)" || { echo "error: no Python 3.11 or newer with venv found; install one or give PYTHON=/path/to/python" >&2; exit 3; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: requirements.txt requirements-dashboard.txt | $(PY)
	@echo "installing the pinned packages into $(VENV)"
	$(PIP) -r requirements.txt
	@touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.runtime
	@echo "installing the pinned test tools into $(VENV)"
	$(PIP) -r requirements-dev.txt
	@touch $@

demo: $(VENV)/.runtime
	$(PY) -m collector demo --data $(DATA)
ifneq ($(OPEN),0)
	$(PY) -m dashboard --data $(DATA) --port $(PORT)
endif

dashboard: $(VENV)/.runtime
	$(PY) -m dashboard --data $(DATA) --port $(PORT)

test: $(VENV)/.dev
	@for b in chromium chromium-browser google-chrome; do command -v $$b >/dev/null && exit 0; done; \
	$(PY) -m playwright install chromium >/dev/null 2>&1 || true
	$(PY) -m pytest -n auto tests/unit tests/page
	$(PY) -m pytest tests/e2e
	$(PY) -m pytest -n 2 --dist loadfile tests/browser

# No part of `make test`. BENCH holds options, such as --only planted or --quick.
bench: $(VENV)/.dev
	$(PY) -m tests.benchmarks --markdown $(BENCH)

lint: $(VENV)/.dev
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	$(VENV)/bin/lint-imports

format: $(VENV)/.dev
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

docs: $(VENV)/.dev
	$(PY) -m results schema > docs/schema.md

# Measure this machine for the committed sample: other OpenVINO versions, lower instruction sets.
sample: export INT8_LENS_RUNTIMES = $(DATA)/cache/runtimes
sample: $(VENV)/.runtime
	$(PY) -m collector runtimes add 2021.4.2 2022.3.2 2023.3.0 2024.6.0
	$(PY) -m collector doctor --peaks --data data/sample
	$(PY) -m collector run data/sample/versions.toml --data data/sample
	$(PY) -m collector run data/sample/caps.toml --data data/sample
	rm -rf data/sample/cache

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache test-artifacts
