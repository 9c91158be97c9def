"""The benchmark of many trainings: how times become figures."""

from __future__ import annotations

from pipelines.apps.bench.scaleout import Timed, report


def test_ratios_are_medians_of_turns_by_the_clock_and_by_processor_time() -> None:
    one = [Timed(0.0, 10.0, 8.0), Timed(10.0, 20.0, 8.0)]
    two = [Timed(100.0, 110.0, 9.0), Timed(100.0, 112.5, 10.0)]
    slow = [Timed(200.0, 240.0, 9.0), Timed(200.0, 230.0, 10.0)]
    found = report(1000, {1: [one, one, one], 2: [two, two, slow]})
    assert found["ratios"] == {"two_workers": 1.6, "two_workers_processor_time": 1.684}
    assert found["figures"] == {
        "trainings": 2, "steps": 1000, "one_worker_steps_per_second": 50, "two_workers_steps_per_second": 80,
        "one_worker_processor_share": 0.8, "two_workers_processor_share": 0.844,
    }  # fmt: skip
