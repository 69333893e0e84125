"""Any clip comes out on the film's grid: pictures, sound, size."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from playback import Clip, FrameCode, MediaError, make_sketches, probe, read_frame_code, read_tone
from playback._codes import draw_frame_code, strip_height
from playback._conform import conformed
from playback._ring import RATE, House
from playback._sketch import Sketch, paint_sketch

HOUSE = House((320, 180), 24, 1)
FRAMES = 24


def luma(picture: np.ndarray, house: House = HOUSE) -> np.ndarray:
    return picture[: house.size[1]]


@pytest.mark.parametrize(("first", "at"), [(0, 0), (0, 17), (5, 0), (5, 11), (3, 1)])
def test_every_frame_and_its_sound_from_anywhere(clips: list[Path], first: int, at: int) -> None:
    clip = Clip(str(clips[2]), first, FRAMES - first)
    out = list(conformed(clip, at, HOUSE))
    assert [frame for frame, _, _ in out] == list(range(at, clip.frames))
    codes = [read_frame_code(luma(picture)) for _, picture, _ in out]
    assert codes == [FrameCode(2, first + frame) for frame, _, _ in out]
    assert {len(sound) for _, _, sound in out} == {2000}


def test_sound_belongs_to_its_frames(clips: list[Path]) -> None:
    out = list(conformed(Clip(str(clips[2]), 0, FRAMES), 0, HOUSE))
    sound = np.concatenate([sound for _, _, sound in out])
    assert read_tone(sound[2000:20000], RATE) == (2, False)
    assert read_tone(sound[26000:44000], RATE) == (2, True)
    late = np.concatenate([s for _, _, s in conformed(Clip(str(clips[2]), 5, 19), 8, HOUSE)])
    assert np.array_equal(late, sound[13 * 2000 :])


@pytest.fixture(scope="module")
def far_from_a_key_frame(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clip with one key frame, most of whose pictures no other needs."""
    path = tmp_path_factory.mktemp("far") / "far.mkv"
    rng = np.random.default_rng(1)
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=24, options={"x264-params": "scenecut=0"})
        video.width, video.height = HOUSE.size
        video.pix_fmt, video.gop_size = "yuv420p", 250
        for number in range(100):
            picture = rng.integers(60, 180, (180, 320, 3), dtype=np.uint8)
            draw_frame_code(picture[: strip_height(180)], FrameCode(9, number))
            container.mux(video.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(video.encode(None))
    return path


@pytest.mark.parametrize("at", [12, 13, 14, 15, 30, 47, 61, 62, 80, 99])
def test_far_from_a_key_frame_every_picture_is_whole(far_from_a_key_frame: Path, at: int) -> None:
    clip = Clip(str(far_from_a_key_frame), 0, 100)
    whole = [picture for _, picture, _ in conformed(clip, 0, HOUSE)]
    assert [read_frame_code(luma(p)) for p in whole] == [FrameCode(9, k) for k in range(100)]
    late = [picture for _, picture, _ in conformed(clip, at, HOUSE)]
    assert len(late) == 100 - at
    assert all(np.array_equal(a, b) for a, b in zip(late, whole[at:], strict=True))


def coded_clip(path: Path, codec: str, rate: int, first_picture: int = 0) -> np.ndarray:
    """A clip with a key frame every 30, and noise; its pictures begin so many 1/1000 s late."""
    rng = np.random.default_rng(4)
    noise = (rng.normal(0, 0.1, (4 * rate, 2)) * 32767).astype(np.int16)
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=24, options={"x264-params": "scenecut=0"})
        video.width, video.height = HOUSE.size
        video.pix_fmt, video.gop_size = "yuv420p", 30
        video.codec_context.time_base = Fraction(1, 24_000)
        audio = container.add_stream(codec, rate=rate, layout="stereo")
        for number in range(96):
            picture = np.full((180, 320, 3), 90, dtype=np.uint8)
            draw_frame_code(picture[: strip_height(180)], FrameCode(9, number))
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = number * 1000 + first_picture * 24, Fraction(1, 24_000)
            container.mux(video.encode(frame))
            start, stop = (k * rate // 24 for k in (number, number + 1))
            block = av.AudioFrame.from_ndarray(noise[start:stop].reshape(1, -1), "s16", "stereo")
            block.rate, block.pts, block.time_base = rate, start, Fraction(1, rate)
            container.mux(audio.encode(block))
        container.mux(video.encode(None))
        container.mux(audio.encode(None))
    return noise


@pytest.mark.parametrize("name", ["pcm_s16le.mkv", "flac.mkv", "libopus.mkv", "libmp3lame.mkv"])
def test_sound_from_anywhere_is_that_of_the_whole_to_the_sample(tmp_path: Path, name: str) -> None:
    """Matroska counts milliseconds, which is 48 samples."""
    path = tmp_path / name
    coded_clip(path, path.stem, RATE)
    whole = np.concatenate([s for _, _, s in conformed(Clip(str(path), 0, 96), 0, HOUSE)])
    assert whole.any()
    for first in (1, 17, 40, 61, 83):
        out = list(conformed(Clip(str(path), first, 96 - first), 0, HOUSE))
        late = np.concatenate([sound for _, _, sound in out])
        assert np.array_equal(late, whole[first * 2000 :]), first
        assert [read_frame_code(luma(p)) for _, p, _ in out][:2] == [
            FrameCode(9, first),
            FrameCode(9, first + 1),
        ]


@pytest.mark.parametrize("suffix", ["mkv", "mp4"])
def test_aac_from_anywhere_lies_where_it_does_in_the_whole(tmp_path: Path, suffix: str) -> None:
    """Its decoder makes up noise of its own: compared by where it fits best."""
    path = tmp_path / f"aac.{suffix}"
    coded_clip(path, "aac", RATE)
    whole = np.concatenate([s for _, _, s in conformed(Clip(str(path), 0, 96), 0, HOUSE)])
    for first in (17, 40, 61):
        out = conformed(Clip(str(path), first, 20), 0, HOUSE)
        late = np.concatenate([sound for _, _, sound in out]).astype(float)[100:-100]
        at = first * 2000 + 100
        off = [np.abs(whole[at + k : at + k + len(late)] - late).mean() for k in range(-60, 61)]
        assert int(np.argmin(off)) == 60, first


@pytest.mark.parametrize("first_picture", [21, 35, 1000])
def test_frames_are_counted_from_the_first_picture(tmp_path: Path, first_picture: int) -> None:
    """Encoders begin sound a little before: half a frame of that would repeat every picture."""
    path = tmp_path / "late.mkv"
    coded_clip(path, "pcm_s16le", RATE, first_picture)
    for first in (0, 50):
        out = list(conformed(Clip(str(path), first, 96 - first), 0, HOUSE))
        assert [read_frame_code(luma(p)) for _, p, _ in out] == [
            FrameCode(9, k) for k in range(first, 96)
        ]


def test_ntsc_frames_carry_all_samples(tmp_path: Path) -> None:
    path, fps = tmp_path / "ntsc.mkv", Fraction(30000, 1001)
    paint_sketch(Sketch(str(path), 7, "NTSC", "", 1.0, "night"), fps, (320, 180))
    house = House((320, 180), 30000, 1001)
    out = list(conformed(Clip(str(path), 0, 30), 0, house))
    assert sum(len(sound) for _, _, sound in out) == house.samples_until(30)
    assert [read_frame_code(luma(p)) for _, p, _ in out] == [FrameCode(7, k) for k in range(30)]


def test_another_frame_rate_keeps_the_time(clips: list[Path]) -> None:
    out = list(conformed(Clip(str(clips[1]), 0, 48), 0, House((320, 180), 48, 1)))
    frames = [code.frame for _, p, _ in out if (code := read_frame_code(luma(p)))]
    assert frames == [k // 2 for k in range(48)]


def test_another_shape_is_framed_in_black(clips: list[Path]) -> None:
    house = House((320, 240), 24, 1)
    _, picture, _ = next(conformed(Clip(str(clips[1]), 0, 1), 0, house))
    assert (luma(picture, house)[:30] == 16).all()
    assert read_frame_code(luma(picture, house)[30:210]) == FrameCode(1, 0)


def test_without_sound_there_is_silence(clips: list[Path], tmp_path: Path) -> None:
    path = tmp_path / "mute.mkv"
    with av.open(str(clips[0])) as source, av.open(str(path), "w") as target:
        stream = target.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(source.streams.video[0]):
            if packet.size:
                packet.stream = stream
                target.mux(packet)
    out = list(conformed(Clip(str(path), 0, FRAMES), 0, HOUSE))
    assert len(out) == FRAMES
    assert not any(sound.any() for _, _, sound in out)
    assert probe(str(path)).audio_rate is None


def test_an_in_point_past_the_end(clips: list[Path]) -> None:
    with pytest.raises(MediaError, match="no picture at frame 400"):
        next(conformed(Clip(str(clips[0]), 400, 5), 0, HOUSE))


def test_probe_tells_what_was_made(clips: list[Path]) -> None:
    facts = probe(str(clips[0]))
    assert (facts.frames, facts.fps, facts.width, facts.height) == (FRAMES, 24, 320, 180)
    assert facts.audio_rate == RATE
    assert facts.duration_s == 1.0


def test_sound_and_picture_of_a_sketch_are_exactly_as_long(clips: list[Path]) -> None:
    with av.open(str(clips[0])) as container:
        assert sum(frame.samples for frame in container.decode(audio=0)) == RATE


def test_probe_says_what_is_wrong(clips: list[Path], tmp_path: Path) -> None:
    text = tmp_path / "notes.mkv"
    text.write_text("not a film")
    stub = tmp_path / "stub.mkv"
    stub.write_bytes(clips[0].read_bytes()[:700])
    tone = tmp_path / "tone.wav"
    with av.open(str(tone), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=RATE, layout="mono")
        silence = av.AudioFrame.from_ndarray(np.zeros((1, 480), np.int16), "s16", "mono")
        silence.rate = RATE
        container.mux(stream.encode(silence))
    faults = {
        tmp_path / "gone.mkv": "no such file",
        text: "cannot be read",
        stub: "cannot be|no picture",
        tone: "no picture",
        tmp_path: "cannot be read",
    }
    for path, message in faults.items():
        with pytest.raises(MediaError, match=message):
            probe(str(path))


def test_sketches_are_made_side_by_side_and_faults_are_named(tmp_path: Path) -> None:
    good = Sketch(str(tmp_path / "new" / "a.mkv"), 1, "A", "燈塔", 0.25, "a place of its own")
    (tmp_path / "file").write_text("")
    bad = Sketch(str(tmp_path / "file" / "b.mkv"), 2, "B", "", 0.25, "storm")
    seen: list[tuple[int, int]] = []
    with pytest.raises(MediaError, match=r"b\.mkv"):
        make_sketches(
            [good, bad],
            fps=Fraction(24),
            size=(320, 180),
            progress=lambda done, total: seen.append((done, total)),
        )
    assert seen == [(0, 2), (1, 2), (2, 2)]
    assert probe(good.path).frames == 6
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["a.mkv"]
