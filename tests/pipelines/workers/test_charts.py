"""Charts: drawn from the CSV files, for a few agents and for many."""

from __future__ import annotations

from pathlib import Path

import matplotlib.image
import pytest

from pipelines.workers.charts import draw_charts

pytestmark = pytest.mark.slow


def write_logs(folder: Path, steps: int, agents: list[str]) -> None:
    folder.mkdir()
    prices = [f"{step},{100 + step % 7},{99 + step % 7},{101 + step % 7}" for step in range(steps)]
    (folder / "prices.csv").write_text("\n".join(["step,mid_price,best_bid,best_ask", "0,100,,", *prices[1:]]) + "\n")
    pnl = [f"{step},{name},{place - step % 5},0,{place * 10 + step % 9}" for step in range(steps) for place, name in enumerate(agents)]
    (folder / "pnl.csv").write_text("\n".join(["step,agent_id,inventory,cash,total_value", *pnl]) + "\n")


@pytest.mark.parametrize(("steps", "agents"), [(50, 3), (4100, 2), (60, 20)])
def test_three_charts_are_drawn(tmp_path: Path, steps: int, agents: int) -> None:
    write_logs(tmp_path / "logs", steps, [f"{'MM' if number % 2 else 'Trend'}_{number:02d}" for number in range(agents)])
    drawn = draw_charts(tmp_path / "logs", tmp_path / "charts", steps)
    assert [path.name for path in drawn] == ["price_history.png", "pnl.png", "inventory.png"]
    for path in drawn:
        assert matplotlib.image.imread(path).std() > 0.05  # not an empty page


def test_every_further_symbol_has_a_chart_of_its_own(tmp_path: Path) -> None:
    write_logs(tmp_path / "logs", 30, ["MM_01"])
    (tmp_path / "logs" / "prices_XYZ.csv").write_bytes((tmp_path / "logs" / "prices.csv").read_bytes())
    drawn = draw_charts(tmp_path / "logs", tmp_path / "charts", 30)
    assert [path.name for path in drawn] == [
        "price_history.png", "price_history_XYZ.png", "prices_compared.png", "pnl.png", "inventory.png",
    ]  # fmt: skip


BEYOND = {
    "resources": ["step,produced,consumed,lacked,perished", *(f"{step},{step % 5},3,{step % 2},0" for step in range(50))],
    "negotiations": ["step,event", "3,offered", "7,delivered", "9,defaulted", "30,sold"],
    "standing": ["step,agent_id,reputation,alliance", "0,Buyer_01,0.5,-1", "20,Buyer_01,0.7,-1", "30,Seller_01,0.3,0"],
    "messages": ["step,kind,value_1,value_2,value_3,value_4", "4,gossip,1,800000,5,0", "9,gossip,2,640000,5,0", "40,shared,2,0,90,0"],
    "interventions": ["step,event", "9,fined", "30,suspended"],
}


def test_what_happens_beside_trading_has_a_chart_each(tmp_path: Path) -> None:
    write_logs(tmp_path / "logs", 50, ["MM_01"])
    for name, lines in BEYOND.items():
        (tmp_path / "logs" / f"{name}.csv").write_text("\n".join(lines) + "\n")
    drawn = draw_charts(tmp_path / "logs", tmp_path / "charts", 50)[3:]
    assert [path.stem for path in drawn] == ["resources", "negotiations", "reputation", "gossip", "alliances", "interventions"]
    for path in drawn:
        assert matplotlib.image.imread(path).std() > 0.05


def test_where_nothing_happened_nothing_is_drawn(tmp_path: Path) -> None:
    write_logs(tmp_path / "logs", 50, ["MM_01"])
    for name in ("negotiations", "messages", "interventions"):
        (tmp_path / "logs" / f"{name}.csv").write_text(BEYOND[name][0] + "\n")
    assert len(draw_charts(tmp_path / "logs", tmp_path / "charts", 50)) == 3
