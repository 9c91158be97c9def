"""The examples of traders of one's own keep the contract, and the two forms are one strategy."""

from __future__ import annotations

import numpy as np

from examples.custom_trader import ImbalanceTrader
from examples.custom_trader_jitted import JittedImbalanceTrader
from tests.contracts.check_trader import check_trader, plain_rows, random_view, twin


def test_both_keep_the_contract() -> None:
    assert check_trader(ImbalanceTrader(edge=0.3)) > 20
    assert check_trader(JittedImbalanceTrader(edge=0.3)) > 20


def test_both_decide_alike() -> None:
    plain, jitted, generator = ImbalanceTrader(), JittedImbalanceTrader(), np.random.default_rng(3)
    for _ in range(100):
        view = random_view(generator, plain)
        again = twin(view)
        assert plain_rows(plain, view) == plain_rows(jitted, again)
