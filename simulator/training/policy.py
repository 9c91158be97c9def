"""A trained policy as plain arrays: saved without torch, evaluated without torch, the same for any batch size."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.envs.market.network import LINEAR, RELU, TANH, evaluate_rows, flatten
from simulator.envs.market.types import ActionView

FORMAT_VERSION = 1
_ACTIVATIONS = {"Tanh": TANH, "ReLU": RELU, "SquashedDiagGaussianDistribution": TANH}

Layer = tuple[NDArray[np.float64], NDArray[np.float64], int]
"""Weights (n_in, n_out), biases (n_out,), activation."""


@dataclass(frozen=True)
class Policy:
    """The greedy policy of a network: the likeliest choice of each head, or the mean of a continuous action.

    Parameters
    ----------
    layers : the network, first layer first.
    view : how its outputs are read as actions.
    heads : choices per head; of a continuous action empty.
    """

    layers: tuple[Layer, ...]
    view: ActionView
    heads: tuple[int, ...]

    def __post_init__(self) -> None:
        for (left, _, _), (right, _, _) in pairwise(self.layers):
            if left.shape[1] != right.shape[0]:
                raise ValueError(f"a layer of {left.shape[1]} outputs is followed by one of {right.shape[0]} inputs; pass layers that fit")
        if self.heads and sum(self.heads) != self.outputs:
            raise ValueError(f"heads {self.heads} take {sum(self.heads)} outputs but the network has {self.outputs}; pass heads that fit")

    @property
    def features(self) -> int:
        """Numbers that the network observes."""
        return int(self.layers[0][0].shape[0])

    @property
    def outputs(self) -> int:
        """Numbers that the network answers."""
        return int(self.layers[-1][0].shape[1])

    def block(self) -> NDArray[np.float64]:
        """The network as one block for simulator.envs.market.network.evaluate, with scratch of its own."""
        return flatten(list(self.layers))

    def evaluate(self, observations: NDArray[Any]) -> NDArray[np.float64]:
        """Outputs (n, outputs) for observations (n, features)."""
        inputs = np.ascontiguousarray(observations, dtype=np.float64)
        if inputs.ndim != 2 or inputs.shape[1] != self.features:
            raise ValueError(
                f"observations of shape {inputs.shape} do not fit a policy of {self.features} features; pass (n, {self.features})"
            )
        answer, block = np.zeros((len(inputs), self.outputs)), self.block()
        evaluate_rows(block.ctypes.data, inputs.ctypes.data, answer.ctypes.data, len(inputs), self.features, self.outputs)
        return answer

    def act(self, observations: NDArray[Any]) -> NDArray[Any]:
        """Greedy actions for observations (n, features), in the form of the view; of equal choices the first.

        DISCRETE (n,) int64, MULTI_DISCRETE (n, heads) int64, BOX (n, outputs) float64 in [-1, 1].
        """
        outputs = self.evaluate(observations)
        if self.view is ActionView.BOX:
            return np.clip(outputs, -1.0, 1.0)
        edges = np.cumsum(self.heads)[:-1]
        choices = np.stack([head.argmax(axis=1) for head in np.split(outputs, edges, axis=1)], axis=1).astype(np.int64)
        return choices[:, 0] if self.view is ActionView.DISCRETE else choices

    def save(self, path: Path) -> None:
        """Write one .npz of arrays."""
        arrays: dict[str, Any] = {f"weights{i}": weights for i, (weights, _, _) in enumerate(self.layers)}
        arrays |= {f"biases{i}": biases for i, (_, biases, _) in enumerate(self.layers)}
        arrays["activations"] = np.array([activation for _, _, activation in self.layers], dtype=np.int64)
        arrays["heads"] = np.array(self.heads, dtype=np.int64)
        np.savez(path, version=np.int64(FORMAT_VERSION), view=np.str_(self.view.value), **arrays)

    @classmethod
    def load(cls, path: Path) -> Policy:
        """Read what save wrote.

        Raises ValueError for a missing file or another format version.
        """
        if not path.is_file():
            raise ValueError(f"no policy at {path}; pass the folder of a checkpoint that `agora train` wrote")
        with np.load(path, allow_pickle=False) as stored:
            version = int(stored["version"])
            if version != FORMAT_VERSION:
                raise ValueError(
                    f"policy {path} has format {version} and this version reads {FORMAT_VERSION}; train again or use its version"
                )
            layers = tuple(
                (stored[f"weights{i}"], stored[f"biases{i}"], int(activation)) for i, activation in enumerate(stored["activations"])
            )
            return cls(layers, ActionView(str(stored["view"])), tuple(int(n) for n in stored["heads"]))


def export_policy(model: Any, view: ActionView) -> Policy:
    """The greedy policy of a Stable-Baselines3 PPO, DQN or SAC model with a network of dense layers."""
    first, *others = _dense_layers(_modules(model.policy))
    return Policy((_with_scales(first, _extractor(model.policy)), *others), view, _heads(model.action_space, view))


def _extractor(policy: Any) -> Any:
    """What the observations pass first."""
    return getattr(policy, "q_net", getattr(policy, "actor", policy)).features_extractor


def _with_scales(layer: Layer, extractor: Any) -> Layer:
    """A first layer that does what a Standardised before it did."""
    if not hasattr(extractor, "factor"):
        return layer
    (weights, biases, activation), mean, factor = layer, *(part.numpy().astype(np.float64) for part in (extractor.mean, extractor.factor))
    scaled = weights * factor[:, np.newaxis]
    return scaled, biases - mean @ scaled, activation


def _heads(space: Any, view: ActionView) -> tuple[int, ...]:
    if view is ActionView.DISCRETE:
        return (int(space.n),)
    return tuple(int(n) for n in space.nvec) if view is ActionView.MULTI_DISCRETE else ()


def _modules(policy: Any) -> list[Any]:
    """The torch modules between observation and action, in order."""
    if hasattr(policy, "mlp_extractor"):
        return [*policy.mlp_extractor.policy_net, policy.action_net]
    if hasattr(policy, "q_net"):
        return [*policy.q_net.q_net]
    return [*policy.actor.latent_pi, policy.actor.mu, policy.actor.action_dist]  # SAC squashes its mean


def _dense_layers(modules: list[Any]) -> list[Layer]:
    layers: list[Layer] = []
    for module in modules:
        name = type(module).__name__
        if name == "Linear":
            weights = module.weight.detach().cpu().numpy().astype(np.float64)
            layers.append((np.ascontiguousarray(weights.T), module.bias.detach().cpu().numpy().astype(np.float64), LINEAR))
        elif name in _ACTIVATIONS and layers:
            layers[-1] = (layers[-1][0], layers[-1][1], _ACTIVATIONS[name])
        else:
            raise ValueError(f"a {name} cannot be exported; build the network from Linear, Tanh and ReLU")
    return layers
