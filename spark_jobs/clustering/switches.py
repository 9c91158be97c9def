"""Agents that changed their strategy: in one group for some windows, in another one ever since.

One window in another group is no change, nor are windows that lie between two groups, nor is it when a group falls apart or two become
one: the old group must still be there, the new one must have been there before, both with at least half as many as in the other windows.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

KIND = "strategy_switch"
LASTING = 2  # windows in a row, before the change and after it
CLEAR = 0.25  # least fit in each of them: the own centre at three quarters of the distance of the next one at most


class Seen(NamedTuple):
    """An agent in a window."""

    window: int
    cluster: int
    fit: float


def switches(history: Sequence[Seen], members: Mapping[tuple[int, int], int]) -> list[tuple[Seen, ...]]:
    """The changes of one agent, each as its windows: LASTING before it and LASTING after it.

    history : its windows in order, whole ones only. members : (window, cluster) -> agents in it.
    """
    found = []
    for place in range(LASTING, len(history) - LASTING + 1):
        part = tuple(history[place - LASTING : place + LASTING])
        before, after = part[:LASTING], part[LASTING:]
        old, new = before[0].cluster, after[0].cluster
        lasting = old != new and all(each.cluster == old for each in before) and all(each.cluster == new for each in after)
        clear = min(each.fit for each in part) >= CLEAR and part[-1].window - part[0].window == len(part) - 1
        if lasting and clear and all(_steady(part, cluster, members) for cluster in (old, new)):
            found.append(part)
    return found


def _steady(part: tuple[Seen, ...], cluster: int, members: Mapping[tuple[int, int], int]) -> bool:
    """Whether others were in a cluster in all of the windows, and never fewer than half as many as in another one."""
    others = [members.get((each.window, cluster), 0) - (each.cluster == cluster) for each in part]
    return min(others) > 0 and 2 * min(others) >= max(others)


def alert(market: Mapping[str, Any], agent: int, part: tuple[Seen, ...], window_steps: int) -> dict[str, Any]:
    """A change as a row of gold.alerts; `market` is its run_id, world_id and symbol. The same change always has the same id."""
    first, last = part[LASTING], part[-1]
    identity = f"{KIND}/{market['run_id']}/{market['world_id']}/{market['symbol']}/{agent}/{first.window}"
    end = (last.window + 1) * window_steps - 1
    return {
        **market,
        "step": end,
        "alert_id": hashlib.sha256(identity.encode()).hexdigest()[:24],
        "kind": KIND,
        "first_step": first.window * window_steps,
        "last_step": end,
        "score": round(min(each.fit for each in part), 6),
        "suspects": json.dumps([agent]),
        "evidence": json.dumps({"from": part[0].cluster, "to": first.cluster}, separators=(",", ":")),
    }
