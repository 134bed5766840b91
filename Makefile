# The one door to this project. `make` alone lists what there is.

PORT   ?= 4566
STAGE  ?= dev
VENV   := .venv
PYTHON := $(VENV)/bin/python
READY  := $(VENV)/.installed
CHECKOV := .local/checkov
FUZZER := .local/fuzz

# One lock for every platform and for Python 3.11 and newer. No index address gets into it.
LOCK = .local/uv/bin/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
         --no-strip-extras --no-emit-index-url --custom-compile-command 'make lock'

TWINS := tests/performance/twins/code

# Nothing here talks to anyone but the package index.
export SAM_CLI_TELEMETRY := 0
export PORT
export PYTHONPATH := layers/card_tracking

.DEFAULT_GOAL := help
REPLAY ?=

.PHONY: help run d1 explain replay docs test prove bench check format build deploy lock clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(READY) ## Run the deployed template on this machine, with a page to watch it, until Ctrl-C (PORT=4566 PAGE_PORT=5566)
	@$(PYTHON) -m local.run

d1: $(READY) ## Be D1 to a running stack and check what comes of it (SCENARIO=lifecycle, or all; SEED=; OPTIONS=)
	@$(PYTHON) -m local.d1 $(or $(SCENARIO),lifecycle) $(if $(SEED),--seed $(SEED)) $(OPTIONS)

explain: $(READY) ## Tell the story of one card (CARD=; OPTIONS=--json)
	@$(PYTHON) -m local.explain '$(CARD)' $(OPTIONS)

replay: $(READY) ## Count what a replay of rejected operations would do; REPLAY="--yes --reason ..." does it
	@$(PYTHON) -m local.replay $(REPLAY)

docs: $(READY) ## Write what of the contract is read off the code: docs/contract.md, OpenAPI, AsyncAPI, schemas
	@PYTHONPATH=$(PYTHONPATH):functions $(PYTHON) -m local.contract

# One process more than processors: a third of the time a test waits, for an engine or for a clock.
test: $(READY) ## Run all tests, side by side; report the branch coverage
	@$(PYTHON) -m pytest --numprocesses $$(($$(getconf _NPROCESSORS_ONLN) + 1)) --dist loadfile --cov --cov-report=term

prove: $(READY) $(FUZZER)/.installed ## Prove the promises at full size, and write docs/proof.md (half an hour); PROOF=mutants for one of them
	@HYPOTHESIS_PROFILE=prove $(PYTHON) -m tests.prove $(PROOF)

bench: $(READY) ## Measure against what a team would write instead, and write docs/performance.md (ONLY=starts, work, waiting: tell)
	@$(PYTHON) -m tests.performance $(ONLY)

# cfn-lint and sam validate against the rules of a region; no call is made to it. Where to deploy is samconfig.toml's to say.
check: export AWS_DEFAULT_REGION ?= eu-west-1
check: $(READY) $(CHECKOV)/.installed ## Lint, formatting, types, the template and its security, the direction of imports
	@$(PYTHON) -m ruff check
	@$(PYTHON) -m ruff format --check
	@$(PYTHON) -m mypy
	@$(VENV)/bin/cfn-lint template.yaml docs/examples/*/template.yaml
	@$(VENV)/bin/sam validate --lint
	@$(PYTHON) -W ignore -m tests.template.write_transformed > .local/transformed.json 2> /dev/null
	@$(CHECKOV)/bin/checkov --file .local/transformed.json --framework cloudformation --skip-download --quiet --compact
	@$(PYTHON) -m pytest -q tests/architecture

format: $(READY) ## Format the code and repair what the linter can
	@$(PYTHON) -m ruff check --fix
	@$(PYTHON) -m ruff format

build: $(READY) ## Build what `sam deploy` uploads, into .aws-sam, and tell its size
	@$(VENV)/bin/sam build
	@du -sh .aws-sam/build/*/

# SAM does not see a changed parameter (tests/template/test_releases.py): by the digest of all settings it does.
deploy: build ## Build and deploy to AWS, as samconfig.toml says for a stage (STAGE=dev)
	@$(PYTHON) -m local.settings_digest $(STAGE)
	@$(VENV)/bin/sam deploy --config-env $(STAGE)

# The layer's versions are held to the developers': what is tested is what runs.
lock: ## Resolve the requirements anew, lock versions and hashes
	python3 -m pip install -qq --disable-pip-version-check --upgrade --target .local/uv uv
	$(LOCK) .ci/requirements-dev.in -o requirements-dev.txt
	$(LOCK) .ci/requirements-checkov.in -o requirements-checkov.txt
	$(LOCK) .ci/requirements-fuzz.in -o requirements-fuzz.txt
	$(LOCK) -c requirements-dev.txt layers/dependencies/requirements.in -o layers/dependencies/requirements.txt
	$(LOCK) -c requirements-dev.txt $(TWINS)/requirements.in -o $(TWINS)/requirements.txt
	$(LOCK) tests/runtime/requirements.in -o tests/runtime/requirements.txt

clean: ## Remove everything that was made here
	rm -rf $(VENV) .aws-sam .local .coverage .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Without its own pip, so that it also works where Python comes without ensurepip.
$(READY): requirements-dev.txt
	@echo "Setting up $(VENV), once..."
	@python3 -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed")'
	@python3 -m venv --clear --without-pip $(VENV)
	@python3 -m pip --python $(VENV) install -qq --disable-pip-version-check --require-hashes --no-deps -r requirements-dev.txt
	@touch $@

$(CHECKOV)/.installed: requirements-checkov.txt
	@echo "Setting up $(CHECKOV), once..."
	@python3 -m venv --clear --without-pip $(CHECKOV)
	@python3 -m pip --python $(CHECKOV) install -qq --disable-pip-version-check --require-hashes --no-deps -r requirements-checkov.txt
	@touch $@

# It has no wheel for most platforms; the proofs go on without it, and say so.
$(FUZZER)/.installed: requirements-fuzz.txt
	@echo "Setting up $(FUZZER), once..."
	@rm -rf $(FUZZER)
	@mkdir -p $(FUZZER)
	@python3 -m pip install -qq --disable-pip-version-check --require-hashes --no-deps --only-binary :all: --target $(FUZZER) -r requirements-fuzz.txt || echo "There is no fuzzer for this machine."
	@touch $@
