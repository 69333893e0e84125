"""A YAML file as a sheet: its nodes are read, every fault is noted rather than raised."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, NoReturn, TypeVar

from narrative._problem import Problem, did_you_mean
from narrative._vocabulary import Table
from narrative._words import and_more
from narrative._yaml import ListNode, MapNode, Node, ScalarNode, YamlError, compose

__all__ = ["Entry", "Keys", "Sheet", "UnreadableError"]

T = TypeVar("T")

_MAX_PROBLEMS: Final = 100
_BREAKS: Final = "\n\x85\u2028\u2029"


@dataclass(frozen=True, slots=True)
class Entry:
    """A key and its value in a mapping."""

    key: Node
    value: Node


class UnreadableError(Exception):
    """Ends the reading of a file; why is noted already."""


class Sheet:
    """One YAML file's nodes, and the problems found in them.

    Parameters
    ----------
    text : str
        The file's content.
    name : str
        The file's name, for the problems' places.
    """

    def __init__(self, text: str, name: str) -> None:
        self._text = text
        self._name = name
        self._user = ""
        self._noted: dict[tuple[str, str, str], list[str]] = {}

    # problems -----------------------------------------------------------------

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What was noted; a fault in a part once, with the scenes that use the part."""
        return tuple(
            Problem(where, what + _used_in(users), remedy)
            for (where, what, remedy), users in self._noted.items()
        )

    @contextmanager
    def used_in(self, user: str) -> Iterator[None]:
        """Say of what is noted meanwhile which scene uses the part."""
        before, self._user = self._user, user
        try:
            yield
        finally:
            self._user = before

    def where(self, node: Node) -> str:
        """Return the place of a node as `film.yaml:12:5`."""
        return self._place(node.start.line, node.start.column)

    def note(self, node: Node, what: str, remedy: str) -> None:
        """Note a problem at a node."""
        self._note(node.start.line, node.start.column, what, remedy)

    def note_inside(self, node: ScalarNode, offset: int, what: str, remedy: str) -> None:
        """Note a problem at a character of a scalar's value."""
        line, column = self._inside(node, offset)
        self._note(line, column, what, remedy)

    def stop(self, node: Node, what: str, remedy: str) -> NoReturn:
        """Note a problem after which nothing more can be read."""
        self.note(node, what, remedy)
        raise UnreadableError

    def take(self, problem: Problem) -> None:
        """Note a problem that was found elsewhere."""
        what = problem.what
        if self._user:
            # By the names in the part, a fault is the same in all its uses.
            what = re.sub(rf"(?<![\w.]){re.escape(self._user)}\.(?=\w)", "", what)
        users = self._noted.setdefault((problem.where, what, problem.remedy), [])
        if self._user and self._user not in users:
            users.append(self._user)
        if len(self._noted) == _MAX_PROBLEMS:
            raise UnreadableError

    def _note(self, line: int, column: int, what: str, remedy: str) -> None:
        self.take(Problem(self._place(line, column), what, remedy))

    def _place(self, line: int, column: int) -> str:
        return f"{self._name}:{line + 1}:{column + 1}"

    def _inside(self, node: ScalarNode, offset: int) -> tuple[int, int]:
        """Find a value's character in the file: the value is the raw text, folded."""
        value = node.value
        if node.filled is not None:
            value, offset = node.filled.written, node.filled.as_written(offset)
        line, column = node.start.line, node.start.column
        place = line, column
        sought = [char for char in value[: offset + 1] if not char.isspace()]
        met = 0
        in_header = node.style in ("|", ">")
        for char in self._text[node.start.index : node.end.index]:
            if met < len(sought) and not in_header and char == sought[met]:
                met, place = met + 1, (line, column)
            line, column = (line + 1, 0) if char in _BREAKS else (line, column + 1)
            in_header = in_header and column > 0
        past_end = offset >= len(value.rstrip())
        return place[0], place[1] + past_end

    # reading ------------------------------------------------------------------

    def root(self, first: str = "title, fps, start and scenes") -> Node:
        """Return the document's node; an empty file is told to start with these keys.

        Raises
        ------
        UnreadableError
            Where there is none; the problem is noted.
        """
        try:
            root = compose(self._text)
        except YamlError as error:
            self._note(error.line, error.column, error.what, error.remedy)
            raise UnreadableError from None
        if root is None:
            self._note(0, 0, "the file is empty", f"Start with {first}.")
            raise UnreadableError
        return root

    def entries(self, node: Node, what: str) -> dict[str, Entry]:
        """Return a mapping's entries; notes repeated and unreadable keys."""
        if not isinstance(node, MapNode):
            self.note(node, f"{what} is not a mapping", "Write key: value lines, or {key: value}.")
            return {}
        entries: dict[str, Entry] = {}
        for key, value in zip(node.items[::2], node.items[1::2], strict=True):
            name = self.text(key, "a key")
            if name in entries:
                self.note(key, f'"{name}" is written twice', "Keep one of them.")
            elif name is not None:
                entries[name] = Entry(key, value)
        return entries

    def mapping(
        self, node: Node, table: Table, what: str, label: str = "", owner: Node | None = None
    ) -> Keys:
        """Return the entries of a mapping of the format's; notes foreign and missing keys.

        `what` it is called in messages, `label` stands before its keys; a missing key is noted at
        its `owner`, which is the mapping itself without one.
        """
        entries = self.entries(node, what)
        for name in [name for name in entries if name not in table.keys]:
            remedy = table.refused.get(name) or did_you_mean(name, table.keys)
            self.note(entries.pop(name).key, f'{what} has no "{name}"', remedy)
        if isinstance(node, MapNode):
            for name, key in table.keys.items():
                if key.needed and name not in entries:
                    missing = f'{what} has no "{name}"'
                    self.note(owner or node, missing, f"Add {key.needed}.")
        return Keys(self, entries, label)

    def items(self, node: Node, what: str) -> list[Node]:
        """Return a list's nodes."""
        if isinstance(node, ListNode):
            return node.items
        self.note(node, f"{what} is not a list", 'Start each of its items with "- ".')
        return []

    def text(self, node: Node, what: str) -> str | None:
        """Return a scalar's text, if it is one, not empty and printable."""
        if not isinstance(node, ScalarNode):
            self.note(node, f"{what} is not a text", "Write one value.")
            return None
        text = node.value.strip()
        if not text:
            self.note(node, f"{what} is empty", "Write a value, or leave the key out.")
            return None
        if not text.isprintable() and any(unicodedata.category(c) in ("Cc", "Cs") for c in text):
            what = f"{what} has control characters or line breaks"
            self.note(node, what, "Write one plain line.")
            return None
        return text


