"""Tests of how devices of SANE become scanners."""

from __future__ import annotations

import pytest

from flatbed.builtin.sane.devices import describe_scanners
from flatbed.builtin.sane.libsane import ListedDevice

from .sane_bench import SaneBench


def _device(name: str, vendor: str = "Epson", model: str = "GT-1500") -> ListedDevice:
    return ListedDevice(name=name, vendor=vendor, model=model, kind="flatbed scanner")


@pytest.mark.parametrize(
    ("name", "fingerprint"),
    [
        ("test:0", "test:0"),
        ("epson2:libusb:001:005", "epson2:Epson:GT-1500"),
        ("net:office:epson2:libusb:001:005", "net:office:epson2:Epson:GT-1500"),
        ("epkowa:interpreter:001:007", "epkowa:interpreter:Epson:GT-1500"),
        ("brother4:bus2;dev1", "brother4:Epson:GT-1500"),
        ("kodak:/dev/sg0", "kodak:Epson:GT-1500"),
        ("airscan:e0:Canon MF", "airscan:Epson:GT-1500"),
        ("pixma:04A91794_8C0F32", "pixma:04A91794_8C0F32"),
        ("hpaio:/usb/OfficeJet?serial=TH1", "hpaio:/usb/OfficeJet?serial=TH1"),
        ("escl:http://192.168.1.9:80", "escl:http://192.168.1.9:80"),
    ],
)
def test_fingerprint_survives_replugging(name: str, fingerprint: str) -> None:
    """A name that holds a place on a bus is not what a scanner is known by."""
    [scanner] = describe_scanners([_device(name)], kind="sane")

    assert (scanner.id, scanner.fingerprint) == (name, fingerprint)


def test_two_of_one_model_are_told_apart() -> None:
    """Equal scanners differ by an ordinal, in fingerprint and in name."""
    devices = [_device("epson2:libusb:001:009"), _device("epson2:libusb:001:005")]

    scanners = describe_scanners(devices, kind="sane")

    assert [(scanner.id, scanner.fingerprint, scanner.name) for scanner in scanners] == [
        ("epson2:libusb:001:005", "epson2:Epson:GT-1500", "Epson GT-1500"),
        ("epson2:libusb:001:009", "epson2:Epson:GT-1500#2", "Epson GT-1500 (2)"),
    ]


def test_vendor_inside_the_model_is_said_once() -> None:
    """Some backends repeat the maker in the model."""
    [scanner] = describe_scanners([_device("a", "Canon", "CANON DR-C225")], kind="sane")

    assert (scanner.name, scanner.vendor) == ("CANON DR-C225", "Canon")


@pytest.mark.sane
def test_list_scanners_lists_all_that_sane_has(sane_bench: SaneBench) -> None:
    """The test backend has as many devices as its configuration says."""
    sane_bench.configure("number_of_devices 3")

    answer = sane_bench.ask("list_scanners", config={"local_only": True})

    assert [(each["id"], each["name"], each["kind"]) for each in answer["scanners"]] == [
        ("test:0", "Noname frontend-tester", "sane"),
        ("test:1", "Noname frontend-tester (2)", "sane"),
        ("test:2", "Noname frontend-tester (3)", "sane"),
    ]


@pytest.mark.sane
def test_list_scanners_without_devices_is_empty(sane_bench: SaneBench) -> None:
    """No scanner is no error."""
    sane_bench.configure_backends()

    assert sane_bench.ask("list_scanners")["scanners"] == []
