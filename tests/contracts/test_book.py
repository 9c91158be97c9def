"""Every book implementation keeps the contract of check_book."""

import pytest

from simulator.matching import ENGINES
from tests.contracts.check_book import check_book


@pytest.mark.parametrize("engine", list(ENGINES))
def test_book(engine: str) -> None:
    check_book(engine)
