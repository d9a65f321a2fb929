"""The back of a printed sheet: blank but for what shines through from the front."""

from __future__ import annotations

from PIL import Image, ImageChops, ImageFilter, ImageOps

from flatbed.builtin.virtual.samples.canvas import Canvas

_COARSE_MM = 0.45  # paper scatters what shines through it
_DARKEST = 240  # where the front is black; paper that nothing shines through keeps 255
_BLUR_PX = 0.8


def draw(canvas: Canvas, front: Image.Image) -> None:
    """Let a front, of the canvas's own size, shine through a blank sheet."""
    coarse = ImageOps.mirror(front.convert("L").reduce(max(1, round(canvas.to_px(_COARSE_MM)))))
    faint = coarse.filter(ImageFilter.GaussianBlur(_BLUR_PX)).point(
        [min(255, _DARKEST + each * (256 - _DARKEST) // 245) for each in range(256)]
    )
    veil = faint.resize(canvas.image.size, Image.Resampling.BILINEAR)
    canvas.image.paste(ImageChops.multiply(canvas.image, veil.convert(canvas.image.mode)))
