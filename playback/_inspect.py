"""Looks through a whole clip before the show: loudness, flashes, and how it is put together."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction

import av
import numpy as np
from av.container import InputContainer
from av.packet import Packet
from av.stream import Stream

from playback._flashes import Flashing, FlashMeter, small_size
from playback._loudness import Loudness, LoudnessMeter
from playback._probe import MediaFacts, opened, probe
from playback._types import MediaError

# Relative luminance below which a cell is black: about video black and a little noise.
BLACK = 0.005
# Matroska counts milliseconds.
ROUNDING_S = 0.001
# Pictures whose distance differs from the others' by more than this part of it are uneven.
UNEVEN = 0.2
# From this height on, pictures that do not say their colours are meant as ITU-R BT.709.
HD_LINES = 720


@dataclass(frozen=True, slots=True)
class Inspection:
    """What a clip was found to be; plain values, to be kept by whoever asked.

    Parameters
    ----------
    path : str
        The file.
    frames : int
        Pictures that could be decoded.
    fps_num, fps_den : int
        Frames per second, as the file states it.
    width, height : int
        Picture size in pixels.
    pixel_aspect : float
        Width of a pixel over its height.
    audio_rate : int or None
        Samples per second; None without sound.
    channels : int
        Channels of sound.
    first_picture_s : float
        When the first picture is due on the file's own clock, in seconds.
    first_sound_s : float or None
        When sound begins, in seconds after the first picture.
    even : bool
        Whether the pictures follow each other at one rate.
    key_frame_s : float
        Longest way from one key frame to the next, in seconds.
    missing_s : float
        How much less there is than the file says, in seconds.
    damaged : int
        Packets that could not be decoded.
    black : bool
        Whether no picture shows anything.
    loudness : Loudness or None
        None where there is no sound, or none that can be measured.
    flashes : tuple of Flashing
        Stretches beyond the guideline, in time.
    """

    path: str
    frames: int
    fps_num: int
    fps_den: int
    width: int
    height: int
    pixel_aspect: float
    audio_rate: int | None
    channels: int
    first_picture_s: float
    first_sound_s: float | None
    even: bool
    key_frame_s: float
    missing_s: float
    damaged: int
    black: bool
    loudness: Loudness | None
    flashes: tuple[Flashing, ...]

    @property
    def fps(self) -> Fraction:
        """Frames per second."""
        return Fraction(self.fps_num, self.fps_den)

    @property
    def silent(self) -> bool:
        """Whether there is a sound track in which nothing is heard."""
        peak = self.loudness.true_peak_dbtp if self.loudness else None
        return self.channels > 0 and peak is None


def inspect(path: str, progress: Callable[[float], None]) -> Inspection:
    """Decode a whole clip and say what it is; a feature film takes minutes.

    Parameters
    ----------
    path : str
        The clip.
    progress : callable
        Called with the part done, 0 to 1, about a hundred times.

    Raises
    ------
    MediaError
        If the file is missing, is no media file, is a cinema package, or has no picture that can
        be decoded.
    """
    facts = probe(path)
    with opened(path) as container:
        look = _Look(container, facts)
        for done in look.through():
            progress(done)
        found = look.found(path, facts)
    progress(1.0)
    return found


@dataclass(slots=True)
class _Times:
    """When pictures are due and where sound lies, in seconds on the file's own clock."""

    pictures: list[float] = field(default_factory=list)
    keys: list[float] = field(default_factory=list)
    sound_from: float | None = None
    sound_to: float = 0.0


