"""The one door to X11: windows for libVLC to draw into, inside the film's own window.

They are redirected by XComposite: each keeps its picture while another lies over it, so that
raising it shows that picture at once. On plain X a raised window is black until its owner has
painted it anew: 17 to 60 ms with libVLC 3.0.24 (measured on Xvfb).
"""

import ctypes
import time
from collections.abc import Callable
from ctypes import c_int16, c_uint8, c_uint16, c_uint32, c_void_p
from functools import partial

import numpy as np
import numpy.typing as npt

from playback._types import DriverError

LIBRARIES = ("libxcb.so.1", "libxcb-composite.so.0")
REMEDY = "apt-get install libxcb1 libxcb-composite0"
# From <xcb/xproto.h> and <xcb/composite.h>.
BACK_PIXMAP, BACK_PIXEL = 1, 2
X, WIDTH, HEIGHT, STACKING = 1, 4, 8, 64
NONE = ABOVE = AUTOMATIC = BLACK = 0
BELOW = INPUT_OUTPUT = 1
Z_PIXMAP = 2
ALL_PLANES = 0xFFFFFFFF
# Where the windows lie while the slate is up: beside the film's window, painted but not seen.
ASIDE = -20_000
# How long after it was told to leave a libVLC may still draw.
LEAVING_S = 1.0
# What each request takes after the connection.
REQUESTS: dict[str, tuple[type, ...]] = {
    "xcb_create_window": (
        *(c_uint8, c_uint32, c_uint32, c_int16, c_int16),
        *(c_uint16, c_uint16, c_uint16, c_uint16, c_uint32, c_uint32, c_void_p),
    ),
    "xcb_change_window_attributes": (c_uint32, c_uint32, c_void_p),
    "xcb_configure_window": (c_uint32, c_uint16, c_void_p),
    "xcb_map_window": (c_uint32,),
    "xcb_clear_area": (c_uint8, c_uint32, c_int16, c_int16, c_uint16, c_uint16),
    "xcb_get_image": (c_uint8, c_uint32, c_int16, c_int16, c_uint16, c_uint16, c_uint32),
    "xcb_composite_query_version": (c_uint32, c_uint32),
    "xcb_composite_redirect_subwindows": (c_uint32, c_uint8),
}


class _Cookie(ctypes.Structure):
    """What a request gives to fetch its answer with."""

    _fields_ = (("sequence", ctypes.c_uint),)


class _Server:
    """A connection of our own to the X server.

    Raises
    ------
    DriverError
        If a library is missing, or there is no X server with XComposite.
    """

    def __init__(self) -> None:
        try:
            self._core, self._composite = (ctypes.CDLL(name) for name in LIBRARIES)
        except OSError as error:
            raise DriverError(f"no windows for libVLC ({error}): {REMEDY}") from error
        self._core.xcb_connect.restype = c_void_p
        self._link = c_void_p(self._core.xcb_connect(None, None))
        self._calls = {name: self._bound(name, types) for name, types in REQUESTS.items()}
        if self._core.xcb_connection_has_error(self._link):
            self.close()
            raise DriverError("no X server answers: start it in a desktop session under X11")
        # XComposite obeys nobody who has not told it his version.
        if not self.answer("xcb_composite_query_version", 0, 4):
            self.close()
            raise DriverError("this X server has no XComposite: use the embedded driver")

    def _library(self, name: str) -> ctypes.CDLL:
        return self._composite if name.startswith("xcb_composite") else self._core

    def _bound(self, name: str, types: tuple[type, ...]) -> Callable[..., _Cookie]:
        """Return a request as a function of what it takes."""
        function = self._library(name)[name]
        function.argtypes, function.restype = (c_void_p, *types), _Cookie
        return partial(function, self._link)

    def ask(self, name: str, *values: object) -> None:
        """Send a request that has no answer."""
        self._calls[name](*values)

    def answer(self, name: str, *values: object) -> c_void_p | None:
        """Send a request and wait for its answer, which the caller frees; None if refused."""
        fetch = self._library(name)[f"{name}_reply"]
        fetch.argtypes, fetch.restype = (c_void_p, _Cookie, c_void_p), c_void_p
        reply = fetch(self._link, self._calls[name](*values), None)
        return c_void_p(reply) if reply else None

    def pixels(self, window: int, area: tuple[int, int, int, int]) -> bytes:
        """Return a part of a window (left, top, width, height); empty if it cannot be had."""
        reply = self.answer("xcb_get_image", Z_PIXMAP, window, *area, ALL_PLANES)
        if reply is None:
            return b""
        data, length = self._core.xcb_get_image_data, self._core.xcb_get_image_data_length
        data.restype, length.restype = c_void_p, ctypes.c_int
        found = ctypes.string_at(data(reply), length(reply))
        free = ctypes.CDLL(None).free
        free.argtypes = (c_void_p,)
        free(reply)
        return found

    def new_id(self) -> int:
        """Return a name for a new window."""
        self._core.xcb_generate_id.restype = c_uint32
        return int(self._core.xcb_generate_id(self._link))

    def flush(self) -> None:
        """Send what was asked."""
        self._core.xcb_flush(self._link)

    def close(self) -> None:
        """Hang up; our windows go with the connection."""
        self._core.xcb_disconnect(self._link)


def stage_fault() -> str:
    """Why libVLC could not be given windows here; empty if it could."""
    try:
        _Server().close()
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
        self._server = _Server()
        self._size = size
        self._seen = False
        self._front: int | None = None
        self._windows: list[int] = []
        self._free: list[tuple[float, int]] = []
        self._pane = self._window(parent, ASIDE)
        self._server.ask("xcb_composite_redirect_subwindows", self._pane, AUTOMATIC)
        self._server.flush()

    def _window(self, parent: int, x: int) -> int:
        """Make a window that begins black and keeps what was last painted on it."""
        window, place = self._server.new_id(), (x, 0, *self._size, 0)
        values = (c_uint32 * 1)(BLACK)
        look = (INPUT_OUTPUT, 0, BACK_PIXEL, values)
        self._server.ask("xcb_create_window", 0, window, parent, *place, *look)
        # A new window would appear, black, above the film.
        self._configure(window, stacking=BELOW)
        self._server.ask("xcb_map_window", window)
        self._blacken(window)
        return window

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
