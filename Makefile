# Needs Python 3.11+ and make; everything else is fetched into .tools/ and .venv/.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

PORT ?= 8000
export PORT
# Another project's environment would be warned about on each line.
unexport VIRTUAL_ENV
# Without what Python has compiled, each of the tests' many processes compiles it anew.
unexport PYTHONDONTWRITEBYTECODE

PYTHON ?= python3
UV_VERSION := 0.13.9
UV := $(shell command -v uv || echo .tools/bin/uv)
RUN := $(UV) run --locked --quiet
INSTALLED := .venv/.installed
# mypy reads Django's settings, which refuse to start without values. None is used.
SETTINGS := ENVIRONMENT=test SECRET_KEY=unused TOKEN_PEPPER=unused ENCRYPTION_KEYS=unused \
	BASE_URL=http://localhost ALLOWED_HOSTS=localhost DATABASE_URL=postgresql:///unused \
	SAML_SP_KEY=unused SAML_SP_CERTIFICATE=unused
CHROMIUM_NAMES := chromium-headless-shell chromium chromium-browser google-chrome

.PHONY: help demo demo-check demo-reset serve test film pictures bench lint format messages install \
	chromium identity-providers wrk

help: ## Show this list
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

demo: install ## Run the main job: the product, and a stand-in Entra ID that fills it
	@$(RUN) python -m tests.demo

demo-check: install ## The same without a person; fails if anything failed
	@$(RUN) python -m tests.demo --check

demo-reset: install ## Remove the data of the demo and of `serve`
	@$(RUN) python -m chatwork_admin.supervisor reset

serve: install ## Run the product at http://127.0.0.1:$PORT
	@$(RUN) python -m chatwork_admin.supervisor serve

test: install lint chromium identity-providers ## Run all checks and tests
	$(RUN) python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

film: install chromium ## Film the set-up of SAML by keyboard only (FOLDER)
	env FILM="$(or $(FOLDER),film)" $(RUN) python -m pytest -q -n0 \
		tests/browser/test_saml_setup.py -k keyboard

pictures: install chromium ## Take the pictures of the documentation anew
	$(RUN) python -m pytest -q -n0 tests/browser/pictures.py

bench: install wrk ## Measure against peers and PostgreSQL (SIZE, ROUNDS, SECONDS, SIZES)
	@env SIZE="$(SIZE)" ROUNDS="$(ROUNDS)" SECONDS="$(SECONDS)" SIZES="$(SIZES)" \
		$(RUN) python -m tests.bench

lint: install ## Check style, templates, types and the direction of imports
	$(RUN) ruff check
	$(RUN) ruff format --check
	find templates -name '*.html' -exec $(RUN) djade --target-version 5.2 --check {} +
	$(SETTINGS) $(RUN) mypy .
	$(RUN) lint-imports

format: install ## Rewrite code and templates in the house's form
	$(RUN) ruff check --fix
	$(RUN) ruff format
	find templates -name '*.html' -exec $(RUN) djade --target-version 5.2 {} +

messages: install ## Collect and compile the translations
	$(SETTINGS) $(RUN) python manage.py makemessages --locale ja --no-location
	$(SETTINGS) $(RUN) python manage.py compilemessages

install: $(INSTALLED) ## Install the locked packages into .venv/

$(INSTALLED): pyproject.toml uv.lock | $(UV)
	@echo "Installing the locked packages into .venv/ (the first time a minute) …"
	@$(UV) sync --locked --quiet
	@touch $@

.tools/bin/uv:
	@echo "Installing uv into .tools/ …"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed: make PYTHON=/path/to/python3"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
		|| { echo "Python lacks venv: install it (Debian: apt install python3-venv)"; exit 1; }
	@$(PYTHON) -m venv .tools
	@.tools/bin/pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

# Browser tests and the demo drive the system's Chromium. Where it cannot be installed
# unasked, this says how, and they say what they miss.
chromium:
	@for name in "$${CHROMIUM:-}" $(CHROMIUM_NAMES); do \
		if [ -n "$$name" ] && command -v "$$name" >/dev/null; then exit 0; fi; \
	done; \
	if [ "$$(id -u)" = 0 ]; then as_root=""; \
	elif sudo -n true 2>/dev/null; then as_root="sudo -n"; \
	else as_root=none; fi; \
	if [ "$$as_root" = none ] || ! command -v apt-get >/dev/null; then \
		echo "No Chromium here. Install it (Debian: apt install chromium fonts-noto-cjk)," \
			"or set CHROMIUM to one."; \
		exit 0; \
	fi; \
	echo "Installing Chromium and Japanese fonts …"; \
	install() { $$as_root env DEBIAN_FRONTEND=noninteractive \
		apt-get install -qq --no-install-recommends "$$1" fonts-noto-cjk >/dev/null; }; \
	{ $$as_root apt-get update -qq \
		&& { install chromium-headless-shell || install chromium; }; } \
		|| echo "Chromium could not be installed: see above, or set CHROMIUM to one."

# What is not ours and must understand us: started by tests/foreign_identity_providers/.
identity-providers: | $(UV)
	@tests/foreign_identity_providers/install.sh $(UV)

# The benchmark's load generator.
wrk:
	@if command -v wrk >/dev/null; then exit 0; fi; \
	if [ "$$(id -u)" = 0 ]; then as_root=""; \
	elif sudo -n true 2>/dev/null; then as_root="sudo -n"; \
	else as_root=none; fi; \
	if [ "$$as_root" = none ] || ! command -v apt-get >/dev/null; then \
		echo "No wrk here. Install it (Debian: apt install wrk)."; \
		exit 1; \
	fi; \
	echo "Installing wrk …"; \
	$$as_root apt-get update -qq && $$as_root env DEBIAN_FRONTEND=noninteractive \
		apt-get install -qq --no-install-recommends wrk >/dev/null
