"""The consumer's rule: each event once, under any mixture of duplicates, reorderings and restarts."""

from __future__ import annotations

import random
from collections import Counter
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.events.block import Head
from pipelines.events.marks import Judgement, Mark, Parked, Verdict, give_up, judge

AT = (0, 0)


def block(prev: int, last: int, epoch: int = 0) -> Head:
    return Head("run", 0, epoch, prev, prev + 1, last, last - prev)


def fence(epoch: int) -> Head:
    return Head("run", 0, epoch, -1, -1, -1, 0)


def judged(heads: list[Head], mark: Mark | None = None) -> list[Judgement]:
    found, mark = [], mark or Mark()
    for offset, head in enumerate(heads):
        found.append(judge(mark, head, (0, offset)))
        mark = found[-1].mark
    return found


def verdicts(heads: list[Head]) -> list[str]:
    return [str(judgement.verdict) for judgement in judged(heads)]


def test_block_at_the_mark_counts_and_advances_it() -> None:
    judgement = judge(Mark(seq=4), block(4, 9), AT)
    assert (judgement.verdict, judgement.mark) == (Verdict.ACCEPTED, Mark(seq=9))


def test_block_at_or_below_the_mark_is_a_duplicate() -> None:
    assert verdicts([block(-1, 3), block(3, 5), block(-1, 3), block(3, 5)]) == ["accepted", "accepted", "duplicate", "duplicate"]


def test_hole_parks_until_it_is_filled() -> None:
    first, second, third, filler = judged([block(3, 5), block(5, 8), block(3, 5), block(-1, 3)])
    assert [first.verdict, second.verdict, third.verdict] == [Verdict.PARKED, Verdict.PARKED, Verdict.DUPLICATE]
    assert (filler.verdict, filler.mark) == (Verdict.ACCEPTED, Mark(seq=8))
    assert filler.released == ((Parked(3, 5, (0, 0)), Verdict.ACCEPTED), (Parked(5, 8, (0, 1)), Verdict.ACCEPTED))


def test_filling_one_hole_leaves_what_waits_for_another() -> None:
    last = judged([block(3, 5), block(7, 9), block(-1, 3)])[-1]
    assert last.mark == Mark(seq=5, parked=(Parked(7, 9, (0, 1)),))


def test_block_across_the_mark_breaks_the_rule() -> None:
    assert verdicts([block(-1, 5), block(3, 8)]) == ["accepted", "overlap"]


def test_parked_block_that_turns_out_to_overlap_is_settled_as_such() -> None:
    last = judged([block(3, 8), block(-1, 5)])[-1]
    assert (last.mark, last.released) == (Mark(seq=5), ((Parked(3, 8, (0, 0)), Verdict.OVERLAP),))


def test_after_a_fence_the_old_epoch_is_refused() -> None:
    heads = [block(-1, 3), fence(1), block(3, 5, epoch=0), block(3, 6, epoch=1), fence(0)]
    assert verdicts(heads) == ["accepted", "fence", "stale_epoch", "accepted", "stale_epoch"]


def test_block_of_a_higher_epoch_is_a_fence_of_its_own() -> None:
    assert verdicts([block(-1, 3, epoch=2), block(3, 5, epoch=1)]) == ["accepted", "stale_epoch"]


def test_what_was_parked_before_a_fence_counts() -> None:
    last = judged([block(3, 5), fence(1), block(-1, 3, epoch=1)])[-1]
    assert last.mark == Mark(seq=5, epoch=1)
    assert last.released == ((Parked(3, 5, (0, 0)), Verdict.ACCEPTED),)


def test_repeated_fence_changes_nothing() -> None:
    assert judged([fence(1), fence(1)])[-1].mark == Mark(epoch=1)


def test_giving_up_a_hole_releases_what_waited() -> None:
    mark = judged([block(3, 5), block(5, 7), block(9, 11)])[-1].mark
    given_up = give_up(mark)
    assert given_up.mark == Mark(seq=7, parked=(Parked(9, 11, (0, 2)),))
    assert [verdict for _, verdict in given_up.released] == [Verdict.ACCEPTED, Verdict.ACCEPTED]


def test_without_anything_parked_there_is_no_hole_to_give_up() -> None:
    with pytest.raises(ValueError, match="nothing is parked"):
        give_up(Mark(seq=3))


def test_mark_survives_storage() -> None:
    mark = judged([block(3, 5), fence(4), block(7, 9, epoch=4)])[-1].mark
    assert msgspec.json.decode(msgspec.json.encode(mark), type=Mark) == mark


def delivered(heads: list[Head]) -> list[tuple[int, int]]:
    """The (prev_seq, last_seq) that count, in the order in which they do."""
    taken: list[tuple[int, int]] = []
    for head, judgement in zip(heads, judged(heads), strict=True):
        if judgement.verdict is Verdict.ACCEPTED:
            taken.append((head.prev_seq, head.last_seq))
        taken += [(parked.prev_seq, parked.last_seq) for parked, verdict in judgement.released if verdict is Verdict.ACCEPTED]
    return taken


@settings(max_examples=300, deadline=None)
@given(st.lists(st.integers(1, 9), min_size=1, max_size=12), st.integers(0, 2**32), st.integers(0, 12))
def test_any_order_with_any_duplicates_gives_each_event_once(sizes: list[int], seed: int, doubled: int) -> None:
    ends = [-1]
    for size in sizes:
        ends.append(ends[-1] + size)
    chain = [block(prev, last) for prev, last in pairwise(ends)]
    rng = random.Random(seed)
    arrival = chain + rng.choices(chain, k=doubled)
    rng.shuffle(arrival)
    assert delivered(arrival) == [(head.prev_seq, head.last_seq) for head in chain]
    counted: Counter[Verdict] = Counter()
    for judgement in judged(arrival):
        counted.update([judgement.verdict, *(verdict for _, verdict in judgement.released)])
    assert counted[Verdict.DUPLICATE] + counted[Verdict.ACCEPTED] == len(arrival)


@settings(max_examples=300, deadline=None)
@given(st.integers(1, 30), st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=4), st.integers(0, 2**32))
def test_restarts_with_late_writes_of_dead_workers_give_each_event_once(length: int, kills: list[tuple[int, int]], seed: int) -> None:
    """Each life writes from its checkpoint on; a dead worker's last blocks may land before or after the next fence."""
    rng, partition, late = random.Random(seed), [fence(0)], []
    for epoch, (checkpoint, written) in enumerate([*kills, (0, length)]):
        partition += [fence(epoch)]
        life = [block(at - 1, at, epoch) for at in range(checkpoint, min(length, checkpoint + written))]
        for head in late:  # of the life before: already refused, wherever they land
            life.insert(rng.randint(0, len(life)), head)
        keep = rng.randint(0, len(life)) if epoch < len(kills) else len(life)
        late = [head for head in life[keep:] if head.epoch == epoch]
        partition += life[:keep] if epoch < len(kills) else life
    assert delivered(partition) == [(at - 1, at) for at in range(length)]
