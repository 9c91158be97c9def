"""The whole serving side through the command line: real stores filled, asked, reconciled, killed."""

from __future__ import annotations

import os
import signal
from typing import Any

import pytest

from pipelines.sinks.status import read_all
from pipelines.workers.stores import LIVE, NAMES, SERVERS
from tests.flow.conftest import Lab, checked, wait_for

pytestmark = [pytest.mark.flow, pytest.mark.timeout(1800)]
SIMULATE = ("simulate", "--scenario", "balanced", "--worlds", "2", "--steps", "1500", "--seed", "5")


@pytest.fixture(scope="module")
def stores(lab: Lab) -> Lab:
    """A laboratory with every store, filled by a run."""
    lab.call("stack", "up", "--with", ",".join(SERVERS.values()))
    lab.json(*SIMULATE)
    lab.json("stream", "--once")  # first: it raises alerts, which sinks take, too
    for done in filled(lab):
        assert done["events"] > 0 and done["refused"] == done["behind"] == 0
    return lab


def filled(lab: Lab) -> list[dict[str, Any]]:
    """What each sink says that takes what there is."""
    return lab.json_of_each(*(("sink", name, "--once") for name in NAMES))


def test_every_store_holds_the_run_and_says_so(stores: Lab) -> None:
    proof = stores.json("verify", "--stores", "all")
    assert proof["ok"] is True and set(proof["stores"]) == {"kafka", "bronze", "silver", *NAMES}
    for name in set(NAMES) - set(LIVE):
        assert any(row.get(name) for row in proof["events"].values()), f"{name} was compared with nothing"


def test_a_second_filling_adds_nothing_and_a_backfill_changes_nothing(stores: Lab) -> None:
    assert all(done["events"] == 0 for done in filled(stores))
    assert all(done["rows"] > 0 for done in stores.json_of_each(*(("backfill", name) for name in NAMES if name not in LIVE)))
    assert stores.json("verify", "--stores", "all")["ok"] is True


def test_every_question_without_arguments_is_answered_and_all_are_listed(stores: Lab) -> None:
    for name in NAMES:
        asked = stores.json("query", name)["questions"]
        assert len(asked) >= 4 and all(question["doc"] for question in asked)
        for question in asked:
            if not question["needs"]:
                assert isinstance(stores.json("query", name, question["name"])["rows"], list)
    wrong = stores.call("query", "redis", "boook", code=2)
    assert "has no question 'boook'; choose among book" in wrong.stderr


@pytest.mark.parametrize("name", ["elasticsearch", "sql"])  # the storm kills each
def test_a_killed_store_is_waited_for_and_holds_up_nobody_else(stores: Lab, name: str) -> None:
    other = next(each for each in NAMES if each != name)
    sinks = {each: stores.start("sink", each, "--follow") for each in (name, other)}
    try:
        running = stores.start(*SIMULATE[:-1], f"{100 + NAMES.index(name)}", "--pace", "20x", "--json")
        wait_for(
            lambda: all(hop(stores, each)["state"] == "running" and hop(stores, each)["events"] > 0 for each in sinks),
            "the sinks did not begin",
        )
        [server] = stores.json("stack", "status", "--with", SERVERS[name])["servers"]
        os.kill(server["process_id"], signal.SIGKILL)
        at = hop(stores, other)["events"]
        wait_for(
            lambda: hop(stores, name)["state"] == "waiting" and hop(stores, other)["events"] > at,
            f"{name} did not wait, or {other} did not go on",
        )
        stores.call("stack", "up", "--with", SERVERS[name])
        run = checked(running, SIMULATE).stdout
    finally:
        for process in sinks.values():
            process.terminate()
            process.communicate(timeout=60)
    assert run
    filled(stores)
    stores.json("stream", "--once")
    assert stores.json("verify", "--stores", "all")["ok"] is True


def hop(lab: Lab, name: str) -> dict[str, Any]:
    """What the sink of a store says of itself; events 0 before its first word."""
    status = next((each for each in read_all(lab.folder / "data" / "sinks") if each.name == name), None)
    return {"state": status.state, "events": status.events} if status else {"state": "", "events": 0}
