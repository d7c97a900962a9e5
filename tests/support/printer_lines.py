"""Serial lines and USB buses with a simulated machine at their end."""

import os
import select
import socket
import threading
import tty
from array import array
from types import SimpleNamespace
from typing import Any, Self

import usb.backend  # type: ignore[import-untyped]
import usb.core  # type: ignore[import-untyped]

from foleni.sim.paper.machine import PaperPrinter

_STOP_S = 2.0


class SerialCable:
    """A pty whose far end is a machine; `path` is what the kiosk opens. `break_off` unplugs it."""

    def __init__(self, machine: PaperPrinter) -> None:
        self._near, far = os.openpty()
        tty.setraw(far)
        self.path = os.ttyname(far)
        self._far = far
        self._sock = socket.create_connection(("127.0.0.1", machine.port))
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.break_off()

    def break_off(self) -> None:
        """Unplug: the device is gone."""
        if self._stopping.is_set():
            return
        self._stopping.set()
        self._thread.join(_STOP_S)
        os.close(self._far)
        os.close(self._near)
        self._sock.close()

    def _run(self) -> None:
        while not self._stopping.is_set():
            ready, _, _ = select.select([self._near, self._sock.fileno()], [], [], 0.02)
            if self._near in ready:
                self._sock.sendall(os.read(self._near, 4096))
            if self._sock.fileno() in ready:
                data = self._sock.recv(4096)
                if not data:
                    return
                os.write(self._near, data)


class UsbBus(usb.backend.IBackend):  # type: ignore[misc]
    """A bus as pyusb sees it, with one printer on it: bulk out at 0x01, bulk in at 0x82. `is_plugged` may change."""

    VENDOR, PRODUCT = 0x04B8, 0x0E15

    def __init__(self, machine: PaperPrinter) -> None:
        self.is_plugged = True
        self.claimed: list[int] = []
        self.kernel_has_it = True
        self._sock = socket.create_connection(("127.0.0.1", machine.port))

    def close(self) -> None:
        self._sock.close()

    def enumerate_devices(self) -> list[str]:
        return ["printer"] if self.is_plugged else []

    def get_device_descriptor(self, dev: str) -> Any:
        ids = {"idVendor": self.VENDOR, "idProduct": self.PRODUCT, "bcdUSB": 0x200, "bcdDevice": 0x100}
        strings = {"iManufacturer": 0, "iProduct": 0, "iSerialNumber": 0}
        place = {"address": 1, "bus": 1, "port_number": 1, "port_numbers": (1,), "speed": 3}
        kind = {"bDeviceClass": 0, "bDeviceSubClass": 0, "bDeviceProtocol": 0, "bMaxPacketSize0": 64, "bNumConfigurations": 1}
        return SimpleNamespace(bLength=18, bDescriptorType=1, **ids, **strings, **place, **kind)

    def get_configuration_descriptor(self, dev: str, config: int) -> Any:
        if config:
            raise IndexError(config)
        rest = {"iConfiguration": 0, "bmAttributes": 0x80, "bMaxPower": 1, "extra_descriptors": b""}
        return SimpleNamespace(bLength=9, bDescriptorType=2, wTotalLength=32, bNumInterfaces=1, bConfigurationValue=1, **rest)

    def get_interface_descriptor(self, dev: str, intf: int, alt: int, config: int) -> Any:
        if intf or alt:
            raise IndexError(intf)
        rest = {"bInterfaceSubClass": 1, "bInterfaceProtocol": 2, "iInterface": 0, "extra_descriptors": b""}
        numbers = {"bInterfaceNumber": 0, "bAlternateSetting": 0, "bNumEndpoints": 2, "bInterfaceClass": 7}
        return SimpleNamespace(bLength=9, bDescriptorType=4, **numbers, **rest)

    def get_endpoint_descriptor(self, dev: str, ep: int, intf: int, alt: int, config: int) -> Any:
        rest = {"bmAttributes": 2, "wMaxPacketSize": 64, "bInterval": 0, "bRefresh": 0, "bSynchAddress": 0}
        return SimpleNamespace(bLength=7, bDescriptorType=5, bEndpointAddress=(0x01, 0x82)[ep], extra_descriptors=b"", **rest)

    def open_device(self, dev: str) -> str:
        self._check()
        return dev

    def close_device(self, dev_handle: str) -> None:
        return

    def get_configuration(self, dev_handle: str) -> int:
        return 1

    def claim_interface(self, dev_handle: str, intf: int) -> None:
        self.claimed.append(intf)

    def release_interface(self, dev_handle: str, intf: int) -> None:
        self._check()
        self.claimed.remove(intf)

    def is_kernel_driver_active(self, dev_handle: str, intf: int) -> bool:
        return self.kernel_has_it

    def detach_kernel_driver(self, dev_handle: str, intf: int) -> None:
        self.kernel_has_it = False

    def bulk_write(self, dev_handle: str, ep: int, intf: int, data: "array[int]", timeout: int) -> int:
        self._check()
        self._sock.settimeout(timeout / 1000)
        try:
            return self._sock.send(data.tobytes())
        except TimeoutError:
            raise usb.core.USBTimeoutError("timed out") from None

    def bulk_read(self, dev_handle: str, ep: int, intf: int, buff: "array[int]", timeout: int) -> int:
        self._check()
        self._sock.settimeout(timeout / 1000)
        try:
            data = self._sock.recv(len(buff))
        except TimeoutError:
            raise usb.core.USBTimeoutError("timed out") from None
        buff[: len(data)] = array("B", data)
        return len(data)

    def ctrl_transfer(self, *_: Any) -> int:
        self._check()
        return 2

    def _check(self) -> None:
        if not self.is_plugged:
            raise usb.core.USBError("no such device", -4, 19)
