"""The types that hooks take and give: frozen, JSON-shaped, without behaviour of their own."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Any, Literal, Protocol, TypeAlias

if TYPE_CHECKING:
    from PIL.Image import Image

CORE_API = "1.0"
"""Version of the contract between the core and its add-ons: hooks, types and manifest."""

PaperSource: TypeAlias = Literal["flatbed", "feeder", "duplex"]
Color: TypeAlias = Literal["bw", "gray", "color"]
Mode: TypeAlias = Literal["1", "L", "RGB"]
Bits: TypeAlias = Literal[1, 8, 16]
Rows: TypeAlias = bytes | bytearray | memoryview
Point: TypeAlias = tuple[float, float]
"""(x, y) in pixels from the page's top left corner, x to the right, y down."""


@dataclass(frozen=True, kw_only=True)
class Scanner:
    """One device that a driver can open.

    Attributes:
        id: How the driver opens it now; may change when it is plugged in again.
        name: What a person reads.
        fingerprint: What stays the same across restarts and re-plugging (model and serial
            number, say); empty means that `id` does. The core makes the scanner's own id of it.
        vendor: Maker, as the driver says it, or empty.
        model: Model, as the driver says it, or empty.
        kind: `sane`, `escl`, `wia`, `twain`, `ica` or empty for the kind of the driver's manifest.
    """

    id: str
    name: str
    fingerprint: str = ""
    vendor: str = ""
    model: str = ""
    kind: str = ""


@dataclass(frozen=True, kw_only=True)
class Range:
    """Numbers from `minimum` to `maximum` in steps of `step`; a step of 0 means any between."""

    minimum: float
    maximum: float
    step: float = 0


@dataclass(frozen=True, kw_only=True)
class DriverOption:
    """An option that only this device has.

    Attributes:
        name: The driver's own name, the key in `ScanSettings.options`.
        title: What a person reads.
        value: Its value now.
        choices: What it can be: values, a range, or `None` for anything of the type.
        unit: `px`, `bit`, `mm`, `dpi`, `percent`, `us` or empty.
    """

    name: str
    title: str
    value: Any
    choices: Sequence[Any] | Range | None = None
    unit: str = ""


@dataclass(frozen=True, kw_only=True)
class Capabilities:
    """What one device can do.

    Attributes:
        sources: Ways the paper comes in, the device's default first.
        colors: Colour modes, the device's default first.
        dpi: Resolutions in dots per inch: the values, or a range.
        areas_mm: (width, height) of the largest area for each source, in millimetres.
        bits: Bits of one sample that the device delivers beside 1 for `bw`: of 8 and 16.
        has_brightness: `ScanSettings.brightness` has an effect.
        has_contrast: `ScanSettings.contrast` has an effect.
        has_threshold: `ScanSettings.threshold` has an effect in `bw`.
        is_feeder_loaded: Paper lies in the feeder; `None` where the device cannot tell.
        options: The driver's own further options.
    """

    sources: Sequence[PaperSource] = ("flatbed",)
    colors: Sequence[Color] = ("color", "gray", "bw")
    dpi: Sequence[int] | Range = (300,)
    areas_mm: dict[str, tuple[float, float]] = field(default_factory=dict)
    bits: Sequence[int] = (8,)
    has_brightness: bool = False
    has_contrast: bool = False
    has_threshold: bool = False
    is_feeder_loaded: bool | None = None
    options: Sequence[DriverOption] = ()


