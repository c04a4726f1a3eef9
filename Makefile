# The main commands. Needs Python, make and a package registry; everything else is set up from the committed locks.
.DEFAULT_GOAL := help
.PHONY: help setup run staff train test test-assistant test-desk test-widget test-conversations test-e2e check eval bench release-check widget chromium

PY := .venv/bin/python
DESK_PY := desk/.venv/bin/python
export RASA_TELEMETRY_ENABLED := false
export SQLALCHEMY_SILENCE_UBER_WARNING := 1

help: ## this list
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | sort | column -t -s "$$(printf '\t')"

setup: ## both runtimes from their locks
	@scripts/setup

run: setup ## start everything, print the addresses; Ctrl-C ends it
	@$(DESK_PY) scripts/run.py

staff: setup ## make a staff account: make staff NAME=kim [ROLE=admin]
	@$(DESK_PY) scripts/manage.py create_staff --username "$(NAME)" --role "$(or $(ROLE),admin)"

train: setup ## train now, whether or not anything changed
	@$(PY) scripts/train.py

test: setup test-assistant test-conversations test-desk test-widget test-e2e ## every test of every part, in real processes and a real browser
	@echo "All tests passed."

test-assistant:
	@$(PY) scripts/train.py --if-changed
	$(PY) -m pytest -q tests --ignore=tests/e2e --ignore=tests/conversations

test-conversations:
	@$(PY) scripts/train.py --if-changed
	@$(PY) scripts/test_conversations.py

test-desk:
	cd desk && .venv/bin/python -m pytest -q

test-widget: chromium
	cd widget && sh test/run

test-e2e: chromium
	@$(PY) scripts/train.py --if-changed
	CHROMIUM="$$($(DESK_PY) scripts/find_chromium.py)" $(DESK_PY) -m pytest -q tests/e2e

chromium: setup
	@$(DESK_PY) scripts/find_chromium.py >/dev/null

check: setup ## lint, types, data, knowledge, safety, docs, import arrows
	@scripts/check

eval: setup ## quality figures on the development and gate sets
	@$(PY) scripts/train.py --if-changed
	@$(PY) scripts/evaluate.py

bench: setup ## side-by-side speed figures, against stock Rasa
	@$(PY) scripts/train.py --if-changed
	@$(DESK_PY) bench/serving/run.py

release-check: setup ## what must hold on the day of a release: review dates and numbers judged today
	@$(PY) -m knowledge check --today "$$(date +%F)" --due-within 30
	@$(PY) -m safety check --today "$$(date +%F)"
