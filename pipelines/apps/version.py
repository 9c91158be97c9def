"""`agora version`: the version of the program and of what it stands on."""

from __future__ import annotations

import json as json_text
import platform
from importlib.metadata import version as version_of
from typing import Annotated

import typer

PARTS = ("numpy", "numba", "kafka-python", "pyspark", "delta-spark", "deltalake")


def version(json: Annotated[bool, typer.Option("--json", help="One compact line of JSON.")] = False) -> None:
    """Print the version.

    Examples:  [bold]agora version[/bold]   [bold]agora version --json[/bold]
    """
    versions = {"agora": version_of("agora"), "python": platform.python_version(), **{part: version_of(part) for part in PARTS}}
    if json:
        print(json_text.dumps(versions, separators=(",", ":")))
    else:
        print(f"agora {versions.pop('agora')} ({', '.join(f'{name} {number}' for name, number in versions.items())})")
