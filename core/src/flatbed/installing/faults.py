"""What goes wrong where add-ons are put in and taken out; nothing is changed by any of it."""

from __future__ import annotations

from flatbed.errors import FlatbedError


class InstallError(FlatbedError):
    """An add-on that could not be installed."""

    number, name = -1126, "install_failed"
    sentence = "The add-on could not be installed. Nothing was changed."


class SourceError(InstallError):
    """What was to be installed is neither a wheel nor a folder nor a name that can be looked up."""

    status, name = 400, "addon_source_unfit"
    sentence = "This is no add-on that can be installed. Name a wheel or a project's folder."


class WheelError(InstallError):
    """A wheel that is none, is damaged, or brings no add-on."""

    status, name = 400, "wheel_unfit"
    sentence = "This wheel cannot be installed as an add-on. Nothing was changed."


class SecondCoreError(InstallError):
    """An add-on that would bring a second core along."""

    status, name = 409, "second_core"
    sentence = (
        "The add-on would bring another Flatbed along. Nothing was changed; it must say by core_api"
        " what it needs, not by a requirement."
    )


class NameClashError(InstallError):
    """An add-on with the name of one that comes with the core."""

    status, name = 409, "addon_name_taken"
    sentence = "An add-on of this name comes with the core. Nothing was changed; rename yours."


class AlreadyInstalledError(InstallError):
    """This version is installed, and whole."""

    status, name = 409, "addon_already_installed"
    sentence = "This version is installed. Nothing was changed; --force installs it again."


class InstallSpaceError(InstallError):
    """No room for an add-on."""

    status, number, name = 507, -1022, "install_no_space"
    sentence = "The disk is too full for the add-on. Nothing was changed; free some space."


class AddonsBusyError(FlatbedError):
    """Another command is changing the add-ons."""

    status, number, name = 423, -1004, "addons_busy"
    sentence = "Another command is changing the add-ons. Wait until it has ended, then try again."


class NotRemovableError(FlatbedError):
    """An add-on that lies where this command does not reach."""

    status, number, name = 409, -1126, "addon_not_removable"
    sentence = "This add-on was not installed with this command, so it cannot be removed with it."


class SwitchedElsewhereError(FlatbedError):
    """The configuration says whether an add-on is enabled."""

    status, number, name = 409, -1126, "addon_switched_elsewhere"
    sentence = "The configuration decides whether this add-on is enabled. Change it there."
