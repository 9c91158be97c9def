"""The kernel is built without reference counting, which is only right where nothing is allocated: the ordinary build must agree."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from simulator.matching import Book, compiled, replay
from simulator.types import COMMAND

pytestmark = pytest.mark.slow

_PROGRAM = """
import sys
import numpy as np
from simulator.matching import compiled
compiled.REFERENCE_COUNTS = True
from simulator.matching import Book
from simulator.types import COMMAND
book = Book()
book.submit_all(np.frombuffer(sys.stdin.buffer.read(), COMMAND))
sys.stdout.buffer.write(book.state_hash().encode() + book.take_records().tobytes())
"""


def small_tape() -> np.ndarray:  # type: ignore[type-arg]
    """Every kind of command, many ids and prices, from a fixed rule."""
    word = np.arange(2000, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    tape = np.zeros(len(word), COMMAND)
    tape["kind"] = np.array([0, 0, 0, 0, 0, 1, 2, 3])[(word >> np.uint64(60)) % np.uint64(8)]
    tape["side"], tape["time_in_force"] = (word >> np.uint64(50)) % np.uint64(2), np.array([0, 0, 0, 1, 2, 3])[word % np.uint64(6)]
    tape["price"], tape["size"] = 100 + (word >> np.uint64(40)) % np.uint64(40), 1 + (word >> np.uint64(30)) % np.uint64(9)
    tape["order_id"], tape["owner"] = (word >> np.uint64(20)) % np.uint64(300), (word >> np.uint64(10)) % np.uint64(5)
    return tape


def test_build_with_reference_counting_agrees() -> None:
    tape = small_tape()
    ordinary = subprocess.run([sys.executable, "-c", _PROGRAM], input=tape.tobytes(), capture_output=True, check=True).stdout
    book = Book()
    book.submit_all(tape)
    assert ordinary == book.state_hash().encode() + replay(tape).tobytes()


def test_one_process_compiles_while_the_others_wait(tmp_path: Path) -> None:
    dispatcher = SimpleNamespace(__name__="play", _cache=SimpleNamespace(cache_path=str(tmp_path / "new")))
    entered = threading.Event()

    def wait_and_enter() -> None:
        with compiled.one_at_a_time(dispatcher):
            entered.set()

    with compiled.one_at_a_time(dispatcher):
        other = threading.Thread(target=wait_and_enter)
        other.start()
        assert not entered.wait(0.2)
    other.join(timeout=10)
    assert entered.is_set()


def test_what_is_not_kept_on_disk_is_compiled_at_once() -> None:
    with compiled.one_at_a_time(SimpleNamespace(_cache=SimpleNamespace(cache_path=None))):
        pass
