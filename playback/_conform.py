"""Brings any clip to the house format: frame grid, picture size, 48 kHz stereo."""

from collections.abc import Generator
from fractions import Fraction

import av
import numpy as np
import numpy.typing as npt
from av.container import InputContainer

from playback._ring import RATE, House
from playback._types import Clip, MediaError

Picture = npt.NDArray[np.uint8]
Sound = npt.NDArray[np.int16]
# A jump in the sound's timestamps below this is rounding (Matroska counts milliseconds).
SOUND_JUMP_S = 0.02
SEEK_MARGIN_S = 0.5
# Pictures kept while looking for late sound; a file may have a sound track that is empty.
READ_AHEAD = 64


def conformed(
    clip: Clip, at: int, house: House
) -> Generator[tuple[int, Picture, Sound], None, None]:
    """Decode a clip from frame `at` on.

    Frames are placed by their timestamps: a frame of the film shows the latest picture that is
    due at its middle, so that other frame rates and holes keep the clip's time.

    Parameters
    ----------
    clip : Clip
        What to play.
    at : int
        First frame wanted, counted from the clip's in point.
    house : House
        What to conform to; pictures of another shape are scaled and framed in black.

    Yields
    ------
    tuple of (int, ndarray, ndarray)
        Frame of the clip; picture as I420, uint8 of shape (height * 3 / 2, width); sound as
        int16 of shape (n, 2).

    Raises
    ------
    MediaError
        If the file has no picture at the in point.
    av.FFmpegError, OSError
        If it cannot be read.
    """
    fps = Fraction(house.fps_num, house.fps_den)
    with av.open(clip.path) as container:
        reader = _Reader(container, house.size, (clip.first_frame + at) / fps)
        for frame in range(at, clip.frames):
            index = clip.first_frame + frame
            picture = reader.picture((index + Fraction(1, 2)) / fps)
            if picture is None and frame == at == 0:
                raise MediaError(f"{clip.path}: it has no picture at frame {clip.first_frame}")
            if picture is None:
                return
            start, stop = (house.samples_until(k) for k in (index, index + 1))
            yield frame, picture, reader.sound(start, stop)


class _Reader:
    """Demuxes one file and hands out pictures and sound by time.

    Parameters
    ----------
    container : InputContainer
        The open file.
    size : tuple of int
        House size.
    start_s : Fraction
        Where to begin, in seconds from the file's start.
    """

    def __init__(self, container: InputContainer, size: tuple[int, int], start_s: Fraction) -> None:
        if not container.streams.video:
            raise MediaError(f"{container.name}: there is no picture in it")
        self._size = size
        self._video = container.streams.video[0]
        self._video.thread_type = "AUTO"
        self._video.codec_context.thread_count = 2
        self._audio = container.streams.audio[0] if container.streams.audio else None
        self._zero = _first_picture_s(container)
        self._lasts = 1 / (self._video.average_rate or Fraction(24))
        self._grid = _first_block(container) if start_s > 0 else None
        self._from = max(Fraction(0), start_s - max(Fraction(SEEK_MARGIN_S), 2 * self._lasts))
        if start_s > 0:
            container.seek(int((self._from + self._zero) * av.time_base), backward=True)
            # The way from a key frame may be long: pictures that no other needs are passed over.
            self._video.codec_context.skip_frame = "NONREF"
        streams = [stream for stream in (self._video, self._audio) if stream]
        self._packets = container.demux(*streams)
        self._resampler = av.AudioResampler(format="s16", layout="stereo", rate=RATE)
        self._coming: list[tuple[Fraction, av.VideoFrame]] = []
        self._current: Picture | None = None
        self._until = Fraction(0)
        self._ended = False
        self._heard = _Track()

    def picture(self, due_s: Fraction) -> Picture | None:
        """Return the latest picture due at `due_s`; None after the end."""
        latest: av.VideoFrame | None = None
        while True:
            while self._coming and self._coming[0][0] < due_s:
                at, latest = self._coming.pop(0)
                self._until = at + self._lasts
            if self._coming or not self._read():
                break
        if not self._coming and due_s > self._until:
            return None
        if latest is None and self._current is None:
            latest = self._coming[0][1]
        if latest is not None:
            self._current = fitted(latest, self._size)
        return self._current

    def sound(self, start: int, stop: int) -> Sound:
        """Return the samples from `start` to `stop`, silence where there is none."""
        while self._audio and self._heard.end < stop and len(self._coming) < READ_AHEAD:
            if not self._read():
                break
        return self._heard.take(start, stop)

    def _read(self) -> bool:
        """Decode one more packet; False at the end of the file."""
        if self._ended:
            return False
        packet = next(self._packets, None)
        if packet is None:
            self._ended = True
            return False
        if packet.stream is self._video and self._due(packet.pts) >= self._from:
            # From here on every picture may be shown.
            self._video.codec_context.skip_frame = "DEFAULT"
        for frame in packet.decode():
            if isinstance(frame, av.VideoFrame) and frame.time is not None:
                self._coming.append((self._time(frame), frame))
            elif isinstance(frame, av.AudioFrame) and frame.pts is not None:
                self._hear(frame)
        return True

    def _due(self, pts: int | None) -> Fraction:
        """Time of a picture still coded, in seconds; that of the in point if the file is silent."""
        if pts is None:
            return self._from
        return pts * Fraction(self._video.time_base or 0) - self._zero

    def _time(self, frame: av.VideoFrame | av.AudioFrame) -> Fraction:
        """Time of a frame from the file's start, in seconds."""
        return (frame.pts or 0) * Fraction(frame.time_base or 0) - self._zero

    def _hear(self, frame: av.AudioFrame) -> None:
        """Resample a block of sound and lay it down at its time, if it may be heard."""
        if self._time(frame) + Fraction(frame.samples, frame.sample_rate) < self._from:
            return
        at = round((self._exact(frame) - self._zero) * RATE)
        for block in self._resampler.resample(frame):
            samples = block.to_ndarray().reshape(-1, 2)
            self._heard.lay(at, samples.astype(np.int16, copy=False))
            at += len(samples)

    def _exact(self, frame: av.AudioFrame) -> Fraction:
        """Time of a block of sound in the file, free of its container's rounding where it can be.

        Matroska counts milliseconds, which is 48 samples. Blocks are alike but for the first, so
        that a block's place is one of a few that lie far apart.
        """
        stated = (frame.pts or 0) * Fraction(frame.time_base or 0)
        if self._grid is None:
            return stated
        begins, first = self._grid
        since = (stated - begins) * frame.sample_rate - first
        placed = begins + Fraction(
            first + round(since / frame.samples) * frame.samples, frame.sample_rate
        )
        return placed if abs(placed - stated) <= Fraction(frame.time_base or 0) else stated


