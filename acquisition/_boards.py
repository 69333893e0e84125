"""The one door to BrainFlow: boards by name, their rows, sessions, and its errors in words.

Measured traps this module stands against (brainflow 5.23): boards of equal parameters alias
each other, and the garbage collection of one ends the other's session; the ring buffer
overwrites silently; `is_prepared` is True of an alias.
"""

import difflib
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from brainflow.board_shim import BoardIds, BoardShim, BrainFlowInputParams, BrainFlowPresets
from brainflow.exit_codes import BrainFlowError, BrainFlowExitCodes
from numpy.typing import NDArray

from acquisition._rows import RowFormat
from acquisition._types import SourceError
from hardware import MONTAGES, canonical

PLAYBACK = BoardIds.PLAYBACK_FILE_BOARD.value
"""BrainFlow's id of the board that plays files."""

EEG: int = BrainFlowPresets.DEFAULT_PRESET.value
"""The stream that EEG comes in."""

_INFRARED = 1
"""Of the rows of light: ambient, infrared, red (Muse 2; green for infrared in a Muse S), or red,
infrared. BrainFlow does not name them; muse-lsl does."""

_RING_S = 30
_REFUSED = {
    "NO_BOARD": "it is no board",
    "PLAYBACK_FILE_BOARD": "recordings are played by `recording = ...`",
    "STREAMING_BOARD": "boards of other machines come through a node",
}
_REMEDIES = {
    BrainFlowExitCodes.PORT_ALREADY_OPEN_ERROR: "another program holds the port: close it",
    BrainFlowExitCodes.UNABLE_TO_OPEN_PORT_ERROR: "plug in the dongle and check serial_port and "
    "your rights to it (on Linux: group dialout)",
    BrainFlowExitCodes.SER_PORT_ERROR: "serial_port is no port of this kind of dongle: check it",
    BrainFlowExitCodes.BOARD_WRITE_ERROR: "the link is gone: plug the dongle in again",
    BrainFlowExitCodes.INCOMMING_MSG_ERROR: "switch the headset off and on again",
    BrainFlowExitCodes.INITIAL_MSG_ERROR: "switch the headset on, near the dongle, and try again",
    BrainFlowExitCodes.BOARD_NOT_READY_ERROR: "switch the headset on and bring it near",
    BrainFlowExitCodes.INVALID_ARGUMENTS_ERROR: "a parameter of this board is missing or wrong: "
    "see BrainFlow's page on supported boards",
    BrainFlowExitCodes.UNSUPPORTED_BOARD_ERROR: "BrainFlow cannot drive it on this system",
    BrainFlowExitCodes.BOARD_NOT_CREATED_ERROR: "its session was ended from elsewhere: reopen it",
    BrainFlowExitCodes.ANOTHER_BOARD_IS_CREATED_ERROR: "a board with the same parameters is open "
    "already: give each seat its own device",
    BrainFlowExitCodes.GENERAL_ERROR: "check that the headset is on and its adapter is plugged in",
    BrainFlowExitCodes.SYNC_TIMEOUT_ERROR: "no answer in time: switch the headset on, near by",
}
_PULSE_CONFIGS = {
    "MUSE_2_BOARD": "p50",
    "MUSE_2_BLED_BOARD": "p50",
    "MUSE_S_BOARD": "p61",
    "MUSE_S_BLED_BOARD": "p61",
}
"""What makes a board send its PPG, as BrainFlow's page on supported boards says."""

PARAMETERS = {field: type(value) for field, value in vars(BrainFlowInputParams()).items()}
"""Fields that a board's parameters may have, with their types (str or int)."""


@dataclass(frozen=True, slots=True)
class PulseSensor:
    """Where a board's photoplethysmogram is.

    Attributes
    ----------
    preset : int
        Which of the board's streams it is in.
    row, package : int
        Rows of the light and of the packet counter.
    rate : float
        Samples per second.
    configs : tuple of str
        What makes the board send it.
    """

    preset: int
    row: int
    package: int
    rate: float
    configs: tuple[str, ...]

    @property
    def apart(self) -> bool:
        """Whether it comes in another stream than the EEG."""
        return self.preset != EEG


@dataclass(frozen=True, slots=True)
class BoardKind:
    """What BrainFlow says of a kind of board.

    Attributes
    ----------
    name : str
        As in "CYTON_BOARD".
    number : int
        BrainFlow's id of it.
    rate : float
        Samples per second.
    layout : RowFormat
        Which rows hold what.
    channels : tuple of str
        Its usual electrodes; empty where nobody names them.
    pulse : PulseSensor or None
        None where it has no photoplethysmograph.
    """

    name: str
    number: int
    rate: float
    layout: RowFormat
    channels: tuple[str, ...]
    pulse: PulseSensor | None


