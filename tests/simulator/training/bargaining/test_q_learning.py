"""Q-learning over tables: the update by hand, exact best responses, and the whole game learned from play alone."""

import numpy as np
import pytest

from simulator.bargaining.best_response import GridGame, GridStrategy, Strategies, best_response, expected_payoffs, state_payoffs
from simulator.bargaining.negotiators.registry import make_negotiator
from simulator.bargaining.rules import Party, Rules
from simulator.training.bargaining.judge import Verdict, judge
from simulator.training.bargaining.opponents import GridOpponent, NegotiatorOpponent
from simulator.training.bargaining.q_config import Starts, TableConfig, epsilon, one_surplus
from simulator.training.bargaining.q_learning import QLearner
from simulator.training.bargaining.tables import Table

pytestmark = pytest.mark.slow

SHORT = one_surplus(offers=4)


def pair(own: GridStrategy, other: GridStrategy, party: Party) -> Strategies:
    return (own, other) if party is Party.SUPPLIER else (other, own)


def drawn(game: GridGame, seed: int) -> GridStrategy:
    """Return a strategy that never mixes, with a price and an answer of its own in each state."""
    chance, shape = np.random.default_rng(seed), (game.turns, len(game.prices))
    accept = (chance.random(shape) < 0.3) * 1.0
    accept[0] = 0.0
    return GridStrategy(accept, np.zeros(shape), chance.integers(0, shape[1], shape))


def test_exploring_fades_to_one_in_a_hundred() -> None:
    assert epsilon([0, 1, 10_000]).tolist() == [0.5, 0.5 * 0.995, 0.01]


def test_an_update_moves_by_its_step_size_towards_the_target() -> None:
    table = Table(SHORT, 0.5, buckets=1, power=1.0)
    state, action = np.array([table.states(np.array([0]), np.array([1]), np.array([2]))[0]]), np.array([0])
    for target, expected in ((1.0, 1.0), (0.0, 0.5), (2.0, 1.0)):  # steps 1, 1/2, 1/3: the mean of the targets
        table.update(state, action, np.array([target]))
        assert table.values[0, 1, 2, 0] == pytest.approx(expected)
    assert (table.greedy[state[0]], table.best[state[0]]) == (0, pytest.approx(1.0))


def test_several_targets_of_one_entry_are_several_steps_to_their_mean() -> None:
    table = Table(SHORT, 0.5, buckets=1, power=0.0)
    table.power = 0.5
    twice = np.array([4, 4])
    table.update(twice, np.array([1, 1]), np.array([1.0, 3.0]))
    assert table.values.reshape(-1, table.actions)[4, 1] == pytest.approx(2.0 * (1 - (1 - 2**-0.5) ** 2))


def test_what_the_protocol_refuses_is_never_chosen() -> None:
    table = Table(SHORT, 0.5, buckets=1, power=1.0)
    assert table.legal[0].tolist() == [False, True, True, True, True]
    assert table.legal[4].tolist() == [True, True, False, False, True]  # an answer only
    for turn, allowed in ((0, {1, 2, 3, 4}), (2, {0, 1, 2, 3, 4}), (4, {0, 1, 4})):
        assert set(table.explored(np.full(50, turn), np.linspace(0.0, 0.999, 50)).tolist()) == allowed


@pytest.mark.parametrize("party", list(Party))
def test_a_learner_finds_the_exact_best_response_in_every_state(party: Party) -> None:
    game = GridGame(SHORT, 0.0, 1.0, 0.1)
    other = drawn(game, 3)
    best = best_response(game, (other, other), party)[1]
    config = TableConfig(rules=SHORT, step=0.1, learners=(party,), negotiations=512, turns=400)
    found = QLearner(config, GridOpponent(other, game.prices)).learn().strategy()
    value = state_payoffs(game, pair(found, other, party), party)
    own = [turn for turn in range(game.turns) if SHORT.proposer(turn) is party]
    assert expected_payoffs(game, pair(found, other, party))[party] == pytest.approx(best[0, 0], abs=1e-12)
    np.testing.assert_allclose(value[max(own[0], 1) :][::2], best[max(own[0], 1) :][::2], atol=1e-12)


