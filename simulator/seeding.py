"""One root seed, many independent streams: the only place where a generator is born.

A stream is named by a path, like ("world", 3, "agent", 17). Its start is a hash of root seed and path, so that adding a stream
never moves another one, and no order of creation matters.
"""

from __future__ import annotations

import hashlib

import numpy as np

_MASK = (1 << 64) - 1
HIGHEST_SEED = 2**63 - 1


def checked_seed(seed: int) -> int:
    """Return the seed if it is a whole number in 0..2^63-1. Raises TypeError or ValueError otherwise."""
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer):
        raise TypeError(f"seed {seed!r} is not a whole number; choose one in 0..{HIGHEST_SEED}")
    if not 0 <= seed <= HIGHEST_SEED:
        raise ValueError(f"seed {seed} is not in 0..{HIGHEST_SEED}; choose one that is")
    return int(seed)


def stream(seed: int, *path: str | int) -> int:
    """Return the first state of the splitmix64 stream of that name, in 0..2^64-1.

    >>> stream(1, "world", 0, "agent", 7) == stream(1, "world", 0, "agent", 8)
    False
    """
    return int.from_bytes(_digest(seed, path)[:8], "little")


def streams(count: int, seed: int, *path: str | int) -> list[int]:
    """Return the first states of `count` streams whose paths go on by 0, 1, 2 ...: those that `stream` returns one by one, sooner.

    >>> streams(2, 1, "agent") == [stream(1, "agent", 0), stream(1, "agent", 1)]
    True
    """
    named, states = hashlib.blake2b(_name(seed, path) + b"/int:", digest_size=16), []
    for number in range(count):
        one = named.copy()
        one.update(b"%d" % number)
        states.append(int.from_bytes(one.digest()[:8], "little"))
    return states


def generator(seed: int, *path: str | int) -> np.random.Generator:
    """Return numpy's generator of that name, for what is not part of a market's log (training, sampling, tests)."""
    return np.random.Generator(np.random.PCG64(int.from_bytes(_digest(seed, path), "little")))


def permutation(count: int, seed: int, *path: str | int) -> list[int]:
    """Return 0..count-1 shuffled by the stream of that name; whole-number arithmetic only, so the same everywhere.

    >>> sorted(permutation(5, 1, "x"))
    [0, 1, 2, 3, 4]
    """
    state, order = stream(seed, *path), list(range(count))
    for last in range(count - 1, 0, -1):
        state, word = next_word(state)
        chosen = (word >> 32) * (last + 1) >> 32
        order[last], order[chosen] = order[chosen], order[last]
    return order


def next_word(state: int) -> tuple[int, int]:
    """Return (next state, next 64-bit word) of a splitmix64 stream (Steele, Lea and Flood 2014)."""
    state = (state + 0x9E3779B97F4A7C15) & _MASK
    word = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    word = ((word ^ (word >> 27)) * 0x94D049BB133111EB) & _MASK
    return state, word ^ (word >> 31)


def _digest(seed: int, path: tuple[str | int, ...]) -> bytes:
    return hashlib.blake2b(_name(seed, path), digest_size=16).digest()


def _name(seed: int, path: tuple[str | int, ...]) -> bytes:
    return "/".join([str(checked_seed(seed)), *(f"{type(part).__name__}:{part}" for part in path)]).encode()
