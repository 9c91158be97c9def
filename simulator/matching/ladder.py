"""The price ladder: pages of 64 price levels on the ground floor, and pages of 64 pages above, up to one root per symbol.

A page carries one word per side with a bit for each row in use. The best price is found by one bit operation per floor,
nearly always on the ground floor alone. A page is taken from the pool when a price in it is first used. It stays when its
last order leaves, because the next one is likely to come soon; `give_back_pages` collects empty pages once the pool runs low.
"""

from __future__ import annotations

from simulator.matching.bits import highest_bit, lowest_bit
from simulator.matching.compiled import called, compiled, i8, inlined, u4, u8
from simulator.matching.layout import PAGES_WITHIN_REACH, TOP_FLOOR, Array, Row

_ROWS = u4(63)
_PAGE_SHIFT = u4(7)  # 64 rows of each side
_FREE = u4(2**32 - 1)  # the number of a page in the pool
_ONE = u8(1)
_REACH = u8(PAGES_WITHIN_REACH)


@inlined
def page_key(symbol: int, price: int) -> int:
    """Return what names the ground-floor page of a price across all symbols."""
    return (i8(symbol) << 32) | (i8(price) >> 6)


@inlined
def row_at(page: int, row: int) -> int:
    """Return the row of `levels` that is row 0..63 of a page above the lowest floor."""
    return u4((page << _PAGE_SHIFT) | row)


@inlined
def level_at(page: int, row: int, side: int) -> int:
    """Return the row of `levels` of one side of the price that is row 0..63 of a page."""
    return u4((page << _PAGE_SHIFT) | (u4(side) << u4(6)) | row)


@inlined
def page_of(level: int) -> int:
    """Return the page in which a level lies."""
    return u4(level >> _PAGE_SHIFT)


@inlined
def level_of(pages: Array, levels: Array, directory: Array, book: Row, pool: Array, symbol: int, side: int, price: int) -> int:
    """Return the level of a side of a price, taking the pages on the way to it from the pool where they are missing."""
    key = page_key(symbol, price)
    near = u8(symbol) * _REACH + (u8(key) & (_REACH - _ONE))
    page: int = directory[near]
    if pages[page].key != key:
        page = _walk(pages, levels, book.root, pool, key, price)
        directory[near] = page
    return level_at(page, u4(price) & _ROWS, side)


@called
def _walk(pages: Array, levels: Array, root: int, pool: Array, key: int, price: int) -> int:
    """Go down from the root to the ground-floor page of a price, adding missing pages."""
    page = u4(root)
    for floor in range(TOP_FLOOR, 0, -1):
        number = u4(i8(price) >> i8(6 * floor))
        row = row_at(page, number & _ROWS)
        below = levels[row].head
        if below == 0:
            below = _take_page(pages, pool)
            pages[below].parent = page
            pages[below].number = number
            levels[row].head = below
            if floor == 1:
                pages[below].key = key
        page = below
    return page


@inlined
def _take_page(pages: Array, pool: Array) -> int:
    page: int = pool[0].free_page
    if page == 0:
        page = pool[0].fresh_page
        pool[0].fresh_page = page + u4(1)
    else:
        pool[0].free_page = pages[page].parent
    pool[0].used_pages += 1
    return page


@inlined
def price_of(pages: Array, level: int) -> int:
    """Return the price of a level in ticks."""
    return (i8(pages[page_of(level)].number) << 6) | i8(level & _ROWS)


@inlined
def mark(pages: Array, level: int, side: int) -> None:
    """Note that a level has orders of a side, on every floor that did not know yet."""
    page, row = page_of(level), u4(level & _ROWS)
    while True:
        before = pages[page].word[side]
        pages[page].word[side] = before | (_ONE << u8(row))
        if before != 0 or pages[page].parent == 0:
            return
        row = u4(pages[page].number & _ROWS)
        page = pages[page].parent


@inlined
def unmark(pages: Array, level: int, side: int) -> None:
    """Note that a level has no orders of a side left, on every floor where that matters."""
    page, row = page_of(level), u4(level & _ROWS)
    while True:
        word = pages[page].word[side] & ~(_ONE << u8(row))
        pages[page].word[side] = word
        above = pages[page].parent
        if word != 0 or above == 0:
            return
        row = u4(pages[page].number & _ROWS)
        page = above


@compiled
def give_back_pages(pages: Array, levels: Array, pool: Array) -> None:
    """Give every page without orders back to the pool, except roots; its rows are all zeros by then."""
    for page in range(1, pool[0].fresh_page):
        row = pages[page]
        if row.word[0] != 0 or row.word[1] != 0 or row.parent == 0 or row.number == _FREE:
            continue
        levels[row_at(row.parent, u4(row.number & _ROWS))].head = 0
        row.key = -1
        row.number = _FREE
        row.parent = pool[0].free_page
        pool[0].free_page = page
        pool[0].used_pages -= 1


@inlined
def _best_row(word: int, side: int) -> int:
    """Return the best row of a word: the highest for bids, the lowest for asks."""
    return u4(highest_bit(word)) if side == 0 else u4(lowest_bit(word))


@inlined
def best_after(pages: Array, levels: Array, book: Row, level: int, side: int) -> int:
    """Return the best level of a side, 0 if none, once `level`, the best until now, has been emptied and unmarked."""
    page = page_of(level)
    word = pages[page].word[side]
    if word != 0:
        return level_at(page, _best_row(word, side), side)
    return best_from_root(pages, levels, book.root, side)


@called
def best_from_root(pages: Array, levels: Array, root: int, side: int) -> int:
    """Return the best level of a side by going down from the root, 0 if the side is empty."""
    page = u4(root)
    for _ in range(TOP_FLOOR):
        if pages[page].word[side] == 0:
            return u4(0)
        page = levels[row_at(page, _best_row(pages[page].word[side], side))].head
    return level_at(page, _best_row(pages[page].word[side], side), side)


@called
def worse_level(pages: Array, levels: Array, level: int, side: int) -> int:
    """Return the next level of a side behind `level` in price priority, 0 at the end."""
    page, row = page_of(level), u4(level & _ROWS)
    floor = 0
    while page != 0:
        behind = pages[page].word[side] & _behind(row, side)
        if behind != 0:
            row = _best_row(behind, side)
            break
        row = u4(pages[page].number & _ROWS)
        page = pages[page].parent
        floor += 1
    if page == 0:
        return u4(0)
    for _ in range(floor):
        page = levels[row_at(page, row)].head
        row = _best_row(pages[page].word[side], side)
    return level_at(page, row, side)


@inlined
def _behind(row: int, side: int) -> int:
    """Return the mask of the rows behind a row: the lower ones for bids, the higher ones for asks."""
    bit = _ONE << u8(row)
    return bit - _ONE if side == 0 else ~(bit | (bit - _ONE))