class Keys:
    """A mapping's entries, each read with the name that messages give it.

    Parameters
    ----------
    sheet : Sheet
        Where problems are noted.
    entries : Mapping of str to Entry
        By key.
    label : str
        What stands before a key's name in messages: `harbour` of `harbour.reading`.
    """

    def __init__(self, sheet: Sheet, entries: Mapping[str, Entry], label: str) -> None:
        self._sheet = sheet
        self._label = label
        self.entries = entries

    def __contains__(self, key: str) -> bool:
        return key in self.entries

    def node(self, key: str) -> Node:
        """Return a value's node."""
        return self.entries[key].value

    def read(self, key: str, how: Callable[[Sheet, Node, str], T | None], otherwise: T) -> T:
        """Return a key's value; `otherwise` where it is missing or cannot be read."""
        if key not in self.entries:
            return otherwise
        what = f"{self._label}.{key}" if self._label else key
        found = how(self._sheet, self.entries[key].value, what)
        return otherwise if found is None else found

    def places(self, owner: Node) -> dict[str, str]:
        """Return where the owner (`""`) and the values are."""
        where = self._sheet.where
        return {"": where(owner)} | {key: where(entry.value) for key, entry in self.entries.items()}


def _used_in(users: list[str]) -> str:
    """Say which scenes use the part."""
    return f" (in {and_more(users)})" if users else ""
