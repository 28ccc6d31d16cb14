"""Rows straight to the pages of a SQLite database.

SQLite looks for the place of each row that it is given. Rows that come in the order of their
numbers need no search: the leaves of a table's tree are filled one after another, each is written
once, at the end of the file, and what stands above them follows from their numbers. The format is
SQLite's, version 3, which is fixed for all time to come (www.sqlite.org/fileformat2.html); its
sections are named here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np

from ...core.arrays import Bytes, Ints, Longs
from ...core.database import MAGIC
from ...core.errors import RunError
from ...core.jit import bare, inlined, int64, kernel_part
from ...core.raw import copy, store_big

# what a column holds: the row's number, which a record leaves out; a whole number; a float64; text;
# bytes. A table has one column of text and one of bytes at most
ROW_ID = 0
INTEGER = 1
REAL = 2
TEXT = 3
BLOB = 4

LOCK_BYTE = (
    1 << 30
)  # the page with this byte of the file belongs to the locks (1.4): it stays empty
LONGEST = 10**9  # bytes of a record: more is read by no SQLite as it is built by default
ROOM = 1 << 20  # bytes of pages that are written at once
LEAF_HEAD = 8  # bytes before the cells' places (1.6)
INTERIOR_HEAD = 12
LEAF = 13
INTERIOR = 5
DEEPEST = 20  # levels of a tree, as in SQLite

# indices into the state: the number of the next page, and that of the page of the locks; pages that
# wait to be written; cells of the leaf, and where they begin; leaves that are listed; what the row
# at which it stopped needs: pages, bytes
NEXT = 0
LOCK = 1
WAITING = 2
CELLS = 3
TOP = 4
LISTED = 5
NEED_PAGES = 6
NEED_BYTES = 7


class Rows(NamedTuple):
    """Rows of a table, column by column; what a table does not have is of no length."""

    kinds: Bytes
    """[column]: what each holds, in the table's order."""
    numbers: Longs
    """[column, row]: whole numbers, and the bits of float64."""
    present: Bytes
    """[column, row]: 0 where a number is missing."""
    text_at: Ints
    """[row + 1]: the first byte of each text in UTF-8, and the one after the last."""
    text: Bytes
    """[byte]: all of them."""
    heads: Bytes
    """[row, byte]: what each blob begins with."""
    blob_at: Ints
    """[row + 1]: the first byte of the rest of each blob, and the one after the last."""
    blobs: Bytes
    """[byte]: all of them."""


NO_NUMBERS = np.empty((0, 0), np.int64)
NO_BYTES = np.empty(0, np.uint8)
NO_PLACES = np.empty(0, np.int32)


def number_rows(numbers: Longs) -> Rows:
    """Return the rows of a table of two columns: the row's number, and another whole number.

    Parameters
    ----------
    numbers
        int64 [row]: the second column.

    Returns
    -------
    Rows
        For `Table.add`.
    """
    both = np.stack([np.zeros_like(numbers), numbers])
    kinds = np.array([ROW_ID, INTEGER], np.uint8)
    heads = NO_BYTES.reshape(0, 0)
    present = np.ones(both.shape, np.uint8)
    return Rows(kinds, both, present, NO_PLACES, NO_BYTES, heads, NO_PLACES, NO_BYTES)


def blob_rows(blobs: Bytes) -> Rows:
    """Return the rows of a table of two columns: the row's number, and bytes.

    Parameters
    ----------
    blobs
        uint8 [row, byte]: the second column.

    Returns
    -------
    Rows
        For `Table.add`.
    """
    count, size = blobs.shape
    kinds = np.array([ROW_ID, BLOB], np.uint8)
    places = np.arange(count + 1, dtype=np.int32) * size
    none = np.empty((count, 0), np.uint8)
    present = np.empty((0, 0), np.uint8)
    return Rows(kinds, NO_NUMBERS, present, NO_PLACES, NO_BYTES, none, places, blobs.ravel())


