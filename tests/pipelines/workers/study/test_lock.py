"""A lock that is gone with its holder."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from pipelines.workers.study.lock import Taken, held

HOLD = "import sys\nfrom pathlib import Path\nfrom pipelines.workers.study.lock import held\n"
HOLD += "with held(Path(sys.argv[1]), 'it'):\n print('held', flush=True)\n sys.stdin.read()"


def test_of_two_the_second_is_refused_until_the_first_lets_go(tmp_path: Path) -> None:
    again = held(tmp_path / "a" / "lock", "run x")
    with held(tmp_path / "a" / "lock", "run x"), pytest.raises(Taken, match="run x is at work elsewhere .*wait for its end"), again:
        pass
    with held(tmp_path / "a" / "lock", "run x"):
        pass


def test_a_killed_holder_leaves_nothing_behind(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLD, str(tmp_path / "lock")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None and holder.stdout.readline() == "held\n"
        with pytest.raises(Taken), held(tmp_path / "lock", "it"):
            pass
        holder.kill()
        with held(tmp_path / "lock", "it", patience_s=10):
            pass
