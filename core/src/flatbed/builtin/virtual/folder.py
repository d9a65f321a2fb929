"""The images of a folder as paper: read anew for each sheet, because people change it meanwhile."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from flatbed.errors import DeviceFault, DeviceMemoryError

if TYPE_CHECKING:
    from PIL.Image import Image

_SUFFIXES = {".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp"}
_FORMATS = ("PNG", "JPEG", "TIFF", "BMP", "WEBP")
_MOST_PIXELS = 100_000_000  # pictures from outside: looked at before any pixel is decoded


def list_images(folder: Path) -> list[str]:
    """Names of the images in a folder, sorted.

    Raises:
        DeviceFault: If there is no such folder, or it cannot be read.
    """
    try:
        found = [each.name for each in folder.iterdir() if each.suffix.lower() in _SUFFIXES]
    except OSError as error:
        raise DeviceFault(
            "The folder of the virtual scanner cannot be read. Create it, or choose another."
        ) from error
    return sorted(name for name in found if not name.startswith("."))


def images_after(folder: Path, name: str) -> list[str]:
    """Names of the images that come after `name`, which need not be there any more.

    Raises:
        DeviceFault: As `list_images`.
    """
    return [each for each in list_images(folder) if each > name]


def read_image(path: Path, *, size_px: tuple[int, int], mode: str) -> Image:
    """One image as a sheet of paper: as large as fits, in the middle of it, upright.

    Args:
        path: The file.
        size_px: (width, height) of the paper.
        mode: `L` or `RGB`.

    Raises:
        DeviceFault: If it is no image, a broken one, or a too big one.
    """
    from PIL import Image, ImageOps  # noqa: PLC0415 - slow to load

    try:
        with Image.open(path, formats=_FORMATS) as file:
            _check_size(file.size, path.name)
            file.draft(mode, size_px)
            ImageOps.exif_transpose(file, in_place=True)
            return _on_paper(file, size_px, mode)
    except MemoryError as error:
        raise DeviceMemoryError(
            f"'{path.name}' in the virtual scanner's folder needs too much memory. Make it smaller."
        ) from error
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise DeviceFault(
            f"'{path.name}' in the virtual scanner's folder is not a readable image. "
            "Replace it, then scan again."
        ) from error


def _check_size(size_px: tuple[int, int], name: str) -> None:
    if size_px[0] * size_px[1] > _MOST_PIXELS:
        raise DeviceFault(
            f"'{name}' in the virtual scanner's folder has too many pixels. Make it smaller."
        )


def _on_paper(image: Image, size_px: tuple[int, int], mode: str) -> Image:
    from PIL import Image, ImageOps  # noqa: PLC0415 - slow to load

    # Made smaller before anything is copied: a photograph may have 100 million pixels.
    fitted = ImageOps.contain(_with_8_bits(image), size_px, Image.Resampling.BICUBIC)
    flat = _without_transparency(fitted).convert(mode)
    if flat.size == size_px:
        return flat
    paper = Image.new(mode, size_px, "white")
    paper.paste(flat, ((size_px[0] - flat.width) // 2, (size_px[1] - flat.height) // 2))
    return paper


def _with_8_bits(image: Image) -> Image:
    """The image in a mode that can be made smaller well: one sample a byte, no palette."""
    if image.mode in {"L", "LA", "RGB", "RGBA"}:
        return image
    if image.mode.startswith("I"):
        # Pillow's own conversion cuts 16 bits off at 255.
        return image.convert("I").point(lambda sample: sample * (1 / 257)).convert("L")
    if image.has_transparency_data:
        return image.convert("RGBA")
    return image.convert("L" if image.mode == "1" else "RGB")


def _without_transparency(image: Image) -> Image:
    if not image.has_transparency_data:
        return image
    from PIL import Image  # noqa: PLC0415 - slow to load

    clear = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", clear.size, "white"), clear)
