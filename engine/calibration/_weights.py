"""Which weights the synchrony component of a montage shall have."""

from __future__ import annotations

import numpy as np
from msgspec.structs import replace

import dsp
from engine.calibration._file import MontageCalibration
from engine.grid import Float32
from hardware import REGIONS, canonical

FEWEST_SEATS, FEWEST_S = 4, 30.0
_SURE = 3.0


def fit(group: dsp.Group, clip: Float32) -> MontageCalibration:
    """Fit a montage's weights to the clip, and take them only if they prove themselves.

    They are taken where, fitted to one half of the clip, they correlate better in the other than
    the montage's own do, and more than chance. The forehead has no part in it: eye movements
    correlate there, and whoever fits weights finds them.

    Parameters
    ----------
    group : dsp.Group
        The seats.
    clip : float32 [samples, seats, channels]
        What `dsp.cleaned` makes of the clip.
    """
    own = dsp.likeness(group.channels)[1]
    apart = REGIONS["forehead"] | REGIONS["pulse"]
    sites = [i for i, name in enumerate(group.channels) if canonical(name) not in apart]
    montage = MontageCalibration(group.rate, group.channels, group.seats, own, False, "")
    if len(sites) < 2:
        why = "the montage's own: there are no two electrodes behind the forehead to weigh"
        return replace(montage, why=why)
    clip = clip[:, :, sites]
    sums = dsp.covariances(clip)
    seconds = np.count_nonzero(sums.seats >= FEWEST_SEATS) / group.rate
    if seconds < FEWEST_S:
        why = (
            f"the montage's own: {FEWEST_SEATS} seats were good together for {seconds:.0f} s of "
            f"the clip, a fit needs {FEWEST_S:.0f} s"
        )
        return replace(montage, why=why)
    own_sites = [own[i] for i in sites]
    held_out, held_out_own = _held_out(sums, own_sites)
    whole = dsp.components(sums)
    component = np.tensordot(clip.astype(np.float64), whole.weights[0], 1)
    z = held_out / dsp.null_deviation(component, group.rate)
    montage = replace(
        montage,
        isc=dsp.correlation_of(sums, own_sites),
        held_out=held_out,
        held_out_own=held_out_own,
    )
    if z < _SURE:
        why = f"the montage's own: what was fitted to one half is chance in the other (z {z:.1f})"
        return replace(montage, why=why)
    if held_out <= held_out_own:
        why = "the montage's own: they correlate as well in what was not fitted"
        return replace(montage, why=why)
    weights, forward = np.zeros((2, len(group.channels)))
    weights[sites], forward[sites] = whole.weights[0], whole.forward[0]
    return replace(
        montage,
        weights=tuple(weights.tolist()),
        fitted=True,
        why=f"fitted to the clip: better in what was not fitted than the montage's own (z {z:.1f})",
        isc=float(whole.isc[0]),
        forward=tuple(forward.tolist()),
    )


def _held_out(sums: dsp.Covariances, own: list[float]) -> tuple[float, float]:
    """Correlate each half by weights fitted to the other, and by the montage's own."""
    half = len(sums.seats) // 2
    early, late = sums.during(slice(half)), sums.during(slice(half, None))
    both = ((early, late), (late, early))
    fitted = [dsp.correlation_of(of, dsp.components(to).weights[0]) for of, to in both]
    plain = [dsp.correlation_of(of, own) for of, _ in both]
    return float(np.mean(fitted)), float(np.mean(plain))
