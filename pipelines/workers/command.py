"""`agora` as a process of its own, as a user would start it: what the demo, the storm and the benchmarks are made of."""

from __future__ import annotations

import sys
from pathlib import Path

AGORA = (sys.executable, "-m", "pipelines.apps.main")


def agora(*words: str, data_dir: Path | None = None, results_dir: Path | None = None) -> list[str]:
    """The command line of a verb; with folders other than those that the settings name.

    >>> agora("stream", "--once", data_dir=Path("elsewhere"))[:2]
    ['env', 'AGORA_DATA_DIR=elsewhere']
    """
    folders = {"AGORA_DATA_DIR": data_dir, "AGORA_RESULTS_DIR": results_dir}
    settings = [f"{name}={folder}" for name, folder in folders.items() if folder is not None]
    return [*(["env", *settings] if settings else []), *AGORA, *words]
