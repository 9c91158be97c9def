"""Where settings come from: the environment, .env, and files of secrets that either of them names. Nothing else reads the environment."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from pydantic import AliasChoices, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, DotEnvSettingsSource, PydanticBaseSettingsSource

from pipelines.redaction import redacted
from pipelines.secrecy import read_secret

COMPOSE_PASSWORDS = (
    "REDIS_PASSWORD", "ELASTIC_PASSWORD", "MONGODB_PASSWORD", "CASSANDRA_PASSWORD", "GRAFANA_PASSWORD", "AIRFLOW_PASSWORD",
    "AIRFLOW_DATABASE_PASSWORD", "AIRFLOW_JWT_PASSWORD", "AWS_SECRET_ACCESS_KEY",
)  # fmt: skip
"""What .env holds beside the settings: the passwords of the stores in docker compose, and an object store's."""
ELSEWHERE = (
    "lake", "broker", "kafka_protocol", "kafka_user", "redis_url", "elasticsearch_url", "mongodb_url", "cassandra", "database_url",
)  # fmt: skip
"""Settings of servers that somebody else runs, and of tables there."""
TRUE = ("1", "true", "t", "yes", "y", "on")
"""How pydantic spells it."""


def outside(kind: type[BaseSettings], *read: PydanticBaseSettingsSource) -> tuple[PydanticBaseSettingsSource, ...]:
    """Those sources and the files of secrets; with AGORA_OWN_SERVERS none of them names a server elsewhere."""
    sources = (*read, _SecretFiles(kind))
    if variables(kind).get("AGORA_OWN_SERVERS", "").lower() not in TRUE:
        return sources
    return tuple(_NotElsewhere(kind, each) for each in sources)


class _NotElsewhere(PydanticBaseSettingsSource):
    """What another source says, without servers elsewhere."""

    def __init__(self, kind: type[BaseSettings], source: PydanticBaseSettingsSource) -> None:
        super().__init__(kind)
        self._source = source

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        return self._source.get_field_value(field, field_name)

    def __call__(self) -> dict[str, Any]:
        foreign = {each.lower() for name in ELSEWHERE for each in (name, *names_of(self.settings_cls, name))}
        return {name: value for name, value in self._source().items() if name.lower() not in foreign}


class _SecretFiles(PydanticBaseSettingsSource):
    """Values that AGORA_<NAME>_FILE names a file for, in the environment or in .env."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        return None, field_name, False

    def __call__(self) -> dict[str, Any]:
        return {name: text for name in secrets_of(self.settings_cls) if (text := self._text(name))}

    def _text(self, name: str) -> str:
        given = variables(self.settings_cls)
        for each in names_of(self.settings_cls, name):
            if path := given.get(f"{each}_FILE"):
                if given.get(each):
                    raise ValueError(f"{each} and {each}_FILE are both set; leave one of them out")
                return read_secret(f"{each}_FILE", Path(path))
        return ""


def variables(kind: type[BaseSettings]) -> dict[str, str]:
    """All variables, of .env and, standing over them, of the environment."""
    return {name.upper(): value for name, value in DotEnvSettingsSource(kind).env_vars.items() if value} | dict(os.environ)


def names_of(kind: type[BaseSettings], name: str) -> list[str]:
    """The variables that set a field."""
    alias = kind.model_fields[name].validation_alias
    return [str(choice) for choice in alias.choices] if isinstance(alias, AliasChoices) else [f"AGORA_{name.upper()}"]


def secrets_of(kind: type[BaseSettings]) -> list[str]:
    """The fields that may hold a password."""
    return [name for name, field in kind.model_fields.items() if not field.repr]


def passwords(chosen: BaseSettings) -> dict[str, str]:
    """What may hold a password, by its variables: the secret settings, and what docker compose and an object store take."""
    kind, given = type(chosen), variables(type(chosen))
    own = {" or ".join(names_of(kind, name)): getattr(chosen, name) for name in secrets_of(kind)}
    return own | {name: given.get(name, "") for name in COMPOSE_PASSWORDS}


def environment_of(chosen: BaseSettings) -> dict[str, str]:
    """This process's environment with the settings in it, for a process that starts in another folder; files of secrets stay files."""
    kind = type(chosen)
    given, found = variables(kind), dict(os.environ)
    for name in kind.model_fields:
        files = [f"{each}_FILE" for each in names_of(kind, name) if given.get(f"{each}_FILE")]
        found |= {file: str(Path(given[file]).absolute()) for file in files}
        if not files and getattr(chosen, name) not in (None, ""):
            found[f"AGORA_{name.upper()}"] = str(getattr(chosen, name))
    return found


def tell_the_clients(kind: type[BaseSettings]) -> None:
    """What .env says of the object store, where its clients look for it. They refuse an empty value, as compose files leave it."""
    given = variables(kind)
    for name in [name for name in given if name.startswith("AWS_")]:
        if given[name]:
            os.environ[name] = given[name]
        else:
            os.environ.pop(name, None)


def what_is_wrong(kind: type[BaseSettings], error: ValidationError) -> str:
    """Each variable with the rule that it breaks; a rule over several settings stands alone, without pydantic's heading."""
    return "; ".join(
        _told(kind, str(each["loc"][-1]), each["input"], each["msg"]) if each["loc"] else each["msg"].removeprefix("Value error, ")
        for each in error.errors()
    )


def _told(kind: type[BaseSettings], name: str, value: object, rule: str) -> str:
    """What is wrong with a setting; one that may hold a password is named without its value."""
    variable = name if name.isupper() else f"AGORA_{name.upper()}"
    secret = variable.removeprefix("AGORA_").lower() in secrets_of(kind)
    return f"{variable}: {rule}" if secret else f"{variable}={redacted(repr(value))}: {rule}"
