"""Every number of the recipe, and what it may be."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Settings:
    """Every number of the recipe that an operator or a researcher may change.

    The defaults are those the reference figures were measured with; tests hold them.

    Parameters
    ----------
    mains_hz, notch_quality
        Mains frequency that the notch takes out, and the notch's Q.
    high_pass_hz, low_pass_hz
        Band of the synchrony component, the clipping and the amplitude flags.
    theta_hz, alpha_hz, beta_hz
        Band edges of the power indices.
    muscle_hz
        Band whose power tells of muscles.
    max_gap_s
        Longest gap the filters bridge; after a longer one they start anew.
    settling_s
        How long a channel is invalid after its filters started.
    power_window_s
        Running mean of squares.
    scale_window_s
        Valid data behind a channel's running robust scale.
    clip
        Samples beyond this many robust standard deviations count as zero.
    flat_sd_uv
        Below this standard deviation within a second an electrode is flat.
    rail_uv
        At or beyond this amplitude an electrode is railed (default: just inside the ADS1299's
        4.5 V / 24).
    stuck_share
        More than this share of a second at its very maximum or minimum: railed.
    peak_to_peak_uv, noisy_sd_uv
        Limits of the filtered signal per second, and of its running robust scale.
    clipped_share, lost_share
        Shares of clipped and of missing samples in a second that raise a flag.
    mains_share
        Share of a second's power that raises a flag: of the mains, beside the band of the
        synchrony component.
    muscle_rise
        Power in `muscle_hz` that raises a flag, in parts of the electrode's usual one.
    blink_uv
        Least height of a blink at the forehead; above four robust standard deviations in any case.
    eyes_closed_z
        Smoothed relaxation above this, and no blink in `blink_window_s`: eyes closed or asleep.
    duplicate_r
        Correlation with another seat over `duplicate_s` that makes two seats one (measured:
        honest pairs reach 0.12 at most).
    coverage
        Least share of a window that must be there for the window to be used; of an exponential
        mean, least sum of weights.
    isc_window_s
        Window of the inter-subject correlation, in whole seconds.
    isc_ceiling
        A correlation above this, by two standard deviations of chance, is no audience's but a
        shared pick-up's (measured: 0.018 for images, 0.106 for hum at half the EEG's sd; Ki et al.
        2016 reach 0.111 with the sum of three fitted components of 64 electrodes).
    share_window_s
        Window of each seat's own correlation with the others, in whole seconds.
    duplicate_s
        Window in which seats are held against each other, in whole seconds.
    blink_window_s
        Window of the blink rate, in whole seconds.
    trend_s
        Window of the trend, in whole seconds.
    min_seats
        Below this number of valid seats a signal is unknown.
    baseline_lead_in_s
        Valid lead-in that a seat must have when the baseline freezes.
    baseline_own_s
        Valid data a seat that missed the lead-in must bring before it is known.
    baseline_floor, blink_floor, heart_floor
        Least spread of a baseline, in natural-log units; of the blink rate's in its own, of the
        heart rate's in beats per minute.
    z_limit
        Baseline z is clipped at plus and minus this.
    smoothing_s
        Time constant of the exponential mean of a seat's z.
    trim
        Share of seats left out at each end of the pooled mean.

    Raises
    ------
    ValueError
        Names the setting that is out of range.
    """

    mains_hz: float = 50.0
    notch_quality: float = 30.0
    high_pass_hz: float = 1.0
    low_pass_hz: float = 20.0
    theta_hz: tuple[float, float] = (4.0, 8.0)
    alpha_hz: tuple[float, float] = (8.0, 13.0)
    beta_hz: tuple[float, float] = (13.0, 30.0)
    muscle_hz: tuple[float, float] = (30.0, 45.0)
    max_gap_s: float = 0.5
    settling_s: float = 2.0
    power_window_s: float = 4.0
    scale_window_s: float = 30.0
    clip: float = 4.0
    flat_sd_uv: float = 0.5
    rail_uv: float = 187_000.0
    stuck_share: float = 0.1
    peak_to_peak_uv: float = 200.0
    noisy_sd_uv: float = 40.0
    clipped_share: float = 0.1
    lost_share: float = 0.1
    mains_share: float = 0.8
    muscle_rise: float = 6.0
    blink_uv: float = 50.0
    eyes_closed_z: float = 2.0
    duplicate_r: float = 0.3
    coverage: float = 0.5
    isc_window_s: float = 10.0
    isc_ceiling: float = 0.1
    share_window_s: float = 60.0
    duplicate_s: float = 30.0
    blink_window_s: float = 30.0
    trend_s: float = 10.0
    min_seats: int = 8
    baseline_lead_in_s: float = 40.0
    baseline_own_s: float = 60.0
    baseline_floor: float = 0.05
    blink_floor: float = 0.7
    heart_floor: float = 2.0
    z_limit: float = 3.0
    smoothing_s: float = 8.0
    trim: float = 0.1

    def __post_init__(self) -> None:
        for name in ("theta_hz", "alpha_hz", "beta_hz", "muscle_hz"):
            low, high = getattr(self, name)
            self._need(name, 0 < low < high < float("inf"), "two rising frequencies above 0")
        self._need("high_pass_hz", 0 < self.high_pass_hz < self.low_pass_hz, "below low_pass_hz")
        for name in _POSITIVE:
            self._need(name, 0 < getattr(self, name) < float("inf"), "a positive number")
        for name in _SHARES:
            self._need(name, 0 < getattr(self, name) <= 1, "a share above 0, at most 1")
        self._need("trim", 0 <= self.trim < 0.5, "a share from 0 to below 0.5")
        self._need("min_seats", self.min_seats >= 2, "at least 2: one seat is no audience")
        for name in _WINDOWS:
            self._need(name, getattr(self, name) in range(1, 121), "whole seconds, 1 to 120")
        self._need("clip", self.clip <= 1_000, "at most 1,000")

    def check_rate(self, rate: float) -> None:
        """Refuse a sampling rate too low for these bands.

        Parameters
        ----------
        rate
            Sampling rate in Hz.

        Raises
        ------
        ValueError
            Where a band or the mains lies at or beyond half the sampling rate.
        """
        bands = (self.theta_hz, self.alpha_hz, self.beta_hz, self.muscle_hz)
        highest = max(self.mains_hz, self.low_pass_hz, *(high for _, high in bands))
        if highest >= rate / 2:
            raise ValueError(
                f"{highest} Hz cannot be filtered at a rate of {rate} Hz: it must be under half"
                " of it"
            )

    def _need(self, name: str, holds: bool, what: str) -> None:
        if not holds:
            raise ValueError(f"{name} is {getattr(self, name)}: it must be {what}")


_SHARES = (
    "stuck_share",
    "clipped_share",
    "lost_share",
    "mains_share",
    "duplicate_r",
    "coverage",
    "isc_ceiling",
)

_WINDOWS = (
    "power_window_s",
    "scale_window_s",
    "isc_window_s",
    "share_window_s",
    "duplicate_s",
    "blink_window_s",
    "trend_s",
)

_POSITIVE = (
    "mains_hz",
    "notch_quality",
    "low_pass_hz",
    "max_gap_s",
    "settling_s",
    "clip",
    "flat_sd_uv",
    "rail_uv",
    "peak_to_peak_uv",
    "noisy_sd_uv",
    "muscle_rise",
    "blink_uv",
    "eyes_closed_z",
    "baseline_lead_in_s",
    "baseline_own_s",
    "baseline_floor",
    "blink_floor",
    "heart_floor",
    "z_limit",
    "smoothing_s",
)
