# Everything runs in .venv, which the first target that needs it creates; the system's Python is never touched.
PYTHON ?= python3
VENV   := .venv
DOCS   := .venv-docs
SDK    := .venv-sdk
PY     := $(VENV)/bin/python
READY  := $(VENV)/.ready
ENV    ?= dev
TO     ?= previous
NAME   ?= order-processing
INPUT  ?=
PORT   ?=
DATA   ?=
CLOCK  ?=
LOG    ?=
SECONDS ?=
OUT    ?=
EXECUTION ?=
COUNT  ?=
ACCOUNT ?=
ENDPOINT ?=
ROLE   ?=
SEED   ?=
PYTEST_ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help setup generate check test test-sdk chaos fuzz run view plan modules backend providers rollback bench conformance package docs lock-docs lock-sdk lock-checkov catalog schema lock clean
.DELETE_ON_ERROR:

help: ## list the targets
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(READY) ## create .venv with the locked dependencies

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed; this is " + sys.version.split()[0] + ". Name another with: make PYTHON=python3.12 setup") if sys.version_info < (3, 11) else None'
	@test -x $(PY) || $(PYTHON) -m venv $(VENV)
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

generate: $(READY) ## compile workflows/ into build/, and the API's contract from its models
	@$(PY) -m functions.contract
	@$(PY) -m generator generate

check: $(READY) ## build/ is fresh, definitions satisfy the schema, lint, format, types
	@$(PY) -m generator check
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/ruff format --check .
	@$(VENV)/bin/mypy

test: $(READY) ## run all tests and doctests
	@$(PY) -m pytest -n auto $(PYTEST_ARGS)

test-sdk: $(SDK)/.ready ## test the workflows of the AWS Data Science SDK, in an environment with its packages
	@$(SDK)/bin/python -m pytest -q tests/sdk $(PYTEST_ARGS)

# uv installs these 60 packages in a fifth of pip's time.
$(SDK)/.ready: requirements-sdk.lock | $(READY)
	@test -x $(SDK)/bin/python || $(PYTHON) -m venv $(SDK)
	@$(VENV)/bin/uv pip install --quiet --python $(SDK)/bin/python --require-hashes -r requirements-sdk.lock
	@touch $@

chaos: $(READY) ## 2,000 orders of DOFS with faults at every call; the tests take 800
	@CHAOS_ORDERS=500 $(PY) -m pytest -n auto -q tests/e2e/test_chaos.py

fuzz: $(READY) ## compare schema, checks and engine on 100,000 mutated definitions: make fuzz COUNT=5000 SEED=7
	@$(PY) -m tests.support.fuzz $(if $(COUNT),--count $(COUNT)) $(if $(SEED),--seed $(SEED))

run: $(READY) ## run a workflow here: make run NAME=order-processing INPUT=order.json
	@$(PY) -m generator run $(NAME) $(if $(INPUT),--input '$(INPUT)')

view: $(READY) ## write an execution as one HTML file: make view NAME=order-processing INPUT=order.json, or EXECUTION=history.json
	@$(PY) -m generator view $(or $(EXECUTION),$(NAME)) $(if $(INPUT),--input '$(INPUT)') $(if $(OUT),-o '$(OUT)')

local: $(READY) ## run the whole system here until Ctrl-C: make local PORT=8333 DATA=.local CLOCK=x60 LOG=json
	@exec $(PY) -m generator local $(if $(PORT),--port $(PORT)) $(if $(DATA),--data '$(DATA)') $(if $(CLOCK),--clock '$(CLOCK)') $(if $(LOG),--log $(LOG))

load: $(READY) ## load the local stack for some minutes, with kills: make load SECONDS=600
	@$(PY) -m tests.load.load_local $(if $(SECONDS),--seconds $(SECONDS))

plan: $(READY) ## plan an environment offline, against the provider's real schema: make plan ENV=dev
	@$(PY) -m tests.support.terraform.plan $(ENV)

modules: $(READY) ## write the README of each Terraform module from its .tf files
	@$(PY) -m tests.support.terraform.readmes

backend: ## write the files that tell Terraform where its states are, once terraform/global is applied
	@terraform -chdir=terraform/global output -json backend | $(PYTHON) terraform/scripts/backend.py

providers: ## write .terraform.lock.hcl of both roots, with the provider's hashes for every platform; it needs a network
	@bash terraform/scripts/lock.sh

rollback: ## take an environment back to an earlier release: make rollback ENV=prod TO=previous, an id, list, or forward
	@bash terraform/scripts/rollback.sh $(ENV) $(TO)

bench: $(READY) ## measure speed, as ratios within one run
	@for file in tests/bench/bench_*.py; do $(PY) $$file || exit 1; echo; done

conformance: $(READY) ## what AWS was measured to do, in our engine: the rate by kind; ACCOUNT=1 ROLE=arn asks AWS anew, ENDPOINT=url another
	@$(PY) -m tests.support.conformance$(if $(ACCOUNT)$(ENDPOINT),_account $(if $(ROLE),--role '$(ROLE)') $(if $(ENDPOINT),--endpoint '$(ENDPOINT)'))

docs: $(DOCS)/.ready ## build the user guide into site/; open site/index.html
	@NO_MKDOCS_2_WARNING=1 $(DOCS)/bin/python -m mkdocs build --strict --quiet

$(DOCS)/.ready: requirements-docs.lock
	@test -x $(DOCS)/bin/python || $(PYTHON) -m venv $(DOCS)
	@$(DOCS)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-docs.lock
	@touch $@

lock: lock-docs lock-sdk lock-checkov
lock-checkov: $(READY)
	@$(VENV)/bin/uv pip compile tests/terraform/checkov.in --quiet --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" -o tests/terraform/checkov.lock

# Python 3.13 has no numpy that sagemaker 2.230 accepts.
lock-sdk: $(READY)
	@$(VENV)/bin/uv pip compile pyproject.toml --quiet --extra stepfunctions --group sdk --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" -o requirements-sdk.lock

lock-docs: $(READY)
	@$(VENV)/bin/uv pip compile --quiet --group docs --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-emit-find-links --custom-compile-command "make lock" -o requirements-docs.lock

package: $(READY) ## build the functions' packages into dist/: the same bytes for the same sources
	@$(PY) -m functions.package

catalog: $(READY) ## rebuild the catalogue of AWS's actions from the installed packages, and print what that changes
	@$(PY) -m generator.catalog.build
	@$(PY) -m generator.catalog.typed

schema: $(READY) ## rebuild the ASL JSON Schema from the model of the language
	@$(PY) -m generator.asl.schema

lock: $(READY) ## resolve pyproject.toml anew into requirements.lock
	@$(VENV)/bin/uv pip compile pyproject.toml --quiet --extra local --extra parquet --extra mcp --group dev --universal --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" -o requirements.lock

clean: ## remove caches and the virtual environment
	@rm -rf $(VENV) $(DOCS) $(SDK) .tsc .fuzz .view-screenshots site .pytest_cache .ruff_cache .hypothesis .benchmarks dist *.egg-info
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
