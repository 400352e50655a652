# Two commands do all: `make demo` shows it working, `make test` proves it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
NPM := PATH="$(CURDIR)/$(BIN):$$PATH" npm --prefix frontend
PYTEST := $(BIN)/python -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder
SOURCES := $(shell find frontend/src frontend/*.json frontend/*.ts -type f 2>/dev/null)
LOGDIR ?= logs/demo
# Empty: the first free one from 6006 on.
PORT ?=
# `make demo SERVE=0` runs the range tests and does not start TensorBoard.
SERVE ?= 1
# `make demo FRAMEWORK=torch` trains with PyTorch, and installs no TensorFlow.
FRAMEWORK ?= keras
# An hour of `make fuzz`, which tries so many times as many cases of the browser as `npm test`.
FUZZ_SECONDS ?= 3600
FUZZ_RUNS ?= 100
CRASHES := tests/storage/test_crashes.py tests/training/test_interrupts.py tests/training/test_killed.py
export TF_CPP_MIN_LOG_LEVEL ?= 3

# What needs no browser, no training and no other program is quick; a new test is until its folder or file is named here.
SLOW := cli/test_demo.py cli/test_open.py docs frameworks fuzz notebook server tab training storage/test_crashes.py \
	storage/test_growing.py storage/test_remote.py storage/test_trace.py test_examples.py test_packaging.py \
	test_probes_benchmark.py test_public_names.py test_recommendation.py test_start.py test_types.py

.PHONY: setup demo test quick backends docs matrix frameworks ray fuzz crash check fmt fixtures build release clean

setup: $(VENV)/dev

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip

# An editable install: its build step makes the bundle. (setuptools warns of every editable install.)
$(VENV)/demo: setup.py pyproject.toml | $(BIN)/python
	PYTHONWARNINGS=ignore $(BIN)/python -m pip install --quiet -e '.[tensorflow,examples]'
	touch $@

$(VENV)/dev: setup.py pyproject.toml | $(BIN)/python
	PYTHONWARNINGS=ignore $(BIN)/python -m pip install --quiet -e '.[tensorflow,examples]' --group dev
	touch $@ $(VENV)/demo $(VENV)/demo-torch

$(VENV)/demo-torch: setup.py pyproject.toml | $(BIN)/python
	PYTHONWARNINGS=ignore $(BIN)/python -m pip install --quiet -e '.[torch,examples]'
	touch $@

$(VENV)/docs: $(VENV)/dev
	$(BIN)/python -m pip install --quiet --group docs
	touch $@

demo: $(VENV)/$(if $(filter torch,$(FRAMEWORK)),demo-torch,demo)
	$(BIN)/tb_lrfinder demo --framework $(FRAMEWORK) --log-dir $(LOGDIR) \
		$(if $(PORT),--port $(PORT)) $(if $(filter 0,$(SERVE)),--no-open)

# A process more than cores: with a browser, tests wait about as long as they work.
test: check fixtures tb_lrfinder/server/static/index.js
	$(NPM) test
	KERAS_BACKEND=tensorflow $(PYTEST) --numprocesses 3 --ignore tests/docs

# The callbacks on Keras' other back ends; all else, plans too, needs the default one only.
backends: $(VENV)/dev tb_lrfinder/server/static/index.js
	KERAS_BACKEND=jax $(PYTEST) tests/training --ignore tests/training/test_plan.py
	KERAS_BACKEND=torch $(PYTEST) tests/training --ignore tests/training/test_plan.py

# For the inner loop: under a minute.
quick: $(VENV)/dev frontend/node_modules fixtures
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(NPM) test
	$(PYTEST) tests $(SLOW:%=--ignore tests/%)

# The site, as plain files in docs/_build/html. A broken link and a public name without a docstring fail it, and then every code
# block of its pages is run.
docs: $(VENV)/docs
	$(BIN)/python -m sphinx -W --keep-going -n -E -q -d docs/_build/doctrees docs docs/_build/html
	KERAS_BACKEND=tensorflow $(PYTEST) tests/docs

# A selection of the tests on other versions of Python, Keras, TensorFlow, JAX and TensorBoard; ROWS names some of the rows.
matrix: $(VENV)/dev
	$(BIN)/python -m tests.matrix $(ROWS)

# The callbacks of `examples` in Lightning and Hugging Face's Trainer: a row of the matrix.
frameworks:
	$(MAKE) matrix ROWS=frameworks

# Grids of range tests on a Ray of two workers: a row of the matrix.
ray:
	$(MAKE) matrix ROWS=ray

# The fuzzers with random seeds, those of the browser first: `make fuzz FUZZ_SECONDS=60` takes a minute for all others.
fuzz: $(VENV)/dev frontend/node_modules fixtures tb_lrfinder/server/static/index.js
	FUZZ_RUNS=$(FUZZ_RUNS) $(NPM) test -- test/fuzz
	$(BIN)/python -m tests.fuzz --seconds $(FUZZ_SECONDS)

# What is killed and interrupted at random moments, often.
crash: $(VENV)/dev
	LONG=1 KERAS_BACKEND=tensorflow $(PYTEST) $(CRASHES)
	LONG=1 KERAS_BACKEND=jax $(PYTEST) tests/training/test_interrupts.py
	LONG=1 KERAS_BACKEND=torch $(PYTEST) tests/training/test_interrupts.py

check: $(VENV)/dev frontend/node_modules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright --pythonpath $(BIN)/python
	$(BIN)/lint-imports
	$(NPM) run check

fmt: $(VENV)/dev frontend/node_modules
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(NPM) run fmt

# What the Python side sends, for the tests of the browser side.
fixtures: $(VENV)/dev
	$(BIN)/python -m tests.fixtures frontend/fixtures

build: $(VENV)/dev
	rm -rf dist
	$(BIN)/python -m build --quiet

# Builds and checks the packages, says what to upload, and uploads nothing.
release: build
	$(BIN)/python -m twine check --strict dist/*
	$(BIN)/python -m tests.release dist

tb_lrfinder/server/static/index.js: $(SOURCES) frontend/node_modules
	$(NPM) run build

frontend/node_modules: frontend/package-lock.json | $(VENV)/dev
	$(NPM) ci --no-audit --no-fund
	touch $@

clean:
	rm -rf $(VENV) .matrix build dist docs/_build logs *.egg-info frontend/node_modules frontend/fixtures tb_lrfinder/server/static
