"""The benchmark of whole markets measures what it says: every mechanism is on, and the keys are those promised."""

from __future__ import annotations

import pytest

from pipelines.apps.bench import world
from simulator.world.mechanisms import RoleName


def test_every_mechanism_is_on() -> None:
    market = world.full_market(40)
    assert market.agents == sum(market.counts()) == 40
    assert market.circuit_breaker and market.session and market.price_band
    assert all(symbol.fundamental.storms and symbol.fundamental.regimes and symbol.resource for symbol in market.symbols)
    assert market.deals and market.reputation and market.alliances and market.gossip and market.oversight
    assert {population.role for population in market.populations} == set(RoleName)


def test_both_sizes_are_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(world, "AGENT_STEPS", 20_000)
    result = world.run(json=True, repeats=1)
    names = ("agent_steps_per_second", "events_per_agent_step")
    assert set(result["figures"]) == {f"{name}_{agents}" for name in names for agents in (40, 1000)}
    assert all(figure > 0 for figure in result["figures"].values()) and result["ratios"]["cost_per_agent_1000_to_40"] > 0
    with pytest.raises(ValueError, match="0 repeats is fewer than one"):
        world.run(repeats=0)