@dataclass(slots=True)
class PageFile:
    """A database that pages are put to."""

    file: BinaryIO
    """Opened for reading and writing, at its end."""
    size: int
    """Bytes of a page."""
    next: int
    """Number of the page that comes next; the first one of the file is 1."""

    @property
    def lock(self) -> int:
        """Number of the page that belongs to the locks."""
        return LOCK_BYTE // self.size + 1

    def put(self, pages: Bytes) -> None:
        """Write pages to the end of the file.

        Parameters
        ----------
        pages
            uint8 [byte], whole pages; the lock's is among them, empty, where it is its turn.
        """
        self.file.write(pages.data)
        self.next += len(pages) // self.size

    def put_one(self, page: Bytes) -> int:
        """Write a page to the end of the file.

        Parameters
        ----------
        page
            uint8 [byte].

        Returns
        -------
        int
            Its number.
        """
        if self.next == self.lock:
            self.put(np.zeros(self.size, np.uint8))
        self.put(page)
        return self.next - 1

    def replace(self, number: int, page: Bytes) -> None:
        """Write a page in the place of another.

        Parameters
        ----------
        number
            Of the page.
        page
            uint8 [byte].
        """
        self.file.seek((number - 1) * self.size)
        self.file.write(page.data)
        self.file.seek((self.next - 1) * self.size)


@contextmanager
def open_pages(path: Path) -> Iterator[PageFile]:
    """Open a database that nobody else has open, to put pages to its end.

    Parameters
    ----------
    path
        The database.

    Yields
    ------
    PageFile
        Within the block; where that ends without an error the file says how many pages it has.

    Raises
    ------
    RunError
        If it is no database of a plain kind.
    """
    with path.open("r+b") as file:
        head = bytearray(file.read(100))  # 1.3
        size = int.from_bytes(head[16:18], "big")
        size = 1 << 16 if size == 1 else size
        count = int.from_bytes(head[28:32], "big")
        plain = head[:16] == MAGIC and head[18:21] == b"\1\1\0" and not any(head[52:56])
        if not plain or file.seek(0, 2) != count * size:
            raise RunError(
                f"{path.name} is not laid out as a new database",
                "pages without reserved bytes, write-ahead log and auto-vacuum",
            )
        pages = PageFile(file, size, count + 1)
        yield pages
        changes = (int.from_bytes(head[24:28], "big") + 1).to_bytes(4, "big")
        head[24:28] = head[92:96] = changes
        head[28:32] = (pages.next - 1).to_bytes(4, "big")
        file.seek(0)
        file.write(head)


