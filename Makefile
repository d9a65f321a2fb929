# `make` alone lists what there is.

BIN := .venv/bin
PYTHON_TREES := core/src core/tests $(wildcard addons/*/src addons/*/tests) tests benchmarks
MACHINE_STEPS ?= 20000
# 0 draws one, and says which.
MACHINE_SEED ?= 0
FUZZ_MINUTES ?= 10
BUNDLE ?= full
SCREENSHOTS ?= build/screenshots

.DEFAULT_GOAL := help
.PHONY: help setup run test lint types unit faults machines fuzz bench bundle screenshots docs clean

help: ## This list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

setup: ## Install what is missing, and make .venv
	@scripts/setup

run: ## Start the service with the virtual scanner; more options in ARGS
	@scripts/setup --runtime-only
	@FLATBED_ADDONS__VIRTUAL__ENABLED=true exec $(BIN)/flatbed run $(ARGS)

test: setup lint types unit ## All that decides whether a change is fit

lint: setup ## Style and format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	cd client && PATH="$$PWD/../$(BIN):$$PATH" npm run --silent check

types: setup ## Types, strictly
	$(BIN)/mypy $(PYTHON_TREES)

unit: setup ## The tests; more options in ARGS
	$(BIN)/pytest --numprocesses 4 --dist loadfile --no-loadscope-reorder $(ARGS)

faults: setup ## The fault programs in full; takes hours
	FAULTS=full $(BIN)/pytest --timeout=0 tests/faults $(ARGS)

machines: setup ## Random steps against a plain model, MACHINE_STEPS=20000 of them
	MACHINE_STEPS=$(MACHINE_STEPS) MACHINE_SEED=$(MACHINE_SEED) \
		$(BIN)/pytest -s tests/test_document_machine.py tests/test_job_machine.py $(ARGS)

fuzz: setup ## Changed bytes for everything that reads them, FUZZ_MINUTES=10 of it
	PATH="$$PWD/.venv-tools/bin:$$HOME/.local/bin:$$PATH" uv run --group fuzz python -m tests.fuzz.run --minutes $(FUZZ_MINUTES) $(ARGS)

bench: setup ## Every benchmark, one after the other
	@set -e; for each in $$(grep -l __main__ benchmarks/*.py); do \
		echo "== $$each"; $(BIN)/python $$each; done

bundle: setup ## A fresh environment with exactly what BUNDLE=full lists
	PATH="$$PWD/.venv-tools/bin:$$HOME/.local/bin:$$PATH" $(BIN)/python scripts/bundle.py $(BUNDLE)

screenshots: setup ## Pictures of every state of the service's pages, into SCREENSHOTS=build/screenshots
	$(BIN)/python -m tests.browser.screenshots_pages $(SCREENSHOTS)

docs: setup ## Pages and types that are made from the code
	@mkdir -p build
	$(BIN)/python scripts/openapi.py > build/openapi.json
	cd client && PATH="$$PWD/../$(BIN):$$PATH" npm run --silent types
	$(BIN)/python -c 'import flatbed.config as c; print(c.settings_page(), end="")' > docs/settings.md
	$(BIN)/python -c 'import flatbed.runtime.manifest as m; print(m.manifest_schema(), end="")' \
		> manifests/addon.schema.json

clean: ## Remove what was made here; nothing of yours
	rm -rf .venv .venv-tools dist build client/node_modules client/dist core/src/flatbed/web .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find core addons tests benchmarks -name __pycache__ -prune -exec rm -rf {} +
