"""The Makefiles: what each target that matters would run, as ``make --dry-run`` prints it. Nothing is run."""

import os
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pytest

from local.engine import ROOT
from local.template import load_template

PYTHON: Final = ".venv/bin/python"
LOCKS: Final = {
    "requirements-dev.txt": ".ci/requirements-dev.in",
    "requirements-checkov.txt": ".ci/requirements-checkov.in",
    "requirements-fuzz.txt": ".ci/requirements-fuzz.in",
    "layers/dependencies/requirements.txt": "layers/dependencies/requirements.in",
    "tests/performance/twins/code/requirements.txt": "tests/performance/twins/code/requirements.in",
    "tests/runtime/requirements.txt": "tests/runtime/requirements.in",
}
INSTALLATIONS: Final = {
    ".venv/.installed": "requirements-dev.txt",
    ".local/checkov/.installed": "requirements-checkov.txt",
    ".local/fuzz/.installed": "requirements-fuzz.txt",
}


def run_make(*arguments: str, folder: Path = ROOT) -> list[str]:
    """Run make as a shell does that no other make has started; return the lines that it prints."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "AWS_"))}
    command = ["make", "--no-print-directory", "-C", str(folder), *arguments]
    run = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert run.returncode == 0, run.stderr
    return re.sub(r"\\\n\s*", "", run.stdout).splitlines()


def dry_run(*arguments: str, folder: Path = ROOT) -> list[str]:
    """Return the commands that make would run for a target."""
    return run_make("--dry-run", *arguments, folder=folder)


def assert_in_order(lines: Sequence[str], *expected: str) -> None:
    """Check that the commands are there, and in this order."""
    found = [line for line in lines if line in expected]
    assert found == list(expected)


def makefile_targets() -> dict[str, Path]:
    """Return for each resource that is built by a Makefile the folder of it."""
    template = load_template()
    folders = {
        name: resource["Properties"].get("ContentUri") or template["Globals"]["Function"]["CodeUri"]
        for name, resource in template["Resources"].items()
        if resource.get("Metadata", {}).get("BuildMethod") == "makefile"
    }
    return {name: ROOT / folder for name, folder in folders.items()}


BUILT: Final = makefile_targets()


@pytest.mark.parametrize("stage", ["dev", "prod"])
def test_deploy_stamps_the_settings(stage: str) -> None:
    """Deploying builds, then writes the digest of the stage's settings, then deploys that stage."""
    assert_in_order(
        dry_run("deploy", f"STAGE={stage}"),
        ".venv/bin/sam build",
        f"{PYTHON} -m local.settings_digest {stage}",
        f".venv/bin/sam deploy --config-env {stage}",
    )


def test_deploy_is_for_development_by_default() -> None:
    """Without a stage nothing but the development stack is deployed."""
    assert ".venv/bin/sam deploy --config-env dev" in dry_run("deploy")


def test_test_runs_everything_with_coverage() -> None:
    """The tests run all together, a file in one process, and report the coverage."""
    (command,) = [line for line in dry_run("test") if " -m pytest" in line]

    assert command.startswith(f"{PYTHON} -m pytest --numprocesses ")
    assert command.endswith(" --dist loadfile --cov --cov-report=term")


def test_check_runs_every_checker() -> None:
    """A change is linted, its formatting and types checked, the template validated and searched for weaknesses."""
    assert_in_order(
        dry_run("check"),
        f"{PYTHON} -m ruff check",
        f"{PYTHON} -m ruff format --check",
        f"{PYTHON} -m mypy",
        ".venv/bin/cfn-lint template.yaml docs/examples/*/template.yaml",
        ".venv/bin/sam validate --lint",
        f"{PYTHON} -W ignore -m tests.template.write_transformed > .local/transformed.json 2> /dev/null",
        ".local/checkov/bin/checkov --file .local/transformed.json --framework cloudformation --skip-download "
        "--quiet --compact",
        f"{PYTHON} -m pytest -q tests/architecture",
    )


def test_prove_runs_at_full_size() -> None:
    """The proofs run with the profile that generates most examples; one of them can be chosen."""
    command = f"HYPOTHESIS_PROFILE=prove {PYTHON} -m tests.prove"

    assert f"{command} " in dry_run("prove")
    assert f"{command} mutants" in dry_run("prove", "PROOF=mutants")


@pytest.mark.parametrize(
    ("arguments", "command"),
    [
        (["run"], "-m local.run"),
        (["replay"], "-m local.replay "),
        (["replay", "REPLAY=--yes --reason TOO_LARGE"], "-m local.replay --yes --reason TOO_LARGE"),
        (["explain", "CARD=c-1", "OPTIONS=--json"], "-m local.explain 'c-1' --json"),
        (["d1"], "-m local.d1 lifecycle  "),
        (["d1", "SCENARIO=storm", "SEED=7"], "-m local.d1 storm --seed 7 "),
        (["bench", "ONLY=starts"], "-m tests.performance starts"),
        (["format"], "-m ruff format"),
    ],
    ids=" ".join,
)
def test_target_runs_its_program(arguments: list[str], command: str) -> None:
    """Each door opens on its own program, with the arguments that were given; a replay counts unless told otherwise."""
    assert f"{PYTHON} {command}" in dry_run(*arguments)


