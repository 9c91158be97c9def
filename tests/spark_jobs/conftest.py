"""One Spark session for all tests of this folder that want one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pyspark.sql import SparkSession

from pipelines.settings import Settings
from spark_jobs import session as sessions


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    """A small local session."""
    settings = Settings(data_dir=tmp_path_factory.mktemp("spark"), spark_driver_memory="1g")
    session = sessions.build(settings, "agora-tests")
    yield session
    session.stop()
