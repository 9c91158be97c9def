"""The matching core: a plain-Python book as the specification, a compiled one that agrees with it, and replay over both."""

from simulator.matching.book import Book, rebuild
from simulator.matching.engines import ENGINES
from simulator.matching.replay import replay
from simulator.matching.state import BookState

__all__ = ["ENGINES", "Book", "BookState", "rebuild", "replay"]
