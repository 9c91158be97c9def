"""Global generators, lent: torch and Stable-Baselines3 draw from them, so a learner brings its own states and puts back what was there."""

from __future__ import annotations

import random  # noqa: TID251  # Stable-Baselines3 seeds it; nothing is drawn here
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
import numpy as np
import torch


class States(msgspec.Struct, frozen=True):
    """The states of the three generators."""

    torch_state: bytes
    numpy_state: tuple[str, bytes, int, int, float]
    python_state: tuple[int, tuple[int, ...], float | None]

    @classmethod
    def current(cls) -> States:
        """As they are now."""
        name, words, position, has_gauss, gauss = np.random.get_state(legacy=True)  # noqa: TID251
        numpy_state = (str(name), np.asarray(words, np.uint32).tobytes(), int(position), int(has_gauss), float(gauss))
        return cls(torch.get_rng_state().numpy().tobytes(), numpy_state, random.getstate())

    def set(self) -> None:
        """Make the generators go on from here."""
        torch.set_rng_state(torch.frombuffer(bytearray(self.torch_state), dtype=torch.uint8))
        name, words, *rest = self.numpy_state
        state: Any = (name, np.frombuffer(words, np.uint32), *rest)
        np.random.set_state(state)  # noqa: TID251
        random.setstate(self.python_state)


class Randomness:
    """A learner's own states of the global generators; whoever uses it first seeds them."""

    def __init__(self, states: States | None = None) -> None:
        self.states = states

    @contextmanager
    def used(self) -> Iterator[None]:
        """Within, the generators are the learner's and torch uses one thread."""
        before, threads = States.current(), torch.get_num_threads()
        torch.set_num_threads(1)
        if self.states:
            self.states.set()
        try:
            yield
        finally:
            self.states = States.current()
            before.set()
            torch.set_num_threads(threads)
