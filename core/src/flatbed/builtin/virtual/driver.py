"""The virtual scanners themselves: what they are, and how one is opened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from flatbed.addon import Capabilities, PageSink, Scanner, ScanSettings
from flatbed.builtin.virtual.config import VirtualConfig, read_config
from flatbed.builtin.virtual.faults import REFUSALS, Fault, hang
from flatbed.builtin.virtual.folder import list_images
from flatbed.builtin.virtual.ledger import Ledger
from flatbed.builtin.virtual.tray import Tray
from flatbed.errors import DeviceOfflineError, InternalError

if TYPE_CHECKING:
    from flatbed.builtin.virtual.sheets import SheetPile

_UNREACHABLE = ("offline", "busy", "access_denied")
"""Faults without a page that keep a device from being opened at all."""


class VirtualDriver:
    """All virtual scanners of one configuration."""

    def __init__(self) -> None:
        self._config: VirtualConfig | None = None
        self._pile: SheetPile | None = None

    @property
    def config(self) -> VirtualConfig:
        """The configuration.

        Raises:
            InternalError: Before `configure`.
        """
        if self._config is None:
            raise InternalError("The virtual scanner was not started.")
        return self._config

    def configure(self, config: Mapping[str, Any]) -> None:
        """Take over a configuration; what was drawn by another one is forgotten.

        Raises:
            InvalidInputError: If a value makes no sense.
        """
        self._config, self._pile = read_config(config), None

    def list_scanners(self) -> Sequence[Scanner]:
        """The devices that are switched on; may never return, if a fault says so."""
        names = self.config.names
        if any(self._has(device, "hang_list") for device in range(1, len(names) + 1)):
            hang()
        return [
            self._scanner(device)
            for device in range(1, len(names) + 1)
            if not self._has(device, "offline")
        ]

    def get_capabilities(self, scanner_id: str) -> Capabilities:
        """What a device can do.

        Raises:
            DeviceFault: If it is not there, or a fault keeps it from being opened.
        """
        self._reach(scanner_id)
        config = self.config
        return Capabilities(
            sources=("flatbed", "feeder", "duplex"),
            colors=("color", "gray", "bw"),
            dpi=config.dpi,
            areas_mm=dict.fromkeys(("flatbed", "feeder", "duplex"), config.bed_mm),
            bits=(8, 16),
            has_brightness=True,
            has_contrast=True,
            has_threshold=True,
            is_feeder_loaded=self._is_feeder_loaded(),
        )

    def acquire_pages(self, scanner_id: str, settings: ScanSettings, out: PageSink) -> None:
        """Scan; see the hook of the same name."""
        # The job draws, and what draws loads Pillow: too slow for a worker that only lists devices.
        from flatbed.builtin.virtual.job import VirtualJob  # noqa: PLC0415
        from flatbed.builtin.virtual.sheets import SheetPile  # noqa: PLC0415

        device = self._reach(scanner_id)
        ledger = Ledger(self.config.state_dir, scanner_id, out.attempt)
        if out.attempt == 1:
            ledger.trim()
        self._pile = self._pile or SheetPile(self.config)
        VirtualJob(
            config=self.config,
            device=device,
            settings=settings,
            out=out,
            tray=self._tray(device, out.attempt),
            ledger=ledger,
            pile=self._pile,
        ).run()

    def _scanner(self, device: int) -> Scanner:
        name = self.config.names[device - 1]
        # Two devices of one name are told apart by their order.
        ordinal = self.config.names[:device].count(name)
        return Scanner(
            id=f"virtual:{device}",
            name=name,
            fingerprint=f"virtual:{name}:{ordinal}",
            vendor="Flatbed",
            model="Virtual scanner",
        )

    def _reach(self, scanner_id: str) -> int:
        kind, _, number = scanner_id.partition(":")
        is_known = kind == "virtual" and number.isdecimal()
        if not is_known or not 1 <= int(number) <= len(self.config.names):
            raise DeviceOfflineError
        for refusal in _UNREACHABLE:
            if self._has(int(number), refusal):
                raise REFUSALS[refusal]
        return int(number)

    def _has(self, device: int, kind: str) -> bool:
        """Whether the script has a fault of this kind without a page."""
        return any(fault.kind == kind for fault in self._opening_faults(device))

    def _opening_faults(self, device: int) -> list[Fault]:
        return [each for each in self.config.faults if each.page == 0 and each.is_at(device)]

    def _is_feeder_loaded(self) -> bool:
        if self.config.sheets == 0:
            return False
        return self.config.folder is None or bool(list_images(self.config.folder))

    def _tray(self, device: int, attempt: int) -> Tray:
        folder = self.config.state_dir
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = folder / f"tray-{device}.json"
        return Tray.refilled(path) if attempt == 1 else Tray.as_left(path)
