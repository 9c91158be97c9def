"""What market.worlds says, read as far as it is needed."""

from __future__ import annotations

import pytest

from pipelines.sinks.worlds import Worlds
from pipelines.testing import MemoryLog
from tests.pipelines.sinks.published import RUN, START_NS, STEP_NS, names_of


def test_names_and_times_of_worlds_that_come_one_after_the_other() -> None:
    log = MemoryLog()
    worlds = Worlds(log)
    log.send(names_of(0))
    assert worlds.name(RUN, 0, "symbol", 0) == "ABC"
    assert worlds.name(RUN, 0, "symbol", 9) is None
    assert worlds.name(RUN, 2, "symbol", 0) is None
    log.send(names_of(2))
    log.send(names_of(2))
    assert worlds.name(RUN, 2, "topic", 0) == "rumour"
    assert worlds.time_ns(RUN, 2, 10) == START_NS + 10 * STEP_NS


def test_a_world_that_nobody_named_is_an_error_with_the_next_step() -> None:
    with pytest.raises(ValueError, match=f"does not name world 1 of run {RUN}"):
        Worlds(MemoryLog()).time_ns(RUN, 1, 0)
