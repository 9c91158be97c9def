"""Networks of several agents at once: one set of weights for all of them, or one each, in a handful of matrix products either way."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from math import sqrt

import torch
from torch import Tensor, nn

from simulator import seeding


class Sharing(Enum):
    """Whose weights agents act by."""

    SHARED = "shared"  # all by the same; an agent's number is an input, so that they may differ
    SEPARATE = "separate"  # each by its own


@contextmanager
def one_thread() -> Iterator[None]:
    """Within, torch uses one thread, because sums over several are not in a fixed order."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def torch_generator(seed: int, *path: str | int) -> torch.Generator:
    """Torch's generator of that name."""
    return torch.Generator().manual_seed(seeding.stream(seed, *path) >> 1)


class Dense(nn.Module):
    """A layer: one set of weights, (rows, inputs) to (rows, outputs), or one for each of `copies`, (copies, rows, inputs) to
    (copies, rows, outputs). Begins orthogonal, biases zero."""

    def __init__(self, copies: int, inputs: int, outputs: int, generator: torch.Generator, gain: float = sqrt(2.0)) -> None:
        super().__init__()
        weight = torch.empty(copies, inputs, outputs)
        for one in weight:
            nn.init.orthogonal_(one, gain, generator=generator)
        single = copies == 1  # without the dimension, whose coming and going costs as much as the product
        self.weight = nn.Parameter(weight[0].clone() if single else weight)
        self.bias = nn.Parameter(torch.zeros(outputs) if single else torch.zeros(copies, 1, outputs))

    def forward(self, x: Tensor) -> Tensor:
        """Weights times inputs, plus bias."""
        return torch.addmm(self.bias, x, self.weight) if self.weight.dim() == 2 else torch.baddbmm(self.bias, x, self.weight)


class Gru(nn.Module):
    """A gated recurrent unit of `copies` sets of weights (Cho et al., 2014)."""

    def __init__(self, copies: int, inputs: int, hidden: int, generator: torch.Generator) -> None:
        super().__init__()
        self.inward = Dense(copies, inputs, 3 * hidden, generator, 1.0)
        self.onward = Dense(copies, hidden, 3 * hidden, generator, 1.0)

    def forward(self, gates: Tensor, memory: Tensor) -> Tensor:
        """The next memory, from `inward` of the inputs and the memory before, each as the layers take it."""
        reset_in, update_in, new_in = gates.chunk(3, -1)
        reset_on, update_on, new_on = self.onward(memory).chunk(3, -1)
        update = torch.sigmoid(update_in + update_on)
        new = torch.tanh(new_in + torch.sigmoid(reset_in + reset_on) * new_on)
        return torch.lerp(new, memory, update)


class AgentNetwork(nn.Module):
    """What each of `agents` answers to what it alone sees, and, if recurrent, to what it remembers.

    Parameters
    ----------
    agents, inputs, hidden, outputs : sizes; two hidden layers, of which the second is the memory of a recurrent network.
    sharing : one set of weights, or one each.
    recurrent : whether agents remember.
    generator : of the first weights.
    gain : of the last layer's.
    """

    def __init__(
        self,
        agents: int,
        inputs: int,
        hidden: int,
        outputs: int,
        generator: torch.Generator,
        sharing: Sharing = Sharing.SHARED,
        recurrent: bool = False,
        gain: float = 1.0,
    ) -> None:
        super().__init__()
        copies = 1 if sharing is Sharing.SHARED else agents
        self.agents, self.copies, self.memory_size = agents, copies, hidden if recurrent else 0
        self.first = Dense(copies, inputs, hidden, generator)
        self.number = nn.Parameter(0.1 * torch.randn(agents, hidden, generator=generator)) if copies == 1 else None
        self.second = Gru(copies, hidden, hidden, generator) if recurrent else Dense(copies, hidden, hidden, generator)
        self.last = Dense(copies, hidden, outputs, generator, gain)

    def start(self, rows: int) -> Tensor:
        """The empty memory (rows, agents, memory_size)."""
        return torch.zeros(rows, self.agents, self.memory_size)

    def forward(self, x: Tensor, memory: Tensor) -> tuple[Tensor, Tensor]:
        """Answers (rows, agents, outputs) to observations (rows, agents, inputs), and the memory after them."""
        hidden = torch.relu_(self._first(x))
        if isinstance(self.second, Gru):
            hidden = self.second(self.second.inward(hidden), self._split(memory))
            return self._join(self.last(hidden)), self._join(hidden)
        return self._join(self.last(torch.relu_(self.second(hidden)))), memory

    def unroll(self, x: Tensor, memory: Tensor, began: Tensor) -> tuple[Tensor, Tensor]:
        """Answers (steps, rows, agents, outputs) to sequences (steps, rows, agents, inputs), and the memory after each step.

        memory : before the first step. began : (steps, rows), 1 where an episode begins, before which nothing is remembered.
        """
        steps, rows = x.shape[:2]
        flat = x.flatten(0, 1)
        if not isinstance(self.second, Gru):
            return self.forward(flat, memory)[0].reshape(steps, rows, self.agents, -1), memory.expand(steps, *memory.shape)
        gates = self.second.inward(torch.relu_(self._first(flat)))
        by_step = self._join(gates).reshape(steps, rows, self.agents, -1)
        kept, remembered = (1.0 - began)[:, :, None, None], []
        for step in range(steps):
            memory = self._join(self.second(self._split(by_step[step]), self._split(memory * kept[step])))
            remembered.append(memory)
        memories = torch.stack(remembered)
        answers: Tensor = self.last(self._split(memories.flatten(0, 1)))
        return self._join(answers).reshape(steps, rows, self.agents, -1), memories

    def _first(self, x: Tensor) -> Tensor:
        hidden: Tensor = self.first(self._split(x))
        if self.number is None:
            return hidden
        return hidden.view(-1, self.agents, hidden.shape[-1]).add_(self.number).view_as(hidden)

    def _split(self, x: Tensor) -> Tensor:
        """(rows, agents, k) as the layers take it: (rows x agents, k) or (agents, rows, k)."""
        return x.reshape(-1, x.shape[-1]) if self.copies == 1 else x.transpose(0, 1)

    def _join(self, x: Tensor) -> Tensor:
        """Back to (rows, agents, k)."""
        return x.view(-1, self.agents, x.shape[-1]) if self.copies == 1 else x.transpose(0, 1)


def among_legal(values: Tensor, masks: Tensor | None) -> Tensor:
    """Values (..., choices) with those of illegal choices below all others."""
    return values if masks is None else values.masked_fill(~masks, torch.finfo(values.dtype).min)


def sampled(chances: Tensor, generator: torch.Generator) -> Tensor:
    """Choices (...) drawn by chances (..., choices), which need not add up to one; never one without a chance."""
    below = chances.cumsum(-1)
    # Never the whole sum: random numbers of float32 end 2^-24 below one.
    aims = torch.rand(*chances.shape[:-1], 1, generator=generator) * below[..., -1:]
    return (below <= aims).sum(-1)
