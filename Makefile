# Two commands do everything: `make run` starts the server, `make test` checks the project.
# Both set up what they need in this folder (.tools, .venv), with uv, and touch nothing outside it.

.DEFAULT_GOAL := help
.PHONY: help run test lint fmt types docs bench train eval lock clean

BIN := .venv/bin
UV  := $(shell command -v uv 2>/dev/null || echo .tools/bin/uv)
# Rooms that the tests cover to the last branch; the store only where PostgreSQL is there too.
ROOMS := src/evenhand/core/*,src/evenhand/policy/*,src/evenhand/engine/*,src/evenhand/second_look/*,src/evenhand/service/*,src/evenhand/review/*
ifdef EVENHAND_TEST_POSTGRES
ROOMS := $(ROOMS),src/evenhand/store/*
endif
# A test file stays in one process, so that what it starts is started once. One process more than cores, since some wait.
# Files come in the order of tests/conftest.py: by number of tests, the few that take minutes would be left for the end.
WORKERS := -n $(shell python3 -c "import os; print(min(4, (os.cpu_count() or 1) + 1))") --dist loadfile --no-loadscope-reorder
COVERED := --fail-under=100 --skip-covered '--include=$(ROOMS)'
export UV_PYTHON_DOWNLOADS = never
# The machine's own certificates, so that uv works behind a proxy wherever pip does.
export UV_SYSTEM_CERTS = 1

help: ## Show these lines.
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

run: .venv/run ## Start the server on 127.0.0.1:8000, with its database in ./data.
	@$(BIN)/evenhand serve --data-folder data

test: lint types docs ## Lint, types, import rules, docs checks and every test that needs no root.
	@$(BIN)/coverage erase
	@$(BIN)/pytest $(WORKERS) --cov --cov-report=term-missing:skip-covered $(PYTEST)
	@$(if $(PYTEST),,$(BIN)/coverage report $(COVERED) --format=total >/dev/null || ! $(BIN)/coverage report $(COVERED) -m)

lint: .venv/dev ## Style, import rules, spelling and templates.
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/lint-imports
	@$(BIN)/codespell
	@$(BIN)/djlint --quiet --lint src/evenhand/console/templates src/evenhand/learn/comparison/templates src/evenhand/audit/templates

types: .venv/dev ## Strict types, and a proof that the checker checks.
	@$(BIN)/python tools/check_types.py

docs: .venv/dev ## Generated parts of the docs are up to date.
	@$(BIN)/cog --check docs/*.md README.md

fmt: .venv/dev ## Format the code and rewrite the generated parts of the docs.
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .
	@$(BIN)/cog -r docs/*.md README.md

bench: .venv/dev ## Print throughput and latency of model, engine and HTTP door.
	@$(BIN)/evenhand bench text

train: .venv/train ## Train the text model from ../shared/data/train.
	@$(BIN)/evenhand train-text

eval: .venv/dev ## Measure the text detectors on ../shared/data/dev.
	@$(BIN)/evenhand eval-text

lock: $(UV) ## Pin the dependencies anew.
	@$(UV) pip compile -q --universal --generate-hashes --no-emit-index-url --no-annotate --no-header \
	  --extra postgres --extra images --extra speech pyproject.toml -o requirements/run.lock
	@$(UV) pip compile -q --universal --generate-hashes --no-emit-index-url --no-annotate --no-header \
	  --extra postgres --extra images --extra heif --extra speech --extra parquet --extra bench --group dev pyproject.toml -c requirements/run.lock -o requirements/dev.lock

clean: ## Remove what these commands made, but not the data.
	@rm -rf .venv .tools .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage

# uv comes from the machine if it is there, and otherwise into this folder with the Python at hand.
.tools/bin/uv:
	@python3 tools/get_uv.py .tools

.venv/run: requirements/run.lock pyproject.toml | $(UV)
	@test -x $(BIN)/python || $(UV) venv -q --python python3 .venv
	@$(UV) pip install -q --compile-bytecode --python $(BIN)/python --require-hashes -r requirements/run.lock
	@$(UV) pip install -q --compile-bytecode --python $(BIN)/python --no-deps -e .
	@touch $@

.venv/dev: .venv/run requirements/dev.lock | $(UV)
	@$(UV) pip install -q --compile-bytecode --python $(BIN)/python --require-hashes -r requirements/dev.lock
	@touch $@

# torch is large and only training needs it, so it stays out of what tests install. pip takes it from where the machine
# is set up to: on Linux without a GPU, PIP_EXTRA_INDEX_URL=https://download.pytorch.org/whl/cpu saves gigabytes. The
# version is the one that the figures were measured with.
.venv/train: .venv/dev
	@python3 -m pip --quiet --python $(BIN)/python install -e '.[train]' 'torch==2.13.*'
	@touch $@
