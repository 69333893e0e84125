"""The operator's small picture: what the audience sees, as a file."""

import os
import queue
import threading
from contextlib import suppress
from pathlib import Path

import numpy as np
import numpy.typing as npt

WIDTH = 320
QUALITY = 80


class PictureFile:
    """Keeps a JPEG up to date, in a thread of its own: the film does not wait for it.

    A reader finds the last picture or the one before, never half of one. A disk that refuses
    costs the picture, and nothing else.

    Parameters
    ----------
    path : Path
        The file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._part = path.with_name(f".{path.name}.{os.getpid()}.part")
        self._waiting: queue.Queue[npt.NDArray[np.uint8] | None] = queue.Queue(1)
        self._thread = threading.Thread(target=self._write, daemon=True)
        self._thread.start()

    def offer(self, pixels: npt.NDArray[np.uint8] | None) -> None:
        """Have a picture written (RGB, shape (height, width, 3)), unless one is still waiting."""
        if pixels is not None:
            with suppress(queue.Full):
                self._waiting.put_nowait(pixels)

    def _write(self) -> None:
        # Decoders, which import this package too, make no pictures.
        from PIL import Image

        while (pixels := self._waiting.get()) is not None:
            image = Image.fromarray(np.ascontiguousarray(pixels))
            image.thumbnail((WIDTH, WIDTH))
            with suppress(OSError):
                image.save(self._part, "jpeg", quality=QUALITY)
                self._part.replace(self._path)

    def close(self) -> None:
        """Write what is waiting, and end."""
        self._waiting.put(None)
        self._thread.join()
        self._part.unlink(missing_ok=True)
