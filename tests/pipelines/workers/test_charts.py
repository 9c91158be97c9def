"""Charts: drawn from the CSV files, for a few agents and for many."""

from __future__ import annotations

from pathlib import Path

import matplotlib.image
import pytest

from pipelines.workers.charts import draw_charts


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
    assert [path.name for path in drawn] == ["price_history.png", "price_history_XYZ.png", "pnl.png", "inventory.png"]
