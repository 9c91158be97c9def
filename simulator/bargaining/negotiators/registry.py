"""Which negotiators there are, by name, and the styles that people know them by."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import partial
from importlib import import_module

from simulator.bargaining.negotiators.belief_based import BeliefBased
from simulator.bargaining.negotiators.fixed_price import FixedPrice
from simulator.bargaining.negotiators.negotiator import Negotiator
from simulator.bargaining.negotiators.random_negotiator import RandomNegotiator
from simulator.bargaining.negotiators.time_dependent import TimeDependent
from simulator.bargaining.negotiators.tit_for_tat import TitForTat

NEGOTIATORS: dict[str, Callable[..., Negotiator]] = {
    "boulware": partial(TimeDependent, exponent=0.2),
    "linear": TimeDependent,
    "conceder": partial(TimeDependent, exponent=4.0),
    "tit_for_tat": TitForTat,
    "fixed_price": FixedPrice,
    "belief_based": BeliefBased,
    "random": RandomNegotiator,
    "aggressive": partial(TimeDependent, exponent=0.1, margin=0.8),
    "cooperative": partial(TimeDependent, exponent=2.0, margin=0.3),
    "analytical": partial(BeliefBased, greed=0.7, caution=0.5),
}
"""Name -> how it is made; the last three are styles. A negotiator is registered, and tested with the others, by one line here."""


def make_negotiator(name: str, parameters: Mapping[str, float] | None = None) -> Negotiator:
    """Return a negotiator of a registered name, or of `module:Class` for a user's own, with the given parameters.

    Raises ValueError for an unknown name or parameter, or a number out of range.
    """
    made_by = NEGOTIATORS.get(name) or _own(name)
    known, given = list(inspect.signature(made_by).parameters), dict(parameters or {})
    if unknown := sorted(set(given) - set(known)):
        raise ValueError(f"negotiator {name} has no parameter {', '.join(unknown)}; it has: {', '.join(known) or 'none'}")
    return made_by(**given)


def _own(name: str) -> Callable[..., Negotiator]:
    module, colon, made_by = name.partition(":")
    if not colon:
        raise ValueError(f"there is no negotiator {name}; choose one of {', '.join(sorted(NEGOTIATORS))}, or module:Class for your own")
    try:
        found = getattr(import_module(module), made_by)
    except (ImportError, AttributeError) as error:
        raise ValueError(f"negotiator {name} cannot be imported ({error}); it must be module:Class on Python's path") from error
    if not (isinstance(found, type) and issubclass(found, Negotiator)):
        raise ValueError(f"negotiator {name} is no Negotiator; derive it from simulator.bargaining.negotiators.negotiator.Negotiator")
    return found
