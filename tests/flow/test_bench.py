"""Benchmarks of the whole flow at their smallest: they run, and their figures are there."""

from __future__ import annotations

import pytest

from tests.flow.conftest import Lab

pytestmark = [pytest.mark.flow, pytest.mark.timeout(600)]


def test_tables_are_asked_before_and_after_maintenance_with_the_stream_running(tmp_path_factory: pytest.TempPathFactory) -> None:
    found = Lab(tmp_path_factory.mktemp("bench")).json("bench", "tables", "--runs", "1", "--files", "4")
    assert found["files"]["before"]["silver.orders"] >= 4 > found["files"]["maintained"]["silver.orders"]
    assert found["figures"]["commits_meanwhile"] >= 1 and found["ratios"]["query_after_maintenance"] > 0
