"""The proofs at full size, one function for each promise; ``tests.prove`` runs them."""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from local.engine import ROOT
from tests.alarms.all_rehearsals import NOT_REHEARSED, alarms_of, deployed_template, rehearse_all, times_to_fire
from tests.big_bodies.bodies import all_failed, most_operations, on_distinct_cards, on_one_card
from tests.big_bodies.trials import with_time_enough, with_too_little_time
from tests.faults.cases import cases_of, losses_of
from tests.faults.replays import losses_of_replay, losses_of_replays_in_a_storm, replay_cases
from tests.faults.scenarios import ALL, ON_ARRIVAL, ON_RELAY
from tests.faults.slow import losses_where_a_lease_ends, losses_where_time_ends
from tests.faults.storms import Storm, losses_in_storm
from tests.fuzz.campaign import FuzzerMissing, run_fuzzer
from tests.mutants.trial import try_all_mutants
from tests.planted.trial import try_all_bugs
from tests.proof.engines import ENGINES, EngineMissing, TableEngine, fastest_engine
from tests.proof.report import Row, Shows
from tests.races.rounds import DELIVERIES, RELAYS, race_deliveries, race_relays, race_renewals, race_storm
from tests.runtime.artefact import RuntimeMissing, build_product, build_runtime
from tests.runtime.kills import kills_of, losses_of_kill
from tests.runtime.site import site
from tests.twins.copies import FAILED, exit_code_of
from tests.twins.flaws import TWINS

HANDLER_RUNS: Final = 60_000
READER_RUNS: Final = 150_000
STORMS: Final = 3_000
REPLAY_STORMS: Final = 300
RACES: Final = 60
RELAY_RACES: Final = 40
INTERRUPTED_OPERATIONS: Final = 3_000
SHARES: Final = (0.2, 0.4, 0.6, 0.8)
HOSTILE: Final = (
    "tests/unit/test_hostile_bodies.py",
    "tests/unit/test_card_numbers.py",
    "tests/unit/test_scrub.py",
    "tests/unit/test_request.py",
    "tests/wiring",
)
NOTHING_LOST_OR_DOUBLED: Final = (Shows.STATUSES, Shows.ALERTS, Shows.REPETITIONS, Shows.LEAKS)
NO_ALERT_LOST_OR_DOUBLED: Final = (Shows.ALERTS, Shows.REPETITIONS)


def prove_order() -> Iterator[Row]:
    """Run the laws of order on generated histories, and on every permutation of a life."""
    yield _suite(
        "any order, split, repetition: the same status",
        "tests/properties",
        unit="histories",
        shows=(Shows.STATUSES,),
    )
    yield _suite(
        "the same of the whole handler, and one alert a cause",
        "tests/histories/test_whole_handler.py",
        unit="histories",
        shows=(Shows.STATUSES, Shows.ALERTS, Shows.REPETITIONS),
    )


def prove_storage() -> Iterator[Row]:
    """Run the law through storage on each engine: every step writes the status and reads it back."""
    for name, running in ENGINES.items():
        promise = f"the law through storage, on {name}"
        try:
            with running():
                pass
        except EngineMissing as missing:
            yield Row(promise, unit="histories", remark=f"not run: {missing}")
        else:
            profile = "prove" if name == "dynoxide" else "prove_slow_engine"
            yield _suite(
                promise,
                "tests/histories/test_law_through_storage.py",
                unit="histories",
                shows=(Shows.STATUSES,),
                environment={"PROOF_ENGINE": name, "HYPOTHESIS_PROFILE": profile},
            )


def prove_hostile() -> Iterator[Row]:
    """Send what nobody should send, and look for what may not be kept: in answers, store, queue, alerts and logs."""
    yield _suite(
        "no 5xx and no leak, whatever is sent",
        *HOSTILE,
        unit="bodies and texts",
        shows=(Shows.FAILURES, Shows.LEAKS),
    )


