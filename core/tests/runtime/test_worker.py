"""The child: one add-on, one call at a time, whatever the add-on does."""

from __future__ import annotations

import asyncio
import io
import stat
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
import structlog

from flatbed.addon import PageFile, SourcePage, StoredFile
from flatbed.errors import (
    AddonMemoryError,
    AddonUnloadableError,
    PaperJamError,
    ResultInvalidError,
    ResultTooBigError,
    ScanCanceledError,
    WorkerCrashedError,
)
from flatbed.runtime import protocol
from flatbed.runtime.journal import JournalReader
from flatbed.runtime.pool import SCAN_PRELOAD
from flatbed.runtime.process import WorkerProcess
from flatbed.runtime.worker import Pipe, Worker

from ..made_addons import LIMIT_S, Gate, LifeLine
from .conftest import Workshop

ENVIRONMENT = """
@hookimpl
def describe_environment():
    return {}
"""
PAGE = PageFile(uid="u", size_px=(2, 3), dpi=(300, 300), mode="L", bits=8, path="/p", key="00")


def environment(code: str) -> str:
    """An add-on whose environment is what an expression says."""
    return f"@hookimpl\ndef describe_environment():\n    return {code}\n"


async def ask(worker: WorkerProcess, hook: str = "describe_environment", **arguments: Any) -> Any:
    """The answer to a call."""
    return await worker.call(hook, arguments, timeout_s=LIMIT_S)


@pytest.mark.parametrize("preload", [(), SCAN_PRELOAD], ids=["plain", "for a scan"])
async def test_worker_loads_nothing_of_the_main_process(
    workshop: Workshop, preload: tuple[str, ...]
) -> None:
    """A worker must be there in a few hundredths of a second."""
    worker = await workshop.worker(environment("sorted(sys.modules)"), preload=preload)
    loaded = set(await ask(worker))
    assert "flatbed.addon.hookspecs" in loaded
    assert ("flatbed.runtime.scanning" in loaded) == bool(preload)
    assert (
        loaded & {"tornado", "structlog", "msgspec", "psutil", "asyncio", "ssl", "typer"} == set()
    )


async def test_worker_gets_ready_with_its_settings_and_a_folder_of_its_own(
    workshop: Workshop,
) -> None:
    """Before its first call, in `start`."""
    worker = await workshop.worker(
        """
        @hookimpl
        def start(config):
            global given
            given = config

        @hookimpl
        def describe_environment():
            return given
        """,
        config={"speed": 3, "folder": "x"},
    )
    state = workshop.folder / "state" / "made"
    assert await ask(worker) == {"speed": 3, "folder": "x", "state_dir": str(state)}
    assert stat.S_IMODE(state.stat().st_mode) == 0o700


