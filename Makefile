# Everything a developer or a CI runs. `make` alone lists it.
PYTHON3 ?= python3
PORT ?= 8000
PY := .venv/bin/python
BIN := .venv/bin
PACKAGES := config core crm orders payments reporting training
CODE := manage.py $(PACKAGES) tests $(wildcard bench)
TEMPLATES := $(shell find $(PACKAGES) templates -name '*.html' -path '*templates*' -not -path 'payments/sandbox/*' 2>/dev/null)
# What `check --deploy` must find in order: the settings of a server, with keys for this run only.
AS_DEPLOYED := PUBLIC_URL=https://kuitti.example ALLOWED_HOSTS=kuitti.example EMAIL_URL=smtp://127.0.0.1:25 \
  SECRET_KEY=$$($(PY) -c 'import secrets; print(secrets.token_urlsafe(64))') \
  LINK_SECRET_KEY=one-key-for-this-check SEAL_KEY=another-key-for-this-check \
  FIELD_ENCRYPTION_KEYS=$$($(PY) -c 'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())')

.PHONY: help setup demo test check format format-check lint types imports templates migrations \
  translations schema bench soak shift kill faults prove browser messages lock

help: ## List the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

setup: ## Make .venv with the locked packages, and compile the translations
	@$(PYTHON3) config/bootstrap.py
	@$(PY) -m config.translations compile

demo: setup ## Start everything with believable data: make demo PORT=8123
	@exec $(PY) -m config.demo --port $(PORT)

test: setup ## Run the test suite, the browser tests too where there is a Chromium
	$(PY) -m pytest tests/moneysim
	$(PY) -m pytest --numprocesses=auto --durations=15 --ignore=tests/moneysim --ignore=tests/browser --ignore=tests/system
	$(PY) -m pytest tests/browser --durations=15

check: format-check lint types imports templates migrations translations test ## What CI runs

format: setup ## Rewrite code and templates in the house style
	$(BIN)/ruff format $(CODE)
	$(BIN)/ruff check --fix $(CODE)
	$(BIN)/djade --target-version 6.1 $(TEMPLATES)
	$(BIN)/djhtml --tabwidth 2 $(TEMPLATES)

format-check: setup
	$(BIN)/ruff format --check $(CODE)

lint: setup ## Find what ruff finds
	$(BIN)/ruff check $(CODE)

types: setup ## Check every type, strictly
	$(BIN)/mypy $(PACKAGES) tests

imports: setup ## Check that imports only go downwards
	$(BIN)/lint-imports

templates: setup ## Check form and indentation of the templates
	$(BIN)/djade --check --target-version 6.1 $(TEMPLATES)
	$(BIN)/djhtml --check --tabwidth 2 $(TEMPLATES)

migrations: setup ## Check that models and migrations agree, and that the deployment settings are safe
	$(PY) -m config.embedded manage.py makemigrations --check --dry-run
	@$(AS_DEPLOYED) $(PY) -m config.embedded manage.py check --deploy --fail-level WARNING

translations: setup ## Check that every sentence is there in Finnish and Swedish
	$(PY) -m config.translations check

messages: setup ## Collect new sentences into the translation files (needs gettext)
	$(PY) -m config.translations collect

schema: setup ## Write docs/openapi.json and the codes in docs/api.md from the code
	$(PY) manage.py describe_api

bench: setup ## Measure against the floors: ends with "bench: N rows, M short"
	$(PY) -m bench

soak: setup ## 5 000 payments with every fault switched on
	$(PY) -m bench.soak

shift: setup ## 40 scripted calls in a browser: ends with "shift: N calls, M short" (needs a Chromium)
	$(PY) -m bench.shift

kill: setup ## Kill every process, the database and Redis while 500 customers pay
	$(PY) -m bench.kill

faults: setup ## The same in small, and each fault by itself
	$(PY) -m pytest tests/system

prove: setup ## Every gate before a release: schedules, crashes, planted bugs, killed processes
	$(PY) -m tests.moneysim.prove

browser: setup ## Every page and every flow in all twelve variants (needs a Chromium)
	$(PY) -m pytest tests/browser --all-variants

lock: setup ## Resolve the dependencies again
	UV=$$(command -v uv || echo .local/uv/bin/uv); \
	$$UV pip compile pyproject.toml --universal --generate-hashes --no-header --no-emit-index-url \
	  --python-version 3.12 --output-file requirements.txt --quiet; \
	$$UV pip compile pyproject.toml --group dev --universal --generate-hashes --no-header \
	  --no-emit-index-url --python-version 3.12 --output-file requirements-dev.txt --quiet
