"""Whole clips looked through: what is wrong with each is found, and nothing else."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import repeat
from pathlib import Path
from typing import Any

import av
import msgspec
import numpy as np
import pytest

from playback import Inspection, MediaError, Sketch, inspect, probe, probe_sound, remarks
from playback._sketch import paint_sketch

FPS, SIZE, RATE = 24, (160, 90), 48_000
Sound = Callable[[np.ndarray], np.ndarray]


def tone(gain_db: float, hz: float = 997.0) -> Sound:
    return lambda t: 10 ** (gain_db / 20) * np.sin(2 * np.pi * hz * t)


def write(
    path: Path,
    levels: Iterator[int],
    seconds: float,
    sound: Sound | None = None,
    *,
    gop: int = 12,
    channels: str = "stereo",
    begins_s: float = 0.0,
    sound_begins_s: float = 0.0,
    step: Callable[[int], float] = float,
) -> Path:
    """Write a clip of grey pictures and a sound, H.264 and PCM or AAC by the name's ending."""
    with av.open(str(path), "w") as target:
        video = target.add_stream("libx264", rate=FPS, options={"x264-params": "scenecut=0"})
        video.width, video.height = SIZE
        video.pix_fmt, video.gop_size = "yuv420p", gop
        video.codec_context.time_base = Fraction(1, 24_000)
        audio = None
        if sound:
            audio = target.add_stream("pcm_s16le" if path.suffix != ".mp4" else "aac", rate=RATE)
            audio.layout = channels
        for number in range(round(seconds * FPS)):
            grey = np.full((SIZE[1], SIZE[0]), next(levels), np.uint8)
            frame = av.VideoFrame.from_ndarray(grey, format="gray").reformat(format="yuv420p")
            frame.pts = round((begins_s * FPS + step(number)) * 1000)
            frame.time_base = Fraction(1, 24_000)
            target.mux(video.encode(frame))
            if sound and audio:
                at = np.arange(number * 2000, number * 2000 + 2000)
                count = audio.codec_context.layout.nb_channels
                wave = np.repeat((sound(at / RATE) * 32767).astype(np.int16), count)
                block = av.AudioFrame.from_ndarray(wave.reshape(1, -1), "s16", channels)
                block.rate, block.time_base = RATE, Fraction(1, RATE)
                block.pts = round((begins_s + sound_begins_s) * RATE) + number * 2000
                target.mux(audio.encode(block))
        target.mux(video.encode(None))
        if audio:
            target.mux(audio.encode(None))
    return path


def looked(path: Path) -> Inspection:
    return inspect(str(path), lambda done: None)


def said(clip: Inspection, **options: Any) -> list[str]:
    return [f"{one.severity}: {one.what}" for one in remarks(clip, **options)]


