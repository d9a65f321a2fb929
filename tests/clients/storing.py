"""Steps about documents: made, filled, kept from others, emptied, deleted."""

from __future__ import annotations

from .desk import Desk, Found

LOCK = "secret"


def documents(desk: Desk) -> Found:
    """One document with a password, filled by every way to name a page and its place."""
    ask, host, job = desk.ask, desk.host, desk.create()
    infos = desk.infos(job)
    made = ask.createDocument(host, {"password": LOCK})
    uid, sources = made["uid"], [info["url"] for info in infos]
    place = f"{host}/api/device/scanners/jobs/{job}/content?page=3"
    inserted = [
        {"source": sources[0]},
        {"source": infos[1]["imageuid"]},
        {"source": sources[2], "insertPos": 1},
        {"source": place, "insertPos": 0},
        {"source": sources[4], "insertPos": 99},
        {"source": sources[4], "insertPos": "first"},
    ]
    counts = [
        len(ask.insertPage(host, uid, {**each, "password": LOCK})["pages"]) for each in inserted
    ]
    ask.deleteJob(host, job)
    name = ask.getDocumentFile(host, uid, desk.folder, documentPassword=LOCK, filename="order.pdf")
    return {
        "made": made["pages"],
        "counts": counts,
        "order": name,
        "uids": [each["uid"] for each in ask.getDocumentInfo(host, uid, password=LOCK)["pages"]],
        "refused": _refused(desk, uid, sources[0]),
        "copied": _copy(desk, uid),
        "emptied": _empty(desk, uid),
        # Whoever forgot the password can do that too.
        "forgotten": ask.deleteDocument(host, ask.createDocument(host, {"password": LOCK})["uid"]),
    }


def _refused(desk: Desk, uid: str, gone: str) -> Found:
    """What comes back without the password, with a wrong one, and for pages that are none."""
    ask, host, page = desk.ask, desk.host, {"source": gone}
    there = {"source": "http://example.com/page.png", "password": LOCK}
    return {
        "no_password": desk.code(lambda: ask.getDocumentInfo(host, uid)),
        "wrong": desk.code(lambda: ask.getDocumentInfo(host, uid, "Secret")),
        "insert": desk.code(lambda: ask.insertPage(host, uid, {**page, "password": "Secret"})),
        "remove": desk.code(lambda: ask.deletePage(host, uid, "0", password="Secret")),
        "content": desk.code(lambda: ask.getDocumentStream(host, uid, documentPassword="Secret")),
        "file": desk.code(lambda: ask.getDocumentFile(host, uid, desk.folder)),
        "long": desk.code(lambda: ask.createDocument(host, {"password": "x" * 33})),
        "foreign": desk.code(lambda: ask.insertPage(host, uid, there)),
        "gone": desk.code(lambda: ask.insertPage(host, uid, {**page, "password": LOCK})),
        "place": desk.code(lambda: ask.deletePage(host, uid, "9", LOCK)),
    }


def _copy(desk: Desk, uid: str) -> Found:
    """A page of that document in another one, which has no password."""
    ask, host = desk.ask, desk.host
    copy = ask.createDocument(host, {})["uid"]
    source = f"{host}/api/storage/documents/{uid}/content?pages=1"
    filled = ask.insertPage(host, copy, {"source": source, "password": LOCK})
    ask.getDocumentFile(host, copy, desk.folder, {"type": "image/png"}, filename="copy.png")
    url = f"{host}/api/storage/documents/{copy}/content?type=image/png"
    return {
        "pages": len(filled["pages"]),
        "bytes": len(ask.getStreamFromUrl(url)),
        "deleted": ask.deleteDocument(host, copy),
    }


def _empty(desk: Desk, uid: str) -> Found:
    """Delete its pages one by one, and then itself."""
    ask, host = desk.ask, desk.host
    pages = [each["uid"] for each in ask.getDocumentInfo(host, uid, LOCK)["pages"]]
    return {
        "by_place": ask.deletePage(host, uid, "0", LOCK),
        "by_uid": [ask.deletePage(host, uid, each, LOCK) for each in pages[1:]],
        "by_uid_again": desk.code(lambda: ask.deletePage(host, uid, pages[1], LOCK)),
        "left": ask.getDocumentInfo(host, uid, LOCK)["pages"],
        "content": desk.code(lambda: ask.getDocumentStream(host, uid, {}, LOCK)),
        "deleted": ask.deleteDocument(host, uid, password=LOCK),
        "info": desk.code(lambda: ask.getDocumentInfo(host, uid, LOCK)),
        "deleted_again": desk.code(lambda: ask.deleteDocument(host, uid, LOCK)),
    }
