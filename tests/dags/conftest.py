"""The DAGs run in Airflow's environment, which has none of the project's packages; the rest of their tests run in the project's."""

from __future__ import annotations

import os
import tempfile
from importlib.util import find_spec
from pathlib import Path

if find_spec("airflow") is None:
    collect_ignore = ["test_structure.py", "test_run.py"]
else:
    collect_ignore = ["test_commands.py", "test_page.py"]
    os.environ |= {  # Airflow reads them when it is first imported
        "AIRFLOW_HOME": tempfile.mkdtemp(prefix="airflow-"),
        "AIRFLOW__CORE__DAGS_FOLDER": str(Path(__file__).parents[2] / "dags"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__LOGGING__LOGGING_LEVEL": "INFO",
    }

    import pytest
    from airflow.dag_processing.dagbag import BundleDagBag

    @pytest.fixture(scope="session")
    def dags() -> BundleDagBag:
        """The DAGs of the project, read as Airflow does, beside an empty database."""
        from airflow.utils.db import initdb

        initdb()
        folder = Path(os.environ["AIRFLOW__CORE__DAGS_FOLDER"])
        return BundleDagBag(folder, bundle_path=folder, bundle_name="dags-folder")
