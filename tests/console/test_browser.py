"""A real show, run from the page in the system's Chromium: the projectionist's whole evening."""

import os
import re
import shutil
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from playback import Sketch, make_sketches

pytestmark = [pytest.mark.full, pytest.mark.timeout(900)]

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
START_MS = 120_000
SCENE_MS = 90_000
SOON_MS = 15_000

FILM = """
title: {en: Evening, zh-Hant: 傍晚}
fps: 24
start: lead_in
max_runtime: 10 min
scenes:
  lead_in: {clip: lead_in.mkv, length: 60 s, lead_in: true, default: question}
  question:
    title: {en: The question, zh-Hant: 提問}
    clip: question.mkv
    length: 24 s
    reading: {from: 3 s, to: 20 s}
    branches:
      - {when: engagement > 0.4 and engagement.t > 3 for 5 s, to: gripped}
      - {when: synchrony > 99 for 5 s, to: together}
    default: calm
  gripped: {clip: gripped.mkv, length: 6 s, ending: true}
  together: {clip: together.mkv, length: 15 s, reading: {from: 3 s, to: 12 s},
    branches: [{when: synchrony > 99 for 5 s, to: gripped}], default: calm}
  calm: {clip: calm.mkv, length: 6 s, ending: true}
"""

SHOW = """
film = "film.yaml"
driver = "silent"
[[sources]]
kind = "simulated"
seats = "A1..A12"
seed = 3
consent = "research"
[sources.responses]
question = 1.0
"""


@dataclass
class Evening:
    """The running show, seen from outside."""

    folder: Path
    process: subprocess.Popen[str]
    address: str

    def pid(self, module: str) -> int:
        """Process number of a part of this show, from the job file that it was started with.

        Of an engine and its spare, the one that was started first.
        """
        job = str(self.folder / "run").encode()
        found = []
        for entry in Path("/proc").glob("[0-9]*/cmdline"):
            words = entry.read_bytes().split(b"\0")
            if module.encode() in words and any(word.startswith(job) for word in words):
                found.append(int(entry.parent.name))
        assert found, f"{module} does not run"
        return min(found)


@pytest.fixture
def evening(tmp_path: Path) -> Iterator[Evening]:
    (tmp_path / "film.yaml").write_text(FILM, "utf-8")
    (tmp_path / "show.toml").write_text(SHOW, "utf-8")
    lengths = {"lead_in": 60, "question": 24, "gripped": 6, "together": 15, "calm": 6}
    make_sketches(
        [
            Sketch(str(tmp_path / f"{name}.mkv"), number, name, "", seconds, "calm")
            for number, (name, seconds) in enumerate(lengths.items())
        ],
        fps=Fraction(24),
        size=(160, 96),
        progress=lambda done, total: None,
    )
    command = [sys.executable, "-m", "engine.cli", "show", str(tmp_path / "show.toml"), "--wait"]
    process = subprocess.Popen(
        [*command, "--sessions", str(tmp_path / "sessions")],
        env={**os.environ, "HALL_RUN": str(tmp_path / "run")},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    told = (re.search(r"console: (http\S+)", line) for line in process.stdout)
    address = next((found[1] for found in told if found), "")
    yield Evening(tmp_path, process, address)
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)


@pytest.fixture
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no Chromium: apt-get install chromium")
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield found
        found.close()


def answer(page: Page, outcome: str, name: str) -> Locator:
    """The last press, as the page answers it."""
    return page.locator(f".answer.{outcome}", has_text=name)


def press(page: Page, key: str, name: str, outcome: str = "accepted") -> None:
    """Press a key, and wait for the player's answer beside it."""
    page.keyboard.press(key)
    expect(answer(page, outcome, name)).to_be_visible(timeout=SOON_MS)


def now(page: Page, scene: str) -> None:
    """Wait until a scene is on the screen."""
    expect(page.locator(".now b")).to_have_text(scene, timeout=SCENE_MS)


