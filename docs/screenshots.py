"""Pictures of the console for the documents: `make screenshots`.

Starts the sample show, opens its console in English and Chinese side by side in the system's
Chromium, and takes pictures in the lead-in, at a decision and in PANIC.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

FOLDER = Path(__file__).parent / "screenshots"
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
LANGUAGES = ("en", "zh-Hant")
SMALL, LARGE = (1366, 768), (1920, 1080)
MINUTES = 10


def main() -> None:
    """Start the show, take the pictures, stop the show."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        places = {**os.environ, "HALL_RUN": f"{scratch}/run"}
        command = [sys.executable, "-m", "engine.cli", "demo", "--wait", "--sessions", scratch]
        show = subprocess.Popen(command, env=places, stdout=subprocess.DEVNULL)
        try:
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
                drive(browser, address(Path(scratch) / "run" / "console-address", show))
                browser.close()
            stop = [sys.executable, "-m", "engine.cli", "operate", "stop"]
            subprocess.run(stop, env=places, stdout=subprocess.DEVNULL, check=True)
            show.wait(60)
        finally:
            show.terminate()


def address(path: Path, show: subprocess.Popen[bytes]) -> str:
    """Wait for the console: the first time, the sample film's clips are made before it."""
    limit = time.monotonic() + 60 * MINUTES
    while not path.exists():
        if show.poll() is not None or time.monotonic() > limit:
            sys.exit("the sample show did not start")
        time.sleep(0.5)
    return path.read_text("utf-8")


def drive(browser: Browser, home: str) -> None:
    """Take each picture in both languages and, at the decision, in both sizes."""
    pages = {
        (language, size): open_page(browser, home + language, size)
        for language in LANGUAGES
        for size in (SMALL, LARGE)
    }
    desk = pages["en", SMALL]
    desk.locator(".key.start:not(.off)").wait_for(timeout=120_000)
    desk.keyboard.press("s")
    desk.locator(".now b", has_text="Before the tide").wait_for()
    desk.wait_for_timeout(50_000)
    take(pages, "lead-in", SMALL)
    desk.locator(".branch.true").first.wait_for(timeout=60_000)
    take(pages, "decision", SMALL)
    take(pages, "decision-1080p", LARGE)
    desk.locator(".decisions li").first.wait_for(timeout=60_000)
    desk.keyboard.press("Escape")
    desk.wait_for_timeout(1_500)
    take(pages, "panic", SMALL)


def open_page(browser: Browser, url: str, size: tuple[int, int]) -> Page:
    """Open the console in a window of its own."""
    page = browser.new_page(viewport={"width": size[0], "height": size[1]})
    page.goto(url)
    page.locator(".keys").wait_for()
    return page


def take(
    pages: dict[tuple[str, tuple[int, int]], Page], moment: str, size: tuple[int, int]
) -> None:
    """Write one picture for each language."""
    for language in LANGUAGES:
        pages[language, size].screenshot(path=FOLDER / f"console-{moment}-{language}.png")


if __name__ == "__main__":
    main()
