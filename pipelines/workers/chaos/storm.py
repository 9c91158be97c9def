"""A storm over the flow: kills by plan with poison between them, then the proof that nothing is lost, doubled or out of order."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import zip_longest
from typing import Any

import msgspec

from pipelines.broker.kafka_log import KafkaLog
from pipelines.events.topics import CONSUMERS, topic
from pipelines.kafka_access import Principal
from pipelines.local_stack import stack
from pipelines.workers.chaos.flow import Flow
from pipelines.workers.chaos.injuries import Injuries
from pipelines.workers.chaos.plan import Kill
from pipelines.workers.filed_letters import letters
from simulator.seeding import generator

RECOVERY_S = 60.0  # after that it is not waited for any longer
LOOK_S = 0.1
HURT = ("orders", "trades", "ticks", "messages")
"""Event types among whose records doubles and poison are put."""


class Struck(msgspec.Struct, frozen=True):
    """One kill. `recovery_s` is from the kill to the next progress of what it stopped; None where none was seen while there was work.

    `publishing` is whether the run still published.
    """

    target: str
    down_s: float
    recovery_s: float | None
    killed: bool = True
    publishing: bool = True


class Aftermath(msgspec.Struct, frozen=True, kw_only=True):
    """What a storm did, and what was left."""

    seed: int
    ok: bool
    events: int
    kills: list[Struck]
    doubled: int
    poisoned: int
    seconds: float
    differences: list[str]
    run_id: str
    stores: list[str]


def storm(flow: Flow, seed: int, kills: Sequence[Kill], tell: Callable[[str], None]) -> Aftermath:
    """Let it pass over a flow that has started, and judge what is left."""
    begun = time.monotonic()
    log = KafkaLog(stack.broker(flow.config, Principal.ADMIN))
    taken = {name: CONSUMERS[name] for name in ("bronze", *flow.stores)}
    injuries = Injuries(log, [topic(event).name for event in HURT], generator(seed, "chaos", "injuries"))
    struck: list[Struck] = []
    try:
        for number, kill in enumerate(kills):
            time.sleep(kill.pause_s)
            with suppress(ConnectionError, TimeoutError, OSError):
                injuries.strike()
            tell(f"kill {number + 1} of {len(kills)}: {kill.target}")
            struck.append(strike(flow, kill))
        tell("the run ends, the stores catch up")
        proof = flow.finish()
        differences = [*proof["differences"], *unburied(log, injuries, taken)]
    finally:
        log.close()
    return Aftermath(
        seed=seed, ok=not differences, events=sum(row["simulator"] for row in proof["events"].values()), kills=struck,
        doubled=injuries.doubled, poisoned=injuries.poisoned.total(), seconds=round(time.monotonic() - begun, 1),
        differences=differences, run_id=flow.run_id, stores=proof["stores"],
    )  # fmt: skip


def strike(flow: Flow, kill: Kill) -> Struck:
    """Kill one target, start it again after a while, and see how long it takes until work goes on behind it."""
    before, at, publishing = flow.progress(kill.target), time.monotonic(), flow.publishing
    killed = flow.kill(kill.target)
    time.sleep(kill.down_s)
    flow.revive(kill.target)
    while time.monotonic() < at + RECOVERY_S:
        if moved(before, flow.progress(kill.target)):
            return Struck(kill.target, round(kill.down_s, 2), round(time.monotonic() - at, 2), killed, publishing)
        if not flow.publishing:
            break  # there may be no more work to see
        flow.mend()
        time.sleep(LOOK_S)
    return Struck(kill.target, round(kill.down_s, 2), None, killed, publishing)


def moved(before: Sequence[float], now: Sequence[float]) -> bool:
    """Whether all of these numbers have changed."""
    return len(now) > 0 and all(one != other for one, other in zip_longest(before, now))


def unburied(log: KafkaLog, injuries: Injuries, taken: dict[str, tuple[str, ...]]) -> list[str]:
    """Poison that a consumer should have set aside and did not, in words."""
    found: dict[tuple[str, str], int] = {}
    for filed in letters(log):
        for consumer in filed.consumers:
            slot = (filed.letter.origin.topic, consumer)
            found[slot] = found.get(slot, 0) + 1
    return [
        f"{consumer} set {found.get((name, consumer), 0)} unreadable records of {name} aside, {count} were sent"
        for name, count in sorted(injuries.poisoned.items())
        for consumer, events in taken.items()
        if any(topic(event).name == name for event in events) and found.get((name, consumer), 0) != count
    ]


def summary(aftermath: Aftermath) -> dict[str, Any]:
    """Per kind of target: kills while the run published, those after which progress was seen, the median and longest seconds until then."""
    table: dict[str, Any] = {}
    kills = [kill for kill in aftermath.kills if kill.publishing]
    for target in sorted({kill.target for kill in kills}):
        seen = sorted(kill.recovery_s for kill in kills if kill.target == target and kill.recovery_s is not None)
        count = sum(kill.target == target for kill in kills)
        table[target] = {
            "kills": count,
            "seen": len(seen),
            "half": seen[len(seen) // 2] if seen else None,
            "longest": seen[-1] if seen else None,
        }
    return table
