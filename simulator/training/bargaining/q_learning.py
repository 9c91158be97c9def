"""Q-learning over tables, in many negotiations at once: Q(s,a) += alpha (r + gamma max Q(s',.) - Q(s,a)).

s is what a party sees in its own turn, s' what it sees in its next one, r what the end is worth to it. Learners learn at once and each
for itself; none knows the rules, the other one's strategy or the theory: all that reaches the table was sampled from the protocol.

Sources: Watkins and Dayan, "Q-learning", Machine Learning 8 (1992); exploring starts: Sutton and Barto, "Reinforcement learning" (2018).
"""

from __future__ import annotations

import numpy as np

from simulator import seeding
from simulator.bargaining.draws import begin
from simulator.bargaining.protocol import Rows, game_of, step_rows
from simulator.bargaining.rules import Outcome, Party
from simulator.envs.bound import bound
from simulator.training.bargaining.objective import aimed_at
from simulator.training.bargaining.opponents import Opponent, index_of
from simulator.training.bargaining.q_config import Starts, TableConfig, epsilon
from simulator.training.bargaining.tables import Table, Whole, bucket_of


class QLearner:
    """Learns a table for one party against an opponent, or for both.

    Parameters
    ----------
    config : the whole training.
    opponent : who decides for the party that does not learn. With exploring starts it must look at the turn and the standing offer
        alone: a start has no history.

    Raises ValueError for an opponent too many or too few.
    """

    def __init__(self, config: TableConfig, opponent: Opponent | None = None) -> None:
        if (opponent is None) != (len(config.learners) == 2):
            raise ValueError(f"{len(config.learners)} learners need {2 - len(config.learners)} opponents; give one where one party learns")
        self.config, self.opponent = config, opponent
        self.table = Table(config.rules, config.step, config.value_buckets, config.power)
        self._chance = seeding.generator(config.seed, "q-learning")
        count = config.negotiations
        self.rows: Rows = begin(config.rules, config.seed, count)
        self._next, self._rewards = count, np.zeros((count, 2))
        self._kinds, self._prices = np.zeros(count, np.int64), np.zeros(count)
        self._step = bound(step_rows, game_of(config.rules), self.rows, self._kinds, self._prices, self._rewards)
        self._episodes = np.zeros(count, np.int64)
        self._state, self._action = np.full((count, 2), -1), np.zeros((count, 2), np.int64)  # of each party's last turn; -1 before it
        self._first = np.zeros(count, np.bool_)  # whether the next action is part of an exploring start
        self._learns = np.isin(np.arange(2), config.learners)
        self._places = np.arange(count)
        self._put(self._places)

    def learn(self) -> Table:
        """Play all turns of the configuration and return the table."""
        for _ in range(self.config.turns):
            self.turn()
        return self.table

    def turn(self) -> None:
        """Play one turn in every negotiation; the next one follows where it ends."""
        mover = self.rows["turn"].copy()
        state, action = self._decide(mover)
        self._learned(mover, state)
        learns = self._learns[mover]
        self._state[self._places[learns], mover[learns]] = state[learns]
        self._action[self._places[learns], mover[learns]] = action[learns]
        self._step()
        over = np.flatnonzero(self.rows["outcome"] != Outcome.RUNNING)
        if len(over):
            self._paid(over)
            self._episodes[over] += 1
            self._renew(over)

    def _decide(self, mover: Whole) -> tuple[Whole, Whole]:
        """Write what all movers do; return (n,) states and actions, which only learners' places have."""
        rows, table, chance = self.rows, self.table, self._chance
        price = index_of(rows, table.prices)
        state = table.states(self._bucket(mover), rows["offers"], price)
        explores = self._first if self.config.starts is Starts.EVERYWHERE else chance.random(len(rows)) < epsilon(self._episodes)
        action = np.where(explores, table.explored(rows["offers"], chance.random(len(rows))), table.greedy[state])
        self._first[:] = False
        self._kinds[:], self._prices[:] = table.meant(action)
        others = np.flatnonzero(~self._learns[mover])
        if self.opponent and len(others):
            sitting = rows[others]
            self._kinds[others], self._prices[others] = self.opponent.moves(sitting, chance.random(len(others)))
            rows["random"][others] = sitting["random"]
        return state, action

    def _bucket(self, mover: Whole) -> Whole:
        """(n,) which part of its range the mover's valuation lies in."""
        return bucket_of(self.config.rules, mover, self.rows["value"][self._places, mover], self.config.value_buckets)

    def _learned(self, mover: Whole, state: Whole) -> None:
        """A party that moves again learns from the state that its last action led to."""
        before = self._state[self._places, mover]
        known = np.flatnonzero(before >= 0)
        self.table.update(before[known], self._action[known, mover[known]], self.config.gamma * self.table.best[state[known]])

    def _paid(self, over: Whole) -> None:
        """Every learner that has moved learns what the end is worth to it."""
        rewards = aimed_at(self.config.objective, self._rewards)
        for party in self.config.learners:
            known = over[self._state[over, party] >= 0]
            self.table.update(self._state[known, party], self._action[known, party], rewards[known, party])
        self._state[over] = -1

    def _renew(self, over: Whole) -> None:
        """Put the next negotiations of the seed where some are over."""
        self.rows[over] = begin(self.config.rules, self.config.seed, len(over), self._next)
        self._next += len(over)
        self._put(over)

    def _put(self, places: Whole) -> None:
        """Begin somewhere: where the rules do, or in any turn of a learner with any standing offer."""
        if self.config.starts is Starts.BEGINNING:
            return
        rules, table = self.config.rules, self.table
        own = np.array([turn for turn in range(table.turns) if rules.proposer(turn) in self.config.learners])
        turn = own[self._chance.integers(0, len(own), len(places))]
        price = table.prices[self._chance.integers(0, len(table.prices), len(places))]
        rows = self.rows
        rows["offers"][places], rows["standing"][places], rows["made"][places] = turn, turn - 1, turn
        rows["price"][places] = np.where(turn > 0, price, 0.0)
        rows["turn"][places] = np.where(turn % 2 == 0, int(rules.first), int(Party(rules.first).other))
        self._first[places] = True
