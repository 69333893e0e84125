"""Paints a sketch: landscape, lettering, codes and sound into one clip."""

from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt
from PIL import Image

from playback._codes import FrameCode, code_tone, draw_frame_code, strip_height
from playback._landscape import Landscape
from playback._lettering import Lettering
from playback._score import RATE, compose
from playback._sketch import Sketch

GOP = 24
QUALITY = {"preset": "superfast", "crf": "21", "threads": "1", "colorspace": "bt709"}
# swscale's number for ITU-R BT.709.
BT709 = 1


def write_sketch(path: Path, sketch: Sketch, fps: Fraction, size: tuple[int, int]) -> None:
    """Encode picture and sound of a sketch into a file."""
    frames = max(1, round(sketch.seconds * fps))
    samples = samples_of(frames, fps)
    sound = compose(sketch.landscape, samples / RATE)[:samples]
    sound += code_tone(sketch.number, 0, samples, RATE)[:, None]
    write_clip(path, _pictures(sketch, frames, size, fps), sound, fps, size)


def samples_of(frames: int, fps: Fraction) -> int:
    """Give the samples of sound under so many frames."""
    return frames * RATE * fps.denominator // fps.numerator


def write_clip(
    path: Path,
    pictures: Iterable[Image.Image],
    sound: npt.NDArray[np.float64],
    fps: Fraction,
    size: tuple[int, int],
) -> None:
    """Encode a clip: H.264 and FLAC in Matroska.

    Parameters
    ----------
    path : Path
        The file to write.
    pictures : iterable of Image
        One per frame, RGB.
    sound : ndarray, shape (samples, 2)
        At 48 kHz, full scale 1.
    fps : Fraction
        Frames per second.
    size : tuple of int
        Width and height in pixels.
    """
    with av.open(str(path), "w", format="matroska") as container:
        video = container.add_stream("libx264", rate=fps, options=QUALITY)
        video.width, video.height = size
        video.pix_fmt, video.gop_size = "yuv420p", GOP
        video.codec_context.time_base = 1 / fps
        audio = container.add_stream("flac", rate=RATE, layout="stereo", format="s16")
        audio.codec_context.open()
        blocks = _blocks(sound, audio.codec_context.frame_size)
        for frame, image in enumerate(pictures):
            # Nearest chroma and one thread: half the time of the defaults, no difference to see.
            picture = av.VideoFrame.from_ndarray(np.asarray(image), format="rgb24").reformat(
                format="yuv420p", dst_colorspace=BT709, interpolation="POINT", threads=1
            )
            picture.pts, picture.time_base = frame, 1 / fps
            container.mux(video.encode(picture))
            # Sound is laid down just ahead of the picture, as a player reads it.
            while (block := next(blocks, None)) is not None:
                container.mux(audio.encode(block))
                if (block.pts or 0) * fps > (frame + 1) * RATE:
                    break
        container.mux(video.encode(None))
        for block in blocks:
            container.mux(audio.encode(block))
        container.mux(audio.encode(None))


def _pictures(
    sketch: Sketch, frames: int, size: tuple[int, int], fps: Fraction
) -> Iterator[Image.Image]:
    """Paint the frames of a sketch."""
    landscape = Landscape(sketch.landscape, size, frames)
    lettering = Lettering(sketch.title, sketch.subtitle, size, fps)
    strip = np.zeros((strip_height(size[1]), size[0], 3), dtype=np.uint8)
    for frame in range(frames):
        canvas = landscape.picture(frame)
        lettering.paint(canvas, frame)
        draw_frame_code(strip, FrameCode(sketch.number, frame))
        canvas.paste(Image.fromarray(strip), (0, 0))
        yield canvas


def _blocks(sound: npt.NDArray[np.float64], block: int) -> Iterator[av.AudioFrame]:
    """Cut sound into the encoder's blocks."""
    whole = np.clip(sound * 32767, -32768, 32767).astype(np.int16)
    for start in range(0, len(whole), block):
        yield _audio_frame(whole[start : start + block], start)


def _audio_frame(samples: npt.NDArray[np.int16], start: int) -> av.AudioFrame:
    """Wrap interleaved stereo samples."""
    frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="stereo")
    frame.rate, frame.pts, frame.time_base = RATE, start, Fraction(1, RATE)
    return frame
