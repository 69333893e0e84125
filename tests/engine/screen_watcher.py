"""Read the frame codes off an X screen, a hundred times a second; a process of its own.

Usage: python screen_watcher.py DISPLAY WIDTH HEIGHT; says "watching", and when standard input ends
one line per look: its time in ns, and "clip frame", "slate", or "-" where it was neither.
"""

import sys
import threading
import time

import av
import numpy as np

from playback import read_frame_code
from playback._slate import draw_slate

TOLERANCE = 2


def main(display: str, width: int, height: int) -> None:
    """Watch only the strip that holds the code: the rest would cost time and frames."""
    rows = height // 36
    options = {"video_size": f"{width}x{rows}", "framerate": "100", "draw_mouse": "0"}
    slate = draw_slate((width, height))[:rows].astype(np.int16)
    picture = np.zeros((height, width, 3), np.uint8)
    looks: list[str] = []
    over = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), over.set())).start()
    with av.open(display, format="x11grab", options=options) as screen:
        for grabbed in screen.decode(video=0):
            at_ns = time.monotonic_ns()
            picture[:rows] = strip = grabbed.to_ndarray(format="rgb24")
            code = read_frame_code(picture)
            is_slate = code is None and np.abs(strip - slate).max() <= TOLERANCE
            seen = f"{code.clip} {code.frame}" if code else "slate" if is_slate else "-"
            looks.append(f"{at_ns} {seen}")
            if len(looks) == 1:
                sys.stdout.write("watching\n")
                sys.stdout.flush()
            if over.is_set():
                break
    sys.stdout.write("\n".join(looks))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
