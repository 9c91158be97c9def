"""Look whether detectors still see what they learned from, train anew those that do not, and take a refit only if it is better.

    asked    -                      the kinds that are looked at
    drift    agora detect drift     one mapped task a kind: features and scores of the latest runs against those learned from (ADWIN)
    kinds    -                      the kinds that have drifted, or all with `always`
    refit    agora detect refit     one mapped task such a kind, one after the other: trains a model, compares it with the present one on
                                    held-back runs, and promotes it if the whole 95 % interval of the difference in F1 lies above zero and
                                    it raises no more false alerts
    check    agora detect models    each promoted model is there and unchanged

When: weekly; by hand with `always` to train without a drift.
Parameters: kinds of manipulation; how many of the latest runs are looked at; runs to learn from, the first of their seeds, runs that choose
the threshold and that decide; always (false).
Results: `drift` gives the series that changed with their means, `refit` the decision with its interval. Every decision is a row of the
table promotions under detector/KIND. A promoted model lies in models/ of the data folder; a stream takes it at its next start.
Re-running: harmless; the same refit against the same model on the same runs is one decision, made once.
"""

from typing import Any

from airflow.sdk import Param, dag, task
from bridge import CONVENTIONS, CPU, command

COMMANDS = {
    "drift": "agora detect drift --kind {{ kind }} --latest {{ params.latest }} --reference {{ params.reference }} --json",
    "refit": (
        "agora detect refit --kind {{ kind }} --runs {{ params.runs }} --first-seed {{ params.first_seed }} "
        "--held-out {{ params.held_out }} --clean {{ params.held_out }} --judged {{ params.judged }} "
        "--precision {{ params.precision }} --json"
    ),
    "check": "agora detect models --json",
}
KINDS = [
    "spoofing", "quote_stuffing", "wash_trading", "momentum_ignition", "pump_and_dump", "marking_the_close", "front_running", "cartel",
    "sybil_reputation",
]  # fmt: skip


@task
def asked(params: dict[str, Any]) -> list[str]:
    """The kinds that are looked at."""
    return list(params["kinds"])


@task
def kinds(found: list[dict[str, Any]], params: dict[str, Any]) -> list[str]:
    """Those that are trained anew."""
    return [each["kind"] for each in found if each["drifted"] or params["always"]]


@dag(
    schedule="@weekly",
    tags=["agora", "detection"],
    doc_md=__doc__,
    params={
        "kinds": Param(KINDS, type="array", minItems=1, items={"enum": KINDS}, description="Kinds of manipulation"),
        "latest": Param(10, type="integer", minimum=1, description="How many of the latest runs are looked at"),
        "reference": Param(6, type="integer", minimum=1, description="Runs of those learned from, to compare with"),
        "runs": Param(60, type="integer", minimum=1, description="Runs to learn from"),
        "first_seed": Param(0, type="integer", minimum=0, description="The first of their seeds"),
        "held_out": Param(16, type="integer", minimum=1, description="Runs, and as many clean ones, that choose the threshold"),
        "judged": Param(20, type="integer", minimum=2, description="Held-back runs, and as many clean ones, that decide"),
        "precision": Param(0, type="number", minimum=0, maximum=1, description="That a refit must reach; 0: the kind's own"),
        "always": Param(False, type="boolean", description="Train also what has not drifted"),
    },
    **CONVENTIONS,
)
def refit_detectors() -> None:
    """Look, then train what needs it."""
    drift = command(COMMANDS, "drift", minutes=60, pool=CPU).expand(kind=asked())
    refit = command(COMMANDS, "refit", minutes=600, pool=CPU, max_active_tis_per_dag=1).expand(kind=kinds(drift))
    refit >> command(COMMANDS, "check", minutes=10, trigger_rule="none_failed")()


refit_detectors()
