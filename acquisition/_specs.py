"""Descriptions of sources: plain values that a worker process can be sent."""

from dataclasses import dataclass

SIMULATED_CHANNELS = ("Fp1", "Fp2", "T7", "T8", "P3", "Pz", "P4", "Oz")
"""Electrodes of a simulated viewer: forehead, temporal, parietal and occipital."""


@dataclass(frozen=True, slots=True)
class BrainFlowSpec:
    """One BrainFlow board, or several synthetic ones.

    Attributes
    ----------
    board : str
        BrainFlow's name of it, as in "CYTON_BOARD", "MUSE_2_BOARD" or "SYNTHETIC_BOARD".
    seats : tuple of str
        The seat; several only for SYNTHETIC_BOARD.
    params : tuple of (str, str or int)
        Fields of BrainFlow's input parameters, as in ("serial_port", "/dev/ttyUSB0").
    channels : tuple of str or None
        Electrode of each EEG row, and "PPG" behind them where the board's pulse sensor is to be
        read; None takes the board's usual montage, without it.
    """

    board: str
    seats: tuple[str, ...]
    params: tuple[tuple[str, str | int], ...] = ()
    channels: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class RecordingSpec:
    """Records of one of the known recordings, each as a seat.

    Attributes
    ----------
    recording : str
        "muse-audience", "arithmetic36" or "openbci-cyton".
    path : str
        The data folder that holds the recordings, or the file itself.
    seats : tuple of str
        One per record.
    records : tuple of int
        Row of each seat in the recording, from 0; empty means the first rows in order.
    start_s, stop_s : float, float or None
        Excerpt in seconds of the recording; None plays to its end. Index 0 is the excerpt's
        first sample.
    channels : tuple of str or None
        Electrodes; None takes the recording's own.
    boards : bool
        True: played by real BrainFlow playback boards in real time. False: the same samples
        straight from the file, by the time passed to `read`.
    """

    recording: str
    path: str
    seats: tuple[str, ...]
    records: tuple[int, ...] = ()
    start_s: float = 0.0
    stop_s: float | None = None
    channels: tuple[str, ...] | None = None
    boards: bool = True


@dataclass(frozen=True, slots=True)
class SimulatedSpec:
    """A simulated audience that watches the film.

    Attributes
    ----------
    seats : tuple of str
        One per viewer.
    seed : int
        Chooses the viewers and all they do; sources of equal seed see the same film.
    channels : tuple of str
        Electrodes; "PPG" behind them adds a pulse sensor, and changes nothing in the EEG.
    rate : float
        Samples per second.
    responses : tuple of (str, float)
        Scene -> engagement the audience drifts to, -1 to 1; 0 for scenes not named. Hearts follow
        by a few beats per minute.
    closed : tuple of str
        Scenes through which they keep their eyes closed: more alpha, no blinks.
    flashes : tuple of (str, tuple of float)
        Scene -> seconds from its start at which it flashes; each flash evokes a response.
    alpha_rise : float
        By how much alpha grows behind closed eyes, in parts of its amplitude.
    late_ms : float
        How late the response to the film is in the samples, in ms: a slow headset's.
    synchrony : float
        Strength of the response that all viewers share; 1 is a gripped audience's, 0 none.
    mains : float
        Amplitude of mains hum in uV.
    mains_hz : float
        Frequency of it.
    blinks, clenches : float
        Eye blinks and jaw clenches per viewer and minute.
    loss : float
        Share of packets lost, 0 to 1.
    noisy, railed : float
        Share of electrodes without contact (noise and hum), and of those stuck at the
        amplifier's rail.
    """

    seats: tuple[str, ...]
    seed: int = 1
    channels: tuple[str, ...] = SIMULATED_CHANNELS
    rate: float = 250.0
    responses: tuple[tuple[str, float], ...] = ()
    closed: tuple[str, ...] = ()
    flashes: tuple[tuple[str, tuple[float, ...]], ...] = ()
    alpha_rise: float = 1.0
    late_ms: float = 0.0
    synchrony: float = 1.0
    mains: float = 2.0
    mains_hz: float = 50.0
    blinks: float = 12.0
    clenches: float = 0.5
    loss: float = 0.002
    noisy: float = 0.01
    railed: float = 0.0


SourceSpec = BrainFlowSpec | RecordingSpec | SimulatedSpec
