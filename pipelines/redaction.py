"""What is kept out of logs and messages: passwords in addresses, and whatever is named as a secret."""

from __future__ import annotations

import re
from collections.abc import Mapping, MutableMapping
from typing import Any
from urllib.parse import urlsplit

HIDDEN = "***"
_LOGIN = re.compile(r"(?P<scheme>[a-zA-Z][a-zA-Z0-9+.-]*://)[^/?#\s'\"@]*:[^/?#\s'\"]*@")
_NAMED = re.compile(
    r"(?i)(?P<name>password|passwd|secret(?:_access_key)?|token|api_?key)(?P<sign>[\"']?\s*[=:]\s*)(?P<value>\"[^\"]*\"|'[^']*'|[^\s,;&)}\]]+)"
)
_KEY = re.compile(r"(?i)password|passwd|secret|token|api_?key|jaas")


def redacted(text: str) -> str:
    """The text without the logins of addresses, and without what stands behind password= and its like.

    >>> redacted("no answer from redis://agora:hunter2@db:6379/0")
    'no answer from redis://***@db:6379/0'
    >>> redacted("sasl.jaas.config=... username='a' password='hunter2';")
    "sasl.jaas.config=... username='a' password=***;"
    """
    return _NAMED.sub(rf"\g<name>\g<sign>{HIDDEN}", _LOGIN.sub(rf"\g<scheme>{HIDDEN}@", text))


def without_secrets(address: str) -> str:
    """The address without user, password and options, as it may be shown.

    >>> without_secrets("mongodb://me:hunter2@a:1,b:2/agora?authSource=admin")
    'mongodb://a:1,b:2/agora'
    """
    if "://" not in address:
        return address
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def redact_event(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A processor of structlog that takes secrets out of everything that a line says."""
    for key, value in event.items():
        event[key] = _shown(key, value)
    return event


def _shown(key: str, value: Any) -> Any:
    if _KEY.search(key) and value:
        return HIDDEN
    if isinstance(value, str):
        return redacted(value)
    if isinstance(value, Mapping):
        return {name: _shown(str(name), each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_shown("", each) for each in value]
    return value if isinstance(value, int | float | bool | None) else redacted(repr(value))
