"""A room to measure in: a screen and a loudspeaker of its own, and clips that can be read there."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from benchmarks._measure import UnavailableError
from playback._codes import FrameCode, draw_frame_code, strip_height

FPS = 24
SIZE = (1280, 720)
RATE = 48_000
SINK = "hall"
CLIPS = 4
"""Clips that take turns, each with a code and a tone of its own."""
LOUD = 8000
_PATIENCE_S = 10.0
_NOISE = 10


def tone_hz(clip: int, odd: bool) -> int:
    """Tell the pitch of a clip's tone in even and odd half seconds of it, in Hz."""
    return 1500 * (clip + 1) + 750 * odd


def need_programs() -> None:
    """Refuse where screen and loudspeaker cannot be made and recorded."""
    for program, package in (("parec", "pulseaudio-utils"), ("Xvfb", "xvfb")):
        if not shutil.which(program):
            raise UnavailableError(f"no {program}: apt-get install {package}")


@contextmanager
def room(folder: Path) -> Iterator[dict[str, str]]:
    """Open a room for a while.

    Parameters
    ----------
    folder : Path
        For its sockets; nothing of the user's is touched.

    Yields
    ------
    dict of str to str
        The environment of processes in the room.

    Raises
    ------
    UnavailableError
        Xvfb or PulseAudio is missing.
    """
    with ExitStack() as stack:
        display = stack.enter_context(_screen())
        socket = stack.enter_context(_loudspeaker(folder))
        environment = {
            **os.environ,
            "DISPLAY": display,
            "PULSE_SERVER": socket,
            "XDG_RUNTIME_DIR": str(folder),
            "SDL_AUDIODRIVER": "pulseaudio",
            "HOME": str(folder),
        }
        for name in ("WAYLAND_DISPLAY", "SDL_VIDEODRIVER"):
            environment.pop(name, None)
        yield environment


@contextmanager
def _screen() -> Iterator[str]:
    """Start an X server on a number it finds free."""
    read, write = os.pipe()
    mode = f"{SIZE[0]}x{SIZE[1]}x24"
    command = ["Xvfb", "-displayfd", str(write), "-screen", "0", mode, "-nolisten", "tcp"]
    with os.fdopen(read) as answer:
        try:
            with _running(command, pass_fds=(write,)):
                os.close(write)
                yield f":{answer.readline().strip()}"
        except FileNotFoundError:
            raise UnavailableError("no Xvfb: apt-get install xvfb") from None


@contextmanager
def _loudspeaker(folder: Path) -> Iterator[str]:
    """Start a sound server whose only device is a sink that can be recorded."""
    socket = folder / "pulse"
    command = ["pulseaudio", "--daemonize=no", "-n", "--exit-idle-time=-1", "--use-pid-file=no"]
    command += ["-L", f"module-native-protocol-unix socket={socket} auth-anonymous=1"]
    command += ["-L", f"module-null-sink sink_name={SINK} rate={RATE}"]
    try:
        with _running(command, env={**os.environ, "HOME": str(folder)}):
            _await(socket)
            yield f"unix:{socket}"
    except FileNotFoundError:
        raise UnavailableError("no PulseAudio: apt-get install pulseaudio") from None


@contextmanager
def _running(
    command: list[str], pass_fds: tuple[int, ...] = (), env: dict[str, str] | None = None
) -> Iterator[None]:
    """Run a server for a while, without its chatter."""
    quiet = subprocess.DEVNULL
    server = subprocess.Popen(command, pass_fds=pass_fds, env=env, stdout=quiet, stderr=quiet)
    try:
        yield
    finally:
        server.terminate()
        server.wait()


def _await(path: Path) -> None:
    """Wait until a file is there."""
    patience = time.monotonic() + _PATIENCE_S
    while not path.exists():
        if time.monotonic() > patience:
            raise UnavailableError("PulseAudio does not start here")
        time.sleep(0.02)


def make_clips(folder: Path, frames: int) -> list[Path]:
    """Make clips with a code in every frame and a steady tone."""
    paths = [folder / f"{frames} frames, clip {clip}.mkv" for clip in range(CLIPS)]
    for clip, path in enumerate(paths):
        make_clip(path, clip, frames)
    return paths


def make_clip(path: Path, clip: int, frames: int) -> None:
    """Write H.264 with a grain that costs 5 Mb/s, and FLAC: lengths are exact."""
    width, height = SIZE
    rng = np.random.default_rng(clip)
    grain = rng.integers(-_NOISE, _NOISE + 1, (height, width + frames, 1), dtype=np.int16)
    with av.open(str(path), "w", format="matroska") as container:
        options = {"preset": "ultrafast", "crf": "26"}
        video = container.add_stream("libx264", rate=FPS, options=options)
        video.width, video.height = SIZE
        video.pix_fmt, video.gop_size = "yuv420p", FPS
        video.codec_context.time_base = Fraction(1, FPS)
        audio = container.add_stream("flac", rate=RATE, layout="stereo", format="s16")
        for number in range(frames):
            shade = np.linspace(60, 160, width, dtype=np.int16)[None, :, None]
            colours = np.array([1.0, 0.8, 0.6]) + 0.1 * clip
            moved = np.roll(grain, -number, axis=1)[:, :width]
            picture = np.clip(shade * colours + moved, 20, 235).astype(np.uint8)
            draw_frame_code(picture[: strip_height(height)], FrameCode(clip, number))
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, FPS)
            container.mux(video.encode(frame))
            container.mux(audio.encode(_tone(clip, number)))
        for stream in (video, audio):
            container.mux(stream.encode(None))


def _tone(clip: int, number: int) -> av.AudioFrame:
    """Return one frame's stretch of a clip's tone."""
    samples = RATE // FPS
    at = np.arange(number * samples, (number + 1) * samples)
    odd = number * 2 // FPS % 2 == 1
    mono = (LOUD * np.sin(2 * np.pi * tone_hz(clip, odd) * at / RATE)).astype(np.int16)
    sound = np.repeat(mono, 2).reshape(1, -1)
    frame = av.AudioFrame.from_ndarray(sound, format="s16", layout="stereo")
    frame.rate, frame.pts, frame.time_base = RATE, int(at[0]), Fraction(1, RATE)
    return frame