@dataclass(slots=True)
class Table:
    """Rows on their way to a table's tree; several tables may be filled in turn."""

    pages: PageFile
    """Where its pages go."""
    first: int = 1
    """Number of the next row."""
    _leaf: Bytes = field(init=False)
    _out: Bytes = field(init=False)
    _record: Bytes = field(init=False, default_factory=lambda: np.empty(1 << 16, np.uint8))
    _state: Longs = field(init=False, default_factory=lambda: np.zeros(8, np.int64))
    _leaves: list[Longs] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        self._leaf = np.zeros(self.pages.size, np.uint8)
        self._out = np.empty(max(1, ROOM // self.pages.size) * self.pages.size, np.uint8)
        self._state[TOP] = self.pages.size
        self._state[LOCK] = self.pages.lock

    def add(self, rows: Rows) -> None:
        """Put rows behind those that are there.

        Parameters
        ----------
        rows
            Numbered from `first` on.

        Raises
        ------
        RunError
            If one is larger than SQLite reads.
        """
        count = max(len(rows.blob_at) - 1, rows.numbers.shape[1])
        done = 0
        while done < count:
            self._state[NEXT] = self.pages.next
            leaves = np.empty((count - done + 1, 2), np.int64)
            done = put_rows(
                rows, done, count, self.first, self._leaf, self._out, self._record, leaves,
                np.empty(len(rows.kinds), np.int64), self._state,
            )  # fmt: skip
            self._written(leaves)
            if done < count:
                self._make_room()
        self.first += count

    def _written(self, leaves: Longs) -> None:
        self._leaves.append(leaves[: self._state[LISTED]].copy())
        self.pages.put(self._out[: self._state[WAITING] * self.pages.size])
        self._state[WAITING] = self._state[LISTED] = 0

    def _make_room(self) -> None:
        need = int(self._state[NEED_BYTES])
        if need > LONGEST:
            raise RunError(
                f"a polygon of {need:,} bytes",
                f"at most {LONGEST:,}, which SQLite reads",
                "simplify the polygons, cut the raster, or write a FlatGeobuf",
            )
        if need > len(self._record):
            self._record = np.empty(need, np.uint8)
        pages = int(self._state[NEED_PAGES])
        if pages * self.pages.size > len(self._out):
            self._out = np.empty(pages * self.pages.size, np.uint8)

    def single(self) -> Bytes | None:
        """Return the page of all rows, where they have room in one.

        Returns
        -------
        Bytes | None
            uint8 [byte], not written yet; None where there are more leaves.
        """
        if any(len(leaves) for leaves in self._leaves):
            return None
        finish_leaf(self._leaf, self._state)
        return self._leaf

    def leaves(self) -> Longs:
        """End the rows.

        Returns
        -------
        Longs
            int64 [leaf, 2]: of each the number of its page, and of its last row.
        """
        found = [np.empty((0, 2), np.int64), *self._leaves]
        if self._state[CELLS]:
            finish_leaf(self._leaf, self._state)
            found.append(np.array([[self.pages.put_one(self._leaf), self.first - 1]]))
        return np.concatenate(found)


def plant(pages: PageFile, root: int, tables: Sequence[Table]) -> None:
    """Put rows into an empty table.

    Parameters
    ----------
    pages
        Where its pages are.
    root
        Number of the table's root page, which is overwritten.
    tables
        The rows in the order of their numbers, at least one in each.
    """
    page = tables[0].single() if len(tables) == 1 else None
    if page is None:
        children = np.concatenate([table.leaves() for table in tables])
        # a cell takes 6 bytes and the last row's number
        length: int = varint_size.py_func(int(children[-1, 1]))  # type: ignore[attr-defined]
        most = (pages.size - INTERIOR_HEAD) // (6 + length)
        while len(children) > most:
            groups = np.array_split(children, -(-len(children) // most))
            numbers = [pages.put_one(interior(group, pages.size)) for group in groups]
            lasts = [group[-1, 1] for group in groups]
            children = np.stack([np.array(numbers), np.array(lasts)], axis=1)
        page = interior(children, pages.size)
    pages.replace(root, page)


def count_rows(file: BinaryIO, size: int, root: int) -> int:
    """Count the rows of a table, a level of its tree after the other.

    As SQLite counts them, from the heads of the leaves; it would read page by page, or map the
    whole file into the memory of a process that said how much it takes.

    Parameters
    ----------
    file
        The database, opened for reading.
    size
        Bytes of a page.
    root
        Number of the table's root page.

    Returns
    -------
    int
        The rows.

    Raises
    ------
    ValueError
        If a page of the tree is not there, or is none of a table's.
    """
    level = np.array([root], np.int64)
    for _ in range(DEEPEST):
        rows = 0
        below: list[Longs] = []
        for pages in read_pages(file, size, level):
            kinds = pages[:, 0]
            cells = pages[:, 3].astype(np.int64) << 8 | pages[:, 4]
            if not np.isin(kinds, (LEAF, INTERIOR)).all():
                raise ValueError("a page that is none of a table's")
            rows += int(cells[kinds == LEAF].sum())
            below += [children_of(page) for page in pages[kinds == INTERIOR]]
        if not below:
            return rows
        if rows:
            raise ValueError("leaves beside pages that lead to leaves")
        level = np.concatenate(below)
    raise ValueError(f"a tree of more than {DEEPEST} levels")


def read_pages(file: BinaryIO, size: int, numbers: Longs) -> Iterator[Bytes]:
    """Read pages, those that lie near each other at once.

    Parameters
    ----------
    file
        The database, opened for reading.
    size
        Bytes of a page.
    numbers
        Of the pages, int64.

    Yields
    ------
    Bytes
        uint8 [page, byte], some of them.

    Raises
    ------
    ValueError
        If there is no such page.
    """
    together = max(1, ROOM // size)
    begin = 0
    while begin < len(numbers):
        first = int(numbers[begin])
        near = numbers[begin : begin + together] - first
        outside = np.flatnonzero((near < 0) | (near >= together))
        near = near[: outside[0]] if len(outside) else near
        file.seek((first - 1) * size)
        data = file.read((int(near.max()) + 1) * size)
        if first < 1 or len(data) != (int(near.max()) + 1) * size:
            raise ValueError("a page that is not there")
        yield np.frombuffer(data, np.uint8).reshape(-1, size)[near]
        begin += len(near)


def children_of(page: Bytes) -> Longs:
    """Return where an interior page leads.

    Parameters
    ----------
    page
        uint8 [byte].

    Returns
    -------
    Longs
        int64 [child]: numbers of pages.

    Raises
    ------
    ValueError
        If a cell lies outside the page.
    """
    cells = int(page[3]) << 8 | int(page[4])
    ends = INTERIOR_HEAD + 2 * cells
    if ends > len(page):
        raise ValueError("more cells than a page has room for")
    places = page[INTERIOR_HEAD:ends].view(">u2").astype(np.int64)
    if len(places) and int(places.max()) + 4 > len(page):
        raise ValueError("a cell outside its page")
    lefts = page[places[:, None] + np.arange(4)].view(">u4").ravel()
    return np.append(lefts, page[8:12].view(">u4")).astype(np.int64)


def interior(children: Longs, size: int) -> Bytes:
    """Return an interior page.

    Parameters
    ----------
    children
        int64 [child, 2]: page and last row of each, at least two that fit.
    size
        Bytes of a page.

    Returns
    -------
    Bytes
        uint8 [byte].
    """
    page = np.zeros(size, np.uint8)
    fill_interior(page, children)
    return page


@bare
def fill_interior(page: Bytes, children: Longs) -> None:
    """Write an interior page (1.6).

    Parameters
    ----------
    page
        uint8 [byte], all 0.
    children
        See `interior`.
    """
    top = len(page)
    cells = len(children) - 1
    for i in range(cells):
        top -= 4 + varint_size(children[i, 1])
        store_big(page, top, np.uint32(children[i, 0]))
        put_varint(page, top + 4, children[i, 1])
        store_big(page, INTERIOR_HEAD + 2 * i, np.uint16(top))
    page[0] = INTERIOR
    store_big(page, 3, np.uint16(cells))
    store_big(page, 5, np.uint16(top))
    store_big(page, 8, np.uint32(children[cells, 0]))


@kernel_part
def varint_size(number: int) -> int:
    """Return the bytes of a number below 2^56 in SQLite's form (1.6): seven bits in each.

    Parameters
    ----------
    number
        Not negative.

    Returns
    -------
    int
        1 to 8.
    """
    size = 1
    while number > 127:
        number >>= 7
        size += 1
    return size


@kernel_part
def put_varint(data: Bytes, at: int, number: int) -> int:
    """Write a number in SQLite's form, its highest bits first.

    Parameters
    ----------
    data
        Where to, uint8 [byte].
    at
        The byte to begin at.
    number
        From 0 to below 2^56.

    Returns
    -------
    int
        The byte after it.
    """
    end = at + varint_size(number)
    data[end - 1] = number & 127
    for i in range(end - 2, at - 1, -1):
        number >>= 7
        data[i] = number & 127 | 128
    return end


@kernel_part
def serial_type(number: int) -> int:
    """Return how a whole number stands in a record (2.1).

    Parameters
    ----------
    number
        Any of 64 bits.

    Returns
    -------
    int
        8 and 9 for 0 and 1, which take no bytes; 1 to 6 for as few bytes as it needs.
    """
    if number in (0, 1):
        return 8 + number
    size = number if number >= 0 else ~number
    if size < 1 << 7:
        return 1
    if size < 1 << 15:
        return 2
    if size < 1 << 23:
        return 3
    if size < 1 << 31:
        return 4
    return 5 if size < 1 << 47 else 6


@kernel_part
def bytes_of(serial: int) -> int:
    """Return how many bytes a value takes in a record.

    Parameters
    ----------
    serial
        Its serial type.

    Returns
    -------
    int
        0 or more.
    """
    if serial >= 12:
        return (serial - 12) >> 1
    if serial < 5:
        return serial
    if serial < 8:
        return 6 if serial == 5 else 8
    return 0


@kernel_part
def put_record(rows: Rows, row: int, serials: Longs, head: int, data: Bytes, at: int) -> None:
    """Write a row as a record (2.1): its serial types, then its values.

    Parameters
    ----------
    rows, row
        The rows, and which of them.
    serials
        The serial type of each column, int64 [column].
    head
        Bytes of the first part.
    data
        Where to, uint8 [byte].
    at
        The byte to begin at.
    """
    place = put_varint(data, at, head)
    at += head
    for column in range(len(serials)):
        serial = serials[column]
        place = put_varint(data, place, serial)
        size = bytes_of(serial)
        if rows.kinds[column] == TEXT:
            copy(data, at, rows.text, rows.text_at[row], size)
        elif rows.kinds[column] == BLOB:
            first = rows.heads.shape[1]
            for i in range(first):
                data[at + i] = rows.heads[row, i]
            copy(data, at + first, rows.blobs, rows.blob_at[row], size - first)
        elif size == 8:
            store_big(data, at, rows.numbers[column, row])
        elif size:
            number = rows.numbers[column, row]
            for i in range(size - 1, -1, -1):
                data[at + i] = number & 255
                number >>= 8
        at += size


@inlined
def new_page(out: Bytes, size: int, state: Longs) -> int:
    """Take the next page of those that wait to be written.

    Parameters
    ----------
    out
        Pages that wait to be written, uint8 [byte].
    size
        Bytes of a page.
    state
        See the module.

    Returns
    -------
    int
        Its first byte in `out`; the page's number is state[NEXT] - 1 now.
    """
    if state[NEXT] == state[LOCK]:
        empty = state[WAITING] * size
        out[empty : empty + size] = 0
        state[WAITING] += 1
        state[NEXT] += 1
    state[WAITING] += 1
    state[NEXT] += 1
    return int((state[WAITING] - 1) * size)


@bare
def finish_leaf(leaf: Bytes, state: Longs) -> None:
    """Write the head of a leaf (1.6).

    Parameters
    ----------
    leaf
        uint8 [byte].
    state
        See the module.
    """
    leaf[0] = LEAF
    store_big(leaf, 3, np.uint16(state[CELLS]))
    store_big(leaf, 5, np.uint16(state[TOP]))


@kernel_part
def measure_row(rows: Rows, row: int, serials: Longs) -> tuple[int, int]:
    """Find how a row stands in a record.

    Parameters
    ----------
    rows, row
        The rows, and which of them.
    serials
        int64 [column], is written: the serial types.

    Returns
    -------
    tuple[int, int]
        Bytes of the serial types, with their own length, and of the values.
    """
    head = 0
    body = 0
    for column in range(len(serials)):
        kind = rows.kinds[column]
        if kind == TEXT:
            serial = 13 + 2 * (rows.text_at[row + 1] - rows.text_at[row])
        elif kind == BLOB:
            size = np.int64(rows.blob_at[row + 1]) - rows.blob_at[row] + rows.heads.shape[1]
            serial = 12 + 2 * size
        elif kind == ROW_ID or not rows.present[column, row]:
            serial = np.int64(0)
        elif kind == REAL:
            serial = np.int64(7)
        else:
            serial = np.int64(serial_type(rows.numbers[column, row]))
        serials[column] = serial
        head += varint_size(serial)
        body += bytes_of(serial)
    head += 1 if head < 127 else 2
    return head, body


@bare
def put_rows(  # noqa: PLR0915 - one loop; what it is made of has its own functions
    rows: Rows,
    begin: int,
    end: int,
    first: int,
    leaf: Bytes,
    out: Bytes,
    record: Bytes,
    leaves: Longs,
    serials: Longs,
    state: Longs,
) -> int:
    """Write rows to leaves, as many as there is room for.

    Parameters
    ----------
    rows
        The rows.
    begin, end
        The first one that is written, and the one after the last.
    first
        Number of row 0.
    leaf
        The page that is being filled, uint8 [byte].
    out
        Pages that wait to be written, uint8 [byte].
    record
        Room for a record that is larger than a page, uint8 [byte].
    leaves
        int64 [leaf, 2], is written: page and last row of each leaf that is full.
    serials
        Room for the serial types of a row, int64 [column].
    state
        See the module.

    Returns
    -------
    int
        The row at which it stopped.
    """
    size = len(leaf)
    # what stays in the leaf of a record that is too long for it (1.6)
    most = size - 35
    least = (size - 12) * 32 // 255 - 23
    for row in range(begin, end):
        head, body = measure_row(rows, row, serials)
        payload = head + body
        local = payload
        if payload > most:
            local = least + (payload - least) % (size - 4)
            if local > most:
                local = least
        spilled = payload - local
        # those of the rest, the leaf, and that of the locks
        needed = (spilled + size - 5) // (size - 4) + 2
        if (state[WAITING] + needed) * size > len(out) or (spilled and payload > len(record)):
            state[NEED_PAGES] = needed
            state[NEED_BYTES] = payload
            return row
        number = first + row
        cell = varint_size(payload) + varint_size(number) + local + (4 if spilled else 0)
        if state[TOP] - cell < LEAF_HEAD + 2 * (state[CELLS] + 1):
            finish_leaf(leaf, state)
            place = new_page(out, size, state)
            copy(out, place, leaf, 0, size)
            leaves[state[LISTED], 0] = state[NEXT] - 1
            leaves[state[LISTED], 1] = number - 1
            state[LISTED] += 1
            state[CELLS] = 0
            state[TOP] = size
            leaf[:] = 0
        state[TOP] -= cell
        store_big(leaf, LEAF_HEAD + 2 * state[CELLS], np.uint16(state[TOP]))
        state[CELLS] += 1
        at = put_varint(leaf, put_varint(leaf, state[TOP], payload), number)
        if not spilled:
            put_record(rows, row, serials, head, leaf, at)
            continue
        put_record(rows, row, serials, head, record, int64(0))
        copy(leaf, at, record, 0, local)
        link = at + local  # where the number of the next page goes: in the leaf, then in each page
        in_leaf = True
        done = local
        while done < payload:
            place = new_page(out, size, state)
            if in_leaf:
                store_big(leaf, link, np.uint32(state[NEXT] - 1))
            else:
                store_big(out, link, np.uint32(state[NEXT] - 1))
            in_leaf = False
            link = place
            part = min(size - 4, payload - done)
            out[place : place + 4] = 0
            copy(out, place + 4, record, done, part)
            out[place + 4 + part : place + size] = 0
            done += part
    return end
