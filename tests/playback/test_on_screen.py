"""The film as it appears on an X screen, in real time."""

import os
import signal
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

import pytest

pytestmark = pytest.mark.full

SIZE = "640x360"

PLAY = """
import os, sys, time
from playback import Clip, Command, FilmTable, Player, TableScene, make_driver

paths, count, frames = sys.argv[3:], int(sys.argv[1]), int(sys.argv[2])
names = [f"s{n}" for n in range(count)]
scenes = tuple(
    TableScene(name, Clip(paths[n % len(paths)], 0, frames), follower, ())
    for n, (name, follower) in enumerate(zip(names, [*names[1:], None]))
)
table = FilmTable(24, 1, "s0", scenes, "On Screen")
driver = make_driver(os.environ["DRIVER"], table)
player = Player(table, driver)
now = time.monotonic_ns()
# A show starts when its decoders have long loaded their libraries.
while len(driver._children.warm) < 2 or any(child.starting for child in driver._children.warm):
    player.tick(now)
    time.sleep(max(0, (player.next_tick_ns - time.monotonic_ns()) / 1e9))
    now = time.monotonic_ns()
player.command(Command("start"))
while not player.finished:
    for event in player.tick(now):
        if event.kind == "started" and event.visit == 0:
            print(*driver.decoders.values(), *(c.pid for c in driver._children.warm), flush=True)
        if event.kind not in ("position", "started"):
            print(event.kind, event.scene, event.frame, event.detail, flush=True)
    time.sleep(max(0, (player.next_tick_ns - time.monotonic_ns()) / 1e9))
    now = time.monotonic_ns()
driver.close()
"""

CAPTURE = """
import sys
import av
from playback import read_frame_code

with av.open(sys.argv[1], format="x11grab", options={"video_size": sys.argv[2], "framerate": "60",
             "draw_mouse": "0"}) as screen:
    for frame in screen.decode(video=0):
        code = read_frame_code(frame.to_ndarray(format="gray"))
        print(f"{frame.time:.4f}", *(("-", "-") if code is None else (code.clip, code.frame)),
              flush=True)
"""


# Frames that may be missing at once: libVLC keeps its own time, and drops what is late.
MISSING = {"embedded": 1, "vlc": 12}


@pytest.fixture(params=list(MISSING))
def driver(request: pytest.FixtureRequest) -> str:
    if request.param == "vlc":
        request.getfixturevalue("vlc_screen")
    return str(request.param)


def start(script: str, display: str, *arguments: str, driver: str = "") -> "subprocess.Popen[str]":
    environment = {**os.environ, "DISPLAY": display, "SDL_AUDIODRIVER": "dummy", "DRIVER": driver}
    environment.pop("SDL_VIDEODRIVER", None)
    command = [sys.executable, "-c", script, *arguments]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)


def test_codes_on_the_screen_are_continuous_over_ten_cuts(
    display: str, driver: str, clips: list[Path]
) -> None:
    capture = start(CAPTURE, display, display, SIZE)
    player = start(PLAY, display, "11", "24", *map(str, clips), driver=driver)
    said, _ = player.communicate(timeout=120)
    capture.send_signal(signal.SIGTERM)
    lines = [line.split() for line in capture.communicate()[0].splitlines()]
    seen = [(float(t), int(c), int(k)) for t, c, k in lines if c != "-"]
    ticks = []
    scene = 0
    for (_, clip, _), (_, after, _) in pairwise(seen):
        ticks.append(scene)
        scene += clip != after
    position = [n * 24 + k for n, (_, _, k) in zip([*ticks, scene], seen, strict=True)]
    assert scene == 10, said
    assert [c for _, c, _ in seen] == [n % len(clips) for n in [*ticks, scene]]
    assert all(0 <= b - a <= 1 + MISSING[driver] for a, b in pairwise(position)), said
    dark = [line for line in lines if line[1] == "-" and seen[0][0] < float(line[0]) < seen[-1][0]]
    assert dark == []


def test_a_killed_player_leaves_no_child(display: str, driver: str, clips: list[Path]) -> None:
    player = start(PLAY, display, "11", "24", *map(str, clips), driver=driver)
    assert player.stdout
    pids = [int(word) for word in player.stdout.readline().split()]
    player.kill()
    player.wait()
    player.stdout.close()
    patience = time.monotonic() + 20
    while any(Path(f"/proc/{pid}").exists() for pid in pids):
        assert time.monotonic() < patience
    assert len(pids) >= 2


def test_the_windows_keys_reach_the_player(display: str, driver: str, clips: list[Path]) -> None:
    player = start(PLAY, display, "3", "24", *map(str, clips), driver=driver)
    assert player.stdout
    player.stdout.readline()
    said: list[str] = []
    patience = time.monotonic() + 60
    environment = {**os.environ, "DISPLAY": display}
    while not any("held" in line for line in said) and time.monotonic() < patience:
        subprocess.run(["xdotool", "key", "--clearmodifiers", "h"], env=environment, check=True)
        said.append(player.stdout.readline())
    player.kill()
    player.wait()
    player.stdout.close()
    assert any("HOLD" in line and "window" in line for line in said)
