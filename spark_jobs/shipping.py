"""What executors of a Spark master elsewhere get with each application: this version's own code, and the jars.

They need no more than a Python with the packages of requirements/runtime.txt, and see the folders of the data where the driver sees them.
"""

from __future__ import annotations

import tarfile
from pathlib import Path

PROJECT = Path(__file__).parents[1]
PACKAGES = ("pipelines", "simulator", "spark_jobs")
UNPACKED = "agora"  # the folder below an executor's own in which Spark unpacks the archive


def is_elsewhere(master: str) -> bool:
    """Whether a Spark master's address leads out of this process."""
    return not master.startswith("local")


def shipment(scratch: Path, jars: Path) -> dict[str, str]:
    """Spark settings that send code and jars along.

    An archive and not `spark.submit.pyFiles`: numba keeps what it compiles beside a module, which it can't in a zip file.
    """
    archive = pack(scratch / "code.tar.gz")
    return {
        "spark.archives": f"{archive}#{UNPACKED}",
        "spark.executorEnv.PYTHONPATH": UNPACKED,
        "spark.jars": ",".join(str(jar) for jar in sorted(jars.glob("*.jar"))),
    }


def pack(into: Path) -> Path:
    """Write the project's own packages, sources only, into a gzipped tar file."""
    half = into.with_name(f".{into.name}.half")
    with tarfile.open(half, "w:gz", compresslevel=1) as archive:
        for name in PACKAGES:
            archive.add(PROJECT / name, arcname=name, filter=_wanted)
    return half.replace(into)


def _wanted(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
    return None if member.name.rpartition("/")[2] == "__pycache__" else member
