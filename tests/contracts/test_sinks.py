"""The shipped fake keeps what every sink must hold, for each sink's events."""

from __future__ import annotations

import pytest

from pipelines.events.topics import CONSUMERS
from pipelines.testing import MemorySink
from tests.contracts.check_sink import check_sink


@pytest.mark.parametrize("name", [name for name in CONSUMERS if name != "bronze"])
def test_memory_sink(name: str) -> None:
    sink = MemorySink(name, CONSUMERS[name])
    check_sink(lambda log: sink, lambda: dict(sink.rows))
