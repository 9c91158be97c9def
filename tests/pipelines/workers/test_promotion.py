"""A policy is promoted only over one that it beats beyond doubt; each decision is made once and kept."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np
import pytest

from pipelines.settings import Settings
from pipelines.sinks.sql_promotions import IncumbentChanged, Promotion, Promotions, open_promotions
from pipelines.workers import promotion
from pipelines.workers.promotion import EXPORTED, Markets, Trial, kept, lacking
from simulator.training.judging.statistics import Interval
from simulator.training.judging.versus import Versus

NOW = datetime(2026, 11, 21, tzinfo=UTC)
BETTER, WORSE, EVEN = Interval(5.0, 1.0, 9.0), Interval(-5.0, -9.0, -1.0), Interval(1.0, -1.0, 3.0)


class Config(NamedTuple):
    env: str = "market"
    scenario: str = "trading"


class Judges:
    """Stand for the markets: each candidate differs from whom it meets by what is said here, and every meeting is counted."""

    def __init__(self) -> None:
        self.differences: dict[str, Interval] = {}
        self.met: list[tuple[str, str]] = []

    def compared(self, candidate: str, incumbent: str | None, markets: Markets, tell: object) -> tuple[str, Versus]:
        self.met.append((candidate, incumbent or ""))
        return incumbent or "noise", Versus(self.differences[candidate], Interval(0.5, 0.0, 1.0), "a verdict")


@pytest.fixture
def judges(monkeypatch: pytest.MonkeyPatch) -> Judges:
    made = Judges()
    monkeypatch.setattr(promotion, "compared", lambda candidate, incumbent, markets, tell: made.compared(
        candidate.label, incumbent.label if incumbent else None, markets, tell))  # fmt: skip
    monkeypatch.setattr(promotion, "place_of", lambda candidate: "market/trading/trader")
    monkeypatch.setattr(promotion, "Checkpoint", Folder)
    monkeypatch.setattr(promotion.Candidate, "load", classmethod(lambda _cls, folder, label: Named(label)))
    monkeypatch.setattr(promotion, "export_checkpoint", lambda folder, file: shutil.copy(folder / "policy.npz", file))
    return made


class Named(NamedTuple):
    label: str


class Folder:
    def __init__(self, folder: Path) -> None:
        self.policy = folder / "policy.npz"


@pytest.fixture
def known(tmp_path: Path) -> Iterator[Promotions]:
    with open_promotions(f"sqlite:///{tmp_path / 'agora.db'}") as found:
        yield found


def decide(tmp_path: Path, known: Promotions, name: str, seeds: int = 5) -> Promotion:
    """Put a checkpoint of that name on trial."""
    folder = tmp_path / "checkpoints" / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "policy.npz").write_bytes(np.frombuffer(name.encode(), np.uint8).tobytes())
    candidate: promotion.Candidate = Named(name)  # type: ignore[assignment]
    return Trial(Settings(data_dir=tmp_path), known, candidate, folder, Markets(0, seeds, 10), NOW).decide()


def test_the_first_must_beat_who_learned_nothing(tmp_path: Path, known: Promotions, judges: Judges) -> None:
    judges.differences = {"weak": EVEN, "good": BETTER}
    assert not decide(tmp_path, known, "weak").promoted
    assert known.incumbent("market/trading/trader") is None
    assert decide(tmp_path, known, "good").promoted
    assert judges.met == [("weak", ""), ("good", "")]


@pytest.mark.parametrize(("difference", "promoted"), [(BETTER, True), (EVEN, False), (WORSE, False)])
def test_a_new_one_must_beat_the_incumbent_beyond_doubt(
    tmp_path: Path, known: Promotions, judges: Judges, difference: Interval, promoted: bool
) -> None:
    judges.differences = {"first": BETTER, "second": difference}
    decide(tmp_path, known, "first")
    decided = decide(tmp_path, known, "second")
    assert decided.promoted is promoted and decided.opponent == "first"
    assert [each.candidate for each in known.incumbents()] == ["second" if promoted else "first"]
    assert [each.candidate for each in known.of("market/trading/trader")] == ["second", "first"]  # both are kept


def test_a_decision_is_made_once(tmp_path: Path, known: Promotions, judges: Judges) -> None:
    judges.differences = {"first": BETTER, "second": EVEN}
    decided = [decide(tmp_path, known, name) for name in ("first", "first", "second", "second")]
    assert decided[0] == decided[1] and decided[2] == decided[3]
    assert judges.met == [("first", ""), ("second", "first")]
    decide(tmp_path, known, "second", seeds=6)  # other markets are another question
    assert len(judges.met) == 3


def test_one_that_was_killed_before_it_told_is_told_again(
    tmp_path: Path, known: Promotions, judges: Judges, monkeypatch: pytest.MonkeyPatch
) -> None:
    judges.differences = {"first": BETTER}

    def killed(*_: object) -> Promotion:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Promotions, "record", killed)
        with pytest.raises(KeyboardInterrupt):
            decide(tmp_path, known, "first")
    assert known.incumbents() == []
    assert decide(tmp_path, known, "first").promoted
    assert len(known.of("market/trading/trader")) == 1


def test_an_incumbent_that_came_meanwhile_is_met(tmp_path: Path, known: Promotions, judges: Judges) -> None:
    judges.differences = {"first": BETTER, "second": BETTER, "third": EVEN}
    decide(tmp_path, known, "first")
    before = known.made(decide(tmp_path, known, "third").decision)
    assert before
    decide(tmp_path, known, "second")
    with pytest.raises(IncumbentChanged):
        known.record(msgspec.structs.replace(before, decision="new", promoted=True))


def test_an_incumbents_policy_is_kept_and_watched(tmp_path: Path, known: Promotions, judges: Judges) -> None:
    judges.differences = {"first": BETTER}
    decided, settings = decide(tmp_path, known, "first"), Settings(data_dir=tmp_path)
    folder = kept(settings, decided.place, decided.sha256)
    shutil.rmtree(tmp_path / "checkpoints")
    assert lacking(settings, known.incumbents()) == []
    assert (folder / EXPORTED).exists()
    (folder / "policy.npz").write_bytes(b"another")
    assert "is not what was promoted" in lacking(settings, known.incumbents())[0]
    (folder / "policy.npz").unlink()
    assert "is missing" in lacking(settings, known.incumbents())[0]
