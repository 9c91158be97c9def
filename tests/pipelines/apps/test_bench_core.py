"""The core's benchmark gives both sides the same work and reports it under the promised keys."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from pipelines.apps.bench import core, core_agents
from pipelines.apps.bench.order_flow import order_flow
from simulator.types import CommandKind


def test_flow_has_the_promised_mix_and_numbers_orders_by_arrival() -> None:
    flow = order_flow(20_000)
    shares = np.bincount(flow["kind"], minlength=3) / len(flow)
    assert np.abs(shares - [0.64, 0.16, 0.2]).max() < 0.02
    new = flow["order_id"][flow["kind"] != CommandKind.CANCEL]
    assert (new == np.arange(len(new))).all()
    assert (flow == order_flow(20_000)).all()


@pytest.mark.parametrize(
    ("ours", "theirs"), [(core.our_batches, core.bourse_batches), (core.our_calls, core.bourse_calls)], ids=["batches", "calls"]
)
def test_both_sides_trade_alike(ours: Callable[..., Any], theirs: Callable[..., Any]) -> None:
    flow = order_flow(10_000)
    (_, our_facts), (_, their_facts) = ours(flow), theirs(flow)
    assert our_facts["trades_per_order"] == pytest.approx(their_facts["trades_per_order"], rel=0.1)


def test_both_markets_see_about_as_many_orders(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(core_agents, "OUR_STEPS", 1000)
    monkeypatch.setattr(core_agents, "BOURSE_STEPS", 300)
    (_, our_facts), (_, their_facts) = core_agents.our_agents(), core_agents.bourse_agents()
    assert our_facts["orders_per_agent_step"] == pytest.approx(their_facts["orders_per_agent_step"], rel=0.25)


def test_report_has_medians_and_ratios_by_turn() -> None:
    measured = {
        "batch_orders_per_second": ([30.0, 60.0, 90.0], [10.0, 10.0, 10.0], {"trades_per_order": 0.5}, {"trades_per_order": 0.6}),
        "call_orders_per_second": ([4.0], [2.0], {}, {}),
        "agent_steps_per_second": ([100.0], [1.0], {}, {}),
    }
    result = core.report(measured)
    assert result["ratios"] == {"bourse_batch": 6, "bourse_call": 2, "bourse_agents": 100}
    assert result["figures"]["batch_orders_per_second"] == 60
    assert result["peers"]["bourse_batch_trades_per_order"] == 0.6
