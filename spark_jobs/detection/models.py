"""The models of detectors: those that come with the product, or a folder of others."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources
from pathlib import Path

from spark_jobs.detection.forest import Forest
from spark_jobs.detection.kinds import KINDS

SHIPPED = Path(str(resources.files("spark_jobs.detection"))) / "models"


def model_path(kind: str, folder: Path | None = None) -> Path:
    """Where the model of a kind lies."""
    return (folder or SHIPPED) / f"{kind}.npz"


def read_model(path: Path, kind: str) -> Forest:
    """The model of a kind. Raises ValueError for one that is missing, of another kind, or of other features than those of today."""
    forest = Forest.load(path)
    if forest.about.get("kind") != kind:
        raise ValueError(f"{path} is a model of {forest.about.get('kind')}, not {kind}; name the kind that it is of")
    if forest.features != KINDS[kind].features:
        raise ValueError(f"{path} looks at other features than this version computes; make it anew: agora detect train --kind {kind}")
    return forest


def present_models(promoted: Path) -> Mapping[str, Forest]:
    """The models that come with the product, or instead of them those in a folder of promoted ones. Raises as read_models."""
    return {**read_models(), **(read_models(promoted) if any(promoted.glob("*.npz")) else {})}


def read_models(folder: Path | None = None) -> Mapping[str, Forest]:
    """The models of a folder by kind, or those that come with the product.

    Raises ValueError for a file that is no model of its kind, and for a folder without any.
    """
    if folder is None:
        return {kind: read_model(model_path(kind), kind) for kind in KINDS}
    found = sorted(folder.glob("*.npz"))
    unknown = [path.name for path in found if path.stem not in KINDS]
    if unknown or not found:
        what = f"{unknown[0]} names no kind of manipulation" if unknown else "there is no model in it"
        raise ValueError(f"{folder} cannot be used: {what}; put models there that are called KIND.npz, of {', '.join(KINDS)}")
    return {path.stem: read_model(path, path.stem) for path in found}
