# make book | test | check | lint | serve | execute | bench | clean; see README.md
PYTHON ?= python3
# of the benchmarks' peers, one of which needs an old jax
PEER_PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
# those that list what the chapters hold come last, so that they read what has just been stored
LISTS := chapters/ledger.ipynb chapters/map.ipynb chapters/results.ipynb
NOTEBOOKS := $(filter-out $(LISTS),$(wildcard chapters/*.ipynb)) $(LISTS)
# two notebooks at a time, so NumPy gets one thread in each; one stays on its worker, since its cells share a kernel
WORKERS ?= 2

.PHONY: book test check lint format serve execute bench clean

book: $(VENV)/installed
	$(BIN)/jupyter-book build . --path-output . --warningiserror --nitpick --keep-going -q
	@echo "The book is at file://$(CURDIR)/_build/html/index.html"

test: $(VENV)/installed
	$(BIN)/pytest -q -n $(WORKERS)
	OPENBLAS_NUM_THREADS=1 $(BIN)/pytest -q -n $(WORKERS) --dist loadscope -p no:doctest -o addopts= -o filterwarnings= \
		--nbval --nbval-current-env --nbval-cell-timeout 300 $(NOTEBOOKS)

check: lint test book

lint: $(VENV)/installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(VENV)/installed
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

serve: book
	$(BIN)/python -m http.server --bind 127.0.0.1 --directory _build/html 8000

execute: $(VENV)/installed
	$(BIN)/python tools/execute.py $(NOTEBOOKS)

bench: $(VENV)/installed benchmarks/.venv-neural-tangents/installed benchmarks/.venv-torch/installed
	$(BIN)/python benchmarks/run.py

clean:
	rm -rf _build .pytest_cache .ruff_cache .mypy_cache .hypothesis chapters/.ipynb_checkpoints

$(VENV)/installed: requirements.txt pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@

# a peer of the benchmarks in an environment of its own
benchmarks/.venv-%/installed: benchmarks/requirements-%.txt
	$(PEER_PYTHON) -m venv $(@D)
	$(@D)/bin/python -m pip install --quiet --disable-pip-version-check -r $<
	touch $@
