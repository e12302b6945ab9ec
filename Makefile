# PanelHub. `make run` and `make test` need nothing but Python 3.11 or newer; everything else here builds on them.

PYTHON ?= python3
RUN := @$(PYTHON) scripts/bootstrap.py --
DEV := @$(PYTHON) scripts/bootstrap.py --dev --
# More for pytest, as in: make test ARGS="tests/orders -k claim"
ARGS ?=
# How many processes share the tests, one more than there are cores, since many tests wait for others; 0 runs them in
# one, which a debugger wants.
JOBS ?= $(or $(shell $(PYTHON) -c 'import os; print(1 + (os.cpu_count() or 1))' 2>/dev/null),auto)
PYTEST = -m pytest -n $(JOBS) --dist worksteal $(ARGS)
# Whoever names tests gets them, however long they take.
only = $(if $(ARGS),,-m '$(1)')
# What depends on the broker says so in its file; reading the others for it takes longer than running it.
BROKER = $(if $(ARGS),,$(shell grep -rlE --include='test_*.py' 'start_worker|mark\.broker' tests))

# Where `make test-services` finds its servers. The tests make databases and queues of their own there.
TEST_DATABASE_URL = $(or $(DATABASE_URL),postgres://postgres@127.0.0.1:5432/postgres)
TEST_BROKER_URL = $(or $(CELERY_BROKER_URL),redis://127.0.0.1:6379/0)
TEST_AMQP_URL = $(or $(AMQP_URL),amqp://guest:guest@127.0.0.1:5672//)

export PORT SANDBOX

.DEFAULT_GOAL := help
.PHONY: help run test test-services test-long bench mutation torture lint format messages lock env clean

help: ## What can be made
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | column -t -s '|' 2>/dev/null || grep '##' Makefile

run: ## Run the hub on http://127.0.0.1:8000 (PORT=8001: elsewhere; SANDBOX=0: without the sandbox)
	$(RUN) manage.py run

test: ## Run the tests, on SQLite and the embedded broker, but for what takes long
	@env -u DATABASE_URL -u CELERY_BROKER_URL $(PYTHON) scripts/bootstrap.py --dev -- $(PYTEST) $(call only,not long)

test-services: ## Run what meets a server on PostgreSQL and Redis (DATABASE_URL, CELERY_BROKER_URL), then the broker's on RabbitMQ (AMQP_URL)
	@DATABASE_URL='$(TEST_DATABASE_URL)' CELERY_BROKER_URL='$(TEST_AMQP_URL)' \
		$(PYTHON) scripts/bootstrap.py --dev -- $(PYTEST) -m 'broker and not long' $(BROKER)
	@DATABASE_URL='$(TEST_DATABASE_URL)' CELERY_BROKER_URL='$(TEST_BROKER_URL)' \
		$(PYTHON) scripts/bootstrap.py --dev -- $(PYTEST) $(call only,not long)

test-long: ## Run what takes long, without servers and then with them: kills, walks, fuzzing, permissions, axe, upgrades
	@env -u DATABASE_URL -u CELERY_BROKER_URL $(PYTHON) scripts/bootstrap.py --dev -- $(PYTEST) $(call only,long)
	@DATABASE_URL='$(TEST_DATABASE_URL)' CELERY_BROKER_URL='$(TEST_AMQP_URL)' \
		$(PYTHON) scripts/bootstrap.py --dev -- $(PYTEST) -m 'broker and long' $(BROKER)
	@DATABASE_URL='$(TEST_DATABASE_URL)' CELERY_BROKER_URL='$(TEST_BROKER_URL)' \
		$(PYTHON) scripts/bootstrap.py --dev -- $(PYTEST) $(call only,long)

bench: ## Measure every goal against its floor, on SQLite and PostgreSQL (ARGS=P1 for one row)
	$(DEV) -m tests.bench $(ARGS)

torture: ## Let everything fail for a while and hold the books against each other (ARGS="--orders 1000", docs/chaos.md)
	$(DEV) -m tests.chaos $(ARGS)

mutation: ## Change what spends money, and see whether its tests notice; takes hours (ARGS="pricing --sample 60")
	$(DEV) -m tests.mutation $(ARGS)

lint: ## Check style, types, templates, migrations and the production settings
	$(DEV) scripts/lint.py

format: ## Put the code into its form
	$(DEV) -m ruff check --fix --quiet .
	$(DEV) -m ruff format --quiet .

messages: ## Gather and compile the texts of the interface in other languages (wants GNU gettext)
	$(DEV) scripts/messages.py

lock: ## Pin what requirements*.in ask for, with hashes, to the newest versions that fit
	$(DEV) scripts/lock.py

env: ## Make or update the environment in .venv
	@$(PYTHON) scripts/bootstrap.py --dev

clean: ## Remove the environment and what tools left; var/, with your data, stays
	rm -rf .venv .venv.lock .mypy_cache .ruff_cache .pytest_cache .hypothesis test-results
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
