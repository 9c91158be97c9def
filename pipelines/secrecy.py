"""Secrets: read from files, and refused where they are samples that everybody knows."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

SAMPLES = frozenset({
    "admin", "admin123", "administrator", "agora", "cassandra", "change-me", "change_me", "changeit", "changeme", "default", "elastic",
    "example", "foobared", "guest", "kafka", "letmein", "minioadmin", "mongo", "mongodb", "pass", "passw0rd", "password", "password1",
    "password123", "postgres", "postgresql", "qwerty", "redis", "replace-me", "replaceme", "root", "sample", "secret", "secret123", "test",
    "test123", "todo", "user", "xxx", "your-password", "your_password", "yourpassword", "1234", "12345", "123456", "12345678", "123456789",
})  # fmt: skip
"""Passwords of documentation, of images and of lists of the most frequent ones, in small letters."""


def read_secret(variable: str, path: Path) -> str:
    """The text of the file that a variable names, without the line's end. ValueError if it cannot be read or is empty."""
    try:
        text = path.expanduser().read_text().rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"{variable}={str(path)!r} cannot be read ({type(error).__name__}); name a file with the password alone") from None
    if not text:
        raise ValueError(f"{variable}={str(path)!r} is empty; write the password into it")
    return text


def password_of(value: str) -> str:
    """The password itself, of a setting that is one or a URL with one."""
    if "://" not in value:
        return value
    login, at, _ = urlsplit(value).netloc.rpartition("@")
    return unquote(login.partition(":")[2]) if at else ""


def is_sample(password: str) -> bool:
    """Whether everybody knows the password.

    >>> is_sample("ChangeMe"), is_sample("<password>"), is_sample("Jw8_oQ2-hT")
    (True, True, False)
    """
    return password.strip("<>{}[]$ ").lower() in SAMPLES


def refuse_samples(values: Mapping[str, str]) -> None:
    """ValueError that names the variables whose password is a sample; the values are not shown."""
    found = [variable for variable, value in values.items() if value and is_sample(password_of(value))]
    if found:
        raise ValueError(
            f"{', '.join(found)}: a sample password, which is refused with AGORA_MODE=production; "
            "set one of your own (`openssl rand -base64 24` makes one), best in a file that the variable with _FILE at its end names"
        )
