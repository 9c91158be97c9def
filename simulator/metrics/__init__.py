"""Trading and market-quality metrics: pure functions over arrays of histories and records."""

from simulator.metrics.by_type import TypeFigures, figures_by_type, mean_by_type
from simulator.metrics.cooperation import Cooperation, cooperation, strategy_diversity
from simulator.metrics.efficiency import Trend, price_efficiency, price_trend, pricing_error, variance_ratio
from simulator.metrics.inventory import InventoryStatistics, inventory_statistics
from simulator.metrics.making import MakingFigures, inventory_risk, making
from simulator.metrics.market_quality import Liquidity, liquidity, mid_price, order_flow_balance
from simulator.metrics.negotiation import (
    NegotiationFigures,
    deal_rate,
    fairness_score,
    false_deal_rate,
    first_mover_gap,
    midpoint_distance,
    negotiation_efficiency,
    negotiation_figures,
    price_distance,
    rationality_violations,
    rounds_distribution,
    surplus_efficiency,
)
from simulator.metrics.profit import mark_to_market, profit_and_loss, total_profit, win_rate, won
from simulator.metrics.risk import max_drawdown, realised_volatility, sharpe_ratio, value_at_risk
from simulator.metrics.round_trips import trading_success
from simulator.metrics.stylised_facts import autocorrelation, decay_exponent, impact_exponent, tail_index

__all__ = [
    "Cooperation",
    "MakingFigures",
    "NegotiationFigures",
    "Trend",
    "cooperation",
    "deal_rate",
    "fairness_score",
    "false_deal_rate",
    "first_mover_gap",
    "inventory_risk",
    "making",
    "midpoint_distance",
    "negotiation_efficiency",
    "negotiation_figures",
    "price_distance",
    "price_efficiency",
    "price_trend",
    "pricing_error",
    "rationality_violations",
    "rounds_distribution",
    "strategy_diversity",
    "surplus_efficiency",
    "variance_ratio",
    "InventoryStatistics",
    "Liquidity",
    "TypeFigures",
    "autocorrelation",
    "decay_exponent",
    "figures_by_type",
    "impact_exponent",
    "inventory_statistics",
    "liquidity",
    "mark_to_market",
    "max_drawdown",
    "mean_by_type",
    "mid_price",
    "order_flow_balance",
    "profit_and_loss",
    "realised_volatility",
    "sharpe_ratio",
    "tail_index",
    "total_profit",
    "trading_success",
    "value_at_risk",
    "win_rate",
    "won",
]