def find_board(name: str) -> BoardKind:
    """Look a board up by its BrainFlow name.

    Raises
    ------
    SourceError
        If BrainFlow knows no such board, or it gives no EEG.
    """
    names = [board.name for board in BoardIds if board.name not in _REFUSED]
    if name in _REFUSED:
        raise SourceError(f"board {name} cannot be a seat: {_REFUSED[name]}")
    if name not in names:
        near = difflib.get_close_matches(name.upper(), names, 3, 0.5)
        hint = f"did you mean {' or '.join(near)}?" if near else "`hall doctor` lists them"
        raise SourceError(f"BrainFlow knows no board {name!r}: {hint}")
    number = BoardIds[name].value
    with warnings.catch_warnings():
        # BrainFlow's first call imports pkg_resources, which warns of its own end.
        warnings.filterwarnings("ignore", message=".*pkg_resources")
        about: dict[str, Any] = BoardShim.get_board_descr(number)
    eeg = tuple(about.get("eeg_channels", ()))
    if not eeg:
        raise SourceError(f"board {name} gives no EEG: choose an EEG headset")
    layout = RowFormat(
        about["num_rows"], about["package_num_channel"], about["timestamp_channel"], eeg
    )
    given = tuple(about["eeg_names"].split(",")) if "eeg_names" in about else ()
    channels = MONTAGES.get(name, tuple(canonical(electrode) for electrode in given))
    rate = float(about["sampling_rate"])
    return BoardKind(name, number, rate, layout, channels, _find_pulse(name, number))


def _find_pulse(name: str, number: int) -> PulseSensor | None:
    """Look for a photoplethysmograph, in the stream of the EEG first."""
    for preset in sorted(BoardShim.get_board_presets(number)):
        about: dict[str, Any] = BoardShim.get_board_descr(number, preset)
        rows = about.get("ppg_channels", ())
        if rows:
            configs = (_PULSE_CONFIGS[name],) if name in _PULSE_CONFIGS else ()
            package, rate = about["package_num_channel"], float(about["sampling_rate"])
            return PulseSensor(preset, rows[_INFRARED], package, rate, configs)
    return None


class _Shim(BoardShim):  # type: ignore[misc]  # brainflow carries no types
    """A BoardShim whose garbage collection touches no session.

    The base class ends the session of whichever board has equal parameters, and complains at
    the interpreter's exit. Here only `Board.close` ends one.
    """

    def __del__(self) -> None:
        """Leave every session alone."""


class Board:
    """One BrainFlow session, and its only owner.

    Parameters
    ----------
    seat : str
        Named in errors.
    kind : BoardKind
        What the samples look like.
    number : int
        BrainFlow's id of the board that is opened: the kind's own, or the playback board's.
    params : dict of str to str or int
        BrainFlow's input parameters; they must differ from those of every open board.
    configs : tuple of str
        Sent after preparing.
    """

    def __init__(
        self,
        seat: str,
        kind: BoardKind,
        number: int,
        params: dict[str, str | int],
        configs: tuple[str, ...] = (),
    ) -> None:
        self.seat = seat
        self.kind = kind
        self._configs = configs
        self._ring = round(_RING_S * kind.rate)
        self._open = self._started = False
        given = BrainFlowInputParams()
        for field, value in params.items():
            setattr(given, field, value)
        self._shim = _Shim(number, given)

    def open(self) -> None:
        """Connect and prepare; raises SourceError."""
        BoardShim.disable_board_logger()
        try:
            self._shim.prepare_session()
            self._open = True
            for config in self._configs:
                self._shim.config_board(config)
        except BrainFlowError as error:
            raise self._explain("cannot be opened", error) from error

    def start(self) -> None:
        """Let samples flow; a second call does nothing. Raises SourceError."""
        if self._started:
            return
        try:
            self._shim.start_stream(self._ring)
        except BrainFlowError as error:
            raise self._explain("does not start", error) from error
        self._started = True

    def take(self, preset: int = EEG) -> NDArray[np.float64]:
        """Drain what has come in one of its streams: float64 (rows, n). Raises SourceError."""
        try:
            rows: NDArray[np.float64] = self._shim.get_board_data(preset=preset)
        except BrainFlowError as error:
            raise self._explain("stopped", error) from error
        return rows

    def close(self) -> None:
        """End the session, whatever state it is in; a second call does nothing."""
        if not self._open:
            return
        self._open = self._started = False
        try:
            self._shim.release_session()
        except BrainFlowError as error:
            raise self._explain("was not let go", error) from error

    def _explain(self, what: str, error: BrainFlowError) -> SourceError:
        """Put a BrainFlow error into words with its remedy."""
        code = BrainFlowExitCodes(error.exit_code)
        remedy = _REMEDIES.get(code, "switch the headset off and on, then try again")
        return SourceError(f"seat {self.seat}: {self.kind.name} {what} ({code.name}): {remedy}")
