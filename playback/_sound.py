"""Sound beside the picture: ramps at cuts, fades, and a queue kept at its level."""

from collections.abc import Callable
from typing import Protocol

import numpy as np
import numpy.typing as npt

from playback._ring import RATE

Sound = npt.NDArray[np.int16]
Gains = npt.NDArray[np.float64]
RAMP = RATE // 100
SETTLE_TICKS = 12
# At most a quarter of a millisecond per tick: inaudible, and enough for any clock's drift.
SERVO_SAMPLES = RATE // 4000
DEAD_BAND = RATE // 500
SMOOTHING = 0.1
# More than this is cut away at once: it would be heard as lateness for seconds.
TOO_LATE = RATE * 3 // 100
# Over which a clip's own level changes.
GAIN_RAMP = RATE // 10


class Device(Protocol):
    """What sound is queued at: an audio device, running once `run` is called."""

    @property
    def queued(self) -> int:
        """Samples that wait to be played."""
        ...

    def push(self, samples: Sound) -> None:
        """Queue stereo samples, shape (n, 2)."""
        ...

    def run(self) -> None:
        """Begin to play."""
        ...

    def close(self) -> None:
        """Give the device back."""
        ...


class Ramp:
    """A gain that goes to where it is sent in a straight line.

    Parameters
    ----------
    value : float
        Where it stands.
    """

    def __init__(self, value: float) -> None:
        self._value = self._target = value
        self._step = 0.0

    @property
    def target(self) -> float:
        """Where it was sent."""
        return self._target

    @property
    def still(self) -> bool:
        """Whether it is there."""
        return self._value == self._target

    def go(self, target: float, samples: int) -> None:
        """Go there within `samples` samples; with none, be there at once."""
        self._target = target
        self._step = abs(target - self._value) / max(1, samples)
        self._value = self._value if samples else target

    def take(self, samples: int) -> Gains:
        """Return the gains of the next samples, shape (samples,)."""
        way = self._target - self._value
        moved = np.minimum(self._step * np.arange(1, samples + 1), abs(way))
        gains: Gains = self._value + np.copysign(moved, way)
        self._value = float(gains[-1]) if samples and moved[-1] < abs(way) else self._target
        return gains


def amplitude(gain_db: float) -> float:
    """Return what to multiply samples with for a gain in dB."""
    return float(10 ** (gain_db / 20))


class Loudspeaker:
    """Plays one block of sound per tick, `delay_s` after it was given.

    Two devices never agree on how much they buffer. So the queue is trimmed once, half a second
    after the start, and then held at its level by stretching blocks by a few samples
    (measured before with this design: +8 to +15 ms behind the picture, instead of up to
    443). The device's own buffer makes up for the time a picture takes to the screen: with the
    queue 15 ms shorter, sound came 13 ms early (null sink, three starts).

    Parameters
    ----------
    device : Device
        Where it sounds.
    delay_s : float
        Time from `play` to the ear, in seconds.
    """

    def __init__(self, device: Device, delay_s: float) -> None:
        self._device = device
        self._target = round(delay_s * RATE)
        self._ticks, self._error = 0, 0.0
        self._level, self._last = 1.0, np.zeros(2)
        self._heard = np.zeros(2)
        self._gain = Ramp(1.0)
        # The end of a clip, and what is under it, until it is known whether the next block joins.
        self._held = np.zeros((0, 4))
        self._device.push(_silence(self._target))
        self._device.run()

    def set_gain(self, gain_db: float, *, at_once: bool) -> None:
        """Play clips at `gain_db`, over `GAIN_RAMP` samples or at once."""
        self._gain.go(amplitude(gain_db), 0 if at_once else GAIN_RAMP)

    def play(
        self, block: Sound, level: float, *, joins: bool, leaves: bool, under: Gains | None = None
    ) -> None:
        """Play one tick's sound.

        Parameters
        ----------
        block : ndarray of int16, shape (n, 2)
            The clip's sound.
        level : float
            Loudness of the whole, reached by the end of the block.
        joins : bool
            Whether it goes on where the last block ended; if not, the two are ramped.
        leaves : bool
            Whether it is the last of its clip. Its end waits for the next block, to be ramped
            out unless that joins.
        under : ndarray of float64, shape (n, 2), optional
            What sounds beside the clip, on its scale.
        """
        levels = np.linspace(self._level, level, len(block))[:, None]
        self._level = level
        clip = block * levels * self._gain.take(len(block))[:, None]
        if not joins:
            self._part(clip)
        self._last = clip[-1] if len(clip) else self._last
        beside = np.zeros_like(clip) if under is None else under * levels
        held, lanes = len(self._held), np.concatenate([self._held, np.hstack([clip, beside])])
        end = len(lanes) - (min(RAMP, len(block)) if leaves else 0)
        self._held = lanes[end:]
        sound = self._steered(lanes[:end, :2] + lanes[:end, 2:], held)
        self._heard = sound[-1] if len(sound) else self._heard
        self._device.push(np.clip(sound, -32768, 32767).astype(np.int16))

    def _part(self, clip: Gains) -> None:
        """Ramp what was heard out, and a clip in, in place."""
        if len(self._held):
            self._held[:, :2] *= _quarter(len(self._held), np.cos)
            self._last = np.zeros(2)
        # Equal power in; what was cut off dies away from where it stood.
        ramp = min(RAMP, len(clip))
        clip[:ramp] *= _quarter(ramp, np.sin)
        clip[:ramp] += self._last * _quarter(ramp, np.cos)

    def _steered(self, block: Gains, held: int) -> Gains:
        """Stretch or shorten a block so that the queue, with what was held, keeps its level."""
        queued = self._device.queued
        off = queued + held - self._target
        self._ticks += 1
        if not queued:
            # The device has fallen silent by itself.
            self._heard = np.zeros(2)
        if off and (queued == 0 or self._ticks == SETTLE_TICKS or off > TOO_LATE):
            self._error = 0.0
            return self._shifted(block, off)
        self._error += SMOOTHING * (off - self._error)
        if abs(self._error) < DEAD_BAND or len(block) <= SERVO_SAMPLES:
            return block
        change = int(np.clip(-self._error / 8, -SERVO_SAMPLES, SERVO_SAMPLES))
        at = np.linspace(0, len(block) - 1, len(block) + change)
        sides = [np.interp(at, np.arange(len(block)), block[:, side]) for side in (0, 1)]
        return np.stack(sides, axis=1)

    def _shifted(self, block: Gains, off: int) -> Gains:
        """Cut `off` samples from a block, or put silence before it, with ramps."""
        # Enough is kept to ramp from what was heard to what goes on.
        kept = block[max(0, min(off, len(block) - RAMP)) :]
        ramp = min(RAMP, len(kept))
        kept[:ramp] *= _quarter(ramp, np.sin)
        moved = np.concatenate([np.zeros((max(0, -off), 2)), kept])
        ramp = min(RAMP, len(moved))
        moved[:ramp] += self._heard * _quarter(ramp, np.cos)
        return moved

    def close(self) -> None:
        """Give the device back."""
        self._device.close()


def _quarter(samples: int, wave: Callable[[Gains], Gains]) -> Gains:
    """A quarter of a sine or cosine, shape (samples, 1)."""
    return wave(np.linspace(0, np.pi / 2, samples))[:, None]


def _silence(samples: int) -> Sound:
    """Stereo silence."""
    return np.zeros((samples, 2), dtype=np.int16)
