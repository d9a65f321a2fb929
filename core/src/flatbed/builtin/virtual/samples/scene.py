"""A landscape painted by arithmetic: sky, ridges in the haze, a lake, firs; always the same."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageOps

Color = tuple[int, int, int]

SIZE_PX = (1080, 720)
_SEED = 1031
_SHORE = 430  # where the far shore meets the water
_SUN = (690, 352)
_GRAIN_PX = 512

# From the farthest ridge to the nearest: middle height, how far it rises and falls, colours of
# its crest and of its foot, which the haze makes lighter.
_RIDGES: Sequence[tuple[int, int, Color, Color]] = (
    (262, 150, (164, 142, 170), (226, 180, 164)),
    (318, 110, (118, 106, 146), (190, 150, 158)),
    (366, 74, (76, 74, 110), (134, 112, 134)),
    (404, 36, (40, 46, 66), (70, 68, 88)),
)


@lru_cache(maxsize=1)
def lake_at_dusk() -> Image.Image:
    """The landscape, of mode `RGB` and `SIZE_PX`; not to be drawn on."""
    # Seeded, and nothing secret: a test must find the same picture again.
    chance = random.Random(_SEED)  # noqa: S311
    scene = _sky(chance)
    for ridge in _RIDGES:
        _add_ridge(scene, ridge, chance)
    scene.paste(_water(scene, chance), (0, _SHORE))
    _add_firs(scene, chance)
    return scene.filter(ImageFilter.GaussianBlur(0.6))


def film_grain(size_px: tuple[int, int]) -> Image.Image:
    """Noise around 128, of mode `L`."""
    image, tile = Image.new("L", size_px), _grain_tile()
    for top in range(0, size_px[1], _GRAIN_PX):
        for left in range(0, size_px[0], _GRAIN_PX):
            image.paste(tile, (left, top))
    return image


@lru_cache(maxsize=1)
def _grain_tile() -> Image.Image:
    chance = random.Random(_SEED)  # noqa: S311 - as above
    size = (_GRAIN_PX, _GRAIN_PX)
    noise = [Image.frombytes("L", size, chance.randbytes(size[0] * size[1])) for _ in range(2)]
    mixed = Image.blend(noise[0], noise[1].filter(ImageFilter.GaussianBlur(1)), 0.5)
    return mixed.point([round(128 + (each - 128) * 0.11) for each in range(256)])


def _sky(chance: random.Random) -> Image.Image:
    depth = Image.linear_gradient("L").resize((SIZE_PX[0], _SHORE))
    sky = ImageOps.colorize(depth, (58, 84, 138), (252, 196, 138), (186, 158, 176), midpoint=140)
    clouds = _clouds(chance).point([max(0, min(200, (each - 128) * 5)) for each in range(256)])
    fading = ImageOps.flip(depth).point([min(255, each * 2) for each in range(256)])
    lit = ImageOps.colorize(depth, (150, 132, 160), (255, 214, 164))
    sky.paste(lit, (0, 0), ImageChops.multiply(clouds, fading))
    _add_glow(sky)
    scene = Image.new("RGB", SIZE_PX)
    scene.paste(sky)
    return scene


def _add_glow(sky: Image.Image) -> None:
    glow = ImageOps.invert(Image.radial_gradient("L")).resize((900, 520))
    glow = glow.point([round((each / 255) ** 2.2 * 210) for each in range(256)])
    sky.paste((255, 226, 168), (_SUN[0] - 450, _SUN[1] - 260), glow)


def _clouds(chance: random.Random) -> Image.Image:
    """Noise of all sizes, pulled wide, for it is seen from the side."""
    cloud = Image.new("L", (SIZE_PX[0], _SHORE), 128)
    for octave, weight in enumerate((0.5, 0.42, 0.36, 0.3, 0.26)):
        size = (3 << octave, 5 << octave)
        noise = Image.frombytes("L", size, chance.randbytes(size[0] * size[1]))
        cloud = Image.blend(cloud, noise.resize(cloud.size, Image.Resampling.BICUBIC), weight)
    return cloud


def _add_ridge(
    scene: Image.Image, ridge: tuple[int, int, Color, Color], chance: random.Random
) -> None:
    middle, rise, crest, foot = ridge
    line = [(x, middle - height * rise) for x, height in _crest(chance)]
    mask = Image.new("L", (SIZE_PX[0], _SHORE))
    ImageDraw.Draw(mask).polygon([(0, _SHORE), *line, (SIZE_PX[0], _SHORE)], 255)
    top = max(0, round(min(y for _, y in line)))
    haze = Image.linear_gradient("L").resize((SIZE_PX[0], _SHORE - top))
    slope = Image.new("RGB", mask.size, crest)
    slope.paste(ImageOps.colorize(haze, crest, foot), (0, top))
    rough = _rock(chance, mask.size)
    scene.paste(ImageChops.add(slope, rough, 1, -128), (0, 0), mask.filter(ImageFilter.SMOOTH))


def _crest(chance: random.Random) -> list[tuple[float, float]]:
    """A mountain's outline by halving, heights between about -1 and 1."""
    heights, spread = [chance.uniform(-0.6, 0.6) for _ in range(5)], 0.5
    while len(heights) < 500:
        middles = [
            (left + right) / 2 + chance.uniform(-spread, spread)
            for left, right in pairwise(heights)
        ]
        heights = [each for pair in zip(heights, middles, strict=False) for each in pair]
        heights.append(heights[-1])
        spread *= 0.52
    step = SIZE_PX[0] / (len(heights) - 1)
    return [(number * step, height) for number, height in enumerate(heights)]


