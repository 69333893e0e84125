"""Windows for libVLC to draw into, inside the film's own window.

They are redirected by XComposite: each keeps its picture while another lies over it, so that
raising it shows that picture at once. On plain X a raised window is black until its owner has
painted it anew: 17 to 60 ms with libVLC 3.0.24 (measured on Xvfb).
"""

import time
from ctypes import c_uint8, c_uint32

import numpy as np
import numpy.typing as npt

from playback._types import DriverError
from playback._x11 import (
    ABOVE,
    ALL_PLANES,
    BACK_PIXEL,
    BACK_PIXMAP,
    BELOW,
    COPY_FROM_PARENT,
    HEIGHT,
    INPUT_ONLY,
    INPUT_OUTPUT,
    NONE,
    STACKING,
    WIDTH,
    Requests,
    Server,
    X,
    release,
)

COMPOSITE = "libxcb-composite.so.0"
# From <xcb/composite.h>.
REQUESTS: Requests = {
    "xcb_composite_query_version": (c_uint32, c_uint32),
    "xcb_composite_redirect_subwindows": (c_uint32, c_uint8),
}
AUTOMATIC = BLACK = 0
# Where the windows lie while the slate is up: beside the film's window, painted but not seen.
ASIDE = -20_000
# How long after it was told to leave a libVLC may still draw.
LEAVING_S = 1.0


def _composing_server() -> Server:
    """Connect to an X server that has XComposite."""
    server = Server()
    try:
        server.extend(COMPOSITE, REQUESTS)
        # XComposite obeys nobody who has not told it his version.
        version = server.answer("xcb_composite_query_version", 0, 4)
        if not version:
            raise DriverError("this X server has no XComposite: use the embedded driver")
        release(version)
    except DriverError:
        server.close()
        raise
    return server


def stage_fault() -> str:
    """Why libVLC could not be given windows here; empty if it could."""
    try:
        _composing_server().close()
    except DriverError as error:
        return str(error)
    return ""


class Stage:
    """A pane in the film's window, with windows for libVLC in it, one of them in front.

    Parameters
    ----------
    parent : int
        X's name of the film's window.
    size : tuple of int
        Its width and height in pixels.

    Raises
    ------
    DriverError
        If the windows cannot be had; says what to install.
    """

    def __init__(self, parent: int, size: tuple[int, int]) -> None:
        self._server = _composing_server()
        self._size = size
        self._seen = False
        self._front: int | None = None
        self._windows: list[int] = []
        self._free: list[tuple[float, int]] = []
        self._pane = self._window(parent, ASIDE)
        self._server.ask("xcb_composite_redirect_subwindows", self._pane, AUTOMATIC)
        self._lid = self._made_lid(parent)
        self._server.flush()

    def _window(self, parent: int, x: int) -> int:
        """Make a window that begins black and keeps what was last painted on it."""
        window, place = self._server.new_id(), (x, 0, *self._size, 0)
        values = (c_uint32 * 1)(BLACK)
        look = (INPUT_OUTPUT, COPY_FROM_PARENT, BACK_PIXEL, values)
        self._server.ask("xcb_create_window", 0, window, parent, *place, *look)
        # A new window would appear, black, above the film.
        self._configure(window, stacking=BELOW)
        self._server.ask("xcb_map_window", window)
        self._blacken(window)
        return window

    def _made_lid(self, parent: int) -> int:
        """Make a window that nobody sees over all others; keys go through it to the film's.

        Over libVLC's windows the X server would give them to libVLC, which loses them.
        """
        lid, place = self._server.new_id(), (0, 0, *self._size, 0)
        look = (INPUT_ONLY, COPY_FROM_PARENT, 0, None)
        self._server.ask("xcb_create_window", 0, lid, parent, *place, *look)
        self._server.ask("xcb_map_window", lid)
        return lid

    def _blacken(self, window: int) -> None:
        """Paint a window black; without a background, it keeps what a dying libVLC showed."""
        for what, value in ((BACK_PIXEL, BLACK), (BACK_PIXMAP, NONE)):
            values = (c_uint32 * 1)(value)
            self._server.ask("xcb_change_window_attributes", window, what, values)
            self._server.ask("xcb_clear_area", 0, window, 0, 0, 0, 0)

    def _configure(self, window: int, **values: int) -> None:
        """Change some of a window's `x`, `width`, `height` and `stacking`, in this order."""
        mask = sum(
            {"x": X, "width": WIDTH, "height": HEIGHT, "stacking": STACKING}[k] for k in values
        )
        numbers = (c_uint32 * len(values))(*(value & ALL_PLANES for value in values.values()))
        self._server.ask("xcb_configure_window", window, mask, numbers)

    def lend(self) -> int:
        """Return a window nobody draws into and nobody sees."""
        now = time.monotonic()
        for since, window in self._free:
            if window != self._front and now - since > LEAVING_S:
                self._free.remove((since, window))
                self._blacken(window)
                break
        else:
            window = self._window(self._pane, 0)
            self._windows.append(window)
        self._server.flush()
        return window

    def take_back(self, window: int) -> None:
        """Let somebody else draw into a window, once its libVLC will have left it."""
        self._free.append((time.monotonic(), window))

    def reveal(self, window: int) -> None:
        """Show a window, with what is painted on it."""
        if window != self._front:
            self._configure(window, stacking=ABOVE)
        if not self._seen:
            self._configure(self._pane, x=0)
        self._front, self._seen = window, True
        self._server.flush()

    def hide(self) -> None:
        """Show what the film's window shows by itself."""
        if self._seen:
            self._configure(self._pane, x=ASIDE)
            self._server.flush()
        self._seen = False

    def fit(self, size: tuple[int, int]) -> None:
        """Follow the film's window to another size."""
        if size == self._size:
            return
        self._size = size
        self._configure(self._lid, width=size[0], height=size[1])
        for window in (self._pane, *self._windows):
            self._configure(window, width=size[0], height=size[1])
            # Beside a picture that does not fit lies black, not what was there before.
            self._blacken(window)
        self._server.flush()

    def pixels(self, window: int) -> npt.NDArray[np.uint8] | None:
        """Return what a window shows, BGRX, shape (height, width, 4); None if it is not told."""
        width, height = self._size
        found = self._server.pixels(window, (0, 0, width, height))
        if len(found) != width * height * 4:
            return None
        return np.frombuffer(found, np.uint8).reshape(height, width, 4)

    def painted(self, window: int) -> bool:
        """Whether a window shows anything but black, on its middle lines."""
        width, height = self._size
        for area in ((0, height // 2, width, 1), (width // 2, 0, 1, height)):
            pixels = np.frombuffer(self._server.pixels(window, area), np.uint8)
            if pixels.reshape(-1, 4)[:, :3].any():
                return True
        return False

    def close(self) -> None:
        """Remove the windows."""
        self._server.close()
