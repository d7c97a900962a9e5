"""A printer on USB: the bulk endpoints of its printer interface."""

from contextlib import suppress
from typing import Any

import usb.control  # type: ignore[import-untyped]
import usb.core  # type: ignore[import-untyped]
import usb.util  # type: ignore[import-untyped]

from kiosk.printer.transport import SLICE_S, TransportError

_PRINTER_CLASS = 7
_READ_BYTES = 512
_PIECE_BYTES = 4096


class UsbTransport:
    """The first device with these ids. The kernel's own printer driver is asked to let go of it. `backend` is pyusb's way
    to the bus (default: libusb).
    """

    def __init__(self, vendor: int, product: int, backend: Any = None) -> None:
        try:
            self._device: Any = usb.core.find(idVendor=vendor, idProduct=product, backend=backend)
            if self._device is None:
                raise TransportError(f"no USB device {vendor:04x}:{product:04x}")
            self._interface, self._out, self._in = _claim(self._device)
        except (usb.core.USBError, usb.core.NoBackendError) as error:
            raise TransportError(str(error)) from error

    def write(self, data: bytes) -> int:
        try:
            return int(self._out.write(data[:_PIECE_BYTES], int(SLICE_S * 1000)))
        except usb.core.USBTimeoutError:
            return 0
        except usb.core.USBError as error:
            raise TransportError(f"cannot write: {error}") from error

    def read(self, timeout_s: float) -> bytes:
        """USB knows no wait of zero: a millisecond is the least."""
        if self._in is None:
            return b""
        try:
            return bytes(self._in.read(_READ_BYTES, max(1, int(min(timeout_s, SLICE_S) * 1000))))
        except usb.core.USBTimeoutError:
            return b""
        except usb.core.USBError as error:
            raise TransportError(f"cannot read: {error}") from error

    def unsent(self) -> int:
        return 0

    def check(self) -> None:
        """The device still answers on its control endpoint."""
        try:
            usb.control.get_status(self._device)
        except usb.core.USBError as error:
            raise TransportError(f"lost: {error}") from error

    def close(self, *, drop: bool = False) -> None:  # noqa: ARG002 - what was written is the printer's
        try:
            usb.util.release_interface(self._device, self._interface)
            usb.util.dispose_resources(self._device)
        except usb.core.USBError:
            return


def _claim(device: Any) -> tuple[int, Any, Any]:
    """The printer interface's number and its endpoints out and in; the latter is None where there is none."""
    configuration = _configuration(device)
    interfaces = list(configuration)
    chosen = next(
        (each for each in interfaces if each.bInterfaceClass == _PRINTER_CLASS), interfaces[0] if interfaces else None
    )
    if chosen is None:
        raise TransportError("the USB device has no interface")
    number = int(chosen.bInterfaceNumber)
    _detach_kernel(device, number)
    usb.util.claim_interface(device, number)
    out = _endpoint(chosen, usb.util.ENDPOINT_OUT)
    if out is None:
        raise TransportError("the USB device takes no data")
    return number, out, _endpoint(chosen, usb.util.ENDPOINT_IN)


def _configuration(device: Any) -> Any:
    try:
        return device.get_active_configuration()
    except usb.core.USBError:
        device.set_configuration()
        return device.get_active_configuration()


def _detach_kernel(device: Any, number: int) -> None:
    """Linux's own printer driver lets go of it. Other systems have no such driver, and their USB library says so."""
    with suppress(NotImplementedError):
        if device.is_kernel_driver_active(number):
            device.detach_kernel_driver(number)


def _endpoint(interface: Any, direction: int) -> Any:
    def is_bulk(endpoint: Any) -> bool:
        kind = usb.util.endpoint_type(endpoint.bmAttributes)
        return bool(kind == usb.util.ENDPOINT_TYPE_BULK and usb.util.endpoint_direction(endpoint.bEndpointAddress) == direction)

    return usb.util.find_descriptor(interface, custom_match=is_bulk)
