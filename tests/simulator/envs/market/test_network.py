"""The compiled network: exact sums in a fixed order, close to the usual arithmetic."""

import math

import numpy as np
from numpy.typing import NDArray

from simulator.envs.market.network import LINEAR, RELU, TANH, evaluate_rows, exact_tanh, flatten

Layers = list[tuple[NDArray[np.float64], NDArray[np.float64], int]]


def random_layers(seed: int = 0) -> Layers:
    rng = np.random.default_rng(seed)
    sizes = [(5, 7, TANH), (7, 3, RELU), (3, 4, LINEAR)]
    return [(rng.normal(size=(n_in, n_out)), rng.normal(size=n_out), activation) for n_in, n_out, activation in sizes]


def run(layers: Layers, inputs: NDArray[np.float64]) -> NDArray[np.float64]:
    block, answer = flatten(layers), np.zeros((len(inputs), layers[-1][0].shape[1]))
    evaluate_rows(block.ctypes.data, inputs.ctypes.data, answer.ctypes.data, len(inputs), inputs.shape[1], answer.shape[1])
    return answer


def by_hand(layers: Layers, row: list[float]) -> list[float]:
    for weights, biases, activation in layers:
        sums = [float(b) for b in biases]
        for i, x in enumerate(row):
            sums = [total + x * float(weights[i, j]) for j, total in enumerate(sums)]
        row = [exact_tanh(s) if activation == TANH else max(s, 0.0) if activation == RELU else s for s in sums]
    return row


def test_every_bit_agrees_with_sums_in_the_order_of_the_inputs() -> None:
    layers, inputs = random_layers(), np.random.default_rng(1).normal(size=(20, 5))
    assert run(layers, inputs).tolist() == [by_hand(layers, [float(x) for x in row]) for row in inputs]


def test_a_row_alone_gives_the_same_bits_as_in_a_batch() -> None:
    layers, inputs = random_layers(), np.random.default_rng(2).normal(size=(33, 5))
    whole = run(layers, inputs)
    assert all((run(layers, inputs[i : i + 1])[0] == whole[i]).all() for i in range(33))


def test_tanh_is_close_odd_and_bounded() -> None:
    for x in np.linspace(-30, 30, 601):
        assert abs(exact_tanh(x) - math.tanh(x)) < 1e-7
        assert exact_tanh(-x) == -exact_tanh(x)
    assert exact_tanh(0.0) == 0.0
    assert abs(exact_tanh(1e300)) <= 1.0
