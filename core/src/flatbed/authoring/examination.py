"""`flatbed addons check`: an add-on's folder looked at, then everything that it declares tried."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

from flatbed.authoring.bench import Bench
from flatbed.authoring.implemented import implemented_hooks
from flatbed.authoring.project import Problem, Project, ProjectError, read_project
from flatbed.authoring.promises import promised_hooks
from flatbed.authoring.report import Report, Row, failed
from flatbed.authoring.requirements import look_for
from flatbed.authoring.samples import PageMaker
from flatbed.authoring.traces import kept_traces
from flatbed.authoring.trial import Trial
from flatbed.errors import WorkerCrashedError
from flatbed.runtime.manifest import FILE_NAME


def examine(folder: Path, scratch: Path) -> Report:
    """Look at an add-on's folder, then call everything that it declares.

    Args:
        folder: Of its project.
        scratch: An empty folder of the caller's.
    """
    try:
        project = read_project(folder)
    except ProjectError as error:
        rows = [_problem_row(each) for each in error.problems]
        return Report(addon=folder.resolve().name, version="", core_api="", ok=False, checks=rows)
    rows = [*_declaration_rows(project), *_code_rows(project, scratch)]
    return Report(
        addon=project.addon.name,
        version=project.addon.version,
        core_api=project.addon.manifest.core_api,
        ok=all(row.result != "failed" for row in rows),
        checks=rows,
    )


def _problem_row(problem: Problem) -> Row:
    kind = "manifest" if problem.file.endswith(FILE_NAME) else "project"
    return failed(kind, problem.file, problem.text)


def _declaration_rows(project: Project) -> Iterator[Row]:
    addon = project.addon
    yield Row(kind="project", name=addon.distribution, result="ok", note=addon.version)
    api = f"core_api {addon.manifest.core_api}"
    yield Row(kind="manifest", name=addon.name, result="ok", note=api)


def _code_rows(project: Project, scratch: Path) -> Iterator[Row]:
    """Stops where what comes after would only say the same again."""
    needed = list(look_for(project.requirements))
    for each in needed:
        if each.problem:
            yield failed("dependency", each.requirement, each.problem)
        else:
            yield Row(kind="dependency", name=each.requirement, result="ok")
    if any(each.problem for each in needed):
        return
    try:
        there = implemented_hooks(project.addon)
    except WorkerCrashedError as error:
        yield failed("hook", project.addon.module, error.message, error.details.get("trace", ""))
        return
    yield from _hook_rows(project, there)
    yield from asyncio.run(_trial_rows(project, there, scratch))


def _hook_rows(project: Project, there: set[str]) -> Iterator[Row]:
    for hook, why in promised_hooks(project.addon.manifest).items():
        if hook in there:
            yield Row(kind="hook", name=hook, result="ok", note=f"for {why}")
        else:
            yield failed("hook", hook, f"{FILE_NAME} needs it for {why}, but the code has none.")


async def _trial_rows(project: Project, there: set[str], scratch: Path) -> list[Row]:
    bench = Bench(project.addon, scratch / "bench")
    try:
        with kept_traces() as traces:
            trial = Trial(bench, PageMaker(scratch / "samples"), there)
            return [await trial.run(each, traces) for each in trial.attempts()]
    finally:
        await bench.close()
