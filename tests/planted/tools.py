"""Planted bugs of Makefiles, settings, the build and what people run."""

from typing import Final

from tests.planted.bug import Bug

MAKEFILE: Final = "Makefile"
PYPROJECT: Final = "pyproject.toml"
SAMCONFIG: Final = "samconfig.toml"
CI: Final = ".ci/run"
FUNCTIONS: Final = "functions/Makefile"
DEPENDENCIES: Final = "layers/dependencies/Makefile"
PACKAGE: Final = "layers/card_tracking/Makefile"
BYTECODE: Final = "layers/bytecode.mk"
TRIM: Final = "layers/dependencies/trim.py"
REPLAY: Final = "local/replay.py"
DIGEST: Final = "local/settings_digest.py"
STACK: Final = "local/stack.py"
REJECTED: Final = "local/rejected.py"
LOCAL_TEMPLATE: Final = "local/template.py"
EFFECTS: Final = "local/explain/effects.py"
TALLY: Final = "local/d1/tally.py"
RESENDING: Final = "local/d1/resending.py"
ARGUMENTS: Final = "local/d1/arguments.py"

TARGETS: Final = ("tests/tooling/test_make_targets.py",)
TOOL_SETTINGS: Final = ("tests/tooling/test_tool_settings.py",)
OF_STAGES: Final = (*TOOL_SETTINGS, "tests/template/test_stages.py", "tests/template/test_settings_digest.py")
OF_REPLAYS: Final = ("tests/replay",)

