"""The filmmaker's documents: commands that run as written, tables that say what is true."""

import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import typer.main

import engine.cli
from narrative import SIGNALS, _journey, _vocabulary, load_film
from narrative._vocabulary import Table

CHECKOUT = Path(__file__).parents[2]
GUIDE = CHECKOUT / "docs" / "filmmaker.md"
FORMAT = CHECKOUT / "docs" / "film-format.md"
HALL = """
import signal
from engine.cli import main
signal.signal(signal.SIGINT, signal.default_int_handler)
main()
"""
"""`hall`, which hears Ctrl-C also where a shell runs the tests in its background."""


@dataclass(frozen=True)
class Block:
    """A fenced block of a document."""

    kind: str
    text: str


def blocks(path: Path) -> list[Block]:
    found = re.findall(r"^```(\w*)\n(.*?)^```$", path.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    return [Block(kind, text) for kind, text in found]


def steps(path: Path) -> Iterator[tuple[Block, tuple[str, ...]]]:
    """Yield what a reader does, each with the lines that the document shows of its output."""
    found = blocks(path)
    for block, after in zip(found, [*found[1:], Block("", "")], strict=True):
        if block.kind in ("sh", "diff"):
            shown = after.text.splitlines() if block.kind == "sh" and after.kind == "" else ()
            yield block, tuple(line for line in shown if line.strip())


# the guide --------------------------------------------------------------------


@pytest.mark.full
def test_the_guide_runs_as_it_is_written(tmp_path):
    folder = tmp_path
    for block, shown in steps(GUIDE):
        if block.kind == "diff":
            change(folder / "film.yaml", block.text)
            continue
        told, refused = "", False
        for line in block.text.splitlines():
            words = shlex.split(line)
            if words[0] == "cd":
                folder /= words[1]
            else:
                said, status = hall(words, folder, tmp_path)
                told, refused = told + said, refused or status != 0
        expect(shown, told, block.text)
        assert refused == any(re.match(r"\d+ errors?$", line) for line in shown), told


def change(path: Path, difference: str) -> None:
    """Change a file as a difference says, which must fit at one place only."""
    lines = difference.splitlines(keepends=True)
    before = "".join(line[1:] for line in lines if line[0] in " -")
    after = "".join(line[1:] for line in lines if line[0] in " +")
    text = path.read_text("utf-8")
    assert text.count(before) == 1, difference
    path.write_text(text.replace(before, after), "utf-8")


def hall(words: list[str], folder: Path, home: Path) -> tuple[str, int]:
    """Run a command as it would be typed, and give what it says and its status."""
    assert words[0] == "hall"
    named = [name for word in words[1:] for name in sorted(_found(word, folder)) or [word]]
    places = {
        **os.environ,
        "COLUMNS": "400",
        "HALL_RUN": str(home / "run"),
        "PYTHONPATH": str(CHECKOUT),
        "XDG_CACHE_HOME": str(home / "cache"),
    }
    with subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", HALL, *named],
        cwd=folder,
        env=places,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as running:
        assert running.stdout is not None
        told = ""
        for line in running.stdout:
            told += line
            if named[:2] == ["film", "watch"] and "passes of seed" in line:
                running.send_signal(signal.SIGINT)  # it has shown what it shows on every save
        return told, running.wait()


def _found(word: str, folder: Path) -> list[str]:
    """Name the files that a pattern means."""
    return [str(path.relative_to(folder)) for path in folder.glob(word)] if "*" in word else []


def expect(shown: tuple[str, ...], told: str, command: str) -> None:
    """Find what is shown in what was told, in order; `...` stands for anything."""
    text, at = " ".join(told.split()), 0
    assert "Traceback" not in text
    for line in shown:
        pattern = ".*?".join(re.escape(" ".join(part.split())) for part in line.split("..."))
        found = re.compile(pattern).search(text, at)
        assert found, f"{command}\nshows not: {line}\nbut:\n{told}"
        at = found.end()


def test_the_guide_s_edits_fit_the_film_to_start_from():
    text = (CHECKOUT / "engine" / "authoring" / "sample" / "film.yaml").read_text("utf-8")
    crossroads, *_ = (block.text for block in blocks(GUIDE) if block.kind == "yaml")
    assert crossroads in text
    for block in blocks(GUIDE):
        if block.kind == "diff":
            lines = block.text.splitlines(keepends=True)
            before = "".join(line[1:] for line in lines if line[0] in " -")
            assert text.count(before) == 1, block.text
            text = text.replace(before, "".join(line[1:] for line in lines if line[0] in " +"))
    load_film(text, "film.yaml")


def test_documents_name_only_commands_that_are_there():
    known = typer.main.get_command(engine.cli.app)
    for path in (GUIDE, FORMAT):
        for words in _commands(path.read_text("utf-8")):
            command, said = known, []
            for word in words[1:]:
                if not hasattr(command, "commands") or word not in command.commands:
                    break
                command, said = command.commands[word], [*said, word]
            assert said, words
            options = {option for parameter in command.params for option in parameter.opts}
            assert {word for word in words if word.startswith("--")} <= options | {"--help"}, words


def _commands(text: str) -> Iterator[list[str]]:
    for line in re.findall(r"^hall .*$|`hall [^`]*`", text, re.MULTILINE):
        yield line.strip("`").split()


def test_links_lead_somewhere():
    for path in (GUIDE, FORMAT):
        text = path.read_text("utf-8")
        for target in re.findall(r"\]\(([^)#]*)(?:#[^)]*)?\)", text):
            assert (path.parent / target).exists(), target
        for anchor in re.findall(r"\]\(#([^)]*)\)", text):
            assert anchor in _anchors(text), anchor
    for anchor in re.findall(r"film-format\.md#([\w-]+)", _documents()):
        assert anchor in _anchors(FORMAT.read_text("utf-8")), anchor


def _anchors(text: str) -> set[str]:
    heads = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", head).lower().replace(" ", "-") for head in heads}


def _documents() -> str:
    files = [*CHECKOUT.glob("*.md"), *CHECKOUT.glob("docs/**/*.md")]
    return "\n".join(file.read_text("utf-8") for file in files)


# the format's page ------------------------------------------------------------

TABLES = {
    table.name: table
    for module in (_vocabulary, _journey)
    for table in vars(module).values()
    if isinstance(table, Table)
}


@pytest.mark.parametrize("name", sorted(TABLES))
def test_the_page_lists_every_key_of_the_loader(name):
    section = FORMAT.read_text("utf-8").partition(f"(`{name}`)\n")[2]
    rows = re.findall(r"^\| `(\w+)` \| (needed)? ?\|", section.partition("\n#")[0], re.MULTILINE)
    keys = {key: bool(entry.needed) for key, entry in TABLES[name].keys.items()}
    assert {key: needed == "needed" for key, needed in rows} == keys


def test_the_page_lists_every_signal():
    section = FORMAT.read_text("utf-8").partition("### Signals\n")[2].partition("\n#")[0]
    rows = dict(re.findall(r"^\| `(\w+)` \|.*\| (\d+) s \|$", section, re.MULTILINE))
    assert {name: int(seconds) for name, seconds in rows.items()} == {
        name: signal.memory_s for name, signal in SIGNALS.items()
    }


def test_the_page_has_the_guard_grammar():
    grammar = sys.modules["narrative._guard"].__doc__
    page = next(block for block in blocks(FORMAT) if block.text.startswith("guard "))
    assert [line.strip() for line in page.text.splitlines()] == [
        line.strip() for line in grammar.partition("::\n\n")[2].partition("\n\n")[0].splitlines()
    ]


def test_findings_are_told_in_the_words_of_the_checker():
    section = FORMAT.read_text("utf-8").partition("## What the checker finds\n")[2]
    rows = re.findall(r"^\| `([^`]+)`.*\| (error|warning|note) \|", section, re.MULTILINE)
    folders = ("narrative", "playback", "engine/authoring", "engine/config")
    sources = " ".join(
        re.sub(r'"\s*f?"', "", file.read_text("utf-8"))
        for folder in folders
        for file in sorted((CHECKOUT / folder).glob("*.py"))
    )
    assert len(rows) > 30
    for words, _ in rows:
        assert words in sources, words