@dataclass(frozen=True, kw_only=True)
class ScanSettings:
    """What a job wants, already checked against the device's capabilities.

    Attributes:
        paper_source: `flatbed`, `feeder` (front sides) or `duplex` (both sides, front first).
        color: `bw` one bit a pixel, `gray`, `color`.
        dpi: Resolution in both directions, dots per inch.
        area_mm: (left, top, width, height) from the bed's top left; `None` for the whole area.
        max_pages: Stop once the job has so many pages, those of earlier attempts included (see
            `PageSink.pages`); 0 means until the feeder is empty, and one page from the flatbed.
        brightness: -1000 (darkest) to 1000, 0 leaves the device's default.
        contrast: -1000 to 1000, 0 leaves the device's default.
        threshold: 0 to 255 for `bw`: samples below it are black; `None` for the device's own.
        bits: Bits of one sample, 8 or 16; ignored for `bw`.
        options: The driver's own options by name, applied before everything else.
    """

    paper_source: PaperSource = "flatbed"
    color: Color = "color"
    dpi: int = 300
    area_mm: tuple[float, float, float, float] | None = None
    max_pages: int = 0
    brightness: int = 0
    contrast: int = 0
    threshold: int | None = None
    bits: Bits = 8
    options: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class StoredFile:
    """One file from outside, as a worker sees it: encrypted on disk, plain only in its memory.

    Attributes:
        uid: Its own id; the name that its owner gave it is not known here.
        path: The encrypted copy.
        key: The key of exactly this file, hexadecimal; never to be logged or stored.
    """

    uid: str
    path: str = ""
    key: str = field(default="", repr=False)

    def open(self) -> IO[bytes]:
        """The file as a stream that can seek and has no descriptor; the caller closes it.

        Raises:
            PageCorruptError: Here or at a read, if the copy is not the one that was written.
        """
        from flatbed.addon.streams import open_file  # noqa: PLC0415 - cryptography is slow to load

        return open_file(self.path, bytes.fromhex(self.key), self.uid)


@dataclass(frozen=True, kw_only=True)
class SourcePage:
    """The page of a file from outside that a stored page was made of, and still looks like.

    Attributes:
        file: What the reader of the file has kept of it, see `load_document`.
        media_type: Of the file.
        number: Of the page in the file, from 1.
        turn: Degrees by which the page was turned clockwise since: 0, 90, 180 or 270.
    """

    file: StoredFile
    media_type: str
    number: int
    turn: int = 0


@dataclass(frozen=True, kw_only=True)
class PageFile:
    """One stored page, as a worker sees it: encrypted on disk, plain only in its memory.

    Attributes:
        uid: The page's own id.
        size_px: (width, height).
        dpi: (horizontal, vertical) dots per inch.
        mode: `1`, `L` or `RGB`.
        bits: Bits of one sample in the file: 1, 8 or 16.
        path: The encrypted file.
        key: The key of exactly this page, hexadecimal; never to be logged or stored.
        source: What it came from, if that was a file whose reader has kept it, and nothing but
            quarter turns was done to the page since.
    """

    uid: str
    size_px: tuple[int, int]
    dpi: tuple[float, float]
    mode: Mode
    bits: Bits
    path: str = ""
    key: str = field(default="", repr=False)
    source: SourcePage | None = None

    def read(self) -> bytes:
        """The page as the bytes of a PNG file with all its bits.

        Raises:
            PageCorruptError: If the file is not the one that was written.
        """
        from flatbed.addon.frames import read_file  # noqa: PLC0415 - cryptography is slow to load

        return read_file(self.path, bytes.fromhex(self.key), self.uid, "page")

    def open(self) -> Image:
        """The page as a Pillow image of mode `1`, `L` or `RGB`, 8 bits a sample at most."""
        from flatbed.addon.pixels import open_png  # noqa: PLC0415 - Pillow is slow to load

        return open_png(self.read())


class PageWriter(AbstractContextManager["PageWriter"], Protocol):
    """A page in the making, from `PageSink.new_page`.

    Used with `with`: leaving the block finishes the page, durable and acknowledged; leaving it by
    an error throws the page away, and nothing of it stays.
    """

    def write_rows(self, rows: Rows) -> None:
        """Add whole rows of pixels, top to bottom.

        Args:
            rows: Any number of rows without padding: `L` one and `RGB` three samples a pixel;
                16 bit samples in the machine's byte order; `1` eight pixels a byte, leftmost in
                the highest bit, a set bit is white, rows padded to whole bytes. Copied, so the
                buffer may be used again at once.

        Raises:
            ScanCanceledError: If the job was cancelled meanwhile.
            DiskFullError: If there is no room for the page.
        """

    def write_image(self, image: Image) -> None:
        """Add a Pillow image of the page's mode and width as rows."""


