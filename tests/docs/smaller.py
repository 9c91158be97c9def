"""What in README, the quick start and the tutorials is not run word for word: what is run with smaller sizes, and what no test runs.

Everything else in their blocks of `bash` and `sh` is run as it stands: a new block is run unless it is named here.
"""

from __future__ import annotations

Named = dict[str, dict[str, str]]

SMALLER: Named = {
    "README.md": {
        "make demo ": "agora demo --worlds 1 --steps 400 --pace max --train-steps 2048 ",
        "--worlds 4 --steps 20000": "--worlds 2 --steps 400",
        "--steps 100000": "--steps 2048",
    },
    "docs/quick_start.md": {
        "agora simulate --to csv ": "agora simulate --to csv --steps 400 ",
        "--worlds 2 --steps 2000": "--worlds 2 --steps 500",
        "create_sample_data_pipeline()": "create_sample_data_pipeline(steps=500)",
    },
    "docs/tutorials/researcher.md": {
        "--seeds 5 --workers 2": "--seeds 2 --workers 2 --steps 2048",
        "--steps 1000000": "--steps 16384",
        "--objective risk=0.2": "--objective risk=0.2 --steps 2048",
        "agora evaluate $RUN  ": "agora evaluate $RUN --seeds 2 --episodes 1  ",
        "--scenario financial_market": "--scenario financial_market --seeds 2 --episodes 1",
        "--episodes 200": "--seeds 2 --episodes 2",
    },
    "docs/tutorials/engineer.md": {"agora top  ": "agora top --once  "},
}
"""Page -> words of its blocks -> what is run in their place."""

NOT_RUN: Named = {
    "README.md": {"make test ": "runs this test"},
    "docs/quick_start.md": {
        "make demo": "README's first block",
        "python3 -m venv .venv": "installs everything once more, as do the next four; `make setup` takes these steps wherever tests run",
        ".venv/bin/pip install --no-deps --require-hashes ": "see venv",
        ".venv/bin/pip install -r ": "see venv",
        ".venv/bin/pip install --no-deps --editable ": "see venv",
        ".ci/setup jars kafka ": "see venv",
    },
    "docs/tutorials/analyst.md": {
        "agora detect score --kind spoofing --runs 12 ": "takes minutes; tests/pipelines/apps/test_detect.py has four"
    },
    "docs/tutorials/engineer.md": {
        "agora chaos --kills 5 ": "a storm takes minutes; tests/flow/test_storm.py has one",
        "agora tables serve": "goes on until Ctrl-C; tests/flow/test_tables.py asks it",
        "agora airflow ": "takes a minute to start; tests/flow/test_airflow.py does it",
        "docker compose ": "no container engine where tests run; tests/flow/test_compose.py runs the services without one",
    },
}
"""Page -> how a command begins -> why no test of the page runs it."""
