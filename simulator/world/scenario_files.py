"""Scenarios from YAML files: by name or path, and with the line of what is wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import yaml

from simulator.world.scenario import Scenario, WrongScenario, from_builtins

_STEP = re.compile(r"\.(\w+)|\[(\d+)\]")  # of a path such as $.populations[0].share
_UNKNOWN = re.compile(r"unknown field `(\w+)`")


def load(name_or_path: str | Path) -> Scenario:
    """Load a scenario of config/scenarios.yaml by its name, or the one scenario of a YAML file of the same form.

    A file may hold several scenarios: name one as FILE:NAME. Raises ValueError with the known names, or with the key that is wrong
    and its line.
    """
    text = str(name_or_path)
    file, _, name = text.partition(":") if text.partition(":")[0].endswith((".yaml", ".yml")) else ("", "", text)
    if not file and text.endswith((".yaml", ".yml")):
        file, name = text, ""
    known = _read(_own_file() if not file else Path(file))
    if not name and len(known.scenarios) == 1:
        name = next(iter(known.scenarios))
    if name not in known.scenarios:
        raise ValueError(f"scenario {name!r} is unknown; choose one of {', '.join(known.scenarios)}")
    return known.scenario(name)


def names() -> list[str]:
    """Return the names of the scenarios that come with the product."""
    return list(_read(_own_file()).scenarios)


@dataclass(frozen=True)
class _File:
    """A file of scenarios, as data and as YAML's nodes, which know their lines."""

    path: Path
    scenarios: dict[str, Any]
    root: yaml.MappingNode

    def scenario(self, name: str) -> Scenario:
        """Make one of them. Raises ValueError with the line of what is wrong."""
        data = self.scenarios[name]
        if not isinstance(data, dict):
            raise ValueError(f"scenario {name} is {data!r}, not keys and values; see config/scenarios.yaml for the form")
        try:
            return from_builtins({**data, "name": name})
        except WrongScenario as error:
            raise ValueError(f"{error} ({self.path}, line {self.line(name, error.path, error.rule)})") from None

    def line(self, name: str, path: str, rule: str) -> int:
        """The line of a path in a scenario; of an unknown key itself, which the path does not name."""
        found = _UNKNOWN.search(rule)
        steps: list[str | int] = [int(number) if number else key for key, number in _STEP.findall(path)]
        last = 0
        for mark in _marks(self.root, [name, *steps, *(found.groups() if found else ())]):
            last = mark
        return last


def _marks(node: yaml.Node, steps: list[str | int]) -> Iterator[int]:
    """The lines of what the steps lead to, as far as they lead."""
    for step in steps:
        if isinstance(node, yaml.MappingNode):
            pairs = [(key, value) for key, value in node.value if key.value == step]
            if not pairs:
                return
            key, node = pairs[0]
            yield key.start_mark.line + 1
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
            yield node.start_mark.line + 1
        else:
            return


def _read(path: Path) -> _File:
    try:
        loader = yaml.SafeLoader(path.read_text())
        root = loader.get_single_node()
        found = loader.construct_document(root) if root else None
    except FileNotFoundError:
        raise ValueError(f"scenario file {path} does not exist; give the path of a YAML file or one of {', '.join(names())}") from None
    except yaml.YAMLError as error:
        raise ValueError(f"scenario file {path} is not YAML: {error}; correct it") from None
    if not isinstance(found, dict) or not found or not isinstance(root, yaml.MappingNode):
        raise ValueError(f"scenario file {path} holds no scenarios; write `name:` and its keys below")
    return _File(path, found, root)


@cache
def _own_file() -> Path:
    return Path(str(resources.files("simulator"))).parent / "config" / "scenarios.yaml"
