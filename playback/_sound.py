"""Sound beside the picture: ramps at cuts, fades, and a queue kept at its level."""

from typing import Protocol

import numpy as np
import numpy.typing as npt

from playback._ring import RATE

Sound = npt.NDArray[np.int16]
RAMP = RATE // 100
SETTLE_TICKS = 12
# At most a quarter of a millisecond per tick: inaudible, and enough for any clock's drift.
SERVO_SAMPLES = RATE // 4000
DEAD_BAND = RATE // 500
SMOOTHING = 0.1
# More than this is cut away at once: it would be heard as lateness for seconds.
TOO_LATE = RATE * 3 // 100


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
        self._gain, self._last = 1.0, np.zeros(2)
        self._device.push(_silence(self._target))
        self._device.run()

    def play(self, block: Sound, level: float, *, joins: bool, leaves: bool) -> None:
        """Play one tick's sound.

        Parameters
        ----------
        block : ndarray of int16, shape (n, 2)
            The sound.
        level : float
            Its loudness, reached by the end of the block.
        joins : bool
            Whether it goes on where the last block ended; if not, the two are ramped.
        leaves : bool
            Whether it is the last of its clip, to be ramped out.
        """
        gains = np.linspace(self._gain, level, len(block))
        self._gain = level
        sound = block * gains[:, None]
        quarter = np.linspace(0, np.pi / 2, min(RAMP, len(sound)))[:, None]
        if not joins:
            # Equal power in; what was cut off dies away from where it stood.
            sound[: len(quarter)] *= np.sin(quarter)
            sound[: len(quarter)] += self._last * np.cos(quarter)
        if leaves:
            sound[-len(quarter) :] *= np.cos(quarter)
        self._last = sound[-1] if len(sound) else self._last
        self._device.push(self._steered(np.clip(sound, -32768, 32767).astype(np.int16)))

    def _steered(self, block: Sound) -> Sound:
        """Stretch or shorten a block so that the queue keeps its level."""
        queued = self._device.queued
        off = queued - self._target
        self._ticks += 1
        if queued == 0 or self._ticks == SETTLE_TICKS or off > TOO_LATE:
            self._error = 0.0
            return np.concatenate([_silence(max(0, -off)), block[max(0, off) :]])
        self._error += SMOOTHING * (off - self._error)
        if abs(self._error) < DEAD_BAND or len(block) <= SERVO_SAMPLES:
            return block
        change = int(np.clip(-self._error / 8, -SERVO_SAMPLES, SERVO_SAMPLES))
        at = np.linspace(0, len(block) - 1, len(block) + change)
        sides = [np.interp(at, np.arange(len(block)), block[:, side]) for side in (0, 1)]
        return np.stack(sides, axis=1).astype(np.int16)

    def close(self) -> None:
        """Give the device back."""
        self._device.close()


def _silence(samples: int) -> Sound:
    """Stereo silence."""
    return np.zeros((samples, 2), dtype=np.int16)
