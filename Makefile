# The commands of this repository; each only calls a program. `make help` lists them.
.DEFAULT_GOAL := help
.PHONY: help up demo down reset logs status dev token rebuild republish audit bench test soak check schemas locks venv venv-dev
PYTHON ?= python3
export PYTHON
# these start a Kafka of their own, and mostly wait for it: two run at a time, each with the tests of whole files
KAFKA_TESTS := tests/chassis/test_on_kafka.py tests/deploy/test_platform.py tests/live
LOCAL := .venv/bin/python -m deploy.local
PYTEST := .venv/bin/python -m pytest -m 'not soak'
# a Kafka that lives for minutes is not worth what the second compiler takes: half the processor time of its start
test soak: export JDK_JAVA_OPTIONS := -XX:TieredStopAtLevel=1

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

up: venv ## start Kafka, MongoDB and the five services on this machine; print their addresses
	@$(LOCAL) up

demo: venv ## walk a seeded school year from plan to report, on data of its own; leave all running
	@$(LOCAL) demo

down: venv ## stop all; the data stay
	@$(LOCAL) down

reset: venv ## stop all and forget all data, after asking (YES=1: without asking)
	@YES='$(YES)' $(LOCAL) reset

logs: venv ## follow the logs
	@$(LOCAL) logs

status: venv ## say what runs
	@$(LOCAL) status

dev: venv ## run one service here, again after each change: make dev S=monitoring
	@$(LOCAL) dev '$(or $(S),$(error name a service: make dev S=monitoring))'

token: venv ## print a new token of a source system: make token SOURCE=/sis [SCOPES=events:write,read]
	@$(LOCAL) token --source '$(or $(SOURCE),$(error name a source: make token SOURCE=/sis))' --scopes '$(or $(SCOPES),events:write)'

rebuild: venv ## make monitoring's documents again from the topics and put them in place; CHECK=1: only compare
	@$(LOCAL) rebuild $(if $(CHECK),--check)

republish: venv ## write the topics again from the services' journals, where Kafka was lost
	@$(LOCAL) republish

bench: venv ## measure what is promised (a quiet machine, up to two hours); ARGS='E2 --messages 10000': a part
	@.venv/bin/python -m deploy.bench $(ARGS)

audit: venv ## verify the logs of acts: make audit [S=approval] [EXPORT=file] [VERIFY=file] [HEAD=n:hash]
	@$(LOCAL) audit --service '$(S)' --export '$(EXPORT)' --verify '$(VERIFY)' --head '$(HEAD)'

test: venv-dev ## prove all: pure rules, handlers, real Kafka and MongoDB, a walk in a real browser; ARGS=path: a part
	@if [ -n '$(ARGS)' ]; then .venv/bin/python -m pytest $(ARGS); else \
	$(PYTEST) -n 3 --dist worksteal $(KAFKA_TESTS:%=--ignore=%) --ignore=tests/browser && \
	$(PYTEST) -n 2 --dist loadfile $(KAFKA_TESTS) && \
	$(PYTEST) -n 2 --dist loadfile tests/browser; fi

soak: venv-dev ## prove what takes longer: every page with axe, everything killed under load, a burst of due dates, fuzzed doors
	@.venv/bin/python -m pytest -m soak $(ARGS)

check: venv-dev ## format, lint, types, architecture
	@.venv/bin/ruff format --check .
	@.venv/bin/ruff check .
	@.venv/bin/mypy
	@.venv/bin/python -m pytest -q tests/test_architecture.py

schemas: venv ## write the schemas and AsyncAPI from contracts/ anew
	@.venv/bin/python -m contracts.schemas

locks: ## lock the dependencies of pyproject.toml anew, with hashes (needs uv)
	@sh deploy/local/locks.sh

venv:
	@sh deploy/local/venv.sh run

venv-dev:
	@sh deploy/local/venv.sh dev
