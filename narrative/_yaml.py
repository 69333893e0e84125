"""YAML text to nodes that know their place, with every fault noted rather than raised."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias, cast

import yaml
from yaml.reader import ReaderError

from narrative._duration import written
from narrative._problem import Problem, did_you_mean

__all__ = ["Entry", "Node", "Sheet"]

Node: TypeAlias = yaml.ScalarNode | yaml.SequenceNode | yaml.MappingNode

_MAX_DEPTH: Final = 20
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*", re.ASCII)
_BREAKS: Final = "\n\x85\u2028\u2029"


@dataclass(frozen=True, slots=True)
class Entry:
    """A key and its value in a mapping."""

    key: Node
    value: Node


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
        self.problems: list[Problem] = []

    # problems -----------------------------------------------------------------

    def where(self, node: Node) -> str:
        """Return the place of a node as `film.yaml:12:5`."""
        return self._place(node.start_mark.line, node.start_mark.column)

    def note(self, node: Node, what: str, remedy: str) -> None:
        """Note a problem at a node."""
        self._note(node.start_mark.line, node.start_mark.column, what, remedy)

    def note_inside(self, node: yaml.ScalarNode, offset: int, what: str, remedy: str) -> None:
        """Note a problem at a character of a scalar's value."""
        line, column = self._inside(node, offset)
        self._note(line, column, what, remedy)

    def _note(self, line: int, column: int, what: str, remedy: str) -> None:
        self.problems.append(Problem(self._place(line, column), what, remedy))

    def _place(self, line: int, column: int) -> str:
        return f"{self._name}:{line + 1}:{column + 1}"

    def _inside(self, node: yaml.ScalarNode, offset: int) -> tuple[int, int]:
        """Find a value's character in the file: the value is the raw text, folded."""
        line, column = node.start_mark.line, node.start_mark.column
        place = line, column
        sought = [char for char in node.value[: offset + 1] if not char.isspace()]
        met = 0
        in_header = node.style in ("|", ">")
        for char in self._text[node.start_mark.index : node.end_mark.index]:
            if met < len(sought) and not in_header and char == sought[met]:
                met, place = met + 1, (line, column)
            line, column = (line + 1, 0) if char in _BREAKS else (line, column + 1)
            in_header = in_header and column > 0
        past_end = offset >= len(node.value.rstrip())
        return place[0], place[1] + past_end

    # reading ------------------------------------------------------------------

    def root(self) -> Node | None:
        """Return the document's node; None, with a problem noted, where there is none."""
        try:
            if not self._is_plain():
                return None
            node = yaml.compose(self._text, Loader=yaml.SafeLoader)
        except yaml.MarkedYAMLError as error:
            self._broken(error)
            return None
        except ReaderError as error:
            before = self._text[: error.position]
            line, column = before.count("\n"), len(before) - before.rfind("\n") - 1
            what = f"broken YAML: character {ord(self._text[error.position]):#06x} is not allowed"
            self._note(line, column, what, "Save the file as UTF-8 text without it.")
            return None
        except (ValueError, OverflowError) as error:
            # Escapes and version numbers beyond what Python takes.
            self._note(
                0, 0, f"broken YAML: {error}", "Look for long numbers after % or a backslash."
            )
            return None
        if node is None:
            self._note(0, 0, "the file is empty", "Start with title, fps, start and scenes.")
        return cast(Node | None, node)

    def _is_plain(self) -> bool:
        """Refuse what would make the tree endless: anchors, and nesting without bound."""
        depth = 0
        for event in yaml.parse(self._text, Loader=yaml.SafeLoader):
            if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
                what, remedy = "anchors (& and *) are not part of the format", "Write it out."
            elif isinstance(event, yaml.CollectionStartEvent) and depth >= _MAX_DEPTH:
                what, remedy = "lists or mappings nested too deep", "Check the brackets."
            else:
                depth += isinstance(event, yaml.CollectionStartEvent)
                depth -= isinstance(event, yaml.CollectionEndEvent)
                continue
            mark = cast(yaml.Mark, event.start_mark)
            self._note(mark.line, mark.column, what, remedy)
            return False
        return True

    def _broken(self, error: yaml.MarkedYAMLError) -> None:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line, mark.column) if mark else (0, 0)
        what = f"broken YAML: {error.problem or error.context or 'cannot be read'}"
        remedy = "Check the indentation, colons, quotes and brackets here and in the line above."
        self._note(line, column, " ".join(what.split()), remedy)

    def mapping(self, node: Node, what: str, known: Collection[str] | None) -> dict[str, Entry]:
        """Return a mapping's entries; notes foreign, repeated and unreadable keys.

        `known` are the keys it may have; None lets it have any.
        """
        if not isinstance(node, yaml.MappingNode):
            self.note(node, f"{what} is not a mapping", "Write key: value lines, or {key: value}.")
            return {}
        entries: dict[str, Entry] = {}
        for key, value in node.value:
            name = self.text(key, "a key")
            if name is None:
                continue
            if name in entries:
                self.note(key, f'"{name}" is written twice', "Keep one of them.")
            elif known is not None and name not in known:
                self.note(key, f'{what} has no "{name}"', did_you_mean(name, known))
            else:
                entries[name] = Entry(key, value)
        return entries

    def items(self, node: Node, what: str) -> list[Node]:
        """Return a list's nodes."""
        if isinstance(node, yaml.SequenceNode):
            return list(node.value)
        self.note(node, f"{what} is not a list", 'Start each of its items with "- ".')
        return []

    def text(self, node: Node, what: str) -> str | None:
        """Return a scalar's text, if it is one, not empty and printable."""
        if not isinstance(node, yaml.ScalarNode):
            self.note(node, f"{what} is not a text", "Write one value.")
        elif not node.value.strip():
            self.note(node, f"{what} is empty", "Write a value, or leave the key out.")
        elif any(unicodedata.category(char) in ("Cc", "Cs") for char in node.value.strip()):
            self.note(
                node, f"{what} has control characters or line breaks", "Write one plain line."
            )
        else:
            return str(node.value.strip())
        return None

    def flag(self, node: Node, what: str) -> bool:
        """Return a true or false."""
        text = self.text(node, what)
        if text not in (None, "true", "false"):
            self.note(node, f'{what} is "{text}"', "Write true or false.")
        return text == "true"

    def duration(self, node: Node, what: str) -> float | None:
        """Return a duration in seconds, zero allowed."""
        text = self.text(node, what)
        length_s = written(text) if text is not None else None
        if text is not None and length_s is None:
            plain = text.replace(".", "", 1).isascii() and text.replace(".", "", 1).isdigit()
            remedy = (
                f"Write {text} s (or ms, min)." if plain else "Write it like 24 s, 500 ms, 2 min."
            )
            self.note(node, f'{what} is "{text}", which is no duration', remedy)
        return length_s

    def length(self, node: Node, what: str) -> float | None:
        """Return a duration in seconds, above zero."""
        length_s = self.duration(node, what)
        if length_s == 0:
            self.note(node, f"{what} is zero", "Write a duration above zero.")
            return None
        return length_s

    def titles(self, node: Node, what: str) -> Mapping[str, str]:
        """Return texts by language."""
        entries = self.mapping(node, what, None)
        for tag, entry in entries.items():
            if not _LANGUAGE.fullmatch(tag):
                self.note(
                    entry.key, f'"{tag}" is no language tag', "Write en, zh-Hant or the like."
                )
        texts = {tag: self.text(entry.value, f"{what} ({tag})") for tag, entry in entries.items()}
        return {tag: text for tag, text in texts.items() if text is not None}
