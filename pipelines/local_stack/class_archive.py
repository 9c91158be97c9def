"""A class archive for the broker: Java loads its classes from it, which takes two thirds of the CPU time off a start.

Made once, by set-up, from a broker that starts and stops in a temporary folder. Java itself ignores an archive that another Java made.
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from pipelines.local_stack.kafka import KafkaServer, class_archive
from pipelines.settings import Settings, settings

DUMP_SECONDS = 120.0


def make(settings: Settings) -> Path:
    """Make the archive and return where it lies. Raises ServerError if the broker cannot be started."""
    archive = class_archive(settings)
    archive.unlink(missing_ok=True)
    with TemporaryDirectory(prefix="agora-classes-") as folder:
        own = settings.model_copy(update={"data_dir": Path(folder), "kafka_port": 0})
        server = KafkaServer(own, jvm_options=(f"-XX:ArchiveClassesAtExit={archive}",))
        try:
            server.start()
        finally:
            server.process.stop(DUMP_SECONDS)
    return archive


if __name__ == "__main__":
    sys.exit(0 if make(settings()).exists() else 1)
