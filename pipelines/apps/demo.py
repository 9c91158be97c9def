"""`agora demo`: the whole flow, live, then reconciled, on one page."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console
from rich.live import Live

from pipelines.apps.demo_meter import Meter
from pipelines.apps.demo_page import Page, page, sample_minutes
from pipelines.apps.demo_parts import Part, stop_all
from pipelines.apps.demo_view import DemoView
from pipelines.apps.errors import ExitCode, UserError
from pipelines.kafka_access import Principal, Servers
from pipelines.local_stack import stack
from pipelines.settings import Settings, settings
from pipelines.workers.broker_set_up import set_up_broker
from spark_jobs.ingest.status import read_status, status_path

app = typer.Typer(add_completion=False)
DRAWN_STEPS = 2_000
PATIENCE_S = 120.0
"""How long the stream may take to catch up once nothing more is published."""


@app.command()
def demo(
    worlds: Annotated[int, typer.Option("--worlds", min=1, help="Simulated markets.")] = 2,
    steps: Annotated[int, typer.Option("--steps", min=1, help="Steps of each, of 100 simulated ms.")] = 12_000,
    pace: Annotated[str, typer.Option("--pace", help="max, or a multiple of real time.")] = "400x",
    train_steps: Annotated[int, typer.Option("--train-steps", min=1, help="Environment steps of the learner.")] = 98_304,
    seed: Annotated[int, typer.Option("--seed", help="Root of all chance.")] = 0,
    keep: Annotated[bool, typer.Option("--keep", help="Leave broker and stream running.")] = False,
    json: Annotated[bool, typer.Option("--json", help="One compact line of JSON.")] = False,
) -> None:
    """Simulate, learn, stream, reconcile: the whole flow in two minutes.

    Examples:  [bold]agora demo[/bold]   [bold]agora demo --keep[/bold]   [bold]agora demo --seed 7 --worlds 4[/bold]
    """
    began, chosen, console = time.monotonic(), settings(), Console(stderr=True)
    simulate = ("simulate", "--worlds", str(worlds), "--workers", "1", "--steps", str(steps), "--pace", pace, "--seed", str(seed))
    train = ("train", "--steps", str(train_steps), "--seed", str(seed))
    with stack.running(chosen, keep=keep):
        set_up_broker(chosen)
        with metered(stack.broker(chosen, Principal.VIEWER)) as meter, streaming(chosen, keep):
            view = DemoView(meter, status_path(chosen.data_dir))
            with Live(view, console=console, refresh_per_second=4) as live:
                results = played(chosen, simulate, train)
                wait_until_caught_up(chosen)
                live.refresh()
        files = chosen.results_dir / results[0]["run_id"]
        proofs = proved(chosen, [result["run_id"] for result in results], drawn(chosen, files, min(steps, DRAWN_STEPS), seed))
        minutes = sample_minutes(chosen.lake_dir, results[0]["run_id"])
    found = Page(
        seconds=round(time.monotonic() - began, 1), simulation=results[0], training=results[1], proofs=proofs, minutes=minutes,
        files=str(files),
    )  # fmt: skip
    print(msgspec.json.encode(found).decode()) if json else page(found, chosen, keep)
    if not all(proof["ok"] for proof in proofs):
        raise typer.Exit(ExitCode.FAILED)


@contextmanager
def metered(broker: Servers) -> Iterator[Meter]:
    """A meter that counts meanwhile."""
    meter = Meter(broker)
    meter.start()
    try:
        yield meter
    finally:
        meter.stop()


@contextmanager
def streaming(chosen: Settings, keep: bool) -> Iterator[None]:
    """A following stream meanwhile; its last act is to refresh gold. One that runs already is used and left running."""
    status = read_status(status_path(chosen.data_dir))
    if status and status.state == "running" and time.time() - status.updated_at < 10:
        yield
        return
    part = Part.start("stream", chosen, "stream", "--follow")
    try:
        yield
    except BaseException:
        part.stop()
        raise
    if not keep:
        part.stop()


def played(chosen: Settings, *commands: tuple[str, ...]) -> list[dict[str, Any]]:
    """Run the commands side by side; their results. All are stopped if one fails or the user stops the demo."""
    parts = [Part.start(words[0], chosen, *words) for words in commands]
    try:
        while any(part.running for part in parts):
            for part in parts:
                part.check()
            time.sleep(0.2)
        return [part.result() for part in parts]
    except KeyboardInterrupt:
        print("stopping; every part finishes what it has begun", file=sys.stderr)
        raise
    finally:
        stop_all(parts)


def wait_until_caught_up(chosen: Settings) -> None:
    """Wait until the stream has read what is on the topics now. Raises UserError if it fails or takes too long."""
    ended = time.time()
    while time.time() < ended + PATIENCE_S:
        status = read_status(status_path(chosen.data_dir))
        if status and status.state == "failed":
            raise UserError(f"the stream failed: {status.error}", f"see {chosen.data_dir / 'demo' / 'stream.log'}")
        if status and status.checked_at > ended + 0.5 and status.caught_up:
            return
        time.sleep(0.2)
    raise UserError(f"the stream did not catch up within {PATIENCE_S:.0f} s", "go on with: agora stream --once")


def drawn(chosen: Settings, files: Path, steps: int, seed: int) -> Part:
    """The first steps of the first market once more, as CSV files and charts."""
    return Part.start("csv", chosen, "simulate", "--to", "csv", "--steps", str(steps), "--seed", str(seed), results=files)


def proved(chosen: Settings, run_ids: list[str], beside: Part) -> list[dict[str, Any]]:
    """What `agora verify` finds of each run; a difference is a result, not an error. Ends with the part that runs beside."""
    parts = [Part.start(f"verify-{run_id}", chosen, "verify", "--run", run_id) for run_id in run_ids]
    try:
        proofs = [part.result((ExitCode.DONE, ExitCode.FAILED)) for part in parts]
        beside.result()
        return proofs
    finally:
        stop_all([*parts, beside])