def prove_faults() -> Iterator[Row]:
    """Strike every call of every scenario with every fault."""
    with fastest_engine() as engine:
        row = Row(
            "whatever fails at any call: nothing lost",
            remark=f"{len(ALL)} scenarios, on {engine.name}",
            shows=NOTHING_LOST_OR_DOUBLED,
        )
        for scenario in ALL:
            for case in cases_of(engine, scenario):
                row.count(f"{case}: {loss}" for loss in losses_of(engine, case))
        yield row


def prove_storms() -> Iterator[Row]:
    """Let everything go wrong at random; let the time end everywhere."""
    with fastest_engine() as engine:
        row = Row(
            "storms of faults over deliveries, resends, relays",
            unit="storms",
            remark=f"on {engine.name}",
            shows=NOTHING_LOST_OR_DOUBLED,
        )
        for storm in map(Storm, range(STORMS)):
            row.count(f"{storm}: {loss}" for loss in losses_in_storm(engine, storm))
        yield row
        row = Row(
            "wherever the time ends: nothing lost, nothing doubled",
            unit="ends",
            remark="calls of 1.8 s",
            shows=NO_ALERT_LOST_OR_DOUBLED,
        )
        for tenths in range(20, 300):
            losses = losses_where_time_ends(engine, tenths / 10)
            row.count(f"end after {tenths / 10} s: {loss}" for loss in losses)
        yield row
        row = Row(
            "wherever a lease ends: nothing lost, nothing doubled",
            unit="ends",
            remark="a relay every 10 s beside a slow replay",
            shows=NO_ALERT_LOST_OR_DOUBLED,
        )
        for seconds in range(1, 71):
            row.count(f"{seconds} s a call: {loss}" for loss in losses_where_a_lease_ends(engine, seconds))
        yield row


def prove_replay() -> Iterator[Row]:
    """Strike every call of a replay with every fault; then storms of them."""
    with fastest_engine() as engine:
        row = Row("a replay, whatever fails at any call: nothing lost", shows=NOTHING_LOST_OR_DOUBLED)
        for case in replay_cases(engine):
            row.count(f"{case}: {loss}" for loss in losses_of_replay(engine, case))
        yield row
        row = Row("storms of faults over replays", unit="storms", shows=NOTHING_LOST_OR_DOUBLED)
        for storm in map(Storm, range(REPLAY_STORMS)):
            losses = losses_of_replays_in_a_storm(engine, storm.plan())
            row.count(f"storm {storm.seed}: {loss}" for loss in losses)
        yield row


def prove_kills() -> Iterator[Row]:
    """End the process of what is deployed, by SIGKILL, at every call that it makes to AWS."""
    row = Row("SIGKILL at any call, in AWS's own runtime: nothing lost", unit="kills", shows=NOTHING_LOST_OR_DOUBLED)
    with TemporaryDirectory() as folder:
        try:
            runtime = build_runtime(Path(folder))
        except RuntimeMissing as missing:
            row.remark = f"not run: {missing}"
        else:
            with site(runtime, build_product(runtime, Path(folder)), Path(folder)) as work:
                for name, scenarios in (("receive_notification", ON_ARRIVAL), ("relay_alerts", ON_RELAY)):
                    with work.function(name) as function:
                        for scenario in scenarios:
                            for kill in list(kills_of(work, function, scenario)):
                                row.count(f"{kill}: {loss}" for loss in losses_of_kill(work, function, kill))
    yield row


def prove_races() -> Iterator[Row]:
    """Deliver and relay at once, on every engine."""
    for name, running in ENGINES.items():
        try:
            with running() as engine:
                yield from _race_on(engine)
        except EngineMissing as missing:
            yield Row(f"races on {name}", remark=f"not run: {missing}")


