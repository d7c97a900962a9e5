"""A printer on a serial line."""

import termios

from serial import Serial, SerialException

from kiosk.printer.descriptor import Descriptor
from kiosk.printer.transport import TransportError
from kiosk.printer.url import Flow


class SerialTransport(Descriptor):
    """pyserial sets up the line; reading and writing go by poll, so that an unplugged line is noticed at once."""

    def __init__(self, path: str, baud: int, flow: Flow) -> None:
        try:
            self._port = Serial(
                path,
                baud,
                timeout=0,
                write_timeout=0,
                exclusive=True,
                rtscts=flow is Flow.RTSCTS,
                dsrdtr=flow is Flow.DSRDTR,
                xonxoff=flow is Flow.XONXOFF,
            )
        except (SerialException, OSError, ValueError, termios.error) as error:
            raise TransportError(str(error)) from error
        super().__init__(self._port.fileno())

    def close(self, *, drop: bool = False) -> None:
        """As `Transport.close`."""
        try:
            if drop:
                termios.tcflush(self._port.fileno(), termios.TCIOFLUSH)
            self._port.close()
        except (SerialException, OSError, termios.error):
            return
