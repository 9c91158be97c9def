"""A storm over the whole flow: every part is killed, some twice, and nothing is lost or doubled."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from tests.flow.conftest import Lab, checked

pytestmark = [pytest.mark.flow, pytest.mark.timeout(1800)]
KILLS = 20


def test_a_storm_of_kills_loses_and_doubles_nothing(tmp_path: Path) -> None:
    seed = int(time.time()) % 10_000  # another storm each time; the message names it
    words = ("chaos", "--seed", str(seed), "--kills", str(KILLS), "--events", "200000", "--json")
    found = json.loads(checked(Lab(tmp_path).start(*words), words, seconds=1500).stdout)
    assert found["ok"] is True, f"seed {seed}: {found['differences']}"
    assert len(found["kills"]) == KILLS and found["events"] >= 180_000
