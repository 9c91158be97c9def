"""How fair can two with private valuations be who are only honest if it pays? A linear program over all ways to bargain.

Whatever strategies two have, in equilibrium what happens to a pair of valuations could as well be decided by somebody who asks both and to
whom nobody gains by lying (the revelation principle; Myerson, Econometrica 47, 1979). The best of such deciders bounds all equilibria.
Each pair of n x n valuations is given chances of a deal in each round and prices; the mean of what the discount leaves of the surplus is
made as large as a wanted fairness allows. Fewer types bind less, so that figures are bounds that fall with n.
"""

from __future__ import annotations

import sys

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_array, eye_array, hstack, kron, vstack

from simulator.bargaining.rules import Rules

UNIT = 1000.0  # prices are counted in it, so that all numbers of the program are of order one


def most_left(rules: Rules, types: int, fairness: float, rounds: int) -> float | None:
    """Return what is left of the mean surplus at best if all make deals within so many rounds; None where that cannot be so fair."""
    middle = (np.arange(types) + 0.5) / types
    supplier, retailer = ((least + (most - least) * middle) / UNIT for least, most in (rules.supplier, rules.retailer))
    left = np.array([rules.left(offer) for offer in range(rounds)])
    bonus = np.array([rules.bonus(offer) for offer in range(rounds)]) / UNIT
    surplus = retailer[None, :] - supplier[:, None]
    half = np.repeat(((retailer[None, :] + supplier[:, None]) / 2).ravel(), rounds)
    pairs, one, none = types * types, eye_array(types * types * rounds), csr_array((types * types * rounds, types * types * rounds))
    sells = np.repeat(np.repeat(supplier, types), rounds)
    buys = np.repeat(np.tile(retailer, types), rounds)

    def diagonal(values: np.ndarray) -> csr_array:
        return one.multiply(values[:, None]).tocsr()

    # columns: chance of a deal, price x that chance, distance from the middle x that chance; each (supplier, retailer, round)
    rows = [hstack([diagonal(sells), -one, none]), hstack([-diagonal(buys), one, none])]  # nobody deals at a loss
    rows += [hstack([-diagonal(half), one, -one]), hstack([diagonal(half), -one, -one])]  # what distance is
    rows += [_no_lies(types, left, bonus, supplier, retailer)]
    unfair = np.repeat((2.0 / surplus).ravel(), rounds) / pairs
    rows += [csr_array(np.concatenate([np.zeros(2 * len(unfair)), unfair])[None, :])]
    limits = np.zeros(sum(part.shape[0] for part in rows))
    limits[-1] = 1.0 - fairness
    always = hstack([kron(eye_array(pairs), np.ones((1, rounds))), csr_array((pairs, 2 * pairs * rounds))])
    wanted = np.concatenate([-np.repeat(surplus.ravel(), rounds) * np.tile(left, pairs), np.zeros(2 * pairs * rounds)]) / surplus.sum()
    found = linprog(wanted, vstack(rows), limits, always, np.ones(pairs), bounds=(0.0, None), method="highs")
    return -float(found.fun) if found.status == 0 else None


def _no_lies(types: int, left: np.ndarray, bonus: np.ndarray, supplier: np.ndarray, retailer: np.ndarray) -> csr_array:
    """Rows that say that no type gains by the name of another one: (2 x types x (types - 1), columns)."""
    shape, found = (types, types, len(left)), []
    for own, sign in ((0, 1.0), (1, -1.0)):
        for true in range(types):
            value = (supplier, retailer)[own][true]
            for said in range(types):
                if said == true:
                    continue
                deal, price = np.zeros(shape), np.zeros(shape)
                for name, factor in ((said, 1.0), (true, -1.0)):
                    place = (name, slice(None)) if own == 0 else (slice(None), name)
                    deal[place], price[place] = factor * (bonus - sign * value * left), factor * sign * left
                found.append(np.concatenate([deal.ravel(), price.ravel(), np.zeros(deal.size)]))
    return csr_array(np.array(found))


def main(types: int) -> None:
    """Print what is left at best for rising fairness, with deals in the first round alone and in any."""
    print("fairness  first round alone  any round")
    for fairness in (0.75, 0.8, 0.82, 0.83, 0.84, 0.85, 0.9, 0.95, 1.0):
        cells = (most_left(Rules(), types, fairness, rounds) for rounds in (1, 9))
        print(f"{fairness:8.2f}", *(f"{'impossible':>18}" if cell is None else f"{cell:18.3f}" for cell in cells))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 9)
