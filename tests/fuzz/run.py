"""F13: bytes from outside against everything that reads them, for as long as anybody wants.

With atheris, which sees what code the bytes reach; where it is not installed, by plain chance.
What was found is a file beside its trace.
"""

from __future__ import annotations

import argparse
import importlib.util
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

_HAS_ATHERIS = importlib.util.find_spec("atheris") is not None
_INSTRUMENTED = ["flatbed", "PIL", "tomllib", "urllib"]


def _fuzz(name: str, seconds: int, finds: Path) -> None:
    """Let atheris have one target; it ends the process."""
    atheris: Any = importlib.import_module("atheris")
    with atheris.instrument_imports(include=_INSTRUMENTED):
        target = importlib.import_module("tests.fuzz.targets").TARGETS[name]
    with tempfile.TemporaryDirectory() as corpus:
        for number, seed in enumerate(target.seeds()):
            (Path(corpus) / str(number)).write_bytes(seed)
        options = ["-rss_limit_mb=4096", "-timeout=60", "-max_len=20000", "-print_final_stats=1"]
        options += [f"-max_total_time={seconds}", f"-artifact_prefix={finds}/{name}-"]
        atheris.Setup([sys.argv[0], *options, corpus], target.read)
        atheris.Fuzz()


def _guess(name: str, seconds: int, finds: Path) -> None:
    """The same by chance; the first find ends it."""
    from tests.fuzz.mutation import mutations  # noqa: PLC0415 - atheris is before all imports
    from tests.fuzz.targets import TARGETS  # noqa: PLC0415

    until, count, round_ = time.monotonic() + seconds, 0, 0
    while time.monotonic() < until:
        round_ += 1
        for data in mutations(TARGETS[name].seeds(), count=500, seed=round_):
            count += 1
            try:
                TARGETS[name].read(data)
            except Exception:
                (finds / f"{name}-crash-{round_}-{count}").write_bytes(data)
                print(f"stat::number_of_executed_units: {count}")
                raise
    print(f"stat::number_of_executed_units: {count}")


def _run_all(minutes: float, only: str, finds: Path) -> int:
    from tests.fuzz.targets import TARGETS  # noqa: PLC0415

    names = [name for name in TARGETS if only in name]
    seconds, wrong = max(1, round(minutes * 60 / len(names))), 0
    for name in names:
        command = [sys.executable, "-m", "tests.fuzz.run", "--finds", str(finds)]
        command += ["--one", name, "--seconds", str(seconds)]
        done = subprocess.run(
            command, capture_output=True, text=True, errors="replace", check=False
        )
        said = done.stdout + done.stderr
        count = re.search(r"number_of_executed_units: (\d+)", said)
        print(f"{name:14} {count[1] if count else '?':>10} executions, exit {done.returncode}")
        if done.returncode:
            wrong += 1
            (finds / f"{name}.txt").write_text(said)
            trace = re.findall(
                r"^\S*(?:Error|Exception|Exit)\b.*|^ *== ?.*ERROR.*", said, re.MULTILINE
            )
            print(f"    {trace[-1][:200] if trace else said[-300:]}")
    print(f"{'atheris' if _HAS_ATHERIS else 'by chance'}: {wrong} of {len(names)} found something")
    return wrong


def main() -> None:
    """Run every target, each in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10, help="in all")
    parser.add_argument("--only", default="", help="a part of targets' names")
    parser.add_argument("--finds", type=Path, default=Path(tempfile.gettempdir()) / "flatbed-finds")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    parser.add_argument("--seconds", type=int, default=60, help=argparse.SUPPRESS)
    options = parser.parse_args()
    options.finds.mkdir(parents=True, exist_ok=True)
    if options.one is None:
        raise SystemExit(bool(_run_all(options.minutes, options.only, options.finds)))
    (_fuzz if _HAS_ATHERIS else _guess)(options.one, options.seconds, options.finds)


if __name__ == "__main__":
    main()