def blinking(frames: int) -> Iterator[int]:
    return iter([200 if k // frames % 2 else 20 for k in range(1000)])


def test_a_sound_clip_is_described_and_nothing_is_wrong(tmp_path: Path) -> None:
    seen: list[float] = []
    clip = inspect(str(write(tmp_path / "good.mkv", repeat(90), 8, tone(-23))), seen.append)
    assert (clip.frames, clip.fps, clip.width, clip.height) == (192, FPS, *SIZE)
    assert (clip.audio_rate, clip.channels, clip.pixel_aspect) == (RATE, 2, 1.0)
    assert (clip.first_picture_s, clip.first_sound_s) == (0.0, 0.0)
    assert clip.even
    assert clip.key_frame_s == pytest.approx(0.5, abs=0.01)
    assert (clip.missing_s, clip.damaged, clip.black, clip.silent) == (0.0, 0, False, False)
    assert clip.flashes == ()
    assert said(clip) == []
    assert seen == sorted(seen)
    assert seen[-1] == 1.0
    assert 50 < len(seen) <= 102


def test_an_inspection_can_be_kept(tmp_path: Path) -> None:
    clip = looked(write(tmp_path / "flash.mkv", blinking(2), 3, tone(-23)))
    assert clip.flashes
    kept = msgspec.json.encode(clip)
    assert msgspec.json.decode(kept, type=Inspection) == clip


@pytest.mark.parametrize(("half_period", "found"), [(3, 1), (6, 0)])
def test_four_flashes_a_second_are_found_in_a_clip_and_two_are_none(
    tmp_path: Path, half_period: int, found: int
) -> None:
    clip = looked(write(tmp_path / "flash.mkv", blinking(half_period), 4))
    assert [(one.kind, one.flashes) for one in clip.flashes] == [("general", 4)] * found
    if found:
        assert said(clip)[0].startswith("error: 4 flashes in the second from 0.")
        assert said(clip, photosensitive=True)[0].startswith("note: 4 flashes")
        assert clip.flashes[0].to_s == pytest.approx(4, abs=0.3)
        assert clip.flashes[0].pictures[0].startswith(b"\x89PNG")


def test_loudness_of_known_tones(tmp_path: Path) -> None:
    """EBU Tech 3341, cases 1 and 2: stereo sines of 20 s measure what they are."""
    for level in (-23.0, -33.0):
        clip = looked(write(tmp_path / f"{level}.mkv", repeat(90), 20, tone(level)))
        assert clip.loudness
        assert clip.loudness.integrated_lufs == pytest.approx(level, abs=0.1)
        assert clip.loudness.true_peak_dbtp == pytest.approx(level, abs=0.2)
        assert clip.loudness.range_lu == pytest.approx(0.0, abs=0.1)


def test_quiet_parts_are_gated_and_make_the_range(tmp_path: Path) -> None:
    """EBU Tech 3341, case 3, and Tech 3342, case 1."""

    def gated(t: np.ndarray) -> np.ndarray:
        return np.where((t < 10) | (t >= 70), tone(-36)(t), tone(-23)(t))

    def steps(t: np.ndarray) -> np.ndarray:
        return np.where(t < 20, tone(-20)(t), tone(-30)(t))

    clip = looked(write(tmp_path / "gated.mkv", repeat(90), 80, gated))
    assert clip.loudness
    assert clip.loudness.integrated_lufs == pytest.approx(-23.0, abs=0.1)
    clip = looked(write(tmp_path / "range.mkv", repeat(90), 40, steps))
    assert clip.loudness
    assert clip.loudness.range_lu == pytest.approx(10.0, abs=1.0)


def test_six_channels_are_weighted(tmp_path: Path) -> None:
    """BS.1770-4: left, right and centre count 1, the surrounds 1.41, the low channel nothing."""
    clip = looked(write(tmp_path / "six.mkv", repeat(90), 5, tone(-30), channels="5.1(side)"))
    assert clip.channels == 6
    assert clip.loudness
    expected = -30 - 3.01 + 10 * np.log10(3 + 2 * 1.41)
    assert clip.loudness.integrated_lufs == pytest.approx(expected, abs=0.1)


def test_a_peak_between_samples_is_found(tmp_path: Path) -> None:
    """A quarter of the sample rate at 45 degrees: samples at -3 dB of its peaks."""

    def wave(t: np.ndarray) -> np.ndarray:
        return np.sin(np.pi * t / 2) * np.sin(2 * np.pi * 12_000 * t + np.pi / 4)

    clip = looked(write(tmp_path / "peak.mkv", repeat(90), 2, wave))
    assert clip.loudness
    assert clip.loudness.true_peak_dbtp == pytest.approx(0.0, abs=0.4)
    assert said(clip)[0].startswith("warning: its sound peaks at")


def test_black_and_silent_clips(tmp_path: Path) -> None:
    clip = looked(write(tmp_path / "nothing.mkv", repeat(0), 2, lambda t: 0 * t))
    assert clip.black
    assert clip.silent
    assert clip.loudness
    assert clip.loudness.integrated_lufs is None
    assert [line.split(": ")[0] for line in said(clip)] == ["warning"] * 2
    mute = looked(write(tmp_path / "mute.mkv", repeat(90), 1))
    assert (mute.silent, mute.loudness, mute.first_sound_s) == (False, None, None)


def test_key_frames_far_apart(tmp_path: Path) -> None:
    clip = looked(write(tmp_path / "far.mkv", repeat(90), 8, gop=400))
    assert clip.key_frame_s == pytest.approx(8, abs=0.01)
    assert said(clip) == ["note: its key frames lie up to 8.0 s apart"]


def test_pictures_at_no_constant_rate(tmp_path: Path) -> None:
    clip = looked(write(tmp_path / "uneven.mkv", repeat(90), 2, step=lambda k: k + k // 7))
    assert not clip.even
    assert "warning: its pictures do not follow each other at one rate" in said(clip)


def test_timestamps_off_the_grid(tmp_path: Path) -> None:
    late = looked(write(tmp_path / "late.mkv", repeat(90), 2, tone(-23), begins_s=0.02))
    assert late.first_picture_s == pytest.approx(0.02, abs=0.001)
    assert said(late) == ["warning: its first picture is due at 0.0200 s, not on a frame"]
    whole = looked(write(tmp_path / "whole.mkv", repeat(90), 2, tone(-23), begins_s=2.5))
    assert said(whole) == []
    apart = looked(write(tmp_path / "apart.mkv", repeat(90), 2, tone(-23), sound_begins_s=0.5))
    assert said(apart) == ["warning: its sound begins 0.500 s after its picture"]


def test_pixels_that_are_not_square(tmp_path: Path) -> None:
    clip = looked(write(tmp_path / "plain.mkv", repeat(90), 1))
    wide = replace(clip, pixel_aspect=16 / 11)
    assert said(wide) == ["warning: its pixels are not square (1.455 wide for 1 high)"]


@pytest.mark.parametrize("suffix", [".mkv", ".mov"])
def test_a_truncated_file_says_how_much_is_missing(tmp_path: Path, suffix: str) -> None:
    rng = np.random.default_rng(1)
    noise = iter(rng.integers(20, 200, 500).tolist())
    whole = write(tmp_path / f"whole{suffix}", noise, 12, tone(-20))
    if suffix == ".mov":
        # With the index in front, as for streaming, the rest can be cut off.
        with av.open(str(whole)) as source:
            options = {"movflags": "faststart"}
            with av.open(str(tmp_path / "fast.mov"), "w", options=options) as target:
                streams = {s.index: target.add_stream_from_template(s) for s in source.streams}
                for packet in source.demux():
                    if packet.size:
                        packet.stream = streams[packet.stream.index]
                        target.mux(packet)
        whole = tmp_path / "fast.mov"
    content = whole.read_bytes()
    cut = tmp_path / f"cut{suffix}"
    cut.write_bytes(content[: len(content) * 2 // 3])
    clip = looked(cut)
    assert clip.missing_s == pytest.approx(4, abs=1)
    assert any(line.startswith("error: it breaks off") for line in said(clip))
    assert looked(whole).missing_s == 0


def test_a_file_without_its_index_cannot_be_read(tmp_path: Path) -> None:
    whole = write(tmp_path / "whole.mp4", repeat(90), 2, tone(-20))
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(whole.read_bytes()[:2000])
    with pytest.raises(MediaError, match=r"cut\.mp4: cannot be read"):
        looked(cut)


CONTEXT = bytes.fromhex("060e2b34025301010d01040102020000")


@pytest.mark.parametrize("locked", [False, True])
def test_cinema_packages_are_refused_with_what_to_ask_for(tmp_path: Path, locked: bool) -> None:
    folder = tmp_path / "REEL_FTR"
    folder.mkdir()
    (folder / "ASSETMAP").write_text("<AssetMap/>")
    key = "<KeyId>urn:uuid:1</KeyId>" if locked else ""
    (folder / "cpl.xml").write_text(f"<CompositionPlaylist>{key}</CompositionPlaylist>")
    (folder / "j2c.mxf").write_bytes(b"\x06\x0e\x2b\x34" * 4)
    for path in (folder, folder / "j2c.mxf", folder / "cpl.xml", folder / "ASSETMAP"):
        with pytest.raises(MediaError, match=r"package \(DCP\).*ProRes or H\.264") as told:
            looked(path)
        assert ("encrypted" in str(told.value)) is locked
        with pytest.raises(MediaError, match="Ask the lab"):
            probe(str(path))


@pytest.mark.parametrize("locked", [False, True])
def test_track_files_are_refused(tmp_path: Path, locked: bool) -> None:
    track = tmp_path / "picture.MXF"
    track.write_bytes(b"\x06\x0e\x2b\x34" * 9 + (CONTEXT if locked else b""))
    with pytest.raises(MediaError, match=r"an MXF file.*in and out points") as told:
        looked(track)
    assert ("encrypted" in str(told.value)) is locked


def test_a_clip_beside_a_package_is_a_clip(tmp_path: Path) -> None:
    (tmp_path / "ASSETMAP.xml").write_text("<AssetMap/>")
    assert looked(write(tmp_path / "clip.mkv", repeat(90), 1)).frames == FPS


@pytest.mark.parametrize("landscape", ["storm", "calm", "embers", "lead_in", "elsewhere"])
def test_sketches_are_as_they_should_be(tmp_path: Path, landscape: str) -> None:
    path = tmp_path / "sketch.mkv"
    paint_sketch(Sketch(str(path), 255, "Sketch", "", 4.0, landscape), Fraction(FPS), (320, 180))
    clip = looked(path)
    assert clip.loudness
    assert clip.loudness.integrated_lufs == pytest.approx(-23, abs=0.5)
    assert said(clip) == []


def test_sound_files_are_probed(tmp_path: Path) -> None:
    path = tmp_path / "bed.wav"
    with av.open(str(path), "w") as target:
        stream = target.add_stream("pcm_s16le", rate=44_100, layout="mono")
        block = av.AudioFrame.from_ndarray(np.ones((1, 22_050), np.int16), "s16", "mono")
        block.rate = 44_100
        target.mux(stream.encode(block))
    facts = probe_sound(str(path))
    assert (facts.codec, facts.audio_rate, facts.channels) == ("pcm_s16le", 44_100, 1)
    assert facts.duration_s == 0.5
    mute = write(tmp_path / "mute.mkv", repeat(90), 1)
    with pytest.raises(MediaError, match=r"mute\.mkv: there is no sound"):
        probe_sound(str(mute))
    with pytest.raises(MediaError, match="no such file"):
        probe_sound(str(tmp_path / "gone.wav"))