class _Look:
    """One way through a clip.

    Parameters
    ----------
    container : InputContainer
        The open file.
    facts : MediaFacts
        What was found without decoding it.
    """

    def __init__(self, container: InputContainer, facts: MediaFacts) -> None:
        self._container = container
        self._video = container.streams.video[0]
        self._video.thread_type = "AUTO"
        self._audio = container.streams.audio[0] if container.streams.audio else None
        self._size = small_size(facts.width, facts.height)
        self._frame_s = float(1 / facts.fps)
        # Unless a picture says its colours, its height tells.
        self._colours = "ITU709" if facts.height >= HD_LINES else "ITU601"
        self._times = _Times()
        self._flashes, self._loudness = FlashMeter(), LoudnessMeter()
        self._measured = True
        self._damaged = 0

    def through(self) -> Iterator[float]:
        """Decode all of it; yields the part done, where that has grown by a hundredth."""
        streams = [stream for stream in (self._video, self._audio) if stream]
        packets = self._container.demux(*streams)
        told, whole = 0.0, max(self._stated_s(), self._frame_s)
        while (packet := self._next(packets)) is not None:
            self._take(packet)
            done = (self._times.pictures[-1] if self._times.pictures else 0.0) / whole
            if done - told >= 0.01:
                told = done
                yield min(1.0, done)

    def _next(self, packets: Iterator["Packet[Stream]"]) -> "Packet[Stream] | None":
        """Read on; a file that breaks off ends there."""
        try:
            return next(packets, None)
        except av.FFmpegError:
            self._damaged += 1
            return None

    def _take(self, packet: "Packet[Stream]") -> None:
        """Decode one packet."""
        if packet.stream is self._video and packet.is_keyframe and packet.pts is not None:
            self._times.keys.append(float(packet.pts * Fraction(packet.time_base or 0)))
        try:
            frames = packet.decode()
        except av.FFmpegError:
            self._damaged += 1
            return
        for frame in frames:
            if isinstance(frame, av.VideoFrame) and frame.time is not None:
                self._see(frame)
            elif isinstance(frame, av.AudioFrame):
                self._hear(frame)

    def _see(self, frame: av.VideoFrame) -> None:
        """Look at one picture."""
        at = float(frame.time or 0.0)
        self._times.pictures.append(at)
        self._damaged += frame.is_corrupt
        width, height = self._size
        stated = frame.colorspace not in (None, 2)  # FFmpeg's "unspecified"
        small = frame.reformat(
            width=width,
            height=height,
            format="rgb24",
            interpolation="AREA",
            src_colorspace=None if stated else self._colours,
        )
        picture = small.to_ndarray().astype(np.uint8, copy=False)
        self._flashes.take(at - self._times.pictures[0], picture)

    def _hear(self, frame: av.AudioFrame) -> None:
        """Listen to one block of sound."""
        at = float(frame.time or 0.0)
        if self._times.sound_from is None:
            self._times.sound_from = at
        self._times.sound_to = at + frame.samples / frame.sample_rate
        try:
            if self._measured:
                self._loudness.take(frame)
        except av.FFmpegError:
            # FFmpeg has no meter for such channels: nothing is said of their loudness.
            self._measured = False

    def _stated_s(self) -> float:
        """How long the file says it is."""
        if self._video.duration:
            return float(self._video.duration * Fraction(self._video.time_base or 0))
        return (self._container.duration or 0) / av.time_base

    def _missing_s(self, pictures: np.ndarray) -> float:
        """How much of what the file says it holds was not there."""
        shown_to = float(pictures[-1]) + self._frame_s
        lost = self._stated_s() - (shown_to - float(pictures[0]))
        if not self._video.duration:
            # Then the end of the longer of picture and sound was stated, on the file's own clock.
            lost = self._stated_s() - max(shown_to, self._times.sound_to)
        return lost if lost > 2 * self._frame_s + 0.05 else 0.0

    def found(self, path: str, facts: MediaFacts) -> Inspection:
        """Put together what was seen and heard."""
        times = self._times
        if not times.pictures:
            raise MediaError(f"{path}: no picture in it can be decoded; export it anew")
        pictures = np.sort(np.array(times.pictures))
        steps = np.diff(pictures)
        usual = float(np.median(steps)) if len(steps) else self._frame_s
        keys = np.diff([*sorted(times.keys), float(pictures[-1]) + self._frame_s])
        sound = times.sound_from
        aspect = self._video.sample_aspect_ratio
        return Inspection(
            path=path,
            frames=len(pictures),
            fps_num=facts.fps.numerator,
            fps_den=facts.fps.denominator,
            width=facts.width,
            height=facts.height,
            pixel_aspect=float(aspect) if aspect else 1.0,
            audio_rate=facts.audio_rate,
            channels=facts.channels,
            first_picture_s=float(pictures[0]),
            first_sound_s=None if sound is None else sound - float(pictures[0]),
            even=bool(np.all(np.abs(steps - usual) <= UNEVEN * usual + ROUNDING_S)),
            key_frame_s=float(keys.max()) if len(keys) else 0.0,
            missing_s=self._missing_s(pictures),
            damaged=self._damaged,
            black=self._flashes.brightest < BLACK,
            loudness=self._loudness.result() if self._measured else None,
            flashes=self._flashes.found,
        )
