"""The one door to X11: a connection of our own to the X server, by libxcb."""

import ctypes
from collections.abc import Callable, Mapping
from ctypes import c_int, c_int16, c_uint8, c_uint16, c_uint32, c_void_p
from functools import partial

from playback._types import DriverError

LIBRARY = "libxcb.so.1"
REMEDY = "apt-get install libxcb1 libxcb-composite0"
# From <xcb/xproto.h>.
BACK_PIXMAP, BACK_PIXEL, CURSOR = 1, 2, 1 << 14
X, WIDTH, HEIGHT, STACKING = 1, 4, 8, 64
NONE = ABOVE = COPY_FROM_PARENT = REPLACE = 0
BELOW = INPUT_OUTPUT = 1
INPUT_ONLY = Z_PIXMAP = 2
ALL_PLANES = 0xFFFFFFFF
# What each request takes after the connection.
Requests = Mapping[str, tuple[type, ...]]
CORE: Requests = {
    "xcb_create_window": (
        *(c_uint8, c_uint32, c_uint32, c_int16, c_int16),
        *(c_uint16, c_uint16, c_uint16, c_uint16, c_uint32, c_uint32, c_void_p),
    ),
    "xcb_change_window_attributes": (c_uint32, c_uint32, c_void_p),
    "xcb_change_property": (c_uint8, c_uint32, c_uint32, c_uint32, c_uint8, c_uint32, c_void_p),
    "xcb_configure_window": (c_uint32, c_uint16, c_void_p),
    "xcb_map_window": (c_uint32,),
    "xcb_clear_area": (c_uint8, c_uint32, c_int16, c_int16, c_uint16, c_uint16),
    "xcb_get_image": (c_uint8, c_uint32, c_int16, c_int16, c_uint16, c_uint16, c_uint32),
    "xcb_get_input_focus": (),
    "xcb_intern_atom": (c_uint8, c_uint16, ctypes.c_char_p),
    "xcb_create_pixmap": (c_uint8, c_uint32, c_uint32, c_uint16, c_uint16),
    "xcb_create_gc": (c_uint32, c_uint32, c_uint32, c_void_p),
    "xcb_put_image": (
        *(c_uint8, c_uint32, c_uint32, c_uint16, c_uint16, c_int16, c_int16),
        *(c_uint8, c_uint8, c_uint32, c_void_p),
    ),
    "xcb_create_cursor": (c_uint32, c_uint32, c_uint32, *[c_uint16] * 8),
}


class _Cookie(ctypes.Structure):
    """What a request gives to fetch its answer with."""

    _fields_ = (("sequence", ctypes.c_uint),)


class Screen(ctypes.Structure):
    """What the server says of a screen: <xcb/xproto.h>'s xcb_screen_t, up to its depth."""

    root: int
    root_depth: int
    _fields_ = (
        ("root", c_uint32),
        ("_colours", c_uint32 * 4),
        ("_sizes", c_uint16 * 6),
        ("_visual", c_uint32),
        ("_saving", c_uint8 * 2),
        ("root_depth", c_uint8),
    )


class _Screens(ctypes.Structure):
    """An iterator over screens."""

    _fields_ = (("screen", ctypes.POINTER(Screen)), ("left", c_int), ("index", c_int))


class Server:
    """A connection to the X server.

    Raises
    ------
    DriverError
        If the library is missing, or no X server answers.
    """

    def __init__(self) -> None:
        self._calls: dict[str, Callable[..., _Cookie]] = {}
        self._homes: dict[str, ctypes.CDLL] = {}
        self._core = _loaded(LIBRARY)
        self._core.xcb_connect.restype = c_void_p
        self._link = c_void_p(self._core.xcb_connect(None, None))
        self._bind(self._core, CORE)
        if self._core.xcb_connection_has_error(self._link):
            self.close()
            raise DriverError("no X server answers: start it in a desktop session under X11")

    def extend(self, library: str, requests: Requests) -> None:
        """Learn the requests of an extension.

        Raises
        ------
        DriverError
            If the library is missing.
        """
        self._bind(_loaded(library), requests)

    def _bind(self, library: ctypes.CDLL, requests: Requests) -> None:
        """Make requests functions of what they take."""
        for name, types in requests.items():
            function = library[name]
            function.argtypes, function.restype = (c_void_p, *types), _Cookie
            self._calls[name], self._homes[name] = partial(function, self._link), library

    @property
    def screen(self) -> Screen:
        """The first screen."""
        self._core.xcb_get_setup.restype = c_void_p
        roots = self._core.xcb_setup_roots_iterator
        roots.argtypes, roots.restype = (c_void_p,), _Screens
        found: Screen = roots(self._core.xcb_get_setup(self._link)).screen.contents
        return found

    def ask(self, name: str, *values: object) -> None:
        """Send a request that has no answer."""
        self._calls[name](*values)

    def answer(self, name: str, *values: object) -> c_void_p | None:
        """Send a request and wait for its answer, which the caller frees; None if refused."""
        fetch = self._homes[name][f"{name}_reply"]
        fetch.argtypes, fetch.restype = (c_void_p, _Cookie, c_void_p), c_void_p
        reply = fetch(self._link, self._calls[name](*values), None)
        return c_void_p(reply) if reply else None

    def pixels(self, window: int, area: tuple[int, int, int, int]) -> bytes:
        """Return a part of a window (left, top, width, height); empty if it cannot be had."""
        reply = self.answer("xcb_get_image", Z_PIXMAP, window, *area, ALL_PLANES)
        if reply is None:
            return b""
        data, length = self._core.xcb_get_image_data, self._core.xcb_get_image_data_length
        data.restype, length.restype = c_void_p, c_int
        found = ctypes.string_at(data(reply), length(reply))
        release(reply)
        return found

    def atom(self, name: str) -> int:
        """Return the server's number for a name."""
        reply = self.answer("xcb_intern_atom", 0, len(name), name.encode())
        if reply is None:
            return NONE
        # Behind kind, padding, sequence and length, eight bytes, comes the number.
        number = int(ctypes.cast(reply, ctypes.POINTER(c_uint32))[2])
        release(reply)
        return number

    def new_id(self) -> int:
        """Return a name for a new window, or whatever else the server keeps for us."""
        self._core.xcb_generate_id.restype = c_uint32
        return int(self._core.xcb_generate_id(self._link))

    def flush(self) -> None:
        """Send what was asked."""
        self._core.xcb_flush(self._link)

    def settle(self) -> None:
        """Wait until all that was asked has been done."""
        release(self.answer("xcb_get_input_focus"))

    def close(self) -> None:
        """Hang up; our windows go with the connection."""
        self._core.xcb_disconnect(self._link)


def release(reply: c_void_p | None) -> None:
    """Give an answer back."""
    free = ctypes.CDLL(None).free
    free.argtypes = (c_void_p,)
    free(reply)


def _loaded(library: str) -> ctypes.CDLL:
    """Load a library, or say how to get it."""
    try:
        return ctypes.CDLL(library)
    except OSError as error:
        raise DriverError(f"no windows of our own ({error}): {REMEDY}") from error
