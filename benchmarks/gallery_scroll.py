"""`<flatbed-gallery>` in Chromium: the first thumbnail, a scroll through 1,000 pages, its memory.

A page of another origin with the gallery alone, over a real service. First thumbnail: from the
event of a scan's first page to the frame that shows its picture. Scroll: from the first page to the
last, so many pixels a frame, with the pictures as they come; frames are the times between two
`requestAnimationFrame`, and those of a still page say what the machine has left. Memory: the
JavaScript heap after a collection, and the resident memory of the tab's process, after each way
there and back.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
from PIL import Image, ImageDraw

from live import live_service
from measuring import machine_line, print_table
from tab import Tab, open_tab

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.browser.rig import CHROMIUM, DIST, FLAGS, PAGES, PageServer  # noqa: E402

SIZE_PX = (620, 877)
"""A4 at 75 dpi: pages of which a thousand load in seconds; thumbnails are as large as of others."""
SMOOTH_MS = 20
PIXELS_A_FRAME = (30, 60, 400)
"""A wheel turned, a finger that flings, the handle of the scroll bar pulled."""

FIRST = """async dpi => {
  const shadow = document.querySelector("flatbed-gallery").shadowRoot;
  const known = new Set(desk.pages.map(({ uid }) => uid));
  let told;
  const shown = new Promise((resolve) => {
    shadow.addEventListener("load", ({ target }) => {
      if (known.has(target.closest(".cell")?.dataset.uid)) return;
      requestAnimationFrame(() => resolve(performance.now()));
    }, { capture: true });
  });
  desk.addEventListener("change", ({ part }) => {
    if (part === "run" && desk.run.pages.length > 0) told ??= performance.now();
  });
  const run = await desk.scan({ source: "feeder", dpi });
  const took = await shown - told;
  if (run.isLive) await new Promise((resolve) => run.job.addEventListener("ended", resolve));
  return took;
}"""

SCROLL = """async ([pixels, back]) => {
  const shadow = document.querySelector("flatbed-gallery").shadowRoot;
  const scroller = shadow.querySelector(".scroller");
  const most = scroller.scrollHeight - scroller.clientHeight;
  const frames = [];
  let last = await new Promise(requestAnimationFrame);
  for (let at = 0; at < most; at += pixels) {
    scroller.scrollTop = back ? most - at : at;
    const now = await new Promise(requestAnimationFrame);
    frames.push(now - last);
    last = now;
  }
  return frames;
}"""

STILL = """async () => {
  const frames = [];
  let last = await new Promise(requestAnimationFrame);
  while (frames.length < 300) {
    const now = await new Promise(requestAnimationFrame);
    frames.push(now - last);
    last = now;
  }
  return frames;
}"""

LOAD = "fetch('/pages.tiff').then((it) => it.blob()).then((it) => desk.load([it]))"
IS_SHOWN = """(() => {
  const shadow = document.querySelector("flatbed-gallery").shadowRoot;
  const cells = [...shadow.querySelectorAll(".cell")];
  return cells.length > 0 && cells.every((each) => each.querySelector("img")?.complete);
})()"""


def main() -> None:
    """Measure the three, and print a table of each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=1000, help="of the gallery (1000)")
    parser.add_argument("--runs", type=int, default=7, help="scans for a first thumbnail (7)")
    parser.add_argument("--rounds", type=int, default=6, help="ways there and back (6)")
    parser.add_argument("--dist", type=Path, default=DIST, help="built elements (client/dist)")
    options = parser.parse_args()
    print(machine_line())
    with _desk(options.dist) as (folder, tab, browser, url):
        first = _first_thumbnails(tab, f"{url}&document=scans", options.runs)
        rows = [[f"{statistics.median(first):.0f}", f"{min(first):.0f}", f"{max(first):.0f}"]]
        print_table("Page event to thumbnail, ms", ["median", "least", "most"], rows)
        _draw(folder / "pages.tiff", options.pages)
        _fill(tab, url, options.pages)
        header = ["pixels a frame", "frames", "median", "95 %", "most", f"under {SMOOTH_MS} ms"]
        still = _row("still", tab.evaluate(f"({STILL})()"))
        rows = [still, *(_scroll(tab, pixels) for pixels in PIXELS_A_FRAME)]
        print_table("Frames, ms", header, rows)
        header = ["ways there and back", "heap, MB", "process, MB"]
        print_table("Memory of the tab", header, list(_memory(tab, browser, options.rounds)))