def _race_on(engine: TableEngine) -> Iterator[Row]:
    row = Row(f"{DELIVERIES} deliveries at once, on {engine.name}", unit="races", shows=NOTHING_LOST_OR_DOUBLED)
    lost_races = 0
    for seed in range(RACES):
        outcome = race_deliveries(engine, seed)
        lost_races += outcome.lost_races
        row.count(f"race {seed}: {loss}" for loss in outcome.losses)
    row.remark = f"{lost_races:,} writes collided and were made again"
    yield row
    row = Row(f"{RELAYS} relays at once, on {engine.name}", unit="races", shows=NO_ALERT_LOST_OR_DOUBLED)
    for number in range(RELAY_RACES):
        row.count(race_relays(engine, alerts=1 + 3 * number))
    yield row
    row = Row(f"a late inserter and {RELAYS} relays, on {engine.name}", unit="races", shows=NO_ALERT_LOST_OR_DOUBLED)
    for number in range(RELAY_RACES):
        row.count(race_renewals(engine, alerts=1 + 3 * number))
    yield row
    row = Row(f"storms and {RELAYS} relays at once, on {engine.name}", unit="races", shows=NO_ALERT_LOST_OR_DOUBLED)
    for seed in range(RELAY_RACES):
        row.count(f"race {seed}: {loss}" for loss in race_storm(engine, seed))
    yield row


def prove_contract() -> Iterator[Row]:
    """Run the store's contract on every engine, each request held against the service model."""
    yield _suite("the store's contract, on every engine", "tests/store_contract")


