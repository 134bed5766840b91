"""Fuzz one target in this process, as libFuzzer's options say: ``python -m tests.fuzz handler -runs=1000 CORPUS``."""

import sys

import atheris

with atheris.instrument_imports(
    include=["card_tracking", "receive_notification", "get_card_status", "issue_token", "replay_rejected"]
):
    from tests.fuzz.handler import CANARIES, HEADER_BYTES, World, take_notification
    from tests.fuzz.mutator import mutate
    from tests.fuzz.readers import read_anything

    world = World()


def main(name: str, options: list[str]) -> None:
    """Fuzz the target of a name; libFuzzer ends the process."""

    def take(data: bytes) -> None:
        # The fuzzer learns the canaries from what it is compared with; only those that we plant stand where we know.
        if len(data) < HEADER_BYTES or any(canary.encode() in data for canary in CANARIES):
            return
        if name == "handler":
            take_notification(world, data)
        else:
            read_anything(data)

    def change(data: bytes, max_size: int, seed: int) -> bytes:
        return mutate(data, max_size, seed, atheris.Mutate)

    atheris.Setup([sys.argv[0], *options], take, custom_mutator=change)
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
