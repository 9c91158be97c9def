"""What a saved policy does in the market when it draws its choices as in training: softmax of each head, one draw a head.

The draws come from the agent's own stream. The exponential is made of additions and multiplications alone, so that the draws are the same
on every machine.

Its parameters are the address of its block (simulator.envs.market.playing) and the horizon, as of a greedy policy; then the addresses of
its network and of room for its features, whether it sees what a role sees, whether it holds an office, and the choices of three heads.
"""

from __future__ import annotations

from typing import Any

from simulator.envs.market.acting import carry_out
from simulator.envs.market.network import evaluate
from simulator.envs.market.observation import observe
from simulator.envs.market.playing import order_of
from simulator.envs.market.raw_memory import load, store
from simulator.envs.market.roles import observe_role, officiate
from simulator.matching.compiled import called, compiled
from simulator.world.draws import uniform

HEADS = 3
_NETWORK, _FEATURES, _SEES_ROLE, _OFFICE, _FIRST_HEAD = range(2, 7)
_LEAST = -40.0  # what is less likely than the likeliest by this is never drawn: 4e-18
_HALVINGS = 10


@compiled
def exact_exp(x: float) -> float:
    """Exponential of a number that is not positive, to 1e-11: the series of order seven at x / 1024, squared ten times."""
    if x < _LEAST:
        return 0.0
    x /= 1024.0
    power = 1.0 + x * (1.0 + x / 2.0 * (1.0 + x / 3.0 * (1.0 + x / 4.0 * (1.0 + x / 5.0 * (1.0 + x / 6.0 * (1.0 + x / 7.0))))))
    for _ in range(_HALVINGS):
        power *= power
    return power


@compiled
def drawn(outputs: int, begin: int, count: int, chance: float) -> int:
    """Place of one of `count` outputs (at an address) from `begin` on, counted from there: the one in which `chance`, in [0, 1), falls."""
    highest = load(outputs, begin)
    for i in range(1, count):
        highest = max(highest, load(outputs, begin + i))
    total = 0.0
    for i in range(count):
        total += exact_exp(load(outputs, begin + i) - highest)
    left = chance * total
    for i in range(count):
        left -= exact_exp(load(outputs, begin + i) - highest)
        if left < 0.0:
            return i
    return count - 1


@called
def choose(outputs: int, begin: int, count: int, chance: float) -> None:
    """Make the drawn one of `count` outputs the greatest, so that it is what the outputs mean."""
    if count > 0:
        chosen = drawn(outputs, begin, count, chance)
        for i in range(count):
            store(outputs, begin + i, 1.0 if i == chosen else 0.0)


def decide(view: Any, commands: Any) -> None:
    """Observe, evaluate, draw, carry out; compiled only. Three draws of chance a step, whatever the form of the actions."""
    features = int(view.parameters[_FEATURES])
    observe(view, features, int(view.parameters[1]))
    if view.parameters[_SEES_ROLE] > 0.0:
        observe_role(view, features)
    outputs = evaluate(int(view.parameters[_NETWORK]), features)
    begin = 0
    for head in range(HEADS):
        count = int(view.parameters[_FIRST_HEAD + head])
        choose(outputs, begin, count, uniform(view))
        begin += count
    order_type, offset, size = order_of(int(view.parameters[0]), outputs)
    if view.parameters[_OFFICE] > 0.0:
        officiate(view, commands, order_type, size)
    else:
        carry_out(view, commands, order_type, offset, size)
