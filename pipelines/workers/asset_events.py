"""A stream tells Airflow of each new version of the silver tables, so that what listens to the asset begins.

Once per version: what was told last is asked of Airflow itself, so that neither a restarted stream nor a second one tells it again. An
event says which version each table has and which runs have new files since the event before. Airflow away is a warning, once for as long
as it lasts, and never the stream's trouble: the next look tells of everything since, be it that of the next stream.

Airflow 3.3 answers 500 to who asks for events while a run that one of them has begun is queued, which it may be for as long as the run
before goes on. So it is asked once by each stream, and the last look of a stream asks again for some seconds.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pyarrow as pa
import structlog
from deltalake import DeltaTable
from deltalake.exceptions import DeltaError

from pipelines.local_stack.airflow_api import AirflowApi, AirflowError
from pipelines.local_stack.airflow_server import AirflowServer
from pipelines.places import Place, is_table
from pipelines.settings import Settings
from spark_jobs.catalog import SILVER

log = structlog.get_logger(__name__)
URI = "agora://lake/silver"
LOOK_S = 30.0
LAST_LOOK_S, AGAIN_S = 20.0, 1.0
"""How long the end of a stream waits for an Airflow that takes connections and does not answer, and how often it asks one in trouble."""
IN_TROUBLE = 500
UNTOLD = "Airflow was not told of new silver"
LOCAL = "local"
SEARCHED = 100
"""Events among which the last one of a lake is looked for; those of DAGs are among them."""


class SilverNews:
    """Tells one Airflow of one lake.

    Parameters
    ----------
    api : of that Airflow.
    lake : Settings.lake_dir.
    """

    def __init__(self, api: AirflowApi, lake: Place) -> None:
        self._api, self._lake = api, lake
        self._told: Mapping[str, Any] | None = None

    def tell(self) -> bool:
        """Post an event if silver has a version that was not told; whether it did. Raises AirflowError."""
        tables = {table.name: DeltaTable(str(table.path(self._lake))) for table in SILVER if is_table(table.path(self._lake))}
        versions = {name: table.version() for name, table in tables.items()}
        if not versions or (self._told and self._told["versions"] == versions):
            return False
        asset = self._api.asset_id(URI)
        if asset is None:
            raise AirflowError(f"Airflow at {self._api.place} knows no asset {URI}; it has not read the project's DAGs yet")
        self._told = self._told or self._last(asset)
        if self._told.get("versions") == versions:
            return False
        runs, until = news(tables, int(self._told.get("until_ms", 0)))
        extra = {"lake": str(self._lake), "versions": versions, "runs": runs, "until_ms": until}
        self._api.post("assets/events", {"asset_id": asset, "extra": extra})
        self._told = extra
        return True

    def _last(self, asset: int) -> Mapping[str, Any]:
        """What was told last of this lake."""
        events = self._api.get(f"assets/events?asset_id={asset}&order_by=-timestamp&limit={SEARCHED}")["asset_events"]
        return next((event["extra"] for event in events if event["extra"].get("lake") == str(self._lake)), {})


def news(tables: Mapping[str, DeltaTable], since_ms: int) -> tuple[list[str], int]:
    """The runs that have files written after an instant (ms since 1970), and the instant of the newest file."""
    runs, newest = set(), since_ms
    for table in tables.values():
        files = pa.table(table.get_add_actions(flatten=True))
        for run, written in zip(files["partition.run_id"].to_pylist(), files["modification_time"].to_pylist(), strict=True):
            at = int(written)
            newest = max(newest, at)
            if at > since_ms:
                runs.add(str(run))
    return sorted(runs), newest


@contextmanager
def telling(settings: Settings) -> Iterator[None]:
    """Tell the Airflow of the settings as long as this lasts, and once more at its end; nothing happens if they name none."""
    if not settings.airflow_url:
        yield
        return
    url = AirflowServer(settings).url() if settings.airflow_url == LOCAL else settings.airflow_url
    told, stop = SilverNews(AirflowApi(url), settings.lake_dir), threading.Event()
    thread = threading.Thread(target=_look, args=[told, stop], daemon=True, name="asset-events")
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(LAST_LOOK_S)
        if thread.is_alive():
            log.warning(UNTOLD, error=f"no answer in {LAST_LOOK_S:.0f} s; the next stream will tell of it")


def _look(told: SilverNews, stop: threading.Event) -> None:
    wrong = ""
    while True:
        ending = stop.wait(LOOK_S)
        until = time.monotonic() + LAST_LOOK_S
        now, again = _told(told)
        while ending and again and time.monotonic() < until:
            time.sleep(AGAIN_S)
            now, again = _told(told)
        if now and now != wrong:
            log.warning(UNTOLD, error=now)
        wrong = now
        if ending:
            return


def _told(told: SilverNews) -> tuple[str, bool]:
    """Try it; what is wrong, and whether Airflow is there and in trouble, so that it is worth while to ask it again soon."""
    try:
        if told.tell():
            log.info("Airflow was told of new silver")
    except (AirflowError, DeltaError, OSError, ValueError) as error:
        return str(error), isinstance(error, AirflowError) and error.status >= IN_TROUBLE
    return "", False
