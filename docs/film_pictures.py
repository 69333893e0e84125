"""Pictures of the filmmaker's guide: `python docs/film_pictures.py`.

Lays out the film to start from, checks, simulates and draws it, and takes the pictures of the
pages in the system's Chromium.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

FOLDER = Path(__file__).parent / "pictures"
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
WIDTH, HEIGHT = 1366, 900


def main() -> None:
    """Make the pages, then take the pictures."""
    with tempfile.TemporaryDirectory() as scratch:
        film = Path(scratch) / "lantern"
        hall(film.parent, "film", "new", film.name)
        text = (film / "film.yaml").read_text("utf-8")  # the guide's change of it
        (film / "film.yaml").write_text(text.replace("engagement < -0.7", "engagement < -0.9"))
        hall(film, "film", "sketch", "film.yaml")
        hall(film, "film", "check", "film.yaml", "--page", "check.html")
        hall(film, "film", "simulate", "film.yaml", "--passes", "1000", "--page", "simulation.html")
        hall(film, "film", "export", "film.yaml", "--to", "svg", "--out", "graph.svg")
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
            take(browser, film / "check.html", whole=True)
            take(browser, film / "simulation.html")
            take(browser, film / "graph.svg")
            browser.close()


def hall(folder: Path, *arguments: str) -> None:
    """Run a command in a folder."""
    subprocess.run([sys.executable, "-m", "engine.cli", *arguments], cwd=folder, check=True)


def take(browser: Browser, page: Path, *, whole: bool = False) -> None:
    """Take a picture of a page's first screen, or of all of it."""
    window = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
    window.goto(page.as_uri())
    target = FOLDER / f"film-{page.stem}.png"
    if page.suffix == ".svg":
        window.locator("svg").first.screenshot(path=target)
    else:
        window.screenshot(path=target, full_page=whole)


if __name__ == "__main__":
    main()
