"""A run's detections as one page: what was raised, how right it was where the truth is known, and the orders that show it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from html import escape
from typing import NamedTuple

import pyarrow.compute as pc

from pipelines.places import Place
from pipelines.workers.detecting import pictures
from pipelines.workers.detecting.recorded import Alert, alerts_of, known_markets, truth_of
from pipelines.workers.page import Chart, drawn, table
from spark_jobs.detection.columns import Orders
from spark_jobs.detection.public_rows import Market, public_of, rows_of
from spark_jobs.detection.scoring import Incident, Share, matched, wilson

SHOWN = 2  # pictures of each sort and kind in a market
MARKETS = 4  # with pictures
_FEATURES = 6  # told of an alert


class Found(NamedTuple):
    """A market with what was raised there. places : for each alert that of its episode, -1 for a false one; None without labels."""

    market: Market
    alerts: list[Alert]
    truth: list[Incident] | None
    places: list[int]

    def missed(self, kind: str = "") -> list[Incident]:
        """Episodes that no alert tells of, of a kind or of all that were looked for."""
        told = set(self.places)
        return [each for place, each in enumerate(self.truth or []) if place not in told and kind in ("", each.kind)]


def found_in(lake: Place, run_id: str) -> list[Found]:
    """All markets of a run."""
    return [_found(lake, market) for market in known_markets(lake, run_id)]


def _found(lake: Place, market: Market) -> Found:
    alerts, truth = alerts_of(lake, market), truth_of(lake, market)
    return Found(market, alerts, truth, matched([alert.incident for alert in alerts], truth or []))


def parts(lake: Place, run_id: str) -> Iterator[str]:
    """The page from top to bottom. Raises ValueError for a run that is not in the lake."""
    found = found_in(lake, run_id)
    hours, alerts = sum(each.market.hours for each in found), sum(len(each.alerts) for each in found)
    many = "1 market" if len(found) == 1 else f"{len(found)} markets"
    yield f"<p>Run {escape(run_id)}: {many}, {hours:.2f} hours of simulated time, {alerts:,} alerts.</p>"
    yield from figures(found)
    yield groups(lake, run_id)
    for each in found[:MARKETS]:
        yield from market_parts(lake, each)
    if len(found) > MARKETS:
        yield f'<p class="soft">{len(found) - MARKETS} more markets have no pictures here; gold.alerts has all of their alerts.</p>'


def figures(found: Sequence[Found]) -> Iterator[str]:
    """What was raised by kind, and how right it was."""
    labelled = [each for each in found if each.truth is not None]
    if not labelled:
        yield '<p class="warning" role="note">The labels of this run were not read, so nobody can say what is right: '
        yield "<code>agora stream --once --labels</code> reads them.</p>"
    raised = {alert.incident.kind for each in found for alert in each.alerts}
    kinds = sorted(raised | {one.kind for each in labelled for one in each.truth or []})
    rows = [([kind, *_cells(kind, found, bool(labelled))], False) for kind in kinds]
    head = ["kind", "alerts", "episodes", "precision", "recall", "delay, half", "delay, 95 %"]
    yield "<h2>What was found</h2>"
    yield table("Alerts against the truth; intervals at 95 % by Wilson; delays from an episode's begin, simulated", head, rows)


def _cells(kind: str, found: Sequence[Found], labelled: bool) -> list[str]:
    alerts = [
        (each, place, alert) for each in found for alert, place in zip(each.alerts, each.places, strict=True) if alert.incident.kind == kind
    ]
    if not labelled:
        return [f"{len(alerts):,}", *(["–"] * 5)]
    episodes = sum(one.kind == kind for each in found for one in each.truth or [])
    right = [(each, alert, (each.truth or [])[place]) for each, place, alert in alerts if place >= 0]
    waits = sorted((alert.incident.raised_step - one.first_step) * each.market.step_seconds for each, alert, one in right)
    delays = [f"{waits[int(len(waits) * share)]:.1f} s" if waits else "–" for share in (0.5, 0.95)]
    return [f"{len(alerts):,}", f"{episodes:,}", shown(wilson(len(right), len(alerts))), shown(wilson(len(right), episodes)), *delays]


def groups(lake: Place, run_id: str) -> str:
    """Who behaved alike in the last window of gold.agent_clusters, and what makes each group different; nothing where there is none yet."""
    rows = rows_of(lake, "gold/agent_clusters", run_id, ["window", "cluster", "card"])
    if rows is None or not rows.num_rows:
        return ""
    window = pc.max(rows.column("window"))
    cards = {row["cluster"]: row["card"] for row in rows.filter(pc.equal(rows.column("window"), window)).to_pylist()}
    sizes = Counter(rows.filter(pc.equal(rows.column("window"), window)).column("cluster").to_pylist())
    told = [([str(number), str(count), cards[number]], False) for number, count in sizes.most_common()]
    head = ["group", "agents", "what makes it different"]
    return "<h2>Who behaves alike</h2>" + table(f"Groups of agents in window {window}, found without labels", head, told)


def shown(share: Share) -> str:
    """A share with its interval."""
    return f"{share.value:.3f} ({share.low:.3f} to {share.high:.3f})" if share.value == share.value else "–"


def market_parts(lake: Place, found: Found) -> Iterator[str]:
    """Prices, and pictures of the alerts of each kind that are most certain, of false ones, and of episodes that were missed."""
    market, orders = found.market, public_of(lake, found.market).orders
    title = f"{market.name}, world {market.world_id}"
    yield f"<h2>{escape(title)}</h2>"
    said = f"The price of {title} over {market.steps:,} steps with {len(found.alerts)} alerts"
    figure = pictures.prices(orders, [alert.incident for alert in found.alerts], found.missed())
    yield drawn(Chart(f"prices-{market.world_id}-{market.symbol}", "Trades and alerts", said, figure))
    for kind in sorted({alert.incident.kind for alert in found.alerts} | {each.kind for each in found.missed()}):
        charts = [*_alert_charts(found, orders, kind), *_missed_charts(found, orders, kind)]
        yield f'<h3>{escape(kind.replace("_", " "))}</h3><div class="charts">{"".join(charts)}</div>'


def _alert_charts(found: Found, orders: Orders, kind: str) -> Iterator[str]:
    """The most certain alerts, and the most certain of those that are false."""
    ranked = sorted(zip(found.alerts, found.places, strict=True), key=lambda each: -each[0].incident.score)
    here = [(alert, place) for alert, place in ranked if alert.incident.kind == kind and alert.incident.agents]
    false = [(alert, place) for alert, place in here if place < 0 and found.truth is not None]
    right = [each for each in here if each not in false]
    for alert, place in right[:SHOWN] + false[:SHOWN]:
        verdict = "" if found.truth is None else ", right" if place >= 0 else ", false"
        one = alert.incident
        title = f"Agents {_names(one)}, steps {one.first_step} to {one.last_step}: score {one.score:.2f}{verdict}"
        figure = pictures.episode(orders, one.agents, one.first_step, one.last_step)
        yield drawn(Chart(f"alert-{alert.alert_id}", title, title, figure), _told(alert))


def _missed_charts(found: Found, orders: Orders, kind: str) -> Iterator[str]:
    for number, one in enumerate(found.missed(kind)[:SHOWN]):
        title = f"Missed: agents {_names(one)}, steps {one.first_step} to {one.last_step}"
        figure = pictures.episode(orders, one.agents, one.first_step, one.last_step)
        yield drawn(Chart(f"missed-{kind}-{found.market.world_id}-{number}", title, f"{title}, which no alert tells of", figure))


def _names(incident: Incident) -> str:
    return ", ".join(map(str, sorted(incident.agents)))


def _told(alert: Alert) -> str:
    """The first features, which say most of what it looked like, and how many orders go with it."""
    features = list(alert.evidence.get("features", {}).items())[:_FEATURES]
    said = ", ".join(f"{name.replace('_', ' ')} {value:g}" for name, value in features)
    return f"{said}; {len(alert.evidence.get('orders', []))} orders as evidence, alert {alert.alert_id}"