def prove_bulk() -> Iterator[Row]:
    """Deliver bodies as large as Lambda admits, with time enough and with too little."""
    most = most_operations()
    with fastest_engine() as engine:
        for name, said, alerts in (
            ("on distinct cards", on_distinct_cards(most), 0),
            ("on one card", on_one_card(most), 0),
            ("all of them failures", all_failed(most // 2), most // 2),
        ):
            operations = alerts or most
            trial = with_time_enough(engine, said, operations, alerts)
            yield Row(
                f"one body, {name}",
                operations,
                "operations",
                trial.losses,
                f"{trial.seconds:.1f} s on this machine; what takes more than 28 s is a 503, and goes on as below",
                shows=NOTHING_LOST_OR_DOUBLED,
            )
        row = Row("bodies with time for a part of them: resends converge", unit="bodies", shows=NOTHING_LOST_OR_DOUBLED)
        for share in SHARES:
            for said, alerts in (
                (on_distinct_cards(INTERRUPTED_OPERATIONS), 0),
                (all_failed(INTERRUPTED_OPERATIONS), INTERRUPTED_OPERATIONS),
            ):
                row.count(with_too_little_time(engine, said, share, alerts).losses)
        row.remark = f"{INTERRUPTED_OPERATIONS:,} operations each"
        yield row


def prove_alarms() -> Iterator[Row]:
    """Rehearse every alarm of the template: it fires for its cause, and for nothing else, and clears."""
    defined = alarms_of(deployed_template().stack)
    with fastest_engine() as engine:
        rehearsed = list(rehearse_all(engine))
    alarms = {rehearsal.alarm for rehearsal, _ in rehearsed}
    row = Row("every alarm fires for its cause, and clears", len(alarms), "alarms")
    row.losses = [f"{rehearsal}: {failure}" for rehearsal, one in rehearsed for failure in one.failures]
    row.losses += [f"{name} is not rehearsed" for name in sorted(defined - alarms - NOT_REHEARSED.keys())]
    row.remark = (
        f"{len(alarms)} of {len(defined)} alarms, {len(rehearsed)} causes; fires within: {times_to_fire(rehearsed)}"
    )
    yield row


def prove_twins() -> Iterator[Row]:
    """Run the tests against flawed twins of the product: each must fail."""
    row = Row("flawed twins of the product are caught", len(TWINS), "twins", shows=(Shows.TWINS,))
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        codes = threads.map(lambda twin: exit_code_of(twin.edits, [twin.caught_by])[0], TWINS)
        row.losses = [f"not caught: {twin.name}" for twin, code in zip(TWINS, codes, strict=True) if code != FAILED]
    yield row


def prove_fuzz() -> Iterator[Row]:
    """Let a fuzzer look for inputs that reach new code: through the whole handler, and through each reader alone."""
    for target, promise, runs in (
        ("handler", "whatever the fuzzer sends: no 5xx, no leak, nothing lost", HANDLER_RUNS),
        ("readers", "whatever the fuzzer gives to a reader: an answer", READER_RUNS),
    ):
        try:
            campaign = run_fuzzer(target, runs)
        except FuzzerMissing as missing:
            yield Row(promise, unit="inputs", remark=f"not run here: {missing}")
        else:
            remark = f"{campaign.coverage} edges of the code reached"
            shows = (Shows.FAILURES, Shows.LEAKS) if target == "handler" else ()
            yield Row(promise, campaign.runs, "inputs", campaign.losses, remark, shows=shows)


def prove_mutants() -> Iterator[Row]:
    """Change the domain a little in every way there is: the tests must notice."""
    trial = try_all_mutants()
    killed = f"{trial.killed} of {trial.tried} killed ({trial.killed / max(1, trial.tried):.1%})"
    remark = "; ".join([killed, *(f"survives for a reason: {one}" for one in trial.explained)])
    yield Row("small changes of the domain are noticed", trial.tried, "mutants", trial.losses, remark)


def prove_planted() -> Iterator[Row]:
    """Plant bugs outside of the domain, one at a time: the tests must notice."""
    row = Row("bugs planted in all other packages are noticed", unit="bugs")
    trial = try_all_bugs(told=lambda _bug, _fate: row.count([]))
    row.losses = trial.losses
    caught = f"{trial.caught} of {trial.tried} caught ({trial.caught / max(1, trial.tried):.1%})"
    row.remark = "; ".join([caught, *(f"survives for a reason: {one}" for one in trial.explained)])
    yield row


PROOFS: Final[Mapping[str, Callable[[], Iterator[Row]]]] = {
    "order": prove_order,
    "storage": prove_storage,
    "hostile": prove_hostile,
    "faults": prove_faults,
    "storms": prove_storms,
    "replay": prove_replay,
    "kills": prove_kills,
    "races": prove_races,
    "contract": prove_contract,
    "bulk": prove_bulk,
    "alarms": prove_alarms,
    "twins": prove_twins,
    "fuzz": prove_fuzz,
    "mutants": prove_mutants,
    "planted": prove_planted,
}


def _suite(
    promise: str,
    *paths: str,
    unit: str = "tests",
    shows: tuple[Shows, ...] = (),
    environment: Mapping[str, str] | None = None,
) -> Row:
    """Run tests as a proof: with as many generated examples as their profile for proofs asks for.

    They are dealt to as many processes as there are processors: generating takes nothing but time.
    """
    listing = _pytest("--collect-only", "-q", *paths)
    functions = list(dict.fromkeys(re.findall(r"^(tests/\S+?::\w+)", listing, re.MULTILINE)))
    processors = os.cpu_count() or 1
    with ThreadPoolExecutor(processors) as threads:
        hands = [functions[number::processors] for number in range(processors)]
        output = "".join(
            threads.map(
                lambda hand: _pytest("-q", "--hypothesis-show-statistics", *hand, environment=environment),
                filter(None, hands),
            )
        )
    passed = sum(map(int, re.findall(r"(\d+) passed", output)))
    examples = sum(map(int, re.findall(r"- (\d+) passing\b", output)))
    losses = re.findall(r"^(?:FAILED|ERROR) .*", output, re.MULTILINE)
    if not passed:
        losses.append("no test was run")
    if unit == "tests":
        return Row(promise, passed, unit, losses, shows=shows)
    if not examples:
        losses.append("no generated example was counted")
    return Row(promise, examples, unit, losses, f"{passed} tests", shows=shows)


def _pytest(*arguments: str, environment: Mapping[str, str] | None = None) -> str:
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments]
    variables = os.environ | {"HYPOTHESIS_PROFILE": "prove"} | dict(environment or {})
    return subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True, check=False).stdout
