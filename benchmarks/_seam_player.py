"""A film of short scenes: ``python -m benchmarks._seam_player DESIGN FRAMES SCENES CLIP...``.

DESIGN is a driver's name, or "set_media" for one plain libVLC player. Scenes last FRAMES; 0 means
the whole clip, to its own end. Prints what the player complained of.
"""

from __future__ import annotations

import queue
import sys
import time

import vlc

from benchmarks._room import CLIPS, FPS
from playback import Clip, Command, FilmTable, Player, TableScene, make_driver, probe

_AFTER_S = 0.3


def play_film(design: str, frames: int, scenes: int, clips: list[str]) -> None:
    """Play through one of our drivers."""
    frames = frames or probe(clips[0]).frames
    names = [f"scene {n}" for n in range(scenes)]
    table = tuple(
        TableScene(name, Clip(clips[n % CLIPS], 0, frames), following, ())
        for n, (name, following) in enumerate(zip(names, [*names[1:], None], strict=True))
    )
    film = FilmTable(FPS, 1, names[0], table, "Seams")
    driver = make_driver(design, film)
    try:
        player = Player(film, driver)
        player.command(Command("start"))
        while not player.finished:
            for event in player.tick(time.monotonic_ns()):
                if event.kind in ("underflow", "fault", "refused"):
                    print(event.kind, event.scene, event.frame, event.detail, flush=True)
            due = player.next_tick_ns or 0
            time.sleep(max(0.0, (due - time.monotonic_ns()) / 1e9))
    finally:
        driver.close()


def play_plain(frames: int, scenes: int, clips: list[str]) -> None:
    """Give one libVLC player clip after clip, as most programs do."""
    instance = vlc.Instance("--quiet", "--no-video-title-show", "--no-xlib")
    player = instance.media_player_new()
    ended: queue.SimpleQueue[None] = queue.SimpleQueue()
    events = player.event_manager()
    events.event_attach(vlc.EventType.MediaPlayerEndReached, lambda _: ended.put(None))
    for number in range(scenes):
        player.set_media(instance.media_new_path(clips[number % CLIPS]))
        player.play()
        if frames:
            _wait(player, frames / FPS)
        else:
            ended.get(timeout=30)
    time.sleep(_AFTER_S)
    player.stop()


def _wait(player: vlc.MediaPlayer, seconds: float) -> None:
    """Let a clip play so long, from its first picture on."""
    while player.get_state() != vlc.State.Playing:
        time.sleep(0.001)
    time.sleep(seconds)


def main() -> None:
    """Run what the command line says."""
    design, frames, scenes, *clips = sys.argv[1:]
    if design == "set_media":
        play_plain(int(frames), int(scenes), clips)
    else:
        play_film(design, int(frames), int(scenes), clips)


if __name__ == "__main__":
    main()
