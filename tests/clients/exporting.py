"""Steps that make files of documents, by every option that their interface has."""

from __future__ import annotations

from typing import Any

from .desk import Desk, Found

LOCK = "secret"
PROPERTIES = {
    "author": "Ada Lovelace",
    "creator": "Front desk",
    "creationDate": "D:20230101085959-08'00'",
    "keyWords": "rent, 2026",
    "modifiedDate": "D:20230102085959",
    "producer": "An office",
    "subject": "Größe & Gewicht",
    "title": "Vertrag Nr. 7",
    "version": "1.5",
}


class Export:
    """One document and the files of it."""

    def __init__(self, desk: Desk, lock: str = "", **config: Any) -> None:
        self.desk, self.lock = desk, lock
        self.document = desk.fill(lock, **config)

    def write(self, name: str, **options: Any) -> list[Any]:
        """Write a file; its name, or nothing and the number of what is wrong."""
        ask, uid = self.desk.ask, self.document["uid"]
        return self.desk.code(
            lambda: ask.getDocumentFile(
                self.desk.host,
                uid,
                self.desk.folder,
                parameters=options,
                documentPassword=self.lock,
                filename=name,
            )
        )

    def end(self) -> None:
        """Delete the document."""
        self.desk.ask.deleteDocument(self.desk.host, self.document["uid"], self.lock)


def tiffs(desk: Desk) -> Found:
    """Many pages, chosen ones, and every compression."""
    export = Export(desk, LOCK)
    tiff = {"type": "image/tiff"}
    uids = [each["uid"] for each in export.document["pages"]]
    found = {
        "all": export.write("all.tiff", **tiff),
        "places": export.write("places.tiff", **tiff, pages="2,0"),
        "uids": export.write("uids.tiff", **tiff, pages=[uids[1], uids[0]]),
        "compressions": {
            number: export.write(f"compressed-{number}.tiff", **tiff, compression=number, pages="0")
            for number in (0, 1, 2, 3, 4, 5, 7, 32773)
        },
        "low": export.write("low.tiff", **tiff, compression=7, quality=5, pages="0"),
        "unknown": export.write("unknown.tiff", **tiff, compression=6),
    }
    export.end()
    return found


def pictures(desk: Desk) -> Found:
    """One page as PNG and JPEG."""
    export = Export(desk)
    ask, host, uid = desk.ask, desk.host, export.document["uid"]
    jpeg = {"type": "image/jpeg", "pages": "2"}
    found = {
        "png": export.write("first.png", type="image/png"),
        "png_1": export.write("second.png", type="image/png", pages=[1]),
        "jpeg": export.write("good.jpg", **jpeg, quality=95),
        "jpeg_low": export.write("poor.jpg", **jpeg, quality=5),
        "beyond": export.write("beyond.png", type="image/png", pages="5"),
        "gif": export.write("first.gif", type="image/gif"),
        "unnamed": ask.getDocumentFile(host, uid, desk.folder, jpeg),
        "stream": len(ask.getDocumentStream(host, uid, parameters=jpeg)),
    }
    export.end()
    return found


def pdfs(desk: Desk) -> Found:
    """By pages, paper, compression, quality, properties, version and password."""
    export = Export(desk)
    ask, host, uid = desk.ask, desk.host, export.document["uid"]
    uids = [each["uid"] for each in export.document["pages"]]
    some = {"pages": "0"}
    found = {
        "unnamed": ask.getDocumentFile(host, uid, desk.folder),
        "places": export.write("places.pdf", type="application/pdf", pages="2,0"),
        "uids": export.write("uids.pdf", pages=[uids[1], uids[0]]),
        "papers": {n: export.write(f"paper-{n}.pdf", pageType=n, **some) for n in range(10)},
        "compressions": {
            number: export.write(f"compressed-{number}.pdf", compression=number, **some)
            for number in (0, 2, 3, 5, 6, 7)
        },
        "poor": export.write("poor.pdf", compression=5, quality=5, **some),
        "properties": export.write("properties.pdf", **PROPERTIES),
        "old": export.write("old.pdf", compression=6, version="1.4", **some),
        "password": export.write("password.pdf", password="öffne dich", **PROPERTIES),
        "refused": _refused(export),
    }
    export.end()
    found["bw"] = _black_and_white(desk)
    return found


def _refused(export: Export) -> Found:
    wrong: Found = {
        "paper": {"pageType": 10},
        "compression": {"compression": 1},
        "quality": {"quality": 101},
        "date": {"creationDate": "yesterday"},
        "version": {"version": "3"},
        "password": {"password": "x" * 128},
        "page": {"pages": "0,9"},
    }
    return {name: export.write("never.pdf", **options) for name, options in wrong.items()}


def _black_and_white(desk: Desk) -> list[Any]:
    export = Export(desk, PixelType=0, XferCount=1)
    written = export.write("bw.pdf")
    export.end()
    return written