BUGS: Final = (
    Bug(
        "make deploy writes no digest of the settings",
        MAKEFILE,
        "	@$(PYTHON) -m local.settings_digest $(STAGE)\n",
        "",
        TARGETS,
    ),
    Bug(
        "make deploy stamps one stage and deploys another",
        MAKEFILE,
        "settings_digest $(STAGE)",
        "settings_digest dev",
        TARGETS,
    ),
    Bug("make deploy deploys what was built last", MAKEFILE, "deploy: build ##", "deploy: ##", TARGETS),
    Bug("make deploy goes to production by default", MAKEFILE, "STAGE  ?= dev", "STAGE  ?= prod", TARGETS),
    Bug("make test measures no coverage", MAKEFILE, " --cov --cov-report=term", "", TARGETS),
    Bug(
        "make test runs the unit tests only",
        MAKEFILE,
        "-m pytest --numprocesses",
        "-m pytest tests/unit --numprocesses",
        TARGETS,
    ),
    Bug("make check checks no types", MAKEFILE, "	@$(PYTHON) -m mypy\n", "", TARGETS),
    Bug(
        "make check looks for no weaknesses",
        MAKEFILE,
        "	@$(CHECKOV)/bin/checkov --file",
        "	@echo $(CHECKOV)/bin/checkov --file",
        TARGETS,
    ),
    Bug(
        "make check lints no template",
        MAKEFILE,
        "	@$(VENV)/bin/cfn-lint template.yaml docs/examples/*/template.yaml\n",
        "",
        TARGETS,
    ),
    Bug("make check formats the code", MAKEFILE, "ruff format --check", "ruff format", TARGETS),
    Bug("make prove runs at the size of make test", MAKEFILE, "HYPOTHESIS_PROFILE=prove ", "", TARGETS),
    Bug("make prove runs all proofs whatever is named", MAKEFILE, "-m tests.prove $(PROOF)", "-m tests.prove", TARGETS),
    Bug("make replay forgets what it was told", MAKEFILE, "-m local.replay $(REPLAY)", "-m local.replay", TARGETS),
    Bug("make replay replays at once", MAKEFILE, "REPLAY ?=\n", "REPLAY ?= --yes\n", TARGETS),
    Bug("sam calls home", MAKEFILE, "export SAM_CLI_TELEMETRY := 0", "export SAM_CLI_TELEMETRY := 1", TARGETS),
    Bug("locks have no hashes", MAKEFILE, " --generate-hashes", "", TARGETS),
    Bug(
        "the layer is locked to other versions than are tested",
        MAKEFILE,
        "$(LOCK) -c requirements-dev.txt layers/dependencies",
        "$(LOCK) layers/dependencies",
        TARGETS,
    ),
    Bug(
        "developers install without hashes",
        MAKEFILE,
        "-m pip --python $(VENV) install -qq --disable-pip-version-check --require-hashes",
        "-m pip --python $(VENV) install -qq --disable-pip-version-check",
        TARGETS,
    ),
    Bug("a floor of 50 percent for the coverage", PYPROJECT, "fail_under = 99", "fail_under = 50", TOOL_SETTINGS),
    Bug("no branches in the coverage", PYPROJECT, "branch = true", "branch = false", TOOL_SETTINGS),
    Bug(
        "the functions are not in the coverage",
        PYPROJECT,
        'source = ["layers/card_tracking/card_tracking", "functions"]',
        'source = ["layers/card_tracking/card_tracking"]',
        TOOL_SETTINGS,
    ),
    Bug("warnings pass", PYPROJECT, 'filterwarnings = ["error"]', 'filterwarnings = ["default"]', TOOL_SETTINGS),
    Bug("tests may reach the internet", PYPROJECT, '    "--disable-socket",\n', "", TOOL_SETTINGS),
    Bug(
        "types are checked loosely",
        PYPROJECT,
        "[tool.mypy]\nstrict = true",
        "[tool.mypy]\nstrict = false",
        TOOL_SETTINGS,
    ),
    Bug(
        "the types of the functions are not checked",
        PYPROJECT,
        '"layers/dependencies", "functions", "local", "tests"]',
        '"layers/dependencies", "local", "tests"]',
        TOOL_SETTINGS,
    ),
    Bug(
        "errors are logged with their traceback everywhere",
        PYPROJECT,
        '    "TRY400", # a traceback may repeat what D1 sent\n',
        '    "ALL",\n',
        TOOL_SETTINGS,
    ),
    Bug("CI does not test", CI, "make test\n", "", TOOL_SETTINGS),
    Bug("CI goes on after a failure", CI, "set -eu", "set -u", TOOL_SETTINGS),
    Bug(
        "production is changed without a look at the change",
        SAMCONFIG,
        'confirm_changeset = true\nparameter_overrides = [\n    "IssuerId=YOURISSUER",\n    "Stage=prod",',
        'parameter_overrides = [\n    "IssuerId=YOURISSUER",\n    "Stage=prod",',
        OF_STAGES,
    ),
    Bug("preproduction has no mutual TLS", SAMCONFIG, '    "DomainName=d1-preprod.bank.example",\n', "", OF_STAGES),
    Bug("production is deployed as preproduction", SAMCONFIG, '"Stage=prod"', '"Stage=preprod"', OF_STAGES),
    Bug("the function of overdue cards has no target", FUNCTIONS, " build-AlertOverdueCardsFunction:", ":", TARGETS),
    Bug("the modules beside the functions are not shipped", FUNCTIONS, "cp -R *.py */", "cp -R */", TARGETS),
    Bug(
        "the bytecode of functions names the folder of layers",
        FUNCTIONS,
        "$(call compile,/var/task)",
        "$(call compile,/opt)",
        TARGETS,
    ),
    Bug("the layer is built without hashes", DEPENDENCIES, "--require-hashes ", "", TARGETS),
    Bug(
        "the layer is built for another processor",
        DEPENDENCIES,
        "PLATFORM ?= manylinux2014_aarch64",
        "PLATFORM ?= manylinux2014_x86_64",
        TARGETS,
    ),
    Bug(
        "the layer is built for another Python", DEPENDENCIES, "--python-version 3.13", "--python-version 3.12", TARGETS
    ),
    Bug("the layer's packages may be built from source", DEPENDENCIES, " --only-binary=:all:", "", TARGETS),
    Bug(
        "the layer's imports are not deferred",
        DEPENDENCIES,
        '	python3 defer.py "$(ARTIFACTS_DIR)/python"\n',
        "",
        TARGETS,
    ),
    Bug("the layer does not know the queue", DEPENDENCIES, "secretsmanager sns sqs", "secretsmanager sns", TARGETS),
    Bug(
        "the package lies where Python does not look",
        PACKAGE,
        'cp -R card_tracking "$(ARTIFACTS_DIR)/python/"',
        'cp -R card_tracking "$(ARTIFACTS_DIR)/"',
        TARGETS,
    ),
    Bug("the bytecode is stale at every start", BYTECODE, " --invalidation-mode unchecked-hash", "", TARGETS),
    Bug(
        "old bytecode is shipped with the new",
        BYTECODE,
        '	find "$(ARTIFACTS_DIR)" -name __pycache__ -type d -prune -exec rm -rf {} +\n',
        "",
        TARGETS,
    ),
    Bug(
        "the layer keeps AWS's documentation",
        TRIM,
        'if not (name == "documentation" and isinstance(content, str))',
        "if True",
        ("tests/performance/test_trimmed_layer.py",),
    ),
    Bug(
        "make replay --yes counts, and replays nothing",
        REPLAY,
        '"dryRun": not options.yes',
        '"dryRun": True',
        OF_REPLAYS,
    ),
    Bug("make replay replays without --yes", REPLAY, '"dryRun": not options.yes', '"dryRun": False', OF_REPLAYS),
    Bug("make replay stops after one run", REPLAY, 'if finished or not report["replayed"]:', "if True:", OF_REPLAYS),
    Bug(
        "make replay asks for ever where nothing comes of it",
        REPLAY,
        'if finished or not report["replayed"]:',
        "if finished:",
        OF_REPLAYS,
    ),
    Bug("make replay tells the last run only", REPLAY, "totals.update(report)", "totals = Counter(report)", OF_REPLAYS),
    Bug(
        "make replay says that it replayed when it counted",
        REPLAY,
        "if not options.yes else",
        "if options.yes else",
        OF_REPLAYS,
    ),
    Bug(
        "make replay gives up before the function ends",
        REPLAY,
        "FUNCTION_SECONDS: Final = 330",
        "FUNCTION_SECONDS: Final = 30",
        OF_REPLAYS,
    ),
    Bug(
        "make replay orders twice after a time-out",
        REPLAY,
        '"total_max_attempts": 1',
        '"total_max_attempts": 3',
        OF_REPLAYS,
    ),
    Bug("make replay forgets since", REPLAY, '"since": options.since, ', "", OF_REPLAYS),
    Bug(
        "make replay stores a thousand operations a second",
        REPLAY,
        "type=float, default=10.0",
        "type=float, default=1000.0",
        OF_REPLAYS,
    ),
    Bug(
        "a failed replay ends well",
        REPLAY,
        'print(f"Not replayed: {error}", file=sys.stderr)\n        return 1',
        'print(f"Not replayed: {error}", file=sys.stderr)\n        return 0',
        OF_REPLAYS,
    ),
    Bug(
        "the digest is of all stages",
        DIGEST,
        'json.dumps(stages[stage]["deploy"], sort_keys=True)',
        "json.dumps(stages, sort_keys=True)",
        OF_STAGES,
    ),
    Bug(
        "a template without a place for the digest is deployed",
        DIGEST,
        "if text.count(UNSTAMPED) != 1:",
        "if text.count(UNSTAMPED) > 1:",
        OF_STAGES,
    ),
    Bug(
        "a stage without settings is deployed with a digest of nothing",
        DIGEST,
        'if stage not in stages or "deploy" not in stages[stage]:',
        "if False:",
        OF_STAGES,
    ),
    Bug(
        "what runs here reaches the developer's own account",
        STACK,
        "    leave_developers_account()\n    session = boto3.Session(aws_access_key_id",
        "    session = boto3.Session(aws_access_key_id",
        ("tests/d1/test_command_line.py", "tests/explain", "tests/replay"),
    ),
    Bug(
        "a look at rejected operations hides them for a minute",
        REJECTED,
        '"VisibilityTimeout": 0}',
        '"VisibilityTimeout": 60}',
        ("tests/tooling/test_rejected.py", "tests/page/test_reading.py"),
    ),
    Bug(
        "one empty answer of SQS ends a look at rejected operations",
        REJECTED,
        "EMPTY_ANSWERS: Final = 3",
        "EMPTY_ANSWERS: Final = 1",
        ("tests/tooling/test_rejected.py", "tests/page/test_reading.py"),
    ),
    Bug(
        "the local template keeps what refuses plain HTTP",
        LOCAL_TEMPLATE,
        '["GradualReleases"]["Default"] = "false"',
        '["GradualReleases"]["Default"] = "true"',
        ("tests/template/test_local_template.py",),
    ),
    Bug(
        "the simulator sends a message again that was answered well",
        RESENDING,
        "HTTPStatus.OK <= (reply.status or 0) < HTTPStatus.MULTIPLE_CHOICES or sent > self.most",
        "sent > self.most",
        ("tests/d1/test_resending.py",),
    ),
    Bug(
        "the simulator sends once more than it should",
        RESENDING,
        "sent > self.most",
        "sent > self.most + 1",
        ("tests/d1/test_resending.py",),
    ),
    Bug(
        "the simulator waits longer than its longest wait",
        RESENDING,
        "min(self.longest_wait,",
        "max(self.longest_wait,",
        ("tests/d1/test_resending.py",),
    ),
    Bug(
        "the simulator tells latencies in seconds",
        TALLY,
        "{value * 1000:.0f} ms",
        "{value:.0f} ms",
        ("tests/d1/test_tally.py", "tests/d1/test_command_line.py", "tests/d1/test_dispatch.py"),
    ),
    Bug(
        "the simulator takes a wrong answer for a right one",
        TALLY,
        "if reply.status != message.answer:",
        "if False:",
        ("tests/d1/test_dispatch.py", "tests/d1/test_tally.py"),
    ),
    Bug(
        "the simulator's median is the longest latency",
        TALLY,
        '("median", 0.5)',
        '("median", 1.0)',
        ("tests/d1/test_tally.py", "tests/d1/test_dispatch.py"),
    ),
    Bug(
        "the simulator may lose every answer",
        ARGUMENTS,
        "if not 0 <= share < 1:",
        "if not 0 <= share <= 1:",
        ("tests/d1/test_command_line.py",),
    ),
    Bug(
        "the simulator accepts no connections",
        ARGUMENTS,
        "if number < 1:",
        "if number < 0:",
        ("tests/d1/test_command_line.py",),
    ),
    Bug(
        "explain calls an older production stale",
        EFFECTS,
        "    if update.operation_id != before.position.operation_id:\n        return Effect(\n            SUPERSEDED",
        "    if False:\n        return Effect(\n            SUPERSEDED",
        ("tests/explain",),
    ),
    Bug(
        "explain calls a duplicate stale",
        EFFECTS,
        "    if earlier is not None:\n",
        "    if False:\n",
        ("tests/explain",),
    ),
    Bug(
        "explain does not name the fields that are kept",
        EFFECTS,
        "if after.latest(name) != before.latest(name)",
        "if after.latest(name) == before.latest(name)",
        ("tests/explain",),
    ),
)
