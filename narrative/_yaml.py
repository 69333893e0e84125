"""YAML text to nodes that know their place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias, cast

import yaml
from yaml.reader import Reader

__all__ = ["Filled", "ListNode", "MapNode", "Node", "ScalarNode", "YamlError", "compose"]

_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_MAX_DEPTH: Final = 20
_CHECK: Final = "Check the indentation, colons, quotes and brackets here and in the line above."


@dataclass(frozen=True, slots=True)
class Filled:
    """How a value came about in which a part's parameters are filled in.

    Parameters
    ----------
    written : str
        The text with the parameters' names.
    pieces : tuple of (int, int, bool)
        From which character of the value on, where that stands in `written`, and whether it is a
        parameter's value.
    names : Mapping of str to str or None
        Where a scene that it names is looked for, if it is nothing but a parameter's value.
    """

    written: str
    pieces: tuple[tuple[int, int, bool], ...]
    names: Mapping[str, str] | None

    def as_written(self, offset: int) -> int:
        """Return where a character of the value is in the text with the parameters' names."""
        begun = [piece for piece in self.pieces if piece[0] <= offset]
        value_offset, written_offset, is_argument = begun[-1]
        return written_offset + (0 if is_argument else offset - value_offset)


@dataclass(frozen=True, slots=True)
class ScalarNode:
    """One value, as text."""

    value: str
    start: yaml.Mark
    end: yaml.Mark
    style: str | None
    filled: Filled | None = None


@dataclass(frozen=True, slots=True)
class ListNode:
    """A list of values."""

    items: list[Node]
    start: yaml.Mark


@dataclass(frozen=True, slots=True)
class MapNode:
    """A mapping: key, value, key, value."""

    items: list[Node]
    start: yaml.Mark


Node: TypeAlias = ScalarNode | ListNode | MapNode


class YamlError(Exception):
    """Text that is no YAML, or more than is taken.

    Parameters
    ----------
    line, column : int
        Where, counted from 0.
    what, remedy : str
        What is wrong, and what to do.
    """

    def __init__(self, line: int, column: int, what: str, remedy: str) -> None:
        super().__init__(what)
        self.line = line
        self.column = column
        self.what = what
        self.remedy = remedy


def compose(text: str) -> Node | None:
    """Return the document's node; None for an empty one.

    Parameters
    ----------
    text : str
        YAML.

    Raises
    ------
    YamlError
        If it is broken, or holds what would make the tree endless: anchors, and nesting
        without bound.
    """
    foreign = Reader.NON_PRINTABLE.search(text)
    if foreign is not None:
        before = text[: foreign.start()]
        line, column = before.count("\n"), len(before) - before.rfind("\n") - 1
        what = f"broken YAML: character {ord(foreign.group()):#06x} is not allowed"
        raise YamlError(line, column, what, "Save the file as UTF-8 text without it.")
    try:
        return _tree(text)
    except yaml.MarkedYAMLError as error:
        at = error.problem_mark or error.context_mark
        line, column = (at.line, at.column) if at else (0, 0)
        what = " ".join(str(error.problem or error.context or "cannot be read").split())
        raise YamlError(line, column, f"broken YAML: {what}", _CHECK) from None
    except (ValueError, OverflowError) as error:
        # Escapes and version numbers beyond what Python takes.
        remedy = "Look for long numbers after % or a backslash."
        raise YamlError(0, 0, f"broken YAML: {error}", remedy) from None


def _tree(text: str) -> Node | None:
    """Build the tree from YAML's events."""
    root: Node | None = None
    opened: list[ListNode | MapNode] = []
    for event in yaml.parse(text, Loader=_LOADER):
        mark = cast(yaml.Mark, event.start_mark)
        if isinstance(event, yaml.CollectionEndEvent):
            opened.pop()
        if isinstance(event, yaml.DocumentStartEvent) and root is not None:
            raise YamlError(mark.line, mark.column, "broken YAML: a second document", _CHECK)
        if not isinstance(event, yaml.NodeEvent):
            continue
        node = _node(event, mark)
        if opened:
            opened[-1].items.append(node)
        else:
            root = node
        if not isinstance(node, ScalarNode):
            opened.append(node)
            if len(opened) > _MAX_DEPTH:
                what = "lists or mappings nested too deep"
                raise YamlError(mark.line, mark.column, what, "Check the brackets.")
    return root


def _node(event: yaml.NodeEvent, mark: yaml.Mark) -> Node:
    """Return an event's node, without its items yet."""
    if event.anchor is not None:
        what = "anchors (& and *) are not part of the format"
        raise YamlError(mark.line, mark.column, what, "Write it out.")
    if isinstance(event, yaml.ScalarEvent):
        return ScalarNode(event.value, mark, cast(yaml.Mark, event.end_mark), event.style)
    return MapNode([], mark) if isinstance(event, yaml.MappingStartEvent) else ListNode([], mark)
