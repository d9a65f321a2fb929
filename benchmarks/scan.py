"""A real scan, from the job's creation to the pages in the client's hands, beside scanimage.

Pattern pages from the feeder of SANE's `test` device, noisy ones from a scanner of the benchmark's
own that hands over rows from memory, A4, 300 dpi, colour. The peer for both is `scanimage --batch`
on the `test` device and the sync of its files. Needs libsane and scanimage. Each round runs the
peer and then ours; medians of all rounds.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

from live import JOBS, DeviceHung, LiveService, live_service, peak_mb_of
from pages import text

PAGES = 10
A4 = {"PixelType": 2, "Resolution": 300, "PageSize": 1}
FEEDER = A4 | {"IfFeederEnabled": True, "XferCount": PAGES}

SCANIMAGE = (
    *("scanimage", "-d", "test:0", "--mode", "Color", "--resolution", "300"),
    *("-x", "210", "-y", "297", "--source", "Automatic Document Feeder"),
    *("--test-picture", "Color pattern"),
)

_PEER_LIMIT_S = 20

Figures = dict[str, list[float]]


def main() -> None:
    """Run the rounds and print one table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9, help="alternating rounds (9)")
    parser.add_argument("--folder", type=Path, help="on the disk to measure (a temporary one)")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="flatbed-bench-", dir=options.folder))
    try:
        _run(folder, options.rounds)
    finally:
        shutil.rmtree(folder)


def _run(folder: Path, rounds: int) -> None:
    os.environ["SANE_CONFIG_DIR"] = str(_sane_config(folder))
    os.environ["FLATBED_ADDONS__NOISY__ROWS"] = str(_noisy_rows(folder))
    os.environ["PYTHONPATH"] = str(Path(__file__).with_name("noisy_scanner"))
    figures: Figures = defaultdict(list)
    with live_service(folder) as service:
        pattern, noisy = service.scanner("frontend-tester"), service.scanner("Noisy")
        for _ in range(rounds):
            try:
                _add_round(figures, _round(folder, service, pattern, noisy))
            except DeviceHung as hung:
                print(f"a round without figures: {hung}")
        figures["main peak"].append(service.peak_mb())
    _print(figures)


def _round(folder: Path, service: LiveService, pattern: str, noisy: str) -> Figures:
    figures: Figures = defaultdict(list)
    _warm_up(service, pattern)
    _warm_up(service, noisy)
    figures["peer"].append(_peer(folder))
    _feeder_batch(service, pattern, figures)
    _noisy_batch(service, noisy, figures)
    _single_pages(service, pattern, figures)
    _cold_batch(service, pattern, figures)
    return figures


def _add_round(figures: Figures, one: Figures) -> None:
    for name, values in one.items():
        figures[name] += values


def _feeder_batch(service: LiveService, device: str, figures: Figures) -> None:
    began = time.perf_counter()
    job = service.start_job(device, config=FEEDER)
    service.ask("GET", f"{JOBS}/{job}/next-page-info")
    figures["first page"].append(time.perf_counter() - began)
    figures["worker peak"].append(peak_mb_of(service.workers()))
    service.wait_for_pages(job)
    figures["ten pattern"].append(time.perf_counter() - began)
    service.ask("DELETE", f"{JOBS}/{job}")
    _settle(service)


def _noisy_batch(service: LiveService, device: str, figures: Figures) -> None:
    began = time.perf_counter()
    job = service.start_job(device, config=FEEDER)
    service.wait_for_pages(job)
    figures["ten noisy"].append(time.perf_counter() - began)
    began = time.perf_counter()
    size = sum(service.fetch(f"{JOBS}/{job}/content?page={each}") for each in range(PAGES))
    figures["handing out"].append(size / 1e6 / (time.perf_counter() - began))
    service.ask("DELETE", f"{JOBS}/{job}")
    _settle(service)


