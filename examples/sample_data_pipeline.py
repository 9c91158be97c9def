"""Sample data through the whole pipeline in one call: simulated, published to Kafka, streamed into Delta tables, compared.

    python -c "from examples.sample_data_pipeline import create_sample_data_pipeline; create_sample_data_pipeline()"

It adds a run to the tables of AGORA_DATA_DIR; each step is a command that can be typed as well. `agora demo` shows the same with a learner.
"""

from __future__ import annotations

import json
import subprocess
from typing import Any

from pipelines.workers.command import agora


def create_sample_data_pipeline(scenario: str = "balanced", worlds: int = 2, steps: int = 2000, seed: int = 0) -> dict[str, int]:
    """Make a run, bring it into the tables, and return how many rows each table has.

    The local broker is started if none runs; `agora stack down` stops it. Raises subprocess.CalledProcessError if a command fails or an
    event is missing in Kafka or a table.
    """
    sizes = ("--worlds", str(worlds), "--steps", str(steps), "--seed", str(seed))
    run_id = told("simulate", "--scenario", scenario, *sizes)["run_id"]
    told("stream", "--once")
    told("verify", "--run", run_id)
    rows = {one["table"]: one["rows"] for one in told("tables")["tables"]}
    print(f"run {run_id} is complete in Kafka and in every table; rows of all runs:")
    for table, count in rows.items():
        print(f"{count:>12,}  {table}")
    return rows


def told(*words: str) -> Any:
    """What a command of ours prints with --json."""
    return json.loads(subprocess.run(agora(*words, "--json"), stdout=subprocess.PIPE, text=True, check=True).stdout)


if __name__ == "__main__":
    create_sample_data_pipeline()
