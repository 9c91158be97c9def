"""The verbs of bargaining: a tournament, a game in the terminal, the benchmark."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipelines.apps import main
from pipelines.apps.bench import bargaining


def test_a_tournament_is_told_as_tables_and_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["tournament", "bargaining", "--negotiators", "linear, boulware", "-n", "50", "--seed", "3"]
    assert main.main(words) == 0
    shown = capsys.readouterr().out
    assert "boulware" in shown and "mean payoff" in shown and "±" in shown
    assert main.main([*words, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert len(found["pairings"]) == 4 and found["rules"]["offers"] == 10
    assert found["pairings"][0]["deals"]["value"] == 1


def test_a_tournament_tells_what_the_best_response_gains(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["tournament", "bargaining", "--best-response", "--negotiators", "fixed_price,tit_for_tat"]
    assert main.main(words) == 0
    assert "not judged, because" in capsys.readouterr().out
    assert main.main([*words, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    as_supplier = found["best_responses"][0]
    # it asks 6,250 of one who values 8,000 and takes no less before the last chance: (8,000 - 6,250) x 0.9 ** 2 + 5
    assert (as_supplier["party"], as_supplier["best_response"]) == ("supplier", 1422.5)
    assert found["not_judged"] == ["tit_for_tat"]


TINY = ["train", "--env", "bargaining", "-a", "q_learning", "--setting", "rules=known", "--setting", "buckets=21"]


def test_a_training_to_bargain_is_told_as_tables_and_as_json(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("AGORA_DATA_DIR", str(tmp_path))
    words = [*TINY, "--setting", "rules.offers=2", "--setting", "negotiations=256", "--steps", "80000"]
    assert main.main(words) == 0
    shown = capsys.readouterr().out
    assert "subgame gain" in shown and "solved: " in shown and "interval (95 %)" in shown
    assert main.main([*words, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["exact"]["subgame_gain"] <= 0.05 and found["config"]["rules"]["offers"] == 2
    assert (tmp_path / "bargaining" / "q_learning-both-0" / "lineage.json").is_file()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--env", "bargaining", "--worlds", "3"], "--worlds is the market's, not bargaining's"),
        (["--env", "bargaining", "-a", "a2c"], "algorithm 'a2c' is unknown for bargaining; choose one of q_learning, ppo"),
        (["--env", "bargaining", "--setting", "seats"], "setting 'seats' has no value; write NAME=VALUE"),
        (["--env", "bargaining", "--setting", "opponent=nobody", "--setting", "seats=supplier"], "there is no negotiator nobody"),
        (["--setting", "seats=both"], "--setting is of bargaining only"),
    ],
)
def test_a_training_to_bargain_that_cannot_be_is_refused(words: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(["train", *words]) == 2
    assert message in " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--negotiators", "nobody"], "there is no negotiator nobody"),
        (["--negotiators", " , "], "no negotiators in"),
        (["--seed", "-1"], "seed -1 is not in"),
    ],
)
def test_a_wrong_tournament_is_refused(words: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(["tournament", "bargaining", *words]) == 2
    assert message in capsys.readouterr().err


def played(answers: list[str], monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    waiting = iter(answers)
    monkeypatch.setattr("typer.prompt", lambda text: next(waiting))
    return main.main(["play", "bargaining", *words])


def test_a_person_bargains_to_a_deal(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert played(["A", "nonsense", "99999", "$6,900", "a"], monkeypatch, "--role", "supplier", "--opponent", "conceder") == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "There is no offer to accept yet." in shown and "'nonsense' is no price from 0 to 10,000" in shown
    assert "They offer" in shown or "They accept." in shown
    assert "A deal at" in shown and "of the surplus" in shown


def test_a_person_walks_away_or_stops(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert played(["w"], monkeypatch) == 0
    assert "You parted without a deal: -10.00 for each." in " ".join(capsys.readouterr().out.split())
    assert played(["q"], monkeypatch) == 130


def test_an_unknown_role_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(["play", "bargaining", "--role", "banker"]) == 2
    assert "role 'banker' is unknown; choose supplier or retailer" in capsys.readouterr().err


def test_the_benchmark_counts_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bargaining, "NEGOTIATIONS", 500)
    monkeypatch.setattr(bargaining, "PACKAGE_NEGOTIATIONS", 50)
    monkeypatch.setattr(bargaining, "BATCH_TURNS", 3)
    monkeypatch.setattr(bargaining, "EPISODES", 1)
    result = bargaining.run(json=True, repeats=1)
    assert set(result["figures"]) == {"rounds_per_second", "batch_rounds_per_second", "package_rounds_per_second"}
    assert min(result["figures"].values()) > 0
    with pytest.raises(ValueError, match="0 repeats"):
        bargaining.run(repeats=0)
