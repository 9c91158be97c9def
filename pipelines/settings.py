"""Settings: where things lie and how the processes are sized. The only place that reads environment variables.

Every field can be set as AGORA_<NAME> in the environment or in a file .env in the current folder; .env.example lists them.
Pass the object as an argument; nothing reads settings when it is imported.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

from pydantic import AliasChoices, Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

PROJECT_DIR = Path(__file__).resolve().parents[1]
MEMORY = r"^[1-9][0-9]*[mg]$"
ADDRESSES = r"[^:,\s]+:[0-9]+(,[^:,\s]+:[0-9]+)*"


class Settings(BaseSettings):
    """What can be set. Frozen; relative folders become absolute when the object is made."""

    model_config = SettingsConfigDict(
        env_prefix="AGORA_", env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True, populate_by_name=True
    )

    data_dir: Path = Path(".agora")
    """Runs, checkpoints, tables and the local servers' data."""

    results_dir: Path = Path("results")
    """CSV files and charts."""

    jars_dir: Path = PROJECT_DIR / "jars"
    """The folder whose lib/kafka and lib/spark hold what `make setup` fetched."""

    broker: str = ""
    """Addresses host:port of an existing Kafka cluster; empty: the local broker."""

    kafka_port: int = Field(0, ge=0, le=65535)
    """Port of the local broker; 0: a free one, remembered in the data folder."""

    kafka_heap: str = Field("512m", pattern=MEMORY)
    """Heap of the local broker."""

    spark_master: str = "local[2]"
    """Where Spark runs."""

    spark_driver_memory: str = Field("2g", pattern=MEMORY)
    """Heap of the Spark driver, which is all of Spark in local mode."""

    spark_ui_port: int = Field(0, ge=0, le=65535)
    """Port of Spark's own web page; 0: none."""

    java_home: Path | None = Field(None, validation_alias=AliasChoices("AGORA_JAVA_HOME", "JAVA_HOME"))
    """A Java 17 or later; unset: the `java` on the path."""

    start_timeout: float = Field(60.0, gt=0)
    """Seconds that a local server may take until it answers."""

    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """What is logged, on standard error."""

    @field_validator("data_dir", "results_dir", "jars_dir", mode="after")
    @classmethod
    def _absolute(cls, path: Path) -> Path:
        return path.expanduser().absolute()

    @field_validator("broker", mode="after")
    @classmethod
    def _addresses(cls, broker: str) -> str:
        if broker and not re.fullmatch(ADDRESSES, broker):
            raise ValueError("must be host:port, several of them separated by commas")
        return broker

    @property
    def lake_dir(self) -> Path:
        """The Delta tables."""
        return self.data_dir / "lake"

    @property
    def runs_dir(self) -> Path:
        """One folder per run."""
        return self.data_dir / "runs"

    @property
    def checkpoints_dir(self) -> Path:
        """What Spark's queries and the trainings save to go on from."""
        return self.data_dir / "checkpoints"

    @property
    def stack_dir(self) -> Path:
        """The local servers' data, logs and process ids."""
        return self.data_dir / "stack"

    @property
    def sinks_dir(self) -> Path:
        """What the sinks say of themselves, and their locks."""
        return self.data_dir / "sinks"

    @property
    def kafka_jars(self) -> Path:
        """The local broker's jars; never on Spark's class path."""
        return self.jars_dir / "lib" / "kafka"

    @property
    def spark_jars(self) -> Path:
        """What Spark needs beyond pyspark."""
        return self.jars_dir / "lib" / "spark"


def settings() -> Settings:
    """The settings of this process: the environment, then .env, then the defaults. Raises ValueError, naming the variable and its rule."""
    try:
        return Settings()
    except ValidationError as error:
        wrong = [f"AGORA_{str(e['loc'][-1]).upper()}={e['input']!r}: {e['msg']}" for e in error.errors()]
        raise ValueError(f"{'; '.join(wrong)}; see .env.example for what can be set") from error
