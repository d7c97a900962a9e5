"""The choice of a transport."""

from kiosk.printer.file import DummyTransport, FileTransport
from kiosk.printer.serial_line import SerialTransport
from kiosk.printer.tcp import TcpTransport
from kiosk.printer.transport import Transport, Turn
from kiosk.printer.url import PrinterUrl
from kiosk.printer.usb import UsbTransport


def connect(url: PrinterUrl, timeout_s: float, turn: Turn) -> Transport:
    """An open transport. Raises `TransportError`, after `timeout_s` at the latest, or whatever `turn` raises."""
    match url.scheme:
        case "tcp":
            return TcpTransport(url.host, url.port, timeout_s, turn)
        case "serial":
            return SerialTransport(url.path, url.baud, url.flow)
        case "usb":
            return UsbTransport(url.vendor, url.product)
        case "file":
            return FileTransport(url.path)
        case _:
            return DummyTransport()
