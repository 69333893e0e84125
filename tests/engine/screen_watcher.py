"""Read the frame codes off an X screen, a hundred times a second; a process of its own.

Usage: python screen_watcher.py DISPLAY WIDTH HEIGHT SECONDS; prints one line per picture,
"clip frame", or "-" where no code could be read.
"""

import sys
import time

import av
import numpy as np

from playback import read_frame_code


def main(display: str, width: int, height: int, seconds: float) -> None:
    """Watch only the strip that holds the code: the rest would cost time and frames."""
    rows = height // 36
    options = {"video_size": f"{width}x{rows}", "framerate": "100", "draw_mouse": "0"}
    picture = np.zeros((height, width, 3), np.uint8)
    with av.open(display, format="x11grab", options=options) as screen:
        until = time.monotonic() + seconds
        for grabbed in screen.decode(video=0):
            picture[:rows] = grabbed.to_ndarray(format="rgb24")
            code = read_frame_code(picture)
            sys.stdout.write(f"{code.clip} {code.frame}\n" if code else "-\n")
            if time.monotonic() > until:
                break


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]))