def _first_picture_s(container: InputContainer) -> Fraction:
    """Where a file begins: frames are counted from its first picture, whatever sound is before."""
    video = container.streams.video[0]
    if video.start_time is not None and video.time_base is not None:
        return Fraction(video.start_time) * video.time_base
    return (container.start_time or 0) / Fraction(av.time_base)


def _first_block(container: InputContainer) -> tuple[Fraction, int] | None:
    """When the first block of sound begins, and its samples; None where times are exact."""
    if not container.streams.audio:
        return None
    audio = container.streams.audio[0]
    if not audio.time_base or audio.time_base * audio.rate <= 1:
        return None
    for frame in container.decode(audio):
        return (frame.pts or 0) * Fraction(frame.time_base or 0), frame.samples
    return None


class _Track:
    """A window of sound on the film's sample grid."""

    def __init__(self) -> None:
        self._start: int | None = None
        self._samples: Sound = np.zeros((0, 2), dtype=np.int16)

    @property
    def end(self) -> int:
        """Sample after the last one laid down."""
        return (self._start or 0) + len(self._samples)

    def lay(self, at: int, samples: Sound) -> None:
        """Append samples; a jump in time that is not rounding becomes silence or is cut."""
        if self._start is None:
            self._start = at
        gap = at - self.end
        if abs(gap) > SOUND_JUMP_S * RATE:
            if gap > 0:
                samples = np.concatenate([np.zeros((gap, 2), dtype=np.int16), samples])
            else:
                samples = samples[-gap:]
        self._samples = np.concatenate([self._samples, samples])

    def take(self, start: int, stop: int) -> Sound:
        """Return a stretch and forget what lies before its end."""
        sound = np.zeros((stop - start, 2), dtype=np.int16)
        base = self._start if self._start is not None else start
        first, last = max(start, base), min(stop, self.end)
        if first < last:
            sound[first - start : last - start] = self._samples[first - base : last - base]
        used = min(max(0, stop - base), len(self._samples))
        self._samples = self._samples[used:]
        self._start = None if self._start is None else base + used
        return sound


def fitted(frame: av.VideoFrame, size: tuple[int, int]) -> Picture:
    """Return a picture as I420 of the house size, framed in black if its shape differs."""
    width, height = size
    if (frame.width, frame.height) == size:
        return _i420(frame.reformat(format="yuv420p"))
    scale = min(width / frame.width, height / frame.height)
    inner = [max(2, int(side * scale) // 2 * 2) for side in (frame.width, frame.height)]
    small = frame.reformat(width=inner[0], height=inner[1], format="yuv420p")
    return _framed(_i420(small), (inner[0], inner[1]), size)


def _i420(frame: av.VideoFrame) -> Picture:
    """Return the planes of a picture below each other."""
    return frame.to_ndarray().astype(np.uint8, copy=False)


def _framed(small: Picture, inner: tuple[int, int], size: tuple[int, int]) -> Picture:
    """Put an I420 picture into the middle of a black one."""
    canvas = np.full((size[1] * 3 // 2, size[0]), 128, dtype=np.uint8)
    canvas[: size[1]] = 16
    for target, source in zip(planes(canvas, size), planes(small, inner), strict=True):
        top, left = ((t - s) // 2 for t, s in zip(target.shape, source.shape, strict=True))
        target[top : top + source.shape[0], left : left + source.shape[1]] = source
    return canvas


def planes(picture: Picture, size: tuple[int, int]) -> tuple[Picture, Picture, Picture]:
    """Return views of the Y, U and V planes of an I420 picture."""
    width, height = size
    luma, chroma = width * height, width * height // 4
    flat = picture.reshape(-1)
    half = (height // 2, width // 2)
    return (
        flat[:luma].reshape(height, width),
        flat[luma : luma + chroma].reshape(half),
        flat[luma + chroma :].reshape(half),
    )
