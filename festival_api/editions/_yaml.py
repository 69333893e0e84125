"""YAML to values that know their place; what has no business in an edition is noted."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Any, Final, NoReturn, TypeAlias, cast

import yaml
from yaml.reader import Reader as YamlReader

from festival_api.editions._problem import Path, Problem

__all__ = ["LARGEST", "Node", "read"]

LARGEST: Final = 1_000_000
"""Bytes that an edition may have."""

_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DEEPEST: Final = 12
_WHOLE_NUMBER: Final = re.compile(r"-?(0|[1-9][0-9]{0,17})", re.ASCII)
_WORDS: Final = {"true": True, "false": False, "null": None, "~": None, "": None}
_SYNTAX: Final = "Check the indentation, colons, quotes and brackets here and in the line above."
# Breaks, and marks that are not seen or turn the direction of writing: one name could look like
# another.
_UNSEEN: Final = frozenset(
    map(chr, [0x200B, 0x200E, 0x200F, *range(0x2028, 0x202F), *range(0x2066, 0x206A), 0xFEFF])
)

Scalar: TypeAlias = str | int | bool | None


@dataclass(slots=True)
class Node:
    """A value of the file.

    Attributes
    ----------
    value : Scalar, list or dict
        What stands there.
    line, column : int
        Where, counted from 1; the value of a mapping stands where its key does.
    """

    value: Scalar | list[Node] | dict[str, Node]
    line: int
    column: int

    def plain(self) -> Any:
        """Return the value without places."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        return self.value

    def at(self, path: Path) -> Node:
        """Return the deepest node on the way along `path`."""
        deepest = self
        for step in path:
            node = deepest._inside(step)
            if node is None:
                break
            deepest = node
        return deepest

    def _inside(self, step: str | int) -> Node | None:
        if isinstance(self.value, dict):
            return self.value.get(str(step))
        if isinstance(self.value, list) and isinstance(step, int) and step < len(self.value):
            return self.value[step]
        return None


def read(data: bytes, name: str) -> tuple[Node | None, list[Problem]]:
    """Read a YAML file's bytes.

    Parameters
    ----------
    data : bytes
        The file.
    name : str
        Its name, for the places of problems.

    Returns
    -------
    root : Node or None
        None where the reading had to end; why is among the problems.
    problems : list of Problem
        Broken YAML and what an edition may not hold: anchors, tags, keys written twice, characters
        that are no text.
    """
    reader = _Reader(name)
    try:
        return reader.tree(reader.text(data)), reader.problems
    except _StopError:
        return None, reader.problems


class _StopError(Exception):
    """Ends the reading; why is noted already."""


@dataclass(slots=True)
class _Open:
    """A list or mapping whose items are being read; `key` is the one whose value comes next."""

    node: Node
    path: Path
    key: str | None = None
    key_mark: yaml.Mark | None = None