def test_documents_are_written_with_the_functions_in_reach() -> None:
    """The contract is read off the package and the functions."""
    assert f"PYTHONPATH=layers/card_tracking:functions {PYTHON} -m local.contract" in dry_run("docs")


def test_every_target_has_a_line_of_help() -> None:
    """Typing make alone lists every target for people, each with what it does."""
    phony = re.findall(r"^\.PHONY: (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    listed = [line.split()[1] for line in run_make()]

    assert sorted(listed) == sorted(" ".join(phony).split())


def test_no_tool_calls_home() -> None:
    """Every command runs without SAM's telemetry, and finds the package."""
    environment = dict(line.split("=", 1) for line in run_make("--eval", "environment: ; @env", "environment"))

    assert environment["SAM_CLI_TELEMETRY"] == "0"
    assert environment["PYTHONPATH"] == "layers/card_tracking"
    assert environment["PORT"] == "4566"


@pytest.mark.parametrize(("mark", "lock"), INSTALLATIONS.items())
def test_installation_checks_hashes(mark: str, lock: str) -> None:
    """What developers run is installed from its lock, by hash, with nothing that the lock does not name."""
    (command,) = [line for line in dry_run("--always-make", mark) if f"-r {lock}" in line]

    assert " --require-hashes --no-deps " in command


def test_locks_are_made_with_hashes() -> None:
    """Every lock is made from its list, with hashes, for each platform, and without the address of an index."""
    commands = [line for line in dry_run("lock") if "pip compile" in line]
    made = {line.split()[-1]: line.split()[-3] for line in commands}
    layer = next(line for line in commands if line.endswith(" layers/dependencies/requirements.txt"))

    assert made == LOCKS
    assert all((ROOT / lock).exists() and (ROOT / source).exists() for lock, source in made.items())
    for option in (" --generate-hashes ", " --universal ", " --no-emit-index-url ", " --python-version 3.11 "):
        assert all(option in line for line in commands)
    assert " -c requirements-dev.txt " in layer


# --- What `sam build` runs -----------------------------------------------------------------------


def test_everything_that_make_builds_is_known() -> None:
    """All functions and both layers are built by Makefiles."""
    assert len(BUILT) == 10
    assert {folder.relative_to(ROOT).as_posix() for folder in BUILT.values()} == {
        "functions",
        "layers/card_tracking",
        "layers/dependencies",
    }


@pytest.mark.parametrize("resource", BUILT)
def test_artefact_is_built_with_bytecode(resource: str) -> None:
    """Each function and layer has a target; it ships bytecode that names the folder where Lambda unpacks it."""
    commands = dry_run(f"build-{resource}", "ARTIFACTS_DIR=/artefacts", "RUNTIME=python3.13", folder=BUILT[resource])
    unpacked = "/var/task" if BUILT[resource].name == "functions" else "/opt"

    assert commands[-1] == (
        f'python3.13 -m compileall -q --invalidation-mode unchecked-hash -s "/artefacts" -p {unpacked} "/artefacts"'
    )
    assert commands[-2] == 'find "/artefacts" -name __pycache__ -type d -prune -exec rm -rf {} +'


@pytest.mark.parametrize("resource", [name for name, folder in BUILT.items() if folder.name == "functions"])
def test_function_ships_all_modules(resource: str) -> None:
    """A function's artefact holds the modules beside the functions and every function's package."""
    assert dry_run(f"build-{resource}", "ARTIFACTS_DIR=/artefacts", folder=BUILT[resource])[0] == (
        'cp -R *.py */ "/artefacts/"'
    )


def test_package_layer_ships_the_package() -> None:
    """The layer of the package holds it where Python looks for it in a layer."""
    commands = dry_run("build-CardTrackingLayer", "ARTIFACTS_DIR=/artefacts", folder=ROOT / "layers/card_tracking")

    assert_in_order(commands, 'mkdir -p "/artefacts/python"', 'cp -R card_tracking "/artefacts/python/"')


def test_layer_of_dependencies_is_what_was_locked() -> None:
    """Third-party packages are wheels for Lambda's processor and Python, checked by hash, then trimmed and deferred."""
    commands = dry_run("build-DependenciesLayer", "ARTIFACTS_DIR=/artefacts", folder=ROOT / "layers/dependencies")
    (install,) = [line for line in commands if " -m pip install " in line]

    for option in (
        "--require-hashes",
        "--no-deps",
        "-r requirements.txt",
        "--platform manylinux2014_aarch64",
        "--implementation cp",
        "--python-version 3.13",
        "--only-binary=:all:",
        '--target "/artefacts/python"',
    ):
        assert f" {option}" in install
    assert_in_order(
        commands,
        install,
        'rm -rf "/artefacts/python/bin" "/artefacts"/python/*.dist-info/RECORD',
        'python3 trim.py "/artefacts/python" codedeploy dynamodb lambda secretsmanager sns sqs',
        'python3 defer.py "/artefacts/python"',
    )
