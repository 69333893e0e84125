"""Which driver a film gets, and why."""

import pytest

from playback import DriverError, Needs, choose, missing
from playback._abilities import SILENT, VLC, embedded


@pytest.mark.parametrize(
    ("needs", "lacking"),
    [
        (Needs(), ()),
        (Needs(fade=True, channels=6), ()),
        (Needs(exact_frames=True), ("cuts exact to the frame",)),
        (Needs(sound_to_end=True, channels=12), ("sound to the end of every clip", "12 channels")),
        (Needs(formats=("h264", "something of 2031")), ()),
        (Needs(beds=True), ("music beds",)),
    ],
)
def test_what_libvlc_lacks(needs: Needs, lacking: tuple[str, ...]) -> None:
    found = missing(needs, VLC)
    assert len(found) == len(lacking)
    assert all(text.startswith(part) for text, part in zip(found, lacking, strict=True))


def test_the_embedded_driver_knows_its_formats() -> None:
    needs = Needs(exact_frames=True, formats=("h264", "prores"), beds=True)
    assert missing(needs, embedded()) == ()
    assert missing(Needs(formats=("flac", "celluloid")), embedded()) == ("celluloid",)


def test_nothing_is_missing_where_nothing_is_shown() -> None:
    needs = Needs(
        exact_frames=True, sound_to_end=True, fade=True, channels=16, formats=("h264",), beds=True
    )
    assert missing(needs, SILENT) == ()


def test_the_show_files_driver_is_taken_where_it_will_do() -> None:
    assert choose("vlc") == ("vlc", "as the show file says")
    with pytest.raises(DriverError, match="6 channels of sound: not with the embedded driver"):
        choose("embedded", Needs(channels=6))
    with pytest.raises(DriverError, match="the film needs music beds: not with the vlc driver"):
        choose("vlc", Needs(beds=True))
    with pytest.raises(DriverError, match="embedded, vlc, silent"):
        choose("celluloid")


def test_where_no_window_opens_the_film_runs_silently(no_screen: None) -> None:
    name, why = choose("auto")
    assert name == "silent"
    assert "not embedded: SDL draws nowhere" in why
    assert "not vlc" in why


@pytest.mark.full
def test_auto_goes_by_the_seams_and_by_what_the_film_needs(vlc_screen: str) -> None:
    name, why = choose("auto")
    assert name == "embedded"
    assert "docs/seams.md" in why
    name, why = choose("auto", Needs(channels=6))
    assert name == "vlc"
    assert "not embedded: the film needs 6 channels of sound" in why
