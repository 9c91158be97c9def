"""Changes of strategy: once, when they last, and never for a group that comes or goes as a whole."""

from __future__ import annotations

import pyarrow as pa

from spark_jobs.clustering.switches import Seen, switches
from spark_jobs.gold import agent_clusters, strategy_switches
from spark_jobs.gold.agent_features import STEPS

MARKET = ("r", 0, 0)


def raised(path: str, others: dict[str, str] | None = None, fit: float = 0.6, known: int = 10**9) -> list[tuple[int, int]]:
    """First and last window of the alerts of an agent that is in these clusters, a letter a window, among five who stay in each."""
    crowd = {f"{letter}{number}": letter * len(path) for letter in "ab" for number in range(5)} if others is None else others
    rows = []
    for agent, clusters in enumerate([path, *crowd.values()]):
        rows += [
            {"window": window, "agent": agent, "cluster": ord(letter) - ord("a"), "fit": fit if agent == 0 else 0.9}
            for window, letter in enumerate(clusters)
            if letter != " "
        ]
    same = {"run_id": "r", "world_id": 0, "symbol": 0, "clusters": 2, "card": ""}
    table = pa.Table.from_pylist([row | same for row in rows], schema=agent_clusters.SCHEMA)
    alerts = strategy_switches.found(table, {MARKET: 10**9, ("r", 1, 0): known, ("other", 0, 0): 0})
    assert all(alert["suspects"] == "[0]" for alert in alerts)
    return [(alert["first_step"] // STEPS, alert["last_step"] // STEPS) for alert in alerts]


def test_a_lasting_change_is_raised_once() -> None:
    assert raised("aaabbbbb") == [(3, 4)]
    assert raised("aabb") == [(2, 3)]
    assert raised("aabbaa") == [(2, 3), (4, 5)]


def test_a_window_elsewhere_is_no_change() -> None:
    assert raised("aaabaaa") == []
    assert raised("ababab") == []
    assert raised("aaab") == []
    assert raised("aa bb") == []


def test_an_agent_between_two_groups_changes_nothing() -> None:
    assert raised("aaabbb", fit=0.1) == []


def test_groups_that_come_and_go_are_no_change_of_those_in_them() -> None:
    assert raised("aabb", {str(number): "aabb" for number in range(5)}) == []
    assert raised("aabb", {"1": "aaaa", "2": "aaaa", "3": "  bb", "4": "  bb"}) == []
    assert raised("aabb", {"1": "aaaa", "2": "aabb", "3": "aabb", "4": "bbbb", "5": "bbbb", "6": "bbbb"}) == []  # most of them leave


def test_only_whole_windows_count_and_the_same_change_has_the_same_id() -> None:
    assert raised("aabb", known=4 * STEPS - 1) == []
    assert raised("aabb", known=4 * STEPS) == [(2, 3)]
    table = [Seen(window, cluster, 0.9) for window, cluster in enumerate([0, 0, 1, 1, 1])]
    members = {(window, cluster): 4 for window in range(5) for cluster in (0, 1)}
    assert switches(table, members) == switches(table[:4], members) == [tuple(table[:4])]
