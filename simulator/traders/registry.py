"""Which strategies there are, by name, and how one is made from a scenario's numbers.

A strategy's module is imported, and its compiled form loaded, when the strategy is first asked for.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Mapping
from functools import cache
from hashlib import blake2b
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

from simulator.traders.trader import Trader

STRATEGIES: dict[str, str] = {
    "noise": "simulator.traders.noise:Noise",
    "market_maker": "simulator.traders.market_maker:MarketMaker",
    "trend_momentum": "simulator.traders.trend_momentum:TrendMomentum",
    "trend_follower": "simulator.traders.trend_follower:TrendFollower",
    "mean_reversion": "simulator.traders.mean_reversion:MeanReversion",
    "arbitrage": "simulator.traders.arbitrage:Arbitrage",
    "momentum": "simulator.traders.momentum:Momentum",
    "statistical_arbitrage": "simulator.traders.statistical_arbitrage:StatisticalArbitrage",
    "splitter": "simulator.traders.splitter:Splitter",
    "buyer": "simulator.traders.buyer:Buyer",
    "seller": "simulator.traders.seller:Seller",
    "cooperative": "simulator.traders.cooperative:Cooperative",
    "speculator": "simulator.traders.speculator:Speculator",
    "regulator": "simulator.traders.regulator:Regulator",
    "mediator": "simulator.traders.mediator:Mediator",
    "linked_arbitrage": "simulator.traders.linked_arbitrage:LinkedArbitrage",
    "portfolio": "simulator.traders.portfolio:Portfolio",
    "layered_maker": "simulator.traders.layered_maker:LayeredMaker",
    "fast_maker": "simulator.traders.fast_maker:FastMaker",
    "block_trader": "simulator.traders.block_trader:BlockTrader",
    "swing_trader": "simulator.traders.swing_trader:SwingTrader",
    "close_trader": "simulator.traders.close_trader:CloseTrader",
    "inventory_canceller": "simulator.traders.inventory_canceller:InventoryCanceller",
    "sentiment_trader": "simulator.traders.sentiment_trader:SentimentTrader",
    "touch_maker": "simulator.traders.touch_maker:TouchMaker",
    "breakout_trader": "simulator.traders.breakout_trader:BreakoutTrader",
    "rebalancer": "simulator.traders.rebalancer:Rebalancer",
    "random_trader": "simulator.traders.random_trader:RandomTrader",
}
"""Name in scenarios -> module and class. A strategy is registered, and tested with the others, by one line here."""

MANIPULATORS: dict[str, str] = {
    "spoofing": "simulator.manipulators.spoofing:Spoofing",
    "quote_stuffing": "simulator.manipulators.quote_stuffing:QuoteStuffing",
    "momentum_ignition": "simulator.manipulators.momentum_ignition:MomentumIgnition",
    "marking_the_close": "simulator.manipulators.marking_the_close:MarkingTheClose",
    "wash_trading": "simulator.manipulators.wash_trading:WashTrading",
    "front_running": "simulator.manipulators.front_running:FrontRunning",
    "pump_and_dump": "simulator.manipulators.pump_and_dump:PumpAndDump",
    "cartel": "simulator.manipulators.cartel:Cartel",
    "sybil_reputation": "simulator.manipulators.sybil:SybilReputation",
}
"""The same of those whose episodes are labelled; they are no baselines for anybody."""

VARIANTS: dict[str, str] = {
    "standing_cartel": "simulator.manipulators.standing_cartel:StandingCartel",
}
"""Further forms of these kinds, which detectors learn from and are not scored on."""


def strategy(name: str) -> type[Trader]:
    """Return the class of a registered name, or of `module:Class` or `FILE.py:Class` for a user's own strategy.

    Raises ValueError for an unknown name, a module that cannot be imported, or a class that is no Trader.
    """
    place = (STRATEGIES | MANIPULATORS | VARIANTS).get(name, name)
    module_name, separator, class_name = place.partition(":")
    if not separator:
        known = ", ".join(sorted(STRATEGIES | MANIPULATORS | VARIANTS))
        raise ValueError(f"there is no strategy {name}; choose one of {known}, or module:Class for your own")
    try:
        module = _from_file(module_name) if module_name.endswith(".py") else import_module(module_name)
        found = getattr(module, class_name)
    except (ImportError, AttributeError) as error:
        raise ValueError(
            f"strategy {name} cannot be imported ({error}); it must be module:Class on Python's path, or FILE.py:Class"
        ) from error
    if not (isinstance(found, type) and issubclass(found, Trader)):
        raise ValueError(f"strategy {name} is not a Trader; derive it from simulator.traders.trader.Trader")
    return found


@cache
def _from_file(path: str) -> ModuleType:
    """Import a file under a name of its own, once; the name is the same in another process. Raises ImportError for what fails in it."""
    name = f"agora_own_{Path(path).stem}_{blake2b(path.encode(), digest_size=4).hexdigest()}"
    spec = spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} is no Python file")
    module = sys.modules[name] = module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        del sys.modules[name]
        raise ImportError(f"{type(error).__name__}: {error}") from error
    return module


def parameter_names(name: str) -> list[str]:
    """Return the names of a strategy's parameters in order. Raises ValueError as `strategy` does."""
    signature = inspect.signature(strategy(name).__init__)
    return [parameter for parameter in signature.parameters if parameter != "self"]


def make_trader(name: str, parameters: Mapping[str, float] | None = None) -> Trader:
    """Return a strategy with the given parameters, the others at their defaults.

    Raises ValueError for an unknown strategy, an unknown parameter, or a number out of range.
    """
    made_by, given = strategy(name), dict(parameters or {})
    unknown = sorted(set(given) - set(parameter_names(name)))
    if unknown:
        choices = ", ".join(parameter_names(name)) or "none"
        raise ValueError(f"strategy {name} has no parameter {', '.join(unknown)}; it has: {choices}")
    return made_by(**given)  # type: ignore[arg-type]
