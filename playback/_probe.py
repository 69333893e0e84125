"""What a media file holds, before the show depends on it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction

import av
from av.container import InputContainer

from playback._packages import package_fault
from playback._types import MediaError


@dataclass(frozen=True, slots=True)
class MediaFacts:
    """What a clip is made of.

    Parameters
    ----------
    frames : int
        Pictures in the file.
    fps : Fraction
        Frames per second.
    width, height : int
        Picture size in pixels.
    audio_rate : int or None
        Samples per second; None without sound.
    channels : int
        Channels of sound; 0 without sound.
    codecs : tuple of str
        What picture and sound are coded in, by libav's names.
    duration_s : float
        `frames / fps`, in seconds.
    """

    frames: int
    fps: Fraction
    width: int
    height: int
    audio_rate: int | None
    channels: int
    codecs: tuple[str, ...]
    duration_s: float


def probe(path: str) -> MediaFacts:
    """Read a clip's facts, counting its pictures and decoding the first.

    Raises
    ------
    MediaError
        If the file is missing, is no media file, or has no picture that can be decoded.
    """
    with opened(path) as container:
        if not container.streams.video:
            raise MediaError(f"{path}: there is no picture in it, only sound; export it anew")
        stream = container.streams.video[0]
        fps = stream.average_rate or stream.guessed_rate
        if not fps:
            raise MediaError(f"{path}: it states no frame rate; export it with a constant one")
        frames = sum(1 for packet in container.demux(stream) if packet.size)
        sound = container.streams.audio[0] if container.streams.audio else None
        streams = (stream, sound) if sound else (stream,)
        codecs = tuple(one.codec_context.name for one in streams)
        rate, channels = (sound.rate, sound.channels) if sound else (None, 0)
    width, height = picture_size(path)
    return MediaFacts(
        frames, Fraction(fps), width, height, rate, channels, codecs, float(frames / fps)
    )


@dataclass(frozen=True, slots=True)
class SoundFacts:
    """What a file of sound is made of, such as a music bed.

    Parameters
    ----------
    codec : str
        By libav's name.
    audio_rate : int
        Samples per second.
    channels : int
        Channels of sound.
    duration_s : float
        Length in seconds.
    """

    codec: str
    audio_rate: int
    channels: int
    duration_s: float


def probe_sound(path: str) -> SoundFacts:
    """Read the facts of a file's sound, decoding all of it.

    Raises
    ------
    MediaError
        If the file is missing, is no media file, or has no sound that can be decoded.
    """
    with opened(path) as container:
        if not container.streams.audio:
            raise MediaError(f"{path}: there is no sound in it; export it anew")
        stream = container.streams.audio[0]
        samples = sum(frame.samples for frame in container.decode(stream))
        if not samples:
            raise MediaError(f"{path}: no sound in it can be decoded; export it anew")
        name = stream.codec_context.name
        return SoundFacts(name, stream.rate, stream.channels, samples / stream.rate)


def picture_size(path: str) -> tuple[int, int]:
    """Width and height of the first picture, without reading further.

    Raises
    ------
    MediaError
        If the file is missing, is no media file, or has no picture that can be decoded.
    """
    with opened(path) as container:
        for frame in container.decode(video=0) if container.streams.video else ():
            return frame.width, frame.height
    raise MediaError(f"{path}: no picture in it can be decoded; export it anew")


@contextmanager
def opened(path: str) -> Iterator[InputContainer]:
    """Open a media file, with every error named for its reader.

    Raises
    ------
    MediaError
        If it is missing, is no media file, or is a cinema package.
    """
    if fault := package_fault(path):
        raise MediaError(f"{path}: {fault}")
    try:
        with av.open(path) as container:
            yield container
    except FileNotFoundError as error:
        raise MediaError(f"{path}: there is no such file") from error
    except (av.FFmpegError, OSError) as error:
        raise MediaError(f"{path}: cannot be read as a clip ({error.strerror})") from error
