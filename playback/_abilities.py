"""What each driver can do, wherever it runs, and what a film needs beyond that."""

from functools import cache

import av

from playback._types import Capabilities, Needs

SILENT = Capabilities(
    "silent",
    picture=False,
    sound=False,
    output_delay_frames=0,
    remark="no picture, no sound: frames are counted",
    exact_frames=True,
    sound_to_end=True,
    fade=True,
    channels=64,
    beds=True,
)
VLC = Capabilities(
    "vlc",
    picture=True,
    sound=True,
    output_delay_frames=0,
    remark="",
    # libVLC keeps its own time, and ends a clip's sound with its input (measured: docs/seams.md).
    exact_frames=False,
    sound_to_end=False,
    fade=True,
    channels=8,
)


@cache
def embedded() -> Capabilities:
    """Return what the embedded driver can do: whatever PyAV's wheel decodes, in stereo."""
    return Capabilities(
        "embedded",
        picture=True,
        sound=True,
        output_delay_frames=3,
        remark="",
        exact_frames=True,
        sound_to_end=True,
        fade=True,
        channels=2,
        formats=tuple(sorted(filter(_decodes, av.codecs_available))),
        beds=True,
    )


def _decodes(codec: str) -> bool:
    """Whether PyAV has a decoder of that name."""
    try:
        av.Codec(codec, "r")
    except av.codec.codec.UnknownCodecError:
        return False
    return True


def missing(needs: Needs, capabilities: Capabilities) -> tuple[str, ...]:
    """Say what a film needs and a driver cannot do, in words for the operator.

    Parameters
    ----------
    needs : Needs
        The film's.
    capabilities : Capabilities
        The driver's.

    Returns
    -------
    tuple of str
        Empty if the driver will do.
    """
    wanted = (
        (needs.exact_frames and not capabilities.exact_frames, "cuts exact to the frame"),
        (needs.sound_to_end and not capabilities.sound_to_end, "sound to the end of every clip"),
        (needs.fade and not capabilities.fade, "fades"),
        (needs.channels > capabilities.channels, f"{needs.channels} channels of sound"),
        (needs.beds and not capabilities.beds, "music beds"),
    )
    known = capabilities.formats or needs.formats
    strange = [name for name in needs.formats if name not in known]
    return tuple(what for lacks, what in wanted if lacks) + tuple(strange)
