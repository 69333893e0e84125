"""The one door to SDL2: window, keys, audio device."""

import ctypes
import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import numpy.typing as npt

from playback._ring import RATE
from playback._types import DriverError

with warnings.catch_warnings():
    # pysdl2 announces by warning that it uses the wheel's library, which is what we want.
    warnings.simplefilter("ignore", UserWarning)
    import sdl2
    from sdl2.surface import SDL_YUV_CONVERSION_AUTOMATIC

DEVICE_SAMPLES = 512
SNAPSHOT_WIDTH = 320
HINTS = {
    # A full-screen film stays where it is when the operator clicks on another screen.
    b"SDL_VIDEO_MINIMIZE_ON_FOCUS_LOSS": b"0",
    b"SDL_NO_SIGNAL_HANDLERS": b"1",
    b"SDL_APP_NAME": b"Neural Hall",
    b"SDL_RENDER_SCALE_QUALITY": b"linear",
}
# Without a GPU, OpenGL is emulated: 17 ms a picture instead of 1.3 (measured, 720 lines).
SOFTWARE_HINTS = {
    b"SDL_FRAMEBUFFER_ACCELERATION": b"0",
    b"SDL_RENDER_DRIVER": b"software",
}
INVISIBLE = ("dummy", "offscreen", "evdev")


def _error() -> str:
    """SDL's last complaint."""
    return str(sdl2.SDL_GetError().decode(errors="replace")) or "no reason given"


def has_gpu() -> bool:
    """Whether there is a graphics processor to draw with."""
    return not sys.platform.startswith("linux") or any(Path("/dev/dri").glob("renderD*"))


@contextmanager
def _hushed() -> Iterator[None]:
    """Keep what the C library behind SDL says from the terminal: ALSA says it in ten lines."""
    sys.stderr.flush()
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


@contextmanager
def _subsystem(flag: int) -> Iterator[None]:
    """Hold a part of SDL, raising DriverError if it does not start."""
    for hint, value in (HINTS if has_gpu() else HINTS | SOFTWARE_HINTS).items():
        sdl2.SDL_SetHint(hint, value)
    if sdl2.SDL_InitSubSystem(flag):
        raise DriverError(_error())
    try:
        yield
    finally:
        sdl2.SDL_QuitSubSystem(flag)


def screen_place() -> tuple[int, int, int, int]:
    """Left, top, width and height of the screen on which a window opens, in pixels.

    Raises
    ------
    DriverError
        If there is none.
    """
    place = sdl2.SDL_Rect()
    with _subsystem(sdl2.SDL_INIT_VIDEO):
        if sdl2.SDL_GetDisplayBounds(0, ctypes.byref(place)):
            raise DriverError(_error())
    return place.x, place.y, place.w, place.h


def window_fault() -> str:
    """Why no window can be opened here; empty if one can."""
    try:
        with _subsystem(sdl2.SDL_INIT_VIDEO):
            name = sdl2.SDL_GetCurrentVideoDriver().decode()
            if name in INVISIBLE:
                return f"SDL draws nowhere (its video driver is {name!r}); unset SDL_VIDEODRIVER"
            window = sdl2.SDL_CreateWindow(b"", 0, 0, 64, 64, sdl2.SDL_WINDOW_HIDDEN)
            if not window:
                return f"SDL opens no window: {_error()}"
            sdl2.SDL_DestroyWindow(window)
    except DriverError as error:
        return f"SDL finds no display ({error}); start it in a desktop session"
    return ""


def sound_fault() -> str:
    """Why nothing can be heard here; empty if there is an audio device."""
    try:
        with _hushed(), _subsystem(sdl2.SDL_INIT_AUDIO):
            name = sdl2.SDL_GetCurrentAudioDriver().decode()
            if name in ("dummy", "disk"):
                return f"SDL sounds nowhere (its audio driver is {name!r}); unset SDL_AUDIODRIVER"
            device = _open_device()
            if not device:
                return f"no audio device opens ({_error()}); connect one or start its server"
            sdl2.SDL_CloseAudioDevice(device)
    except DriverError as error:
        return f"SDL finds no audio system ({error}); install PulseAudio, PipeWire or ALSA"
    return ""


def _open_device() -> int:
    """Open the default audio device for 16-bit stereo; 0 if that fails."""
    want = sdl2.SDL_AudioSpec(RATE, sdl2.AUDIO_S16SYS, 2, DEVICE_SAMPLES)
    return int(sdl2.SDL_OpenAudioDevice(None, 0, ctypes.byref(want), None, 0))


