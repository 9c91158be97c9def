"""A storm over the whole flow: every part is killed, some twice, and nothing is lost or doubled."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.flow.conftest import Lab, checked

pytestmark = [pytest.mark.flow, pytest.mark.timeout(1800)]
KILLS, SEED = 20, 5


def test_a_storm_of_kills_loses_and_doubles_nothing(tmp_path: Path) -> None:
    words = ("chaos", "--seed", str(SEED), "--kills", str(KILLS), "--events", "200000", "--json")
    found = json.loads(checked(Lab(tmp_path).start(*words), words, seconds=1500).stdout)
    assert found["ok"] is True, f"seed {SEED}: {found['differences']}"
    assert len(found["kills"]) == KILLS and found["events"] >= 180_000
