"""What a saved policy does in the market, compiled: observe, evaluate, carry out.

Everything it needs lies in one block of numbers that it is told by address, as its first parameter: how outputs become an order, the
network, room for the features. The second parameter is the horizon.

It lies beside what it is compiled from: a compiled function is kept on disk until a file of its own folder or of the layers below changes.
"""

from __future__ import annotations

from typing import Any

from simulator.envs.market.acting import carry_out
from simulator.envs.market.network import evaluate
from simulator.envs.market.observation import FEATURES, observe
from simulator.envs.market.raw_memory import WORD, load
from simulator.envs.market.roles import observe_role, officiate
from simulator.envs.market.scenario import OFFICES
from simulator.envs.market.types import ActionView, OrderType
from simulator.envs.market.writing import interval
from simulator.matching.compiled import called
from simulator.world.mechanisms import RoleName

# Words of the head of a block, each a whole number.
_VIEW, _CHOICES, _NETWORK, _FEATURES, _ORDERS, _OFFSETS, _SIZES, _OFFSET_COUNT, _SIZE_COUNT, _ROLE = range(10)
HEAD_WORDS = 10
_DISCRETE, _MULTI_DISCRETE, _BOX = range(3)
_NO_ROLE, _TRADES, _OFFICE = range(3)
VIEW_CODES = {ActionView.DISCRETE: _DISCRETE, ActionView.MULTI_DISCRETE: _MULTI_DISCRETE, ActionView.BOX: _BOX}
_TYPES = len(OrderType)


def role_code(role: RoleName, features: int) -> int:
    """How a policy of so many features and of a role plays: as in a market without roles, by trading in a role, or in an office."""
    if features == len(FEATURES):
        return _NO_ROLE
    return _OFFICE if role in OFFICES else _TRADES


@called
def word(block: int, index: int) -> int:
    """A whole number of a block."""
    return int(load(block, index))


@called
def likeliest(outputs: int, begin: int, count: int) -> int:
    """Place of the greatest of `count` outputs from `begin` on, counted from there; of equal ones the first."""
    best = 0
    for i in range(1, count):
        if load(outputs, begin + i) > load(outputs, begin + best):
            best = i
    return best


@called
def order_of(block: int, outputs: int) -> tuple[int, int, int]:
    """The order that the outputs of the network mean: OrderType, offset in ticks, size in lots."""
    view = word(block, _VIEW)
    if view == _DISCRETE:
        row = word(block, _ORDERS) + 3 * likeliest(outputs, 0, word(block, _CHOICES))
        return word(block, row), word(block, row + 1), word(block, row + 2)
    offsets, sizes = word(block, _OFFSET_COUNT), word(block, _SIZE_COUNT)
    if view == _MULTI_DISCRETE:
        kind, offset = likeliest(outputs, 0, _TYPES), likeliest(outputs, _TYPES, offsets)
        size = likeliest(outputs, _TYPES + offsets, sizes)
    else:
        kind, offset = interval(load(outputs, 0), _TYPES), interval(load(outputs, 1), offsets)
        size = interval(load(outputs, 2), sizes)
    return kind, word(block, word(block, _OFFSETS) + offset), word(block, word(block, _SIZES) + size)


def decide(view: Any, commands: Any) -> None:
    """Observe, evaluate, carry out; compiled only."""
    block = int(view.parameters[0])
    features = block + WORD * word(block, _FEATURES)
    observe(view, features, int(view.parameters[1]))
    if word(block, _ROLE) != _NO_ROLE:
        observe_role(view, features)
    order_type, offset, size = order_of(block, evaluate(block + WORD * word(block, _NETWORK), features))
    if word(block, _ROLE) == _OFFICE:
        officiate(view, commands, order_type, size)
    else:
        carry_out(view, commands, order_type, offset, size)