class _Reader:
    def __init__(self, name: str) -> None:
        self.problems: list[Problem] = []
        self._name = name

    def text(self, data: bytes) -> str:
        """Decode the bytes, and stop at what is no text."""
        if len(data) > LARGEST:
            self._stop(
                "too_large", 0, 0, f"the file is larger than {LARGEST:,} bytes", "Shorten it."
            )
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            before = data[: error.start].decode("utf-8-sig")
            what = f"byte {data[error.start]:#04x} is not UTF-8"
            self._stop("not_utf8", *_end(before), what, "Save the file as UTF-8.")
        foreign = YamlReader.NON_PRINTABLE.search(text)
        if foreign:
            what = f"character U+{ord(foreign.group()):04X} is not allowed"
            self._stop("control_character", *_end(text[: foreign.start()]), what, "Remove it.")
        return text

    def tree(self, text: str) -> Node:
        """Build the tree from YAML's events: no anchor followed, no tag obeyed, depth bounded."""
        try:
            root = self._tree(text)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            what = " ".join(str(error.problem or error.context or "it cannot be read").split())
            self._stop("not_yaml", *_at(mark), f"broken YAML: {what}", _SYNTAX)
        except (yaml.YAMLError, ValueError, OverflowError) as error:
            # Escapes and version numbers beyond what Python takes have no mark.
            what = " ".join(str(error).split())
            self._stop("not_yaml", 0, 0, f"broken YAML: {what}", "Look for escapes and % lines.")
        if root is None:
            self._stop(
                "empty",
                0,
                0,
                "the file is empty",
                "Start from the edition that comes as the example.",
            )
        return root

    def _tree(self, text: str) -> Node | None:
        root: Node | None = None
        opened: list[_Open] = []
        for event in yaml.parse(text, Loader=_LOADER):
            mark = cast(yaml.Mark, event.start_mark)
            if isinstance(event, yaml.DocumentStartEvent) and root is not None:
                self._stop(
                    "not_yaml", *_at(mark), "a second document begins", "Remove the line of dashes."
                )
            if isinstance(event, yaml.CollectionEndEvent):
                opened.pop()
            if not isinstance(event, yaml.NodeEvent):
                continue
            inside = opened[-1] if opened else None
            if inside and isinstance(inside.node.value, dict) and inside.key is None:
                inside.key, inside.key_mark = self._key(event, inside, mark), mark
                continue
            path, place = _next(inside, mark)
            node = Node(self._value(event, path, mark), *place)
            root = root or node
            if inside:
                self._put(inside, node)
            if isinstance(event, yaml.CollectionStartEvent):
                opened.append(_Open(node, path))
                if len(opened) > _DEEPEST:
                    self._stop(
                        "too_deep",
                        *_at(mark),
                        "lists or mappings are nested too deep",
                        "Check the brackets.",
                    )
        return root

    def _put(self, inside: _Open, node: Node) -> None:
        if isinstance(inside.node.value, list):
            inside.node.value.append(node)
        elif isinstance(inside.node.value, dict) and inside.key is not None:
            if inside.key in inside.node.value:
                what = f'"{inside.key}" is written twice'
                self._note(
                    "duplicate_key", *_at(inside.key_mark), what, "Keep one of them.", inside.path
                )
            inside.node.value.setdefault(inside.key, node)
            inside.key = None

    def _key(self, event: yaml.NodeEvent, inside: _Open, mark: yaml.Mark) -> str:
        if not isinstance(event, yaml.ScalarEvent):
            self._stop("not_yaml", *_at(mark), "a key is not a text", "Write key: value.")
        self._plain_node(event, inside.path, mark)
        return self._clean(event.value, inside.path, mark)

    def _value(
        self, event: yaml.NodeEvent, path: Path, mark: yaml.Mark
    ) -> Scalar | list[Node] | dict[str, Node]:
        self._plain_node(event, path, mark)
        if isinstance(event, yaml.MappingStartEvent):
            return {}
        if isinstance(event, yaml.SequenceStartEvent):
            return []
        if not isinstance(event, yaml.ScalarEvent):
            return None
        text: str = event.value
        if not event.style and text in _WORDS:
            return _WORDS[text]
        if not event.style and _WHOLE_NUMBER.fullmatch(text):
            return int(text)
        return self._clean(text, path, mark)

    def _plain_node(self, event: yaml.NodeEvent, path: Path, mark: yaml.Mark) -> None:
        """Note anchors and tags; they are not followed."""
        if event.anchor is not None:
            what = "anchors (& and *) are not part of an edition"
            self._note("anchor", *_at(mark), what, "Write the value out.", path)
        tag = getattr(event, "tag", None)
        if tag is not None:
            what = f"the tag {str(tag)[:60]!r} is not part of an edition"
            self._note(
                "tag", *_at(mark), what, "Remove what begins with an exclamation mark.", path
            )

    def _clean(self, text: str, path: Path, mark: yaml.Mark) -> str:
        """Return the text without what is not seen around it; note characters that are none."""
        text = unicodedata.normalize("NFC", text.strip())
        bad = [c for c in text if c in _UNSEEN or unicodedata.category(c) in ("Cc", "Cs")]
        if bad:
            what = f"character U+{ord(bad[0]):04X} is not allowed in a text"
            remedy = "Remove it; a text is one line (>- folds several lines into one)."
            self._note("control_character", *_at(mark), what, remedy, path)
        return "".join(c for c in text if c not in bad)

    def _note(
        self, code: str, line: int, column: int, what: str, remedy: str, path: Path = ()
    ) -> None:
        where = f"{self._name}:{line + 1}:{column + 1}"
        self.problems.append(Problem(code, path, what, remedy, where))

    def _stop(self, code: str, line: int, column: int, what: str, remedy: str) -> NoReturn:
        self._note(code, line, column, what, remedy)
        raise _StopError


def _next(inside: _Open | None, mark: yaml.Mark) -> tuple[Path, tuple[int, int]]:
    """Return the path of the value that comes next, and its place, counted from 1."""
    path: Path = ()
    if inside and isinstance(inside.node.value, list):
        path = (*inside.path, len(inside.node.value))
    elif inside and inside.key is not None:
        path, mark = (*inside.path, inside.key), inside.key_mark or mark
    return path, (mark.line + 1, mark.column + 1)


def _at(mark: yaml.Mark | None) -> tuple[int, int]:
    return (mark.line, mark.column) if mark else (0, 0)


def _end(text: str) -> tuple[int, int]:
    """Return line and column, counted from 0, at which `text` ends."""
    return text.count("\n"), len(text) - text.rfind("\n") - 1