class AudioDevice:
    """The default audio device, fed by queueing.

    Raises
    ------
    DriverError
        If there is none, in words for the operator.
    """

    def __init__(self) -> None:
        self._hold = _subsystem(sdl2.SDL_INIT_AUDIO)
        with _hushed():
            self._hold.__enter__()
            self._device = _open_device()
        if not self._device:
            reason = _error()
            self._hold.__exit__(None, None, None)
            raise DriverError(f"no audio device opens ({reason})")

    @property
    def queued(self) -> int:
        """Samples that wait to be played."""
        return int(sdl2.SDL_GetQueuedAudioSize(self._device)) // 4

    def push(self, samples: npt.NDArray[np.int16]) -> None:
        """Queue stereo samples, shape (n, 2)."""
        block = np.ascontiguousarray(samples)
        sdl2.SDL_QueueAudio(self._device, ctypes.c_void_p(block.ctypes.data), block.nbytes)

    def run(self) -> None:
        """Let the device play."""
        sdl2.SDL_PauseAudioDevice(self._device, 0)

    def close(self) -> None:
        """Give the device back."""
        sdl2.SDL_CloseAudioDevice(self._device)
        self._hold.__exit__(None, None, None)


class Window:
    """The one window of the show, with pictures kept on its side.

    Parameters
    ----------
    size : tuple of int
        Width and height of the pictures.
    title : str
        The window's name.
    windowed : bool
        A window with a frame; otherwise the screen is covered and the cursor hidden.
    textures : int
        Pictures kept.

    Raises
    ------
    DriverError
        If there is no display, in words for the operator.
    """

    def __init__(self, size: tuple[int, int], title: str, windowed: bool, textures: int) -> None:
        self._size, self._windowed = size, windowed
        self._hold = _subsystem(sdl2.SDL_INIT_VIDEO)
        try:
            self._hold.__enter__()
        except DriverError as error:
            remedy = "start it in a desktop session, or use the silent driver"
            raise DriverError(f"no window can be opened ({error}): {remedy}") from error
        self._window = self._opened(title)
        sync = sdl2.SDL_RENDERER_PRESENTVSYNC if has_gpu() else 0
        self._renderer = self._window and sdl2.SDL_CreateRenderer(self._window, -1, sync)
        if not self._renderer:
            reason = _error()
            self._hold.__exit__(None, None, None)
            raise DriverError(f"no window can be drawn into ({reason}): install its display driver")
        self._prepare(textures)

    def _opened(self, title: str) -> object:
        """Open the window, the size of the film or of the screen."""
        place, size = sdl2.SDL_WINDOWPOS_CENTERED, self._size
        if self._windowed:
            flags = sdl2.SDL_WINDOW_RESIZABLE
            return sdl2.SDL_CreateWindow(title.encode(), place, place, *size, flags)
        # Where no window manager runs, nobody but us makes the window as large as the screen.
        mode = sdl2.SDL_DisplayMode()
        if sdl2.SDL_GetDesktopDisplayMode(0, ctypes.byref(mode)) == 0:
            size = (mode.w, mode.h)
        flags = sdl2.SDL_WINDOW_FULLSCREEN_DESKTOP | sdl2.SDL_WINDOW_BORDERLESS
        return sdl2.SDL_CreateWindow(title.encode(), place, place, *size, flags)

    def _prepare(self, textures: int) -> None:
        """Make textures; letterbox what does not fit; colours as the house delivers them."""
        sdl2.SDL_RenderSetLogicalSize(self._renderer, *self._size)
        sdl2.SDL_SetYUVConversionMode(SDL_YUV_CONVERSION_AUTOMATIC)
        if not self._windowed:
            sdl2.SDL_ShowCursor(sdl2.SDL_DISABLE)
        self._textures = [self._texture(sdl2.SDL_PIXELFORMAT_IYUV) for _ in range(textures)]
        self._slate = self._texture(sdl2.SDL_PIXELFORMAT_RGB24)
        width, height = self._size
        self._small_size = (SNAPSHOT_WIDTH, round(height * SNAPSHOT_WIDTH / width))
        form, access = sdl2.SDL_PIXELFORMAT_ARGB8888, sdl2.SDL_TEXTUREACCESS_TARGET
        self._small = sdl2.SDL_CreateTexture(self._renderer, form, access, *self._small_size)

    def _texture(self, pixels: int) -> object:
        """Make a picture's place."""
        access = sdl2.SDL_TEXTUREACCESS_STREAMING
        return sdl2.SDL_CreateTexture(self._renderer, pixels, access, *self._size)

    def load(self, place: int, picture: npt.NDArray[np.uint8]) -> None:
        """Keep a picture (I420, shape (height * 3 / 2, width)) at a place."""
        self._update(self._textures[place], picture, self._size[0])

    @property
    def x11_name(self) -> int:
        """X's name of the window.

        Raises
        ------
        DriverError
            If it is no window of X's.
        """
        facts = sdl2.SDL_SysWMinfo()
        sdl2.SDL_GetVersion(ctypes.byref(facts.version))
        found = sdl2.SDL_GetWindowWMInfo(self._window, ctypes.byref(facts))
        if not found or facts.subsystem != sdl2.SDL_SYSWM_X11:
            raise DriverError("the film's window is not one of X11's: set SDL_VIDEODRIVER=x11")
        return int(facts.info.x11.window)

    @property
    def extent(self) -> tuple[int, int]:
        """Width and height of the window, in pixels."""
        width, height = ctypes.c_int(), ctypes.c_int()
        sdl2.SDL_GetWindowSize(self._window, ctypes.byref(width), ctypes.byref(height))
        return width.value, height.value

    def load_slate(self, picture: npt.NDArray[np.uint8]) -> None:
        """Keep the slate (RGB, shape (height, width, 3))."""
        self._update(self._slate, picture, self._size[0] * 3)

    def _update(self, texture: object, picture: npt.NDArray[np.uint8], pitch: int) -> None:
        """Copy pixels into a texture."""
        pixels = ctypes.c_void_p(picture.ctypes.data)
        sdl2.SDL_UpdateTexture(texture, None, pixels, pitch)

    def _draw(self, film: object, level: float) -> None:
        """Draw a picture under the slate, which covers it by 1 - level."""
        sdl2.SDL_RenderClear(self._renderer)
        if film is not None and level > 0:
            sdl2.SDL_RenderCopy(self._renderer, film, None, None)
        if film is None or level < 1:
            cover = 255 if film is None else round(255 * (1 - level))
            # Without a film below there is nothing to mix, which takes 11 ms at 720 lines.
            mode = sdl2.SDL_BLENDMODE_NONE if film is None else sdl2.SDL_BLENDMODE_BLEND
            sdl2.SDL_SetTextureBlendMode(self._slate, mode)
            sdl2.SDL_SetTextureAlphaMod(self._slate, cover)
            sdl2.SDL_RenderCopy(self._renderer, self._slate, None, None)

    def present(self, place: int | None, level: float) -> None:
        """Put a kept picture on the screen, or the slate for None."""
        self._draw(None if place is None else self._textures[place], level)
        sdl2.SDL_RenderPresent(self._renderer)

    def snapshot(self, place: int | None, level: float) -> npt.NDArray[np.uint8]:
        """Return what `present` shows, small: RGB, shape (height, `SNAPSHOT_WIDTH`, 3)."""
        pixels = np.zeros((*self._small_size[::-1], 3), dtype=np.uint8)
        sdl2.SDL_SetRenderTarget(self._renderer, self._small)
        self._draw(None if place is None else self._textures[place], level)
        target = ctypes.c_void_p(pixels.ctypes.data)
        form = sdl2.SDL_PIXELFORMAT_RGB24
        sdl2.SDL_RenderReadPixels(self._renderer, None, form, target, pixels.strides[0])
        sdl2.SDL_SetRenderTarget(self._renderer, None)
        return pixels

    def mix(self, picture: npt.NDArray[np.uint8] | None, level: float) -> None:
        """Put a picture of the window's size on the screen under the slate.

        Parameters
        ----------
        picture : ndarray of uint8, shape (height, width, 4) or None
            BGRX.
        level : float
            How much of it is seen.
        """
        if picture is None:
            self.present(None, 0.0)
            return
        height, width = picture.shape[:2]
        access, form = sdl2.SDL_TEXTUREACCESS_STREAMING, sdl2.SDL_PIXELFORMAT_RGB888
        film = sdl2.SDL_CreateTexture(self._renderer, form, access, width, height)
        self._update(film, picture, width * 4)
        self._draw(film, level)
        sdl2.SDL_RenderPresent(self._renderer)
        sdl2.SDL_DestroyTexture(film)

    def pressed(self) -> tuple[str, ...]:
        """Keys pressed since the last call; pumps SDL's events, so call it every tick."""
        keys, event = [], sdl2.SDL_Event()
        while sdl2.SDL_PollEvent(ctypes.byref(event)):
            if event.type == sdl2.SDL_KEYDOWN and not event.key.repeat:
                keys.append(sdl2.SDL_GetKeyName(event.key.keysym.sym).decode())
            elif event.type == sdl2.SDL_QUIT and self._windowed:
                keys.append("Close")
        return tuple(keys)

    def close(self) -> None:
        """Close the window."""
        sdl2.SDL_DestroyRenderer(self._renderer)
        sdl2.SDL_DestroyWindow(self._window)
        self._hold.__exit__(None, None, None)
