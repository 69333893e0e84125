"""The curtain: a window below the film's, on which the slate is seen when the film's is gone."""

from collections.abc import Sequence
from ctypes import c_uint32

import numpy as np
import numpy.typing as npt

from playback._probe import picture_size
from playback._types import DriverError, FilmTable
from playback._x11 import (
    BACK_PIXMAP,
    BELOW,
    COPY_FROM_PARENT,
    CURSOR,
    INPUT_OUTPUT,
    REPLACE,
    STACKING,
    Z_PIXMAP,
    Server,
)

NAME = b"Neural Hall: the curtain"
DEPTH = 24
# A request may have 256 KiB.
BAND_BYTES = 200_000
# The server's own numbers for names, from <X11/Xatom.h>.
ATOM, STRING, WM_HINTS, WM_NAME, WM_NORMAL_HINTS, WM_SIZE_HINTS = 4, 31, 35, 39, 40, 41
# "It takes no keys", and "its place was chosen", from <X11/Xutil.h>.
NO_KEYS = (1, 0, 0, 0, 0, 0, 0, 0, 0)
CHOSEN = 3
# A window manager keeps it over the whole screen, below all others, and out of its lists.
STATES = ("FULLSCREEN", "BELOW", "SKIP_TASKBAR", "SKIP_PAGER")


class Curtain:
    """Covers the screen with the slate, below everything that is shown there.

    The X server keeps the picture and paints it by itself: when the film's window goes, the slate
    is there at once, without a stroke of ours. It never takes keys.

    Parameters
    ----------
    table : FilmTable
        The film; its first clip sets the shape of the slate, as it does for the film's window.

    Raises
    ------
    DriverError
        If there is no X server, or not one that can show it.
    MediaError
        If the first clip cannot be read.
    """

    def __init__(self, table: FilmTable) -> None:
        clip = next(scene.clip for scene in table.scenes if scene.scene == table.start)
        film = picture_size(clip.path)
        self._server = Server()
        try:
            self._hang(film)
        except DriverError:
            self.close()
            raise

    def _hang(self, film: tuple[int, int]) -> None:
        """Make the window, with the slate as its background, under all that is there."""
        # SDL takes its time: only who opens a window pays for it.
        from playback._sdl import screen_place

        screen, place = self._server.screen, screen_place()
        if screen.root_depth != DEPTH:
            raise DriverError(f"this X server's colours have {screen.root_depth} bits, not {DEPTH}")
        window = self._server.new_id()
        kept = self._kept(_backdrop(film, place[2:]), screen.root)
        look = (c_uint32 * 2)(kept, self._no_pointer(screen.root))
        how = (0, INPUT_OUTPUT, COPY_FROM_PARENT, BACK_PIXMAP | CURSOR, look)
        self._server.ask("xcb_create_window", DEPTH, window, screen.root, *place, *how)
        self._server.ask("xcb_configure_window", window, STACKING, (c_uint32 * 1)(BELOW))
        self._tell_window_manager(window, place)
        self._server.ask("xcb_map_window", window)
        self._server.settle()

    def _kept(self, picture: npt.NDArray[np.uint8], root: int) -> int:
        """Give the server a picture (BGRX, shape (height, width, 4)) to keep."""
        height, width = picture.shape[:2]
        pixmap, pen = self._server.new_id(), self._server.new_id()
        self._server.ask("xcb_create_pixmap", DEPTH, pixmap, root, width, height)
        self._server.ask("xcb_create_gc", pen, pixmap, 0, None)
        rows = BAND_BYTES // (width * 4)
        for top in range(0, height, rows):
            band = picture[top : top + rows].tobytes()
            area = (width, len(band) // (width * 4), 0, top, 0, DEPTH)
            self._server.ask("xcb_put_image", Z_PIXMAP, pixmap, pen, *area, len(band), band)
        return pixmap

    def _no_pointer(self, root: int) -> int:
        """Make a mouse pointer that is not seen: of one point, which is left out."""
        point, pointer = self._server.new_id(), self._server.new_id()
        self._server.ask("xcb_create_pixmap", 1, point, root, 1, 1)
        pen, black = self._server.new_id(), (0,) * 8
        self._server.ask("xcb_create_gc", pen, point, 0, None)
        self._server.ask("xcb_put_image", Z_PIXMAP, point, pen, 1, 1, 0, 0, 0, 1, 4, bytes(4))
        self._server.ask("xcb_create_cursor", pointer, point, point, *black)
        return pointer

    def _tell_window_manager(self, window: int, place: tuple[int, int, int, int]) -> None:
        """Say what window it is, where somebody manages them."""

        def tell(what: int, kind: int, numbers: Sequence[int]) -> None:
            values = (c_uint32 * len(numbers))(*numbers)
            look = (what, kind, 32, len(numbers), values)
            self._server.ask("xcb_change_property", REPLACE, window, *look)

        states = [self._server.atom(f"_NET_WM_STATE_{state}") for state in STATES]
        tell(self._server.atom("_NET_WM_STATE"), ATOM, states)
        tell(WM_HINTS, WM_HINTS, NO_KEYS)
        tell(WM_NORMAL_HINTS, WM_SIZE_HINTS, (CHOSEN, *place, *[0] * 13))
        name = (WM_NAME, STRING, 8, len(NAME), NAME)
        self._server.ask("xcb_change_property", REPLACE, window, *name)

    def close(self) -> None:
        """Take it down."""
        self._server.close()


def _backdrop(film: tuple[int, int], screen: tuple[int, int]) -> npt.NDArray[np.uint8]:
    """Draw the slate as the film's window would show it: BGRX, shape (height, width, 4)."""
    from playback._slate import draw_slate

    width, height = screen
    scale = min(width / film[0], height / film[1])
    slate = draw_slate((int(film[0] * scale), int(film[1] * scale)))
    top, left = (height - slate.shape[0]) // 2, (width - slate.shape[1]) // 2
    picture = np.zeros((height, width, 4), np.uint8)
    picture[top : top + slate.shape[0], left : left + slate.shape[1], :3] = slate[..., ::-1]
    return picture