class PageSink(Protocol):
    """Where a worker writes pages and files; codec, encryption and sync live behind it.

    Only one thread may use it.
    """

    @property
    def pages(self) -> int:
        """How many pages of the job are finished, those of earlier attempts included."""

    @property
    def attempt(self) -> int:
        """1 in a new job, one more each time the job goes on after a fault was cleared."""

    def device_opened(self) -> None:
        """Say that the device is open: the time limit for opening ends, that for a page begins."""

    def warn(self, message: str) -> None:
        """Add a sentence to the job's warnings: a setting that fell back, rows that are missing."""

    def progress(self, done: int, total: int) -> None:
        """Say how far a long call is, in steps of its own; costs little, so say it often."""

    def check_canceled(self) -> None:
        """Raise `ScanCanceledError` if the job was cancelled; call it between reads."""

    def before_sheet(self) -> None:
        """Call it right before a sheet is fed, while it can still stay where it is.

        Raises:
            ScanCanceledError: If the job was cancelled.
            DiskFullError: If there is no room for another page.
        """

    def next_command(self, timeout_s: float = 0) -> dict[str, Any] | None:
        """The next command to this running call, or `None` after `timeout_s` seconds."""

    def new_page(
        self,
        *,
        size_px: tuple[int, int | None],
        dpi: tuple[float, float],
        mode: Mode,
        bits: Bits,
        source_page: int = 0,
    ) -> PageWriter:
        """Begin a page.

        Args:
            size_px: (width, height); a height of `None` where only the end of the page will tell.
                Fewer rows than said make a shorter page with a warning; more are an error.
            dpi: (horizontal, vertical).
            mode: `1`, `L` or `RGB`.
            bits: 1 for mode `1`, else 8 or 16.
            source_page: In `load_document`: the number, from 1, of the page that this one shows in
                the file that the reader keeps by `new_file`; 0 for none.

        Raises:
            DiskFullError: If free space is below the limit.
            ScanCanceledError: If the job was cancelled.
        """

    def new_file(self, media_type: str) -> AbstractContextManager[IO[bytes]]:
        """Begin a file, such as a PDF, as a stream that can only be written."""


@dataclass(frozen=True, kw_only=True)
class Barcode:
    """One symbol on a page.

    Attributes:
        format: The symbology's name, as `EAN-13`.
        text: The content as text.
        raw: The content as it stands in the symbol, hexadecimal.
        corners: Top left, top right, bottom right, bottom left of the symbol itself, whichever
            way it is turned, in page pixels.
        confidence: 0 to 1.
        module_px: Width of the narrowest bar or square in page pixels; 0 where it is not known.
    """

    format: str
    text: str
    raw: str
    corners: tuple[Point, Point, Point, Point]
    confidence: float
    module_px: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Separator:
    """What tells that another document begins at a page.

    Attributes:
        name: Of the part that begins here; empty for none.
        page: What becomes of the page itself: left out, or the first page of the new part, or the
            last of the one before.
    """

    name: str = ""
    page: Literal["drop", "first", "last"] = "drop"


@dataclass(frozen=True, kw_only=True)
class Request:
    """A request to a route that the add-on declares.

    Attributes:
        method: In capitals.
        route: The declared route, as `/labels/{name}`.
        parameters: What stands in the place of the names in braces, decoded.
        query: Of a parameter that comes twice the last value.
        body: The JSON of the body; `None` for none.
        caller: Whose request it is: `local`, or the web origin, with a mark for each subject of
            it. What is kept for one caller must not be shown to another.
    """

    method: str
    route: str
    parameters: dict[str, str] = field(default_factory=dict)
    query: dict[str, str] = field(default_factory=dict)
    body: Any = None
    caller: str = "local"


@dataclass(frozen=True, kw_only=True)
class Response:
    """The answer to a `Request`: JSON values, and a status: 200, 201 or 202."""

    value: Any = None
    status: int = 200


@dataclass(frozen=True, kw_only=True)
class TextWord:
    """One word with its box (left, top, right, bottom) in page pixels; confidence 0 to 1."""

    text: str
    box: tuple[float, float, float, float]
    confidence: float


@dataclass(frozen=True, kw_only=True)
class TextLine:
    """One line of words in reading order."""

    words: Sequence[TextWord]
    box: tuple[float, float, float, float]


@dataclass(frozen=True, kw_only=True)
class TextPage:
    """The text of one page, lines in reading order."""

    lines: Sequence[TextLine]
    language: str = ""
