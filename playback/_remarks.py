"""What an inspected clip means for a film, in words."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from playback._flashes import AREA, MOST_IN_A_SECOND, Flashing
from playback._inspect import ROUNDING_S, Inspection

Severity = Literal["error", "warning", "note"]
# EBU R 128: the most a true peak may be.
MOST_DBTP = -1.0
# A jump into a clip decodes from the key frame before: beyond this, opening takes over a second.
LONG_KEY_FRAME_S = 5.0
# Sound that begins later or earlier than so many frames is meant so, or a mistake.
SOUND_FRAMES = 2


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing to know about a clip.

    Parameters
    ----------
    severity : {"error", "warning", "note"}
        An error keeps the clip from being shown as it is.
    what : str
        What is wrong, without a full stop.
    remedy : str
        What can be done, as whole sentences.
    """

    severity: Severity
    what: str
    remedy: str


def remarks(clip: Inspection, *, photosensitive: bool = False) -> tuple[Remark, ...]:
    """Say what is wrong with a clip by itself, worst first.

    Whether clips fit each other and the film is for others to say.

    Parameters
    ----------
    clip : Inspection
        From `inspect`.
    photosensitive : bool, optional
        Whether viewers are warned of its flashes, which are then only noted.
    """
    flashes = (_flashing(flash, "note" if photosensitive else "error") for flash in clip.flashes)
    found = [*_put_together(clip), *_content(clip), *flashes]
    return tuple(sorted(found, key=lambda one: ("error", "warning", "note").index(one.severity)))


def _put_together(clip: Inspection) -> Iterator[Remark]:
    """What the file itself is like."""
    if clip.missing_s:
        what = f"it breaks off {clip.missing_s:.2f} s before the length it states"
        yield Remark("error", what, "Copy or export it anew.")
    if clip.damaged:
        what = f"{clip.damaged} packets of it cannot be decoded"
        yield Remark("error", what, "Copy or export it anew.")
    if not clip.even:
        what = "its pictures do not follow each other at one rate"
        yield Remark("warning", what, f"Export it at a constant {clip.fps} pictures a second.")
    frames = clip.first_picture_s * clip.fps
    if abs(frames - round(frames)) / clip.fps > ROUNDING_S:
        what = f"its first picture is due at {clip.first_picture_s:.4f} s, not on a frame"
        yield Remark("warning", what, "Export it with timestamps that begin at 0.")
    if clip.first_sound_s is not None and abs(clip.first_sound_s) * clip.fps > SOUND_FRAMES:
        when = "after" if clip.first_sound_s > 0 else "before"
        what = f"its sound begins {abs(clip.first_sound_s):.3f} s {when} its picture"
        yield Remark("warning", what, "If that is not meant, export both from the same frame on.")
    if abs(clip.pixel_aspect - 1) > 0.001:
        what = f"its pixels are not square ({clip.pixel_aspect:.3f} wide for 1 high)"
        yield Remark("warning", what, "It is shown as if they were. Export it with square pixels.")
    if clip.key_frame_s > LONG_KEY_FRAME_S:
        what = f"its key frames lie up to {clip.key_frame_s:.1f} s apart"
        remedy = "Cuts into the middle of it take long to get ready. Export a key frame a second."
        yield Remark("note", what, remedy)


def _content(clip: Inspection) -> Iterator[Remark]:
    """What is seen and heard in it."""
    if clip.black:
        yield Remark("warning", "it is black from end to end", "See whether it was exported whole.")
    if clip.silent:
        what = "it has a sound track, in which nothing is heard"
        yield Remark("warning", what, "See whether the right tracks were exported.")
    peak = clip.loudness.true_peak_dbtp if clip.loudness else None
    if peak is not None and peak > MOST_DBTP:
        what = f"its sound peaks at {peak:+.1f} dBTP (EBU R 128: at most {MOST_DBTP:.0f})"
        yield Remark("warning", what, f"Lower it by {peak - MOST_DBTP:.1f} dB.")


def _flashing(flash: Flashing, severity: Severity) -> Remark:
    """Describe a stretch that flashes."""
    kind = "flashes" if flash.kind == "general" else "flashes of saturated red"
    what = (
        f"{flash.flashes} {kind} in the second from {flash.worst_s:.2f} s, over"
        f" {flash.area:.0%} of the picture ({flash.from_s:.2f} to {flash.to_s:.2f} s)"
    )
    limit = f"more than {MOST_IN_A_SECOND} in any second, over more than {AREA:.0%}"
    remedy = (
        f"WCAG 2.3.1 and ITU-R BT.1702 warn of {limit}. Slow them down, make them smaller or"
        " darker; or mark the scene photosensitive, so that viewers are told."
    )
    return Remark(severity, what, remedy)
