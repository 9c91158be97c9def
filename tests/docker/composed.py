"""The compose files as docker compose reads them: several merged, variables filled in, a profile's services."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from pipelines.settings import Settings

PROJECT = Path(__file__).parents[2]
REPLACED = {"command", "entrypoint", "test"}
"""Lists of which a later file's takes the place; others are joined."""
TAKEN_BACK = object()
"""What a file says of a key to take back what those before it say: the tag !reset."""
VARIABLE = re.compile(r"\$\{(\w+)(?::?([-+])([^${}]*))?\}")
Service = dict[str, Any]


class Loader(yaml.SafeLoader):
    """Knows the tags of compose files."""


Loader.add_constructor("!reset", lambda _loader, _node: TAKEN_BACK)


def document(*names: str, environment: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The files merged, with the variables filled from the environment."""
    merged: dict[str, Any] = {}
    for name in names or ("docker-compose.yml",):
        merged = joined(merged, yaml.load((PROJECT / name).read_text(), Loader))
    result: dict[str, Any] = filled(merged, environment or {})
    for service in result["services"].values():
        if "environment" in service:
            service["environment"] = passed_on(service["environment"], environment or {})
    return result


def services(*names: str, environment: Mapping[str, str] | None = None) -> dict[str, Service]:
    """All services of the files."""
    found: dict[str, Service] = document(*names, environment=environment)["services"]
    return found


def of_profiles(all_services: Mapping[str, Service], profiles: Iterable[str]) -> dict[str, Service]:
    """Those that start with these profiles; what has none always does."""
    chosen = set(profiles)
    return {name: each for name, each in all_services.items() if not each.get("profiles") or chosen & set(each["profiles"])}


def joined(first: Any, second: Any, key: str = "") -> Any:
    """The second over the first."""
    if isinstance(first, dict) and isinstance(second, dict):
        found = first | {name: joined(first[name], value, name) if name in first else value for name, value in second.items()}
        return {name: value for name, value in found.items() if value is not TAKEN_BACK}
    if isinstance(first, list) and isinstance(second, list) and key not in REPLACED:
        return [*first, *(each for each in second if each not in first)]
    return second


def filled(value: Any, environment: Mapping[str, str]) -> Any:
    """The value with each ${NAME}, ${NAME:-otherwise} and ${NAME:+instead} filled in, however they are nested."""
    if isinstance(value, dict):
        return {name: filled(each, environment) for name, each in value.items()}
    if isinstance(value, list):
        return [filled(each, environment) for each in value]
    if not isinstance(value, str):
        return value
    text, before = value.replace("$$", "\0"), ""
    while text != before:
        before, text = text, VARIABLE.sub(lambda match: _filled(match, environment), text)
    return text.replace("\0", "$")


def passed_on(given: Mapping[str, str | None], environment: Mapping[str, str]) -> dict[str, str]:
    """What a container sees: a name without a value has that of the environment, and is left out if it is not set there."""
    resolved = {name: environment.get(name) if value is None else value for name, value in given.items()}
    return {name: value for name, value in resolved.items() if value is not None}


def _filled(match: re.Match[str], environment: Mapping[str, str]) -> str:
    given, sign, words = environment.get(match[1], ""), match[2], match[3]
    if sign == "+":
        return words if given else ""
    return given or words or ""


def variables(text: str) -> set[str]:
    """The variables that a file asks the environment for."""
    return set(re.findall(r"(?<!\$)\$\{(\w+)", text))


def mebibytes(limit: str) -> int:
    """640m or 8g in MiB."""
    return int(limit[:-1]) * {"m": 1, "g": 1024}[limit[-1]]


def is_ours(service: Service) -> bool:
    """Whether its image is built here."""
    return "build" in service


def ends(service: Service) -> bool:
    """Whether it does its work and stops."""
    return bool(service.get("restart") == "no")


def settings_variables() -> set[str]:
    """Everything that AGORA_ variables can set; what may hold a password also by a file."""
    fields = Settings.model_fields
    names = {f"AGORA_{name.upper()}" for name in fields}
    return names | {f"AGORA_{name.upper()}_FILE" for name, field in fields.items() if not field.repr}
