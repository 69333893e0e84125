"""The frame grid: tick k is due k / fps after the first tick, for ever."""

NS = 1_000_000_000


class FrameClock:
    """Counts frames by the caller's clock.

    Parameters
    ----------
    fps_num, fps_den : int
        Frames per second as a fraction.
    """

    def __init__(self, fps_num: int, fps_den: int) -> None:
        self._num, self._den = fps_num, fps_den
        self._origin: int | None = None
        self._frame = -1

    def advance(self, hall_ns: int) -> int:
        """Count the frames that have become due since the last call: 0, 1, or more if late."""
        if self._origin is None:
            self._origin = hall_ns
        due = (hall_ns - self._origin) * self._num // (NS * self._den)
        frames = max(0, due - self._frame)
        self._frame += frames
        return frames

    @property
    def next_ns(self) -> int | None:
        """When the next frame is due, in nanoseconds; None before the first tick."""
        if self._origin is None:
            return None
        return self._origin - (self._frame + 1) * NS * self._den // -self._num
