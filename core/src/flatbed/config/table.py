"""The settings table: every setting with its kind, default, unit, help and example, once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from flatbed.config.kinds import (
    ANY,
    FOLDER,
    ORIGINS,
    PORT,
    SECONDS,
    TEXT,
    AllowedOrigin,
    Kind,
    choice,
    number,
    whole_number,
)
from flatbed.config.layers import Setting
from flatbed.system import user_data_folder

LOG_LEVELS: Mapping[str | int, int] = {"error": 0, "info": 1, "debug": 30, 0: 0, 1: 1, 30: 30}


def _setting(
    kind: Kind[Any],
    default: Any,
    help: str,  # noqa: A002 - the table's own word
    *,
    unit: str = "",
    example: str = "",
    shown: str | None = None,
    depth: int = 0,
    heading: str = "",
) -> Any:
    about = {
        "kind": kind,
        "default": f"{default:g}" if isinstance(default, float) else str(default),
        "help": help,
        "unit": unit,
        "example": example,
        "depth": depth,
        "heading": heading,
    }
    if shown is not None:
        about["default"] = shown
    if callable(default):
        return field(default_factory=default, metadata=about)
    return field(default=default, metadata=about)


@dataclass(frozen=True, kw_only=True)
class SettingsTable:
    """All settings, each with the value that holds; `Config` is what fills it."""

    data_dir: Path = _setting(  # noqa: RUF009 - a call that makes a field
        FOLDER,
        user_data_folder,
        "Where pages, documents, logs and add-ons are kept; made for you alone.",
        shown="flatbed in the user's data folder, as ~/.local/share/flatbed",
        example='data_dir = "~/scans"',
        heading="Where",
    )
    port: int = _setting(
        PORT,
        18622,
        "Port of the interface on loopback, http; 0 takes any free one. If a port is taken, all"
        " four move up by 100, up to four times.",
        example="port = 18622",
        heading="Ports",
    )
    tls_port: int = _setting(
        PORT,
        18623,
        "The same with https; closed without a certificate.",
        example="tls_port = 18623",
    )
    status_port: int = _setting(
        PORT,
        18625,
        "Port of the same with the status page at /, http.",
        example="status_port = 18625",
    )
    status_tls_port: int = _setting(
        PORT,
        18626,
        "The same with https; closed without a certificate.",
        example="status_tls_port = 18626",
    )
    allowed_origins: tuple[AllowedOrigin, ...] = _setting(
        ORIGINS,
        (),
        "Web origins that may scan without asking, exactly as browsers send them. `compat` lets"
        " older pages send JSON as text/plain. A higher place replaces the whole list.",
        shown="[]",
        example='allowed_origins = ["https://a.example", {origin = "https://b.example",'
        " compat = true}]",
        heading="Who may scan",
    )
    log_level: int = _setting(
        choice(LOG_LEVELS),
        1,
        "How much is logged: `error` (0), `info` (1) or `debug` (30).",
        shown="info",
        example='log_level = "debug"',
        heading="Log",
    )
    log_format: str = _setting(
        choice({"text": "text", "json": "json"}),
        "text",
        "Lines for people, or one JSON object a line.",
        example='log_format = "json"',
    )
    list_shown_s: float = _setting(
        SECONDS,
        5.0,
        "How long a caller waits for the list of scanners before the last known one is shown.",
        unit="s",
        example="list_shown_s = 5",
        heading="Time limits of scanning",
    )
    list_hard_s: float = _setting(
        SECONDS,
        30.0,
        "When a driver that still lists its scanners is given up.",
        unit="s",
        example="list_hard_s = 30",
    )
    open_s: float = _setting(
        SECONDS, 15.0, "For a scanner to open.", unit="s", example="open_s = 15"
    )
    first_byte_s: float = _setting(
        SECONDS,
        60.0,
        "For the first byte of a page; lamps warm up.",
        unit="s",
        example="first_byte_s = 60",
    )
    between_bytes_s: float = _setting(
        SECONDS, 30.0, "Between two bytes of a page.", unit="s", example="between_bytes_s = 30"
    )
    page_s: float = _setting(SECONDS, 180.0, "For one page.", unit="s", example="page_s = 300")
    cancel_ack_s: float = _setting(
        SECONDS, 2.0, "For a cancel to be acknowledged.", unit="s", example="cancel_ack_s = 2"
    )
    cancel_term_s: float = _setting(
        SECONDS,
        5.0,
        "After a cancel, until a driver that goes on gets SIGTERM.",
        unit="s",
        example="cancel_term_s = 5",
    )
    cancel_kill_s: float = _setting(
        SECONDS,
        7.0,
        "After a cancel, until it gets SIGKILL.",
        unit="s",
        example="cancel_kill_s = 7",
    )
    disk_start_min_mb: int = _setting(
        whole_number(0, 1 << 30),
        1024,
        "No scan starts with less free space than this, whatever the size of the disk.",
        unit="MiB",
        example="disk_start_min_mb = 200",
        heading="Disk",
    )
    disk_start_percent: float = _setting(
        number(0, 100),
        5.0,
        "No scan starts with a smaller part of the disk free than this.",
        unit="%",
        example="disk_start_percent = 2.5",
    )
    disk_start_max_mb: int = _setting(
        whole_number(0, 1 << 30),
        5120,
        "But never is more than this asked for by the part of the disk.",
        unit="MiB",
        example="disk_start_max_mb = 2048",
    )
    disk_sheet_min_mb: int = _setting(
        whole_number(0, 1 << 30),
        512,
        "With less free space than this a feeder waits between two sheets.",
        unit="MiB",
        example="disk_sheet_min_mb = 100",
    )
    disk_wait_s: float = _setting(
        number(0, 86400),
        600.0,
        "How long it waits for room before the job pauses, or ends where its caller did not ask for"
        " pauses. A scanner may go to sleep meanwhile.",
        unit="s",
        example="disk_wait_s = 60",
    )
    disk_reserve_mb: int = _setting(
        whole_number(0, 1024),
        8,
        "Room that is set aside and given up when a full disk would not let anything be deleted.",
        unit="MiB",
        example="disk_reserve_mb = 32",
    )
    body_limit_mb: float = _setting(
        number(0.001, 1024),
        1.0,
        "The biggest body of a request, but for uploads of files.",
        unit="MiB",
        example="body_limit_mb = 1",
        heading="Limits",
    )
    session_release_s: float = _setting(
        SECONDS,
        30.0,
        "After the last connection of a session, until its pending job gives the scanner back.",
        unit="s",
        example="session_release_s = 30",
    )
    pairing_s: float = _setting(
        SECONDS,
        300.0,
        "How long a web page that asks to be let in waits for a person's answer.",
        unit="s",
        example="pairing_s = 300",
    )
    events_kept_h: float = _setting(
        number(0.01, 24 * 365),
        24.0,
        "How long events are kept for clients that come back.",
        unit="h",
        example="events_kept_h = 24",
    )
    results_kept_h: float = _setting(
        number(0.01, 24 * 365),
        24.0,
        "How long pages are kept that an operation made and nobody put into a document.",
        unit="h",
        example="results_kept_h = 24",
    )
    jobs_kept_days: float = _setting(
        number(0, 36500),
        30.0,
        "How long an ended job is kept that nobody asks for. Then it is deleted with its pages;"
        " what stands in a document stays there. 0 keeps jobs for ever.",
        unit="days",
        example="jobs_kept_days = 7",
    )
    documents_kept_days: float = _setting(
        number(0, 36500),
        0.0,
        "How long a document is kept that nobody changes. 0 keeps documents for ever: whoever made"
        " one wanted to keep its pages, and none are thrown away unasked.",
        unit="days",
        example="documents_kept_days = 365",
    )
    origin_max_pages: int = _setting(
        whole_number(0, 1 << 30),
        20_000,
        "So many pages one web origin may have here, in jobs and documents; then it gets no new"
        " scan and loads no file until it deletes some. A scan that runs is never broken off by it."
        " 0 is no limit; programs of yours have none.",
        unit="pages",
        example="origin_max_pages = 2000",
    )
    origin_max_mb: int = _setting(
        whole_number(0, 1 << 30),
        20_480,
        "The same for the size of their files.",
        unit="MiB",
        example="origin_max_mb = 5120",
    )
    idle_worker_s: float = _setting(
        SECONDS,
        60.0,
        "Until a worker without work ends.",
        unit="s",
        example="idle_worker_s = 60",
        heading="Workers",
    )
    recycle_calls: int = _setting(
        whole_number(1, 1_000_000),
        500,
        "After that many calls a worker is replaced by a fresh one.",
        unit="calls",
        example="recycle_calls = 500",
    )
    breaker_crashes: int = _setting(
        whole_number(1, 1000),
        3,
        "After that many crashes within `breaker_window_s` an add-on rests.",
        unit="crashes",
        example="breaker_crashes = 3",
    )
    breaker_window_s: float = _setting(
        SECONDS,
        60.0,
        "In which crashes of an add-on are counted.",
        unit="s",
        example="breaker_window_s = 60",
    )
    breaker_rest_s: float = _setting(
        SECONDS, 30.0, "How long it rests.", unit="s", example="breaker_rest_s = 30"
    )
    defaults: Mapping[str, str] = _setting(
        TEXT,
        dict,
        "Which add-on serves an operation that several bring, where the page did not say.",
        shown="{}",
        example='[defaults]\nrecognize-text = "ocr"',
        depth=1,
        heading="Add-ons",
    )
    addon_index: str = _setting(
        TEXT,
        "",
        "Address of a package index in which `flatbed addons install NAME` looks for"
        " `flatbed-NAME`, and for what add-ons need. Without this and `addon_folder` a bare name is"
        " refused, and pip's own configuration says where the needs of a file or folder come from.",
        shown="none",
        example='addon_index = "https://packages.example/simple"',
    )
    addon_folder: Path | None = _setting(  # noqa: RUF009 - a call that makes a field
        FOLDER,
        None,
        "A folder of wheels in which it looks, beside the index or, without one, alone.",
        shown="none",
        example='addon_folder = "/srv/flatbed-addons"',
    )
    addons: Mapping[str, Mapping[str, Any]] = _setting(
        ANY,
        dict,
        "An add-on's own settings, a table each, and `enabled` for the add-on itself.",
        shown="{}",
        example="[addons.virtual]\nenabled = true\nsheets = 20",
        depth=2,
    )


SETTINGS: Mapping[str, Setting] = {
    each.name: Setting(key=each.name, **each.metadata) for each in fields(SettingsTable)
}
