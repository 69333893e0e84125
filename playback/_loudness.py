"""How loud a clip is: EBU R 128 by FFmpeg's own meter (ITU-R BS.1770-4, EBU Tech 3341 and 3342)."""

import math
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction

import av
import numpy as np
import numpy.typing as npt
from av.filter import Graph

# The meter says this where nothing has passed the absolute gate (BS.1770-4).
GATE_LUFS = -70.0
# PCM in Matroska has channels without places: these are meant (FFmpeg's own guess).
USUAL_LAYOUTS = {1: "mono", 2: "stereo", 3: "2.1", 4: "4.0", 5: "5.0", 6: "5.1", 7: "6.1", 8: "7.1"}


@dataclass(frozen=True, slots=True)
class Loudness:
    """Loudness of a clip.

    Parameters
    ----------
    integrated_lufs : float or None
        Of the whole clip, in LUFS; None where nothing is louder than the gate at -70 LUFS.
    range_lu : float
        Loudness range, in LU; 0 for less than 3 s.
    true_peak_dbtp : float or None
        Highest peak between the samples, in dBTP; None for digital silence.
    """

    integrated_lufs: float | None
    range_lu: float
    true_peak_dbtp: float | None


class LoudnessMeter:
    """Measures sound, block by block.

    The meter is set up for the first block; a later one of another kind is brought to it.
    """

    def __init__(self) -> None:
        self._graph: Graph | None = None
        self._like: av.AudioResampler | None = None
        self._told: dict[str, str] = {}

    def take(self, frame: av.AudioFrame) -> None:
        """Listen to the next block.

        Raises
        ------
        av.FFmpegError
            If no meter can be had for such sound.
        """
        frame = _placed(frame)
        if self._graph is None:
            self._graph = _meter(frame)
            self._like = av.AudioResampler(frame.format, frame.layout, frame.sample_rate)
        assert self._like
        frame.pts = None
        for block in self._like.resample(frame):
            self._graph.push(block)
            self._pull()

    def _pull(self) -> None:
        """Keep the newest of what the meter says."""
        assert self._graph
        with suppress(av.BlockingIOError, av.EOFError):
            while True:
                self._told.update(self._graph.pull().metadata)

    def result(self) -> Loudness | None:
        """End the measurement; None where there was nothing to hear."""
        if self._graph is None:
            return None
        self._graph.push(None)
        self._pull()
        integrated, span, peak = (
            float(self._told.get(f"lavfi.r128.{key}", missing))
            for key, missing in (("I", GATE_LUFS), ("LRA", 0.0), ("true_peak", 0.0))
        )
        return Loudness(
            integrated if integrated > GATE_LUFS else None,
            span,
            20 * math.log10(peak) if peak > 0 else None,
        )


def loudness_of(sound: npt.NDArray[np.float64], rate: int) -> Loudness | None:
    """Measure stereo sound, shape (n, 2), full scale 1; None for less than a tenth of a second."""
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(sound.T), "dblp", "stereo")
    frame.sample_rate = rate
    meter = LoudnessMeter()
    meter.take(frame)
    return meter.result()


def _placed(frame: av.AudioFrame) -> av.AudioFrame:
    """Give channels their usual places where the file does not, for they count differently."""
    usual = USUAL_LAYOUTS.get(frame.layout.nb_channels)
    if usual is None or frame.layout.name != f"{frame.layout.nb_channels} channels":
        return frame
    placed = av.AudioFrame.from_ndarray(frame.to_ndarray(), frame.format.name, usual)
    placed.sample_rate = frame.sample_rate
    return placed


def _meter(frame: av.AudioFrame) -> Graph:
    """Build FFmpeg's meter for sound like this block's."""
    graph = Graph()
    source = graph.add_abuffer(
        sample_rate=frame.sample_rate,
        format=frame.format.name,
        layout=frame.layout.name,
        time_base=Fraction(1, frame.sample_rate),
    )
    meter, sink = graph.add("ebur128", "peak=true:metadata=1"), graph.add("abuffersink")
    source.link_to(meter)
    meter.link_to(sink)
    graph.configure()
    return graph