def _single_pages(service: LiveService, device: str, figures: Figures) -> None:
    for name, body in (("one jpeg", {}), ("one jpeg wanted", {"mediaType": "image/jpeg"})):
        began = time.perf_counter()
        job = service.start_job(device, config=A4, **body)
        service.fetch(f"{JOBS}/{job}/next-page?type=image/jpeg")
        figures[name].append(time.perf_counter() - began)
        service.wait_for_pages(job)
        service.ask("DELETE", f"{JOBS}/{job}")
        _settle(service)


def _cold_batch(service: LiveService, device: str, figures: Figures) -> None:
    for worker in service.workers():
        worker.kill()
    _wait_until(lambda: not service.workers())
    began = time.perf_counter()
    job = service.start_job(device, config=FEEDER)
    service.ask("GET", f"{JOBS}/{job}/next-page-info")
    figures["first page, cold"].append(time.perf_counter() - began)
    service.wait_for_pages(job)
    service.ask("DELETE", f"{JOBS}/{job}")
    _settle(service)


def _warm_up(service: LiveService, device: str) -> None:
    """Scan one sheet, so that workers stand by that no figure was told to be without."""
    job = service.start_job(device, config=FEEDER | {"XferCount": 1})
    service.fetch(f"{JOBS}/{job}/next-page?type=image/jpeg")
    service.wait_for_pages(job)
    service.ask("DELETE", f"{JOBS}/{job}")
    _settle(service)


def _settle(service: LiveService) -> None:
    """Wait until the next worker stands by, and all its imports are done."""
    _wait_until(lambda: len(service.workers()) > 0)
    time.sleep(0.4)


def _wait_until(is_true: Callable[[], bool]) -> None:
    until = time.monotonic() + 10
    while not is_true():
        assert time.monotonic() < until
        time.sleep(0.005)


def _peer(folder: Path) -> float:
    """`scanimage --batch` of ten pages, and the sync of its files; seconds."""
    target = folder / "peer"
    target.mkdir()
    began = time.perf_counter()
    try:
        subprocess.run(
            [*SCANIMAGE, f"--batch={target}/p%d.pnm", "--format=pnm"],
            check=False,  # it ends with the feeder's "out of documents"
            capture_output=True,
            timeout=_PEER_LIMIT_S,
        )
    except subprocess.TimeoutExpired as error:
        # See docs/decisions/0004: once in some hundred batches.
        shutil.rmtree(target)
        raise DeviceHung("scanimage hung") from error
    files = sorted(target.iterdir())
    for path in files:
        with path.open("rb") as file:
            os.fsync(file.fileno())
    took = time.perf_counter() - began
    assert len(files) == PAGES, len(files)
    shutil.rmtree(target)
    return took


def _noisy_rows(folder: Path) -> Path:
    path = folder / "noisy.rows"
    path.write_bytes(text().rows)
    return path


def _sane_config(folder: Path) -> Path:
    config = folder / "sane.d"
    config.mkdir()
    (config / "dll.conf").write_text("test\n")
    (config / "test.conf").write_text(
        'mode Color\ndepth 8\ntest-picture "Color pattern"\n'
        "geometry_max 300.0\ngeometry_quant 0.1\n"
    )
    return config


def _print(figures: Figures) -> None:
    print(f"{'figure':<18} {'median':>9} {'min':>9} {'max':>9}  to scanimage + sync")
    for name, values in figures.items():
        unit = "MB" if "peak" in name else "MB/s" if name == "handing out" else "s"
        row = f"{statistics.median(values):9.3f} {min(values):9.3f} {max(values):9.3f}"
        ratio = ""
        if name.startswith("ten"):
            ratios = [own / peer for own, peer in zip(values, figures["peer"], strict=True)]
            ratio = f"{statistics.median(ratios):.2f} times"
        print(f"{name:<18} {row} {unit:<5} {ratio}")
    rounds = len(figures["peer"])
    print(f"{rounds} alternating rounds; {PAGES} pages a batch; peak is the largest process.")


if __name__ == "__main__":
    main()
