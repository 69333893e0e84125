"""The operator's small picture."""

from pathlib import Path

import numpy as np
from PIL import Image

from playback import PictureFile


def test_the_last_picture_is_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "picture.jpg"
    file = PictureFile(path)
    file.offer(None)
    pixels = np.zeros((360, 640, 3), np.uint8)
    pixels[:, 320:] = (200, 100, 0)
    file.offer(pixels)
    file.close()
    with Image.open(path) as image:
        assert image.size == (320, 180)
        left, right = image.getpixel((40, 90)), image.getpixel((280, 90))
    assert max(left) < 10
    assert np.allclose(right, (200, 100, 0), atol=12)
    assert list(tmp_path.iterdir()) == [path]


def test_a_disk_that_refuses_costs_only_the_picture(tmp_path: Path) -> None:
    file = PictureFile(tmp_path / "no such folder" / "picture.jpg")
    file.offer(np.zeros((180, 320, 3), np.uint8))
    file.close()
    assert list(tmp_path.iterdir()) == []