async def test_worker_sees_the_environment_that_its_site_gives_it(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SANE's variables reach it, secrets of the person's shell do not."""
    workshop.site.environment["SANE_CONFIG_DIR"] = "/etc/lab"
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hunter2")
    worker = await workshop.worker(environment("dict(os.environ)"))
    seen = await ask(worker)
    assert seen["SANE_CONFIG_DIR"] == "/etc/lab"
    assert "AWS_SECRET_ACCESS_KEY" not in seen


async def test_worker_hands_over_the_types_of_the_seam(workshop: Workshop) -> None:
    """A page is a `PageFile` again, several are a tuple of them."""
    worker = await workshop.worker(
        """
        @hookimpl
        def read_barcodes(page, settings):
            return [type(page).__name__, page.size_px == (2, 3), page.key, settings]

        @hookimpl
        def save_document(pages):
            return [type(pages).__name__, [type(each).__name__ for each in pages]]
        """
    )
    answer = await ask(worker, "read_barcodes", page=PAGE, settings={"formats": ["EAN-13"]})
    assert answer == ["PageFile", True, "00", {"formats": ["EAN-13"]}]
    answer = await ask(worker, "save_document", pages=[PAGE, PAGE], settings={}, out=None)
    assert answer == ["tuple", ["PageFile", "PageFile"]]


async def test_worker_hands_over_what_a_page_came_from(workshop: Workshop) -> None:
    """With the file, to be opened there; a page without any has none."""
    worker = await workshop.worker(
        """
        @hookimpl
        def read_barcodes(page):
            source = page.source
            assert isinstance(source, SourcePage) and isinstance(source.file, StoredFile)
            return [source.media_type, source.number, source.turn, source.file.path]

        @hookimpl
        def save_document(pages):
            return [page.source and [page.source.file.uid, page.source.file.key] for page in pages]
        """
    )
    file = StoredFile(uid="f", path="/f", key="11")
    source = SourcePage(file=file, media_type="application/pdf", number=3, turn=90)
    page = replace(PAGE, source=source)
    answer = await ask(worker, "read_barcodes", page=page, settings={})
    assert answer == ["application/pdf", 3, 90, "/f"]
    answer = await ask(worker, "save_document", pages=[page, PAGE], settings={}, out=None)
    assert answer == [["f", "11"], None]


async def test_worker_runs_calls_one_after_the_other_in_one_process(workshop: Workshop) -> None:
    """Warm: what the add-on loaded is there."""
    worker = await workshop.worker(environment("os.getpid()"))
    assert [await ask(worker) for _ in range(3)] == [worker.identity.pid] * 3
    assert worker.calls == 3


@pytest.mark.parametrize(
    ("source", "cause"),
    [
        ("import no_such_module", "ModuleNotFoundError: No module named 'no_such_module'"),
        ("def broken(", "SyntaxError"),
        ("@hookimpl\ndef read_barcode(page): ...", "PluginValidationError"),
        ("@hookimpl\ndef start(config): raise OSError('no lamp')", "OSError: no lamp"),
    ],
    ids=["import", "syntax", "unknown hook", "start"],
)
async def test_addon_that_cannot_be_loaded_fails_its_first_call_by_name(
    workshop: Workshop, source: str, cause: str
) -> None:
    """With its cause: that is what its author, or who installed it, can mend."""
    worker = await workshop.worker(source)
    with pytest.raises(WorkerCrashedError) as caught:
        await ask(worker)
    assert caught.value.name == "addon_unloadable"
    assert caught.value.message.startswith(f"The add-on 'made' 1.2.3 cannot be loaded ({cause}")
    assert caught.value.message.endswith("install it again, or another version.")
    assert caught.value.details == {"addon": "made", "version": "1.2.3"}
    assert not worker.is_alive


async def test_addon_that_exits_while_it_is_loaded_has_crashed(workshop: Workshop) -> None:
    """As some libraries do where a licence is missing."""
    worker = await workshop.worker("sys.exit(0)")
    with pytest.raises(AddonUnloadableError, match=r"1\.2\.3 crashed while it was loaded"):
        await ask(worker)


async def test_hook_that_the_addon_does_not_have_is_named(workshop: Workshop) -> None:
    """Its manifest promised it."""
    worker = await workshop.worker(ENVIRONMENT)
    with pytest.raises(WorkerCrashedError, match="the manifest names read_barcodes, but"):
        await ask(worker, "read_barcodes", page=PAGE, settings={})
    assert await ask(worker) == {}


async def test_error_of_the_tree_crosses_with_its_words_and_details(workshop: Workshop) -> None:
    """What a hook raises is what the caller gets; the worker goes on."""
    worker = await workshop.worker(
        """
        @hookimpl
        def get_capabilities(scanner_id):
            raise PaperJamError("Sheet 3 is stuck.", sheet=3)
        """,
        ENVIRONMENT,
    )
    with pytest.raises(PaperJamError) as caught:
        await ask(worker, "get_capabilities", scanner_id="x")
    assert (caught.value.message, caught.value.details) == ("Sheet 3 is stuck.", {"sheet": 3})
    assert worker.is_alive


FAILURES = {
    "exception": ("1 / 0", WorkerCrashedError, "failed (ZeroDivisionError: division by zero)"),
    "no JSON": ("object()", ResultInvalidError, "object cannot be handed over; use JSON values"),
    "bytes": ("b'raw'", ResultInvalidError, "bytes cannot be handed over"),
    "keys": ("{(1, 2): 3}", ResultInvalidError, "TypeError: keys must be str"),
    "circle": ("(lambda a: a.append(a) or a)([])", ResultInvalidError, "Circular reference"),
    "huge": ("'x' * (17 << 20)", ResultTooBigError, "too large to be handed over"),
    "many": ("[[]] * 600_000", ResultTooBigError, "too large to be handed over"),
    "deep": (
        "__import__('functools').reduce(lambda a, _: [a], range(100000), 0)",
        ResultInvalidError,
        "RecursionError",
    ),
    "details": (
        "(_ for _ in ()).throw(PaperJamError(sheet=object()))",
        ResultInvalidError,
        "object cannot be handed over",
    ),
    "memory": (
        "bytearray(1 << 40)",
        AddonMemoryError,
        "'made' 1.2.3 ran out of its 1024 MB of memory. Your pages are safe; try a smaller page",
    ),
}


@pytest.mark.parametrize(("code", "kind", "words"), FAILURES.values(), ids=FAILURES.keys())
async def test_call_that_fails_is_named_and_the_worker_goes_on(
    workshop: Workshop, code: str, kind: type[Exception], words: str
) -> None:
    """Whatever a hook does short of ending the process."""
    worker = await workshop.worker(
        f"@hookimpl\ndef list_scanners():\n    return {code}\n", ENVIRONMENT
    )
    with pytest.raises(kind) as caught:
        await ask(worker, "list_scanners")
    assert type(caught.value) is kind
    assert words in str(caught.value)
    assert await ask(worker) == {}


async def test_addon_that_eats_memory_is_stopped_by_its_manifests_limit(
    workshop: Workshop,
) -> None:
    """By and by, as a leak does: 256 MB are its own affair, no more."""
    worker = await workshop.worker(
        """
        @hookimpl
        def describe_environment():
            kept = []
            while len(kept) < 1000:
                kept.append(bytearray(8 << 20))
            return "more than 8 GB"
        """,
        memory_mb=256,
    )
    with pytest.raises(AddonMemoryError, match="its 256 MB"):
        await ask(worker)
    assert worker.is_spent


PRINTS = {
    "print": "print('hello from below', flush=True)",
    "write": "os.write(1, b'hello from below\\n')",
    "error": "os.write(2, b'hello from below\\n')",
    "a C library": "ctypes.CDLL(None).puts(b'hello from below'), ctypes.CDLL(None).fflush(None)",
    "a child": "subprocess.run(['echo', 'hello from below'], check=True).returncode",
}


@pytest.mark.parametrize("code", PRINTS.values(), ids=PRINTS.keys())
async def test_prints_of_an_addon_go_to_the_log_and_harm_no_message(
    workshop: Workshop, code: str
) -> None:
    """Libraries print: what they print comes as text, at the level that shows everything."""
    heard = asyncio.Event()
    lines: list[dict[str, Any]] = []

    def keep(_: Any, __: str, event: Any) -> Any:
        lines.append(dict(event))
        heard.set()
        raise structlog.DropEvent

    worker = await workshop.worker(environment(f"[{code}, 7][-1]"))
    structlog.configure(processors=[keep])
    try:
        assert await ask(worker) == 7
        async with asyncio.timeout(LIMIT_S):
            await heard.wait()
    finally:
        structlog.reset_defaults()
    assert lines[0] == {"event": "printed", "addon": "made", "text": "hello from below"}


async def test_flood_of_prints_neither_stops_the_addon_nor_fills_main(workshop: Workshop) -> None:
    """40 MB while nobody reads them: the printer never waits, the result comes."""
    worker = await workshop.worker(
        """
        @hookimpl
        def describe_environment():
            for _ in range(640):
                os.write(1, b"debug " * 10_922)
            return "done"
        """
    )
    assert await ask(worker) == "done"
    assert await ask(worker) == "done"


async def test_interrupt_of_the_terminal_does_not_reach_a_worker(workshop: Workshop) -> None:
    """Ctrl-C is for the command, which ends its workers by itself."""
    worker = await workshop.worker(environment("[os.kill(os.getpid(), signal.SIGINT), 7][-1]"))
    assert await ask(worker) == 7


async def test_segfault_leaves_a_trace_in_the_dump_folder(workshop: Workshop) -> None:
    """Which Python line it was in: the only thing its author can start from."""
    worker = await workshop.worker(environment("ctypes.string_at(0)"))
    with pytest.raises(WorkerCrashedError):
        await ask(worker)
    (dump,) = (workshop.folder / "dump").iterdir()
    assert "describe_environment" in dump.read_text()
    assert dump.name.startswith("made-")


async def test_worker_that_ends_by_itself_says_goodbye_and_leaves_no_dump(
    workshop: Workshop, tmp_path: Path
) -> None:
    """`stop` of the add-on is called then."""
    note = tmp_path / "note"
    worker = await workshop.worker(
        f"""
        @hookimpl
        def stop():
            open({str(note)!r}, "w").write("gone")
        """,
        ENVIRONMENT,
    )
    await ask(worker)
    await worker.stop()
    assert note.read_text() == "gone"
    assert list((workshop.folder / "dump").iterdir()) == []


async def test_worker_whose_main_is_gone_ends_with_the_children_of_its_call(
    workshop: Workshop, life_line: LifeLine
) -> None:
    """Nobody waits for the result; the child would compute on for ever."""
    worker = await workshop.worker(
        f"""
        @hookimpl
        def describe_environment():
            {life_line.child}
            signal.pause()
        """
    )
    worker.begin("describe_environment", {})
    await life_line.held()
    worker.detach()
    assert await life_line.released()


async def test_running_call_hears_commands_in_order(
    workshop: Workshop, gate: Gate, tmp_path: Path
) -> None:
    """A camera's preview takes its captures so."""
    worker = await workshop.worker(
        f"""
        @hookimpl
        def process_page(out):
            heard = []
            {gate.visit}
            while (command := out.next_command(30)) != {{"end": True}}:
                heard.append(command)
            return heard
        """
    )
    call = asyncio.create_task(
        worker.call("process_page", _page_arguments(), timeout_s=LIMIT_S, out=_out(tmp_path))
    )
    await gate.reached()
    for command in ({"capture": 1}, {"capture": 2}, {"end": True}):
        worker.send_command(command)
    assert await call == [{"capture": 1}, {"capture": 2}]


async def test_running_call_hears_a_cancel_and_the_next_one_does_not(
    workshop: Workshop, gate: Gate, tmp_path: Path
) -> None:
    """The error crosses like any other; a late cancel is for a call that has ended."""
    worker = await workshop.worker(
        f"""
        @hookimpl
        def process_page(operation, out):
            {gate.visit}
            while operation == "wait":
                out.check_canceled()
                out.next_command(0.01)
            out.check_canceled()
            return operation
        """
    )

    async def call(operation: str) -> Any:
        arguments = _page_arguments() | {"operation": operation}
        return await worker.call("process_page", arguments, timeout_s=LIMIT_S, out=_out(tmp_path))

    waiting = asyncio.create_task(call("wait"))
    await gate.reached()
    worker.cancel_call()
    with pytest.raises(ScanCanceledError):
        await waiting
    worker.cancel_call()
    assert await call("go") == "go"


async def test_call_gives_what_it_finishes_as_items(workshop: Workshop, tmp_path: Path) -> None:
    """Pages and files by the sink, encrypted in the folder of the call."""
    worker = await workshop.worker(
        """
        @hookimpl
        def process_page(out):
            with out.new_page(size_px=(2, 1), dpi=(300, 300), mode="L", bits=8) as page:
                page.write_rows(b"ab")
            with out.new_file("text/plain") as file:
                file.write(b"text")
            return out.pages
        """
    )
    items: list[dict[str, Any]] = []
    pages = await worker.call(
        "process_page",
        _page_arguments(),
        timeout_s=LIMIT_S,
        out=_out(tmp_path),
        on_item=items.append,
    )
    assert pages == 1
    assert [item["type"] for item in items] == ["page", "file"]
    assert (tmp_path / f"{items[0]['uid']}.page").exists()
    assert (tmp_path / f"{items[1]['uid']}.file").exists()


async def test_scan_is_told_by_its_journal(workshop: Workshop, tmp_path: Path) -> None:
    """The pipe merely wakes: pages, warnings and the end stand in the job's folder."""
    worker = await workshop.worker(
        """
        @hookimpl
        def acquire_pages(scanner_id, settings, out):
            out.device_opened()
            out.warn(f"{scanner_id} {settings.dpi} {out.attempt} {out.pages}")
            with out.new_page(size_px=(2, 1), dpi=(300, 300), mode="L", bits=8) as page:
                page.write_rows(b"ab")
        """,
        preload=SCAN_PRELOAD,
    )
    grown = asyncio.Event()
    worker.on_journal = grown.set
    out = _out(tmp_path) | {"is_job": True, "attempt": 2, "pages": 5}
    arguments = {"scanner_id": "dev", "settings": {"dpi": 150}}
    assert await worker.call("acquire_pages", arguments, timeout_s=LIMIT_S, out=out) is None
    assert grown.is_set()
    warning, page, end = JournalReader(tmp_path).read_new()
    assert warning["message"] == "dev 150 2 5"
    assert page["ordinal"] == 5
    assert end == {"type": "end", "attempt": 2, "status": "completed", "error": None}


CHILD = "subprocess.Popen([sys.executable, '-c', 'import signal; signal.pause()'])"


async def test_call_that_cannot_be_read_is_named_at_once_and_the_worker_goes_on(
    workshop: Workshop,
) -> None:
    """As from a main of another version; it would wait for its limit otherwise."""
    worker = await workshop.worker(ENVIRONMENT)
    of_nothing = asdict(PAGE) | {"source": {"number": 1}}
    for arguments in ({"pages": 7}, {"page": {"uid": "u"}}, {"page": None}, {"page": of_nothing}):
        with pytest.raises(WorkerCrashedError, match=r"1\.2\.3 failed \((Type|Attribute|Key)Error"):
            await worker.call("read_barcodes", arguments, timeout_s=LIMIT_S)
    assert await ask(worker) == {}


@pytest.mark.parametrize("message", [{"type": "call"}, {}, {"type": "cancel"}], ids=str)
async def test_message_that_cannot_be_read_ends_a_call_with_its_reason(
    workshop: Workshop, gate: Gate, message: dict[str, Any]
) -> None:
    """A worker that hears no more would wait for ever; what it started ends with it."""
    worker = await workshop.worker(f"@hookimpl\ndef list_scanners():\n    {gate.stop}\n")
    call = asyncio.create_task(ask(worker, "list_scanners"))
    await gate.reached()
    worker._send(message)
    with pytest.raises(WorkerCrashedError, match="KeyError"):
        await call
    assert await worker.wait(LIMIT_S)


async def test_call_that_leaves_a_child_spends_its_worker(workshop: Workshop) -> None:
    """Whoever comes next gets another; a child of `start` may stay."""
    kept = f"@hookimpl\ndef start(config):\n    {CHILD}\n"
    worker = await workshop.worker(kept, ENVIRONMENT, f"@hookimpl\ndef list_scanners(): {CHILD}\n")
    assert await ask(worker) == {}
    assert not worker.is_spent
    assert await ask(worker, "list_scanners") is None
    assert worker.is_spent


async def test_call_whose_child_has_ended_spends_nothing(workshop: Workshop) -> None:
    """Also where nobody has asked how it ended."""
    over = "subprocess.Popen(['true'], stdout=subprocess.PIPE).stdout.read()"
    worker = await workshop.worker(environment(f"{over}.decode()"))
    assert await ask(worker) == ""
    assert not worker.is_spent


def test_call_that_comes_with_the_answer_of_the_one_before_can_be_cancelled() -> None:
    """Main sends it as soon as it has the answer; the worker may not have gone on by then."""

    class EagerMain(Pipe):
        def send(self, message: protocol.Message, body: bytes = b"") -> None:
            super().send(message, body)
            worker._take(_call_message(message["id"] + 1))

    worker = Worker(EagerMain(io.BytesIO()))
    worker._take(_call_message(1))
    worker._calls.put(None)
    worker.run()
    second = worker._calls.get_nowait()
    assert second is not None
    worker._take({"type": "cancel", "id": 1})
    assert second.watch.next_command(0) is None
    second.watch.check_canceled()
    worker._take({"type": "cancel", "id": 2})
    assert second.watch.is_canceled


def _call_message(number: int) -> protocol.Message:
    return {"type": "call", "id": number, "hook": "list_scanners", "arguments": {}}


def _page_arguments() -> dict[str, Any]:
    return {"operation": "x", "page": PAGE, "settings": {}}


def _out(folder: Path) -> dict[str, Any]:
    return {"folder": str(folder), "key": bytes(32).hex()}
