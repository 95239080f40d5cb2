# make book | english | pdf | zip | site | notebooks | test | browser | colab | check | links | dist | lint | format | serve | execute |
# translate | repository | homework | grade | bench | clean; see README.md
PYTHON ?= python3
# Colab's, or what there is where it is missing; `make colab` says so
COLAB_PYTHON ?= $(firstword $(foreach python,python3.13 $(wildcard $(HOME)/.pyenv/versions/3.13*/bin/python) $(PYTHON),\
	$(shell $(python) -c '' 2>/dev/null && echo $(python))))
# of the benchmarks' peers, one of which needs an old jax
PEER_PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
# those that list what the chapters hold come last, so that they read what has just been stored
LISTS := chapters/ledger.ipynb chapters/map.ipynb chapters/results.ipynb
NOTEBOOKS := $(filter-out $(LISTS),$(wildcard chapters/*.ipynb)) $(LISTS)
HOMEWORK := $(wildcard chapters/homework/*.ipynb)
# two notebooks at a time, so NumPy gets one thread in each; one stays on its worker, since its cells share a kernel
WORKERS ?= 2
BUILD := $(BIN)/jupyter-book build --warningiserror --nitpick --keep-going -q
PORTUGUESE := _build/pt_BR

.PHONY: book english pdf zip site notebooks test browser colab check links dist lint format serve execute translate repository homework grade bench clean

# the site, with the Portuguese edition in it, whose notebooks are run where their code or ntklib has changed
book: english
	OPENBLAS_NUM_THREADS=1 $(BIN)/python tools/edition.py
	$(BUILD) $(PORTUGUESE) --path-output $(PORTUGUESE)
	rm -rf _build/html/pt
	cp -R $(PORTUGUESE)/_build/html _build/html/pt
	cp -R $(PORTUGUESE)/_build/notebooks _build/notebooks/pt
	@echo "The book is at file://$(CURDIR)/_build/html/index.html"

# without the Portuguese edition, in a minute: its links to that lead nowhere
english: $(VENV)/installed
	$(BUILD) . --path-output .

# the book once more, to print; see tools/pdf.py
pdf: book
	$(BIN)/python tools/pdf.py _build/html

# the site once more, to read from disk
zip: book
	$(BIN)/python tools/offline.py _build/html

# what is published
site: book pdf zip

# the plain edition, which the build of the book writes beside the site
notebooks: book
	@echo "The plain notebooks are in $(CURDIR)/_build/notebooks"

test: $(VENV)/installed
	$(BIN)/pytest -q -n $(WORKERS) --dist worksteal
	OPENBLAS_NUM_THREADS=1 PYTHONPATH=tools $(BIN)/pytest -q -n $(WORKERS) --dist loadscope -p compiled -p no:doctest -o addopts= -o filterwarnings= \
		--nbval --nbval-current-env --nbval-cell-timeout 300 $(NOTEBOOKS)

# the plain notebooks, each run as by "Run all" in Colab; an edition after the other, see tools/compiled.py
colab: notebooks tests/colab/.venv/installed
	$(BIN)/python tools/colab.py --emulate tests/colab/.venv/bin/python \
		$(foreach edition,notebooks notebooks/pt,$(patsubst %,_build/$(edition)/%,$(filter-out $(LISTS),$(NOTEBOOKS)) $(HOMEWORK)))

# every page, as a reader opens it
browser: book
	$(BIN)/pytest -q -n $(WORKERS) --dist worksteal -o addopts= tests/browser

check: lint test browser colab

# follows the links of the book into the web
links: $(VENV)/installed
	$(BIN)/jupyter-book build . --path-output _build/links --builder linkcheck --keep-going -q

# ntklib, as it is released
dist: $(VENV)/installed
	rm -rf dist
	$(BIN)/python -m build

lint: $(VENV)/installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/jactionlint --strict-exit --no-hints --shellcheck=$(BIN)/shellcheck --pyflakes=
	$(BIN)/zizmor --offline --quiet --strict-collection --persona pedantic .github

format: $(VENV)/installed
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

serve: book
	$(BIN)/python -m http.server --bind 127.0.0.1 --directory _build/html 8000

execute: $(VENV)/installed
	$(BIN)/python tools/execute.py $(NOTEBOOKS)

# what there is to translate, once the catalogs have been brought in step with the book
translate: $(VENV)/installed
	$(BIN)/python tools/catalogs.py --update

# make repository URL=https://github.com/OWNER/NAME
repository: $(VENV)/installed
	$(BIN)/python tools/repository.py "$(URL)"

homework: $(VENV)/installed
	$(BIN)/python tools/assign.py

# make grade HW=hw1 SUBMISSIONS=folder
grade: $(VENV)/installed
	$(BIN)/python tools/grade.py "$(HW)" "$(SUBMISSIONS)"

bench: $(VENV)/installed benchmarks/.venv-neural-tangents/installed benchmarks/.venv-torch/installed
	$(BIN)/python benchmarks/run.py

clean:
	rm -rf _build dist .pytest_cache .ruff_cache .mypy_cache .hypothesis chapters/.ipynb_checkpoints

$(VENV)/installed: requirements.txt pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@

# what stands for Colab: its versions
tests/colab/.venv/installed: tests/colab/requirements.txt
	@$(COLAB_PYTHON) -c 'import sys; sys.version_info[:2] == (3, 13) or print("Colab has Python 3.13, which is missing here.")'
	$(COLAB_PYTHON) -m venv $(@D)
	$(@D)/bin/python -m pip install --quiet --disable-pip-version-check -r $<
	touch $@

# a peer of the benchmarks in an environment of its own
benchmarks/.venv-%/installed: benchmarks/requirements-%.txt
	$(PEER_PYTHON) -m venv $(@D)
	$(@D)/bin/python -m pip install --quiet --disable-pip-version-check -r $<
	touch $@
