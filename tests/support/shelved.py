"""Add-ons put into a data folder as `flatbed addons install` leaves them, without its time."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from pathlib import Path

from .wheels import put_on_shelf, touch_shelf

_MANIFEST = 'manifest_version = 1\nname = "{name}"\ncore_api = "1.0"\n'

ECHO = """
from flatbed.addon import Response, hookimpl

@hookimpl
def handle_request(request, out):
    if request.route == "/file":
        with out.new_file("text/csv") as file:
            file.write(b"a;b")
        return None
    if request.route == "/fail":
        raise ValueError("a secret of somebody")
    told = {"method": request.method, "parameters": request.parameters, "body": request.body}
    told |= {"query": request.query, "caller": request.caller}
    return Response(value=told, status=201) if request.method == "POST" else told
"""
ECHO_ROUTES = """
[routes."/things/{name}"]
methods = ["GET", "POST", "PUT", "PATCH", "DELETE"]

[routes."/file"]
methods = ["GET"]

[routes."/fail"]
methods = ["GET"]
"""


def shelve(
    data: Path,
    name: str,
    source: str,
    manifest: str = "",
    *,
    version: str = "1.0",
    libraries: Mapping[str, str] | None = None,
) -> Path:
    """Put one version of an add-on into the data folder of a service.

    Args:
        data: The data folder; a service that runs over it finds the add-on at its next look.
        name: Of the add-on.
        source: Of its package.
        manifest: What it says beside its name.
        version: Of its distribution.
        libraries: Sources of modules that it carries along, by name.

    Returns:
        The folder of the version.
    """
    package = f"flatbed_{name}"
    own = {f"{package}/__init__.py": textwrap.dedent(source)}
    carried = {f"{each}.py": textwrap.dedent(text) for each, text in (libraries or {}).items()}
    folder = put_on_shelf(
        data,
        version,
        name=name,
        manifest=_MANIFEST.format(name=name) + manifest,
        files=own | carried,
    )
    touch_shelf(data)
    return folder
