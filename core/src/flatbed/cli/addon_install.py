"""`flatbed addons install` and `remove`: what lies in the data folder."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, NoReturn

import typer

from flatbed.cli import output
from flatbed.cli.addons import look_for_addons
from flatbed.cli.failures import ExitCode
from flatbed.cli.options import ConfigFile, DataDir, load_config
from flatbed.config import Config
from flatbed.installing.install import Installed, InstallOrder
from flatbed.installing.install import install as install_addon
from flatbed.installing.pip import Sources
from flatbed.installing.switching import remove as remove_addon
from flatbed.runtime.shelf import Shelf

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def install(
    wanted: Annotated[
        str,
        typer.Argument(
            metavar="NAME|WHEEL|FOLDER",
            help="A wheel, the folder of an add-on's project, or a name, as barcode or"
            " 'barcode>=1.2', where the configuration says by addon_index or addon_folder where to"
            " look for flatbed-NAME.",
            show_default=False,
        ),
    ],
    *,
    version: Annotated[
        str | None,
        typer.Option(metavar="VERSION", help="The version that it must be.", show_default=False),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Install it again where this version is there.")
    ] = False,
    config_file: ConfigFile = None,
    data_dir: DataDir = None,
) -> None:
    """Install a version of an add-on beside those that are there, with all that it needs.

    It lies in a folder of its own in the data folder; a page gets the newest version that fits what
    it asks for. A running service sees it at once. Nothing of
    a wheel runs while it is installed; building a FOLDER runs what its project says.

    \b
    Examples:
      flatbed addons install ./hello
      flatbed addons install flatbed_hello-1.1-py3-none-any.whl
      flatbed addons install 'barcode>=1.2'
      flatbed addons install barcode --version 1.3.0
    """
    config = load_config(config_file, data_dir)
    order = InstallOrder(
        wanted=wanted,
        version=version,
        replaces=force,
        sources=Sources(config.addon_index, config.addon_folder),
    )
    with _undone_when_interrupted():
        installed = install_addon(order, Shelf(config.data_dir), _tell)
    output.say(
        f"Installed {installed.slot.name} {installed.slot.version} in {installed.slot.folder}."
    )
    if installed.needs:
        output.say(f"With {', '.join(installed.needs)}.")
    _tell_state(installed, config)


def remove(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="The add-on's name.", show_default=False)
    ],
    *,
    version: Annotated[
        str | None,
        typer.Option(
            metavar="VERSION", help="Which, where several are installed.", show_default=False
        ),
    ] = None,
    config_file: ConfigFile = None,
    data_dir: DataDir = None,
) -> None:
    """Remove an installed version of an add-on, with all that came with it.

    A running service does not use it any more; what is running is finished. What comes with the
    core or lies in Flatbed's own environment stays.

    \b
    Examples:
      flatbed addons remove hello
      flatbed addons remove hello --version 1.0
    """
    config = load_config(config_file, data_dir)
    inventory = look_for_addons(config).inventory()
    with _undone_when_interrupted():
        slot = remove_addon(name, version, shelf=Shelf(config.data_dir), inventory=inventory)
    output.say(f"Removed {slot.name} {slot.version}.")


def _tell(step: str) -> None:
    output.remark(f"{step} ...", "dim")


def _tell_state(installed: Installed, config: Config) -> None:
    """What stands in the way of its being used, if anything does."""
    slot = installed.slot
    inventory = look_for_addons(config).inventory()
    for broken in inventory.broken:
        if (broken.name, broken.version) == (slot.name, slot.version):
            output.remark(f"It cannot be used yet. {broken.error.message}", output.BAD)
    if any((each.name, each.version) == (slot.name, slot.version) for each in inventory.disabled):
        output.remark(f"It is switched off. Switch it on with: flatbed addons enable {slot.name}")


@contextmanager
def _undone_when_interrupted() -> Iterator[None]:
    """Let each way of asking the command to end clean up before it does."""

    def stop(*_: object) -> NoReturn:
        # What cleans up is not to be broken off by the next one.
        for number in heard:
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    heard = [each for each in _SIGNALS if signal.getsignal(each) is not signal.SIG_IGN]
    before = {number: signal.signal(number, stop) for number in heard}
    try:
        yield
    except KeyboardInterrupt:
        output.remark("Interrupted.")
        raise SystemExit(ExitCode.INTERRUPTED) from None
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