def test_from_the_beginning_alone_it_is_best_on_the_path() -> None:
    game = GridGame(SHORT, 0.0, 1.0, 0.1)
    other = drawn(game, 5)
    best = best_response(game, (other, other), Party.SUPPLIER)[1][0, 0]
    config = TableConfig(rules=SHORT, step=0.1, learners=(Party.SUPPLIER,), starts=Starts.BEGINNING, negotiations=512, turns=800)
    found = QLearner(config, GridOpponent(other, game.prices)).learn().strategy()
    assert expected_payoffs(game, (found, other))[Party.SUPPLIER] == pytest.approx(best, abs=1e-12)


def test_a_mixed_opponent_is_answered_within_its_noise() -> None:
    game = GridGame(SHORT, 0.0, 1.0, 0.25)
    chance, shape = np.random.default_rng(1), (game.turns, len(game.prices))
    odds = chance.dirichlet(np.ones(3), shape)
    odds[0, :, 0] = 0.0
    other = GridStrategy(odds[..., 0], odds[..., 1], chance.dirichlet(np.ones(shape[1]), shape))
    best = best_response(game, (other, other), Party.RETAILER)[1][0, 0]
    config = TableConfig(rules=SHORT, step=0.25, learners=(Party.RETAILER,), negotiations=1024, turns=600, power=0.8)
    found = QLearner(config, GridOpponent(other, game.prices)).learn().strategy()
    assert expected_payoffs(game, (other, found))[Party.RETAILER] == pytest.approx(best, rel=0.02)


def test_a_retailer_lets_a_conceder_concede() -> None:
    rules = Rules(offers=10, supplier=(5000, 5000), retailer=(8000, 8000))
    config = TableConfig(rules=rules, step=500, learners=(Party.RETAILER,), negotiations=512, turns=300)
    table = QLearner(config, NegotiatorOpponent(rules, make_negotiator("fixed_price", {"margin": 0.2}))).learn()
    assert table.strategy().accept[1, 12] == 1.0  # 6,000 at once: it will be no less later
    assert table.best[table.states(np.array([0]), np.array([1]), np.array([12]))[0]] == pytest.approx(2000 * 0.9**2 + 5)


def test_two_learners_solve_ten_offers_from_play_alone() -> None:
    found = QLearner(TableConfig(turns=1000, seed=1)).learn().strategy()
    told = judge(GridGame(one_surplus(), 0.0, 1.0, 0.02), (found, found))
    assert told.verdict is Verdict.SOLVED
    assert told.perfect_price == pytest.approx((1 - 0.95**10) / 1.95)
    assert told.subgame_gain <= 0.05 and told.perfect_distance <= 0.05


def test_a_seed_decides_everything() -> None:
    config = TableConfig(rules=SHORT, step=0.25, negotiations=64, turns=40)
    one, two = (QLearner(config).learn().values for _ in range(2))
    other = QLearner(TableConfig(rules=SHORT, step=0.25, negotiations=64, turns=40, seed=1)).learn().values
    assert (one == two).all()
    assert (one != other).any()


def test_bad_input_is_refused_with_the_way_out() -> None:
    with pytest.raises(ValueError, match="2 learners need 0 opponents; give one where one party learns"):
        QLearner(TableConfig(), NegotiatorOpponent(Rules(), make_negotiator("linear")))
    with pytest.raises(ValueError, match="1 learners need 1 opponents"):
        QLearner(TableConfig(learners=(Party.SUPPLIER,)))
    with pytest.raises(ValueError, match="turns 0 is not positive"):
        TableConfig(turns=0)
    with pytest.raises(ValueError, match="are none or one twice"):
        TableConfig(learners=())
    with pytest.raises(ValueError, match="is no share"):
        TableConfig(power=1.5)