def _rock(chance: random.Random, size: tuple[int, int]) -> Image.Image:
    """Gullies down a slope: noise that is narrow across and long downwards, around 128."""
    rock = Image.new("L", size, 128)
    for across, down, weight in ((90, 16, 0.5), (240, 60, 0.5)):
        noise = Image.frombytes("L", (across, down), chance.randbytes(across * down))
        rock = Image.blend(rock, noise.resize(size, Image.Resampling.BICUBIC), weight)
    return Image.merge("RGB", [rock.point([round(128 + (e - 128) * 0.16) for e in range(256)])] * 3)


def _water(scene: Image.Image, chance: random.Random) -> Image.Image:
    """What lies above the shore, upside down, darker and blurred by small waves."""
    depth = SIZE_PX[1] - _SHORE
    mirrored = ImageOps.flip(scene.crop((0, _SHORE - depth, SIZE_PX[0], _SHORE)))
    water = Image.new("RGB", mirrored.size)
    for y in range(depth):
        shift = round(chance.gauss(0, 1) * (1 + y / 60) + 2 * math.sin(y / 5))
        source = max(0, min(depth - 1, y + round(chance.gauss(0, 1) * y / 90)))
        water.paste(mirrored.crop((0, source, SIZE_PX[0], source + 1)), (shift, y))
        if shift:
            edge = (0, source, abs(shift), source + 1)
            water.paste(mirrored.crop(edge), (0 if shift > 0 else SIZE_PX[0] + shift, y))
    water = water.filter(ImageFilter.BoxBlur((3, 0)))
    dark = Image.linear_gradient("L").resize(water.size).point([e // 2 + 50 for e in range(256)])
    water.paste((22, 30, 50), (0, 0), dark)
    return water


def _add_firs(scene: Image.Image, chance: random.Random) -> None:
    draw = ImageDraw.Draw(scene)
    for x, foot, height in _places(chance):
        shade = (14 + chance.randrange(8), 20 + chance.randrange(8), 26 + chance.randrange(8))
        draw.polygon(_fir(x, foot, height, chance), shade)
    bank = [(0, 640), (150, 652), (300, 676), (430, 702), (470, 720), (0, 720)]
    draw.polygon(bank, (12, 17, 20))
    draw.polygon([(1080, 676), (960, 690), (880, 712), (860, 720), (1080, 720)], (12, 17, 20))


def _places(chance: random.Random) -> Iterator[tuple[float, float, float]]:
    """Where firs stand: (x of the trunk, y of its foot, height)."""
    for number in range(26):
        x = number * 16 - 10 + chance.uniform(-7, 7)
        yield x, 648 + x / 8, max(50, 330 - x * 0.72) * chance.uniform(0.6, 1)
    for number in range(10):
        x = 1090 - number * 22 + chance.uniform(-8, 8)
        yield x, 694 + number * 2, (150 - number * 11) * chance.uniform(0.6, 1)


def _fir(x: float, foot: float, height: float, chance: random.Random) -> list[tuple[float, float]]:
    """A fir's outline: branches that grow longer and droop towards its foot."""
    left: list[tuple[float, float]] = []
    right: list[tuple[float, float]] = []
    tiers = max(6, round(height / 11))
    for tier in range(1, tiers + 1):
        y, reach = foot - height * (1 - tier / tiers), height * 0.2 * tier / tiers
        for side, outline in ((-1, left), (1, right)):
            far = reach * chance.uniform(0.7, 1.15)
            outline += [(x + side * far, y + far * 0.25), (x + side * far * 0.45, y - far * 0.05)]
    return [(x, foot - height), *right, (x + 2, foot + 12), (x - 2, foot + 12), *reversed(left)]
