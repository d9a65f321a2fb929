"""Small pictures of letters, one letter a pixel, and back."""

from __future__ import annotations

from PIL import Image

from flatbed.builtin.imaging.edits import Picture

Sample = int | tuple[int, int, int]

TONES: dict[str, dict[str, Sample]] = {
    "1": {".": 255, "#": 0},
    "L": {".": 255, "#": 0, "-": 200, "+": 100, "o": 128},
    "RGB": {
        ".": (255, 255, 255),
        "#": (0, 0, 0),
        "r": (255, 0, 0),
        "g": (0, 255, 0),
        "b": (0, 0, 255),
        "c": (0, 255, 255),
        "y": (200, 100, 50),
    },
}


def draw(mode: str, *rows: str, dpi: tuple[float, float] = (300, 150)) -> Picture:
    """A picture with a row of pixels for each string."""
    image = Image.new(mode, (len(rows[0]), len(rows)))
    for y, row in enumerate(rows):
        for x, letter in enumerate(row):
            image.putpixel((x, y), TONES[mode][letter])
    return Picture(image, dpi)


def letters(picture: Picture) -> list[str]:
    """The rows that `draw` would make this picture of; `?` where it has no letter."""
    names = {sample: letter for letter, sample in TONES[picture.image.mode].items()}
    return [
        "".join(names.get(sample, "?") for sample in row)  # type: ignore[call-overload]
        for row in samples(picture)
    ]


def samples(picture: Picture) -> list[list[object]]:
    """All pixels, row by row."""
    width, height = picture.image.size
    return [[picture.image.getpixel((x, y)) for x in range(width)] for y in range(height)]
