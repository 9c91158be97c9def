"""Runs the code of a notebook: its cells one after the other in one namespace, as a kernel does."""

from __future__ import annotations

import json
import sys
from pathlib import Path

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"


def cells(name: str) -> list[str]:
    """The code of each cell."""
    found = json.loads((NOTEBOOKS / name).read_text())["cells"]
    return ["".join(cell["source"]) for cell in found if cell["cell_type"] == "code"]


def execute(code: list[str]) -> dict[str, object]:
    """Run cells; the names that they leave."""
    names: dict[str, object] = {}
    for number, text in enumerate(code):
        exec(compile(text, f"cell {number}", "exec"), names)
    return names


if __name__ == "__main__":
    execute(cells(sys.argv[1]))
