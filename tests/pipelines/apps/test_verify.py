"""agora verify, train and tail: bad input is answered with one clear line that says what to do."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipelines.apps.main import main
from pipelines.settings import settings
from pipelines.workers.registry import Registry, WorldResult
from pipelines.workers.run_config import SimulateConfig, to_builtins


def stored_run(to: str = "kafka", finished: bool = True, kind: str = "simulate") -> str:
    """A run in the data folder of the current settings."""
    registry = Registry(settings().runs_dir)
    config = to_builtins(SimulateConfig(scenario={}, steps=5, to=to))
    record = registry.create(datetime.now(UTC), kind=kind, config=config, seed=0, worlds=2, code_version="x")
    for world_id in range(2 if finished else 1):
        result = WorldResult(world_id=world_id, events={}, hashes={}, world_hash="", books={}, steps=5, last_seq=-1)
        registry.store_world(record.run_id, result)
    return record.run_id


def answer(words: list[str], capfd: pytest.CaptureFixture[str], code: int = 2) -> str:
    assert main(words) == code
    found = capfd.readouterr()
    assert found.out == ""
    return " ".join(found.err.split())


@pytest.fixture(autouse=True)
def _here(empty_folder: Path) -> None:
    """Every test has a data folder of its own."""


def test_an_unknown_run_lists_the_latest(capfd: pytest.CaptureFixture[str]) -> None:
    assert "there are no runs in" in answer(["verify"], capfd)
    run = stored_run()
    found = answer(["verify", "--run", "20261121-101500-ffff"], capfd)
    assert re.search(f"is not among the runs in .*; the latest are {run}", found)
    assert f"the latest are {run}" in answer(["tail", "trades", "--run", "nonsense"], capfd)


def test_an_unknown_store_and_an_unknown_topic_list_the_known(capfd: pytest.CaptureFixture[str]) -> None:
    stored_run()
    assert "store 'gold' is unknown; choose among kafka, bronze, silver" in answer(["verify", "--stores", "kafka,gold"], capfd)
    assert "unknown topic 'market.tradess'; known: market.worlds" in answer(["tail", "market.tradess"], capfd)


def test_a_run_that_did_not_end_says_how_to_go_on(capfd: pytest.CaptureFixture[str]) -> None:
    run = stored_run(finished=False)
    found = answer(["verify", "--stores", "bronze"], capfd)
    assert f"worlds [1] of run {run} did not end; go on with `agora simulate --resume {run}`" in found


def test_a_run_that_was_not_published_can_only_be_recomputed(capfd: pytest.CaptureFixture[str]) -> None:
    run = stored_run(to="csv")
    assert f"run {run} went to csv, not to Kafka; compare it with its own seed: --recompute" in answer(["verify"], capfd)


def test_no_broker_says_how_to_start_one(capfd: pytest.CaptureFixture[str]) -> None:
    stored_run()
    assert "agora stack up" in answer(["verify"], capfd)
    assert "agora stack up" in answer(["tail", "trades"], capfd)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--env", "markt"], "there is no environment 'markt'; choose one of bargaining, market"),
        (["--algorithm", "a2c"], "algorithm 'a2c' is unknown; choose one of ppo, sac, dqn"),
        (["--steps", "0"], "steps 0 is not positive"),
        (["--seed", "-1"], "seed -1 is negative"),
        (["--scenario", "tradng"], "scenario 'tradng' is unknown"),
        (["--to", "csv"], "destination 'csv' is none of kafka, none"),
        (["--resume", "20261121-101500-ffff"], "there are none yet"),
    ],
)
def test_a_training_that_cannot_be_is_refused_before_it_is_stored(
    words: list[str], message: str, capfd: pytest.CaptureFixture[str], empty_folder: Path
) -> None:
    assert message in answer(["train", *words], capfd)
    assert not (empty_folder / ".agora" / "runs").exists()


def test_runs_are_resumed_by_the_verb_that_began_them(capfd: pytest.CaptureFixture[str]) -> None:
    run = stored_run(kind="train")
    assert "resume it with `agora train --resume`" in answer(["simulate", "--resume", run], capfd)
    run = stored_run()
    assert "resume it with `agora simulate --resume`" in answer(["train", "--resume", run], capfd)


@pytest.mark.parametrize("verb", ["simulate", "train", "verify", "tail", "scenarios"])
def test_help_has_examples(verb: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert main([verb, "--help"]) == 0
    out = capfd.readouterr().out
    assert "Examples:" in out and f"agora {verb}" in out and "--json" in out
