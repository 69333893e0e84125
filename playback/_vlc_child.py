"""A libVLC child: one player that draws into a window of the presenter's and sounds.

Run as `python -m playback._vlc_child DESCRIPTOR`. Orders come as lines on standard input:
`open GENERATION WINDOW START_MS PATH` (PATH as JSON) pre-rolls a clip, `play` lets it run,
`pause MS` stops it and goes to a place of the file, `level PART` sets loudness, `close` ends the
clip. Everything is done by one thread, never in libVLC's callbacks, which must not call it.
The end of the input, which is also the parent's end, ends the child whatever it is doing.
"""

import json
import mmap
import sys
import time

import vlc

from playback._board import AHEAD_MS, BEAT_NS, PAGE, WANTED_MS
from playback._orders import Orders, live_and_die_with_parent
from playback._ring import DECODING, FAILED, GENERATION, OPENING, STATE

OPTIONS = (
    "--intf=dummy",
    "--quiet",
    "--no-video-title-show",
    "--no-osd",
    "--no-spu",
    "--no-keyboard-events",
    "--no-mouse-events",
    "--no-metadata-network-access",
    # A picture that waits counts as late: dropped, nothing would be painted before the cut.
    "--no-drop-late-frames",
    # Sound servers remember loudness by role: a film that faded out must not silence others.
    "--role=production",
)
BEAT_S = 0.05
# How long libVLC takes to be where it was told, with pictures and sound decoded ahead.
SETTLE_S = 0.2
# libVLC tells its place twice a second; in between it goes with the clock.
REPORT_S = 0.6


class Player:
    """libVLC's player, with what the presenter is told of it."""

    def __init__(self, board: memoryview) -> None:
        self._board = board
        self._vlc = vlc.Instance(*OPTIONS, *sys.argv[2:])
        self._player = self._vlc.media_player_new()
        self._start_ms = 0
        self._opening = self._wound = False
        self._settled = 0.0
        self._told = (0.0, -1)

    def obey(self, line: bytes) -> None:
        """Do what an order says."""
        order, _, rest = line.partition(b" ")
        if order == b"open":
            self._open(*rest.split(b" ", 3))
        elif order == b"play":
            self._player.set_pause(0)
        elif order == b"pause":
            self._player.set_pause(1)
            self._player.set_time(int(rest))
        elif order == b"level":
            # libVLC's loudness is cubic, as ears and sliders are; a fade is linear.
            self._player.audio_set_volume(round(100 * float(rest) ** (1 / 3)))
        else:
            self._close()

    def _open(self, generation: bytes, window: bytes, start_ms: bytes, path: bytes) -> None:
        """Begin to pre-roll a clip."""
        self._close()
        self._start_ms = int(start_ms)
        media = self._vlc.media_new_path(json.loads(path))
        media.add_option(":start-paused")
        media.add_option(f":start-time={self._start_ms / 1000:.3f}")
        self._player.set_xwindow(int(window))
        self._player.set_media(media)
        media.release()
        self._board[STATE] = OPENING
        self._board[GENERATION] = int(generation)
        self._opening, self._wound, self._told = True, False, (0.0, -1)
        self._player.play()
        self._player.audio_set_volume(100)

    def look(self, now: float) -> None:
        """See what libVLC is doing, and tell it."""
        state = self._player.get_state()
        if state == vlc.State.Error or (self._opening and state == vlc.State.Ended):
            self._board[STATE] = FAILED
        elif self._opening:
            self._pre_roll(state, now)
        elif state in (vlc.State.Playing, vlc.State.Ended):
            # A file that ends before its scene falls behind the film, and is noticed by that.
            self._watch(now)
        self._board[BEAT_NS] = time.monotonic_ns()

    def _pre_roll(self, state: object, now: float) -> None:
        """Send it to its place: paused at the start, it paints nothing before (measured)."""
        if state == vlc.State.Paused and not self._wound:
            self._player.set_time(self._start_ms)
            self._wound, self._settled = True, now + SETTLE_S
        elif self._wound and now >= self._settled:
            self._opening = False
            self._board[STATE] = DECODING

    def _watch(self, now: float) -> None:
        """Compare libVLC's place with the one the presenter counts."""
        place = self._player.get_time()
        if place != self._told[1]:
            self._told = (now, place)
        passed = min(now - self._told[0], REPORT_S)
        self._board[AHEAD_MS] = round(self._told[1] + passed * 1000) - self._board[WANTED_MS]

    def _close(self) -> None:
        """End the clip."""
        self._opening = False
        self._player.stop()


def main() -> None:
    """Run the child."""
    live_and_die_with_parent()
    memory = mmap.mmap(int(sys.argv[1]), PAGE)
    board = memoryview(memory).cast("q")
    player, orders = Player(board), Orders(sys.stdin.buffer)
    # From now on silence means that it hangs.
    board[BEAT_NS] = time.monotonic_ns()
    board[STATE] = OPENING
    while True:
        line = orders.next(wait=True, timeout_s=BEAT_S)
        if line is not None:
            player.obey(line)
        player.look(time.monotonic())


if __name__ == "__main__":
    main()