@contextmanager
def _desk(dist: Path) -> Iterator[tuple[Path, Tab, psutil.Process, str]]:
    folder = Path(tempfile.mkdtemp(prefix="flatbed-bench-"))
    author = PageServer([PAGES, dist, folder])
    environment = {
        "FLATBED_ALLOWED_ORIGINS": f'["{author.origin}"]',
        "FLATBED_ADDONS__VIRTUAL__SHEETS": "3",
    }
    with (
        live_service(folder, **environment) as service,
        open_tab(CHROMIUM, folder / "profile", *FLAGS, "--window-size=1280,900") as (tab, browser),
    ):
        yield folder, tab, browser, f"{author.origin}/gallery.html?ports={service.port}"


def _open(tab: Tab, url: str) -> None:
    tab.open(url)
    tab.wait_for("globalThis.desk?.document !== undefined")


def _first_thumbnails(tab: Tab, url: str, runs: int) -> list[float]:
    _open(tab, url)
    return [tab.evaluate(f"({FIRST})(100)") for _ in range(runs)]


def _draw(file: Path, count: int) -> None:
    """A TIFF of numbered pages with lines on them."""
    pages = []
    for number in range(1, count + 1):
        image = Image.new("L", SIZE_PX, 255)
        draw = ImageDraw.Draw(image)
        draw.text((60, 40), str(number), fill=0, font_size=60)
        for line in range(30):
            width = 300 + (number * 37 + line * 53) % 200
            draw.rectangle((60, 150 + line * 22, 60 + width, 158 + line * 22), fill=60)
        pages.append(image)
    pages[0].save(file, save_all=True, append_images=pages[1:], compression="tiff_deflate")


def _fill(tab: Tab, url: str, count: int) -> None:
    _open(tab, url)
    tab.evaluate(LOAD)
    tab.wait_for(f"desk.pages.length === {count}")
    tab.wait_for(IS_SHOWN)


def _scroll(tab: Tab, pixels: int) -> list[str]:
    tab.evaluate("desk.thumbnails.clear()")
    return _row(str(pixels), _frames(tab, pixels))


def _row(name: str, times: list[float]) -> list[str]:
    frames = sorted(times)
    share = sum(frame < SMOOTH_MS for frame in frames) / len(frames)
    at = (frames[len(frames) // 2], frames[int(len(frames) * 0.95)], frames[-1])
    return [name, f"{len(frames)}", *(f"{each:.1f}" for each in at), f"{share:.1%}"]


def _frames(tab: Tab, pixels: int, *, back: bool = False) -> list[float]:
    return list(tab.evaluate(f"({SCROLL})({json.dumps([pixels, back])})"))


def _memory(tab: Tab, browser: psutil.Process, rounds: int) -> Iterator[list[str]]:
    for number in range(rounds + 1):
        tab.wait_for(IS_SHOWN)
        yield [str(number), f"{tab.heap_mb():.1f}", f"{_tab_mb(browser):.0f}"]
        for back in (False, True):
            _frames(tab, PIXELS_A_FRAME[0], back=back)


def _tab_mb(browser: psutil.Process) -> float:
    """Resident, of the largest tab: others are empty."""
    children = browser.children(recursive=True)
    tabs = [each for each in children if "--type=renderer" in each.cmdline()]
    return float(max(each.memory_info().rss for each in tabs)) / 1e6


if __name__ == "__main__":
    main()
