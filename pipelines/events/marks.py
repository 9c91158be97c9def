"""The consumer's rule, in one pure place: each event once, whatever is doubled, out of order or restarted.

Per run, world and topic a consumer keeps a mark: the last seq it has taken and the epoch it trusts. Blocks are judged
in partition order. A block counts when its `prev_seq` is the mark; what lies at or below the mark is a duplicate; what
would leave a hole is parked until the hole is filled. A fence (or any block) of a higher epoch raises the epoch; later
blocks of a lower epoch are refused. What lies before a fence counts, also if it is parked when the fence comes.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from pipelines.events.block import Head

Coordinates = tuple[int, int]
"""(partition, offset) of a record on its topic."""


class Verdict(StrEnum):
    """What becomes of a block. ACCEPTED counts now; PARKED may later; all others never do, and are counted by name."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    PARKED = "parked"
    FENCE = "fence"
    STALE_EPOCH = "stale_epoch"
    OVERLAP = "overlap"  # begins below the mark and ends above it: breaks the block rule, belongs to quarantine


class Parked(msgspec.Struct, frozen=True, order=True):
    """A block that waits for an earlier one; where it lies, so that its bytes can be fetched again."""

    prev_seq: int
    last_seq: int
    at: Coordinates


class Mark(msgspec.Struct, frozen=True):
    """What a consumer knows of one (run, world, topic). Immutable: judging gives the next one."""

    seq: int = -1
    epoch: int = 0
    parked: tuple[Parked, ...] = ()


class Judgement(msgspec.Struct, frozen=True):
    """The next mark, the verdict on the block, and the parked blocks that it settled, in order of seq."""

    mark: Mark
    verdict: Verdict
    released: tuple[tuple[Parked, Verdict], ...] = ()


def judge(mark: Mark, head: Head, at: Coordinates) -> Judgement:
    """Judge the next block of a partition, which lies at the given coordinates."""
    if head.epoch < mark.epoch:
        return Judgement(mark, Verdict.STALE_EPOCH)
    mark = msgspec.structs.replace(mark, epoch=head.epoch)
    if head.is_fence:
        return Judgement(mark, Verdict.FENCE)
    return _place(mark, Parked(head.prev_seq, head.last_seq, at))


def _verdict(mark: Mark, block: Parked) -> Verdict:
    if block.last_seq <= mark.seq:
        return Verdict.DUPLICATE
    if block.prev_seq == mark.seq:
        return Verdict.ACCEPTED
    return Verdict.PARKED if block.prev_seq > mark.seq else Verdict.OVERLAP


def _place(mark: Mark, block: Parked) -> Judgement:
    verdict = _verdict(mark, block)
    if verdict is Verdict.PARKED:
        return _park(mark, block)
    if verdict is not Verdict.ACCEPTED:
        return Judgement(mark, verdict)
    return release(msgspec.structs.replace(mark, seq=block.last_seq), verdict)


def _park(mark: Mark, block: Parked) -> Judgement:
    if any((other.prev_seq, other.last_seq) == (block.prev_seq, block.last_seq) for other in mark.parked):
        return Judgement(mark, Verdict.DUPLICATE)
    return Judgement(msgspec.structs.replace(mark, parked=tuple(sorted((*mark.parked, block)))), Verdict.PARKED)


def release(mark: Mark, verdict: Verdict = Verdict.ACCEPTED) -> Judgement:
    """Settle the parked blocks that the mark has reached; `verdict` is passed on."""
    released: list[tuple[Parked, Verdict]] = []
    seq, waiting = mark.seq, list(mark.parked)
    while waiting and waiting[0].prev_seq <= seq:
        block = waiting.pop(0)
        settled = _verdict(msgspec.structs.replace(mark, seq=seq), block)
        released.append((block, settled))
        seq = max(seq, block.last_seq) if settled is Verdict.ACCEPTED else seq
    return Judgement(msgspec.structs.replace(mark, seq=seq, parked=tuple(waiting)), verdict, tuple(released))


def give_up(mark: Mark) -> Judgement:
    """Give up the hole before the first parked block by name: the mark jumps to it and it and its successors count.

    Raises ValueError if nothing is parked.
    """
    if not mark.parked:
        raise ValueError(f"nothing is parked behind seq {mark.seq}; there is no hole to give up")
    return release(msgspec.structs.replace(mark, seq=mark.parked[0].prev_seq))
