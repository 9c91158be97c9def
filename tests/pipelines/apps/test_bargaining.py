"""The verbs of bargaining: a tournament, a game in the terminal, the benchmark."""

from __future__ import annotations

import json

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