def test_a_projectionists_evening(evening: Evening, browser: Browser):
    page = browser.new_page(locale="en-GB", viewport={"width": 1366, "height": 768})
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(evening.address)
    assert page.url.endswith("/en")

    # Standing by: nothing runs until START, and nothing to panic about.
    expect(page.locator(".phase")).to_have_text("ready", timeout=START_MS)
    press(page, "Escape", "PANIC", "refused")
    page.locator(".key.start").click()
    expect(answer(page, "accepted", "START")).to_be_visible()
    now(page, "lead_in")
    expect(page.locator(".key.start.off")).to_be_visible()
    expect(page.locator(".seat")).to_have_count(12)

    # A second browser, in the reader's own language, sees the same; closing it changes nothing.
    other = browser.new_page(locale="zh-TW")
    other.goto(evening.address)
    assert other.url.endswith("/zh-Hant")
    expect(other.locator("h1")).to_have_text("傍晚")
    now(other, "lead_in")

    # PANIC is acknowledged, on both pages; the key may be pressed twice; RESUME goes on.
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(answer(page, "accepted", "PANIC")).to_be_visible()
    expect(page.locator(".now.panic")).to_be_visible()
    expect(other.locator(".now.panic")).to_be_visible()
    expect(answer(other, "accepted", "緊急")).to_be_visible()
    other.close()
    press(page, "r", "RESUME")
    expect(page.locator(".now.calm")).to_be_visible()

    # A console that is killed comes back by itself, and knows where the film is.
    os.kill(evening.pid("engine.console"), signal.SIGKILL)
    expect(page.locator("div.lost")).to_be_visible(timeout=SOON_MS)
    expect(page.locator("div.lost")).to_be_hidden(timeout=60_000)
    now(page, "lead_in")
    expect(page.locator(".log li.paused")).to_have_count(1)

    # The question: a prediction, the audience's decision, and the operator's way over it.
    now(page, "The question")
    expect(page.locator(".key.take").first).to_contain_text("gripped")
    expect(page.locator(".next.by-predicted")).to_contain_text("gripped", timeout=SCENE_MS)
    page.keyboard.press("h")
    page.keyboard.press("2")
    expect(answer(page, "refused", "TAKE 2")).to_contain_text("too soon")
    expect(page.locator(".next.by-hold")).to_contain_text("calm")
    press(page, "a", "AUTO")
    expect(page.locator(".next.by-audience")).to_contain_text("gripped", timeout=SCENE_MS)
    expect(page.locator(".decisions li")).to_contain_text("engagement > 0.4")
    page.locator(".key.take").nth(1).click()
    expect(answer(page, "accepted", "TAKE 2")).to_be_visible()
    now(page, "together")
    expect(page.locator(".scene.been")).to_have_count(3)

    # With the engine stopped the page says so, and PANIC and RESUME still work; the supervisor
    # puts another in its place.
    os.kill(evening.pid("engine.live"), signal.SIGSTOP)
    expect(page.locator(".alarm")).to_contain_text("ENGINE", timeout=SOON_MS)
    press(page, "Escape", "PANIC")
    expect(page.locator(".now.panic")).to_be_visible()
    press(page, "r", "RESUME")
    expect(page.locator(".now.calm")).to_be_visible()
    expect(page.locator(".alarm")).to_have_count(0, timeout=2 * SOON_MS)

    # To the end; what is left is a sealed session.
    now(page, "calm")
    expect(page.locator(".phase")).to_have_text("the film has ended", timeout=SCENE_MS)
    assert evening.process.wait(60) == 0
    assert list((evening.folder / "sessions").glob("*.mcap"))
    assert {url.split("/")[2] for url in asked if url.startswith("http")} == {
        evening.address.split("/")[2]
    }


def test_the_consoles_door(evening: Evening):
    """Its page, its picture, and nobody else's request."""
    with urllib.request.urlopen(evening.address + "picture") as reply:
        assert reply.headers["Content-Type"].startswith("image/svg")
    picture = evening.folder / "run" / "picture.jpg"
    picture.write_bytes(b"\xff\xd8\xff picture")
    with urllib.request.urlopen(evening.address + "picture") as reply:
        assert reply.headers["Content-Type"] == "image/jpeg"
        assert reply.read() == picture.read_bytes()
    for headers in ({"Host": "evil.example"}, {"Origin": "http://evil.example"}):
        request = urllib.request.Request(evening.address, headers=headers)
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(request)
        assert refused.value.code == 403
        refused.value.close()
