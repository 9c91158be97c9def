"""A small network evaluated inside compiled loops, exactly: the same bits for any batch size and on any machine.

Weights are float64 in one flat block that is read by address, so that a trader compiled alone (a C function without
Numba's reference counting) can play it. Every sum runs over the inputs in their order; the inner loop runs over outputs, which
the compiler may vectorise without changing a sum. Nothing calls the machine's mathematics library.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simulator.envs.market.raw_memory import WORD, load, store
from simulator.matching.compiled import called, compiled

LINEAR, TANH, RELU = 0, 1, 2


@compiled
def exact_tanh(x: float) -> float:
    """Hyperbolic tangent to 4e-8 by the twelve-level continued fraction of Lambert (1761), as one quotient of polynomials.

    Only + x / are used, which IEEE 754 fixes to the bit; a library's tanh differs from machine to machine.
    """
    x = min(max(x, -9.0), 9.0)
    q = x * x
    above = 41247931725.0 + q * (523783260.0 + q * (2552550.0 + q * (4095.0 + q)))
    below = 252070693875.0 + q * (5237832600.0 + q * (41351310.0 + q * (120120.0 + q * 91.0)))
    above = 7905853580625.0 + q * (1159525191825.0 + q * above)
    below = 7905853580625.0 + q * (3794809718700.0 + q * below)
    return min(max(x * above / below, -1.0), 1.0)


@called
def layer(weights: int, inputs: int, outputs: int, n_in: int, n_out: int, activation: int) -> None:
    """One dense layer; all three are addresses. Weights lie as (n_in, n_out) rows, then n_out biases."""
    for j in range(n_out):
        store(outputs, j, load(weights, n_in * n_out + j))
    for i in range(n_in):
        x = load(inputs, i)
        for j in range(n_out):
            store(outputs, j, load(outputs, j) + x * load(weights, i * n_out + j))
    if activation == TANH:
        for j in range(n_out):
            store(outputs, j, exact_tanh(load(outputs, j)))
    elif activation == RELU:
        for j in range(n_out):
            store(outputs, j, max(load(outputs, j), 0.0))


@called
def evaluate(block: int, inputs: int) -> int:
    """Run the network at address `block` (see flatten) on the inputs at address `inputs`; the outputs' address."""
    layers = int(load(block, 0))
    scratch = int(load(block, 1))
    weights = block + WORD * (4 + 2 * layers)
    source, target, other = inputs, block + WORD * scratch, block + WORD * (scratch + int(load(block, 2)))
    for k in range(layers):
        n_in, n_out = int(load(block, 3 + k)), int(load(block, 4 + k))
        layer(weights, source, target, n_in, n_out, int(load(block, 4 + layers + k)))
        weights += WORD * (n_in * n_out + n_out)
        source, target, other = target, other, target
    return source


@compiled
def evaluate_rows(block: int, inputs: int, outputs: int, rows: int, n_in: int, n_out: int) -> None:
    """evaluate for `rows` consecutive rows of inputs, one after the other."""
    for row in range(rows):
        found = evaluate(block, inputs + WORD * row * n_in)
        for j in range(n_out):
            store(outputs, row * n_out + j, load(found, j))


def flatten(layers: list[tuple[NDArray[np.float64], NDArray[np.float64], int]]) -> NDArray[np.float64]:
    """One block of (weights (n_in, n_out), biases (n_out,), activation) layers, as evaluate reads it.

    Layout: number of layers, where the scratch begins, its half; the sizes (layers + 1); the activations; the weights; the scratch.
    """
    sizes = [layers[0][0].shape[0], *(weights.shape[1] for weights, _, _ in layers)]
    parts = [part for weights, biases, _ in layers for part in (weights.ravel(), biases)]
    widest = max(sizes)
    scratch = 4 + 2 * len(layers) + sum(part.size for part in parts)
    head = np.array([len(layers), scratch, widest, *sizes, *(activation for _, _, activation in layers)], dtype=np.float64)
    return np.concatenate([head, *parts, np.zeros(2 * widest)])
