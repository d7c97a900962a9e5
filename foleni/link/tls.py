"""The TLS of whoever connects: which authority is believed, what is shown, and what is said about dates."""

import logging
import ssl
import time
from pathlib import Path

logger = logging.getLogger(__name__)

_NO_CHECK_TIME = 0x200000
"""X509_V_FLAG_NO_CHECK_TIME of OpenSSL, which Python has no name for."""


def client_context(
    ca: Path | str | None, cert: Path | None = None, key: Path | None = None, *, checks_time: bool = True
) -> ssl.SSLContext:
    """Believes the authority `ca` (a file, or the text of one in PEM) and no other; the machine's own ones where it is None.

    Without `checks_time` certificates count outside their time, too. Raises `OSError`, whose words name the file.
    """
    pem = ca if isinstance(ca, str) else None
    try:
        context = ssl.create_default_context(cafile=ca if pem is None else None, cadata=pem)
    except OSError as error:
        raise OSError(
            error.errno, f"the authority {ca if pem is None else 'given'} cannot be read: {error.strerror}"
        ) from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if not checks_time:
        context.verify_flags = ssl.VerifyFlags(context.verify_flags | _NO_CHECK_TIME)
    if cert is not None:
        try:
            context.load_cert_chain(cert, key)
        except OSError as error:
            raise OSError(error.errno, f"the certificate {cert} and its key cannot be used: {error.strerror}") from error
    return context


def warn_of_dates(secured: ssl.SSLSocket) -> None:
    """Says so where the other side's certificate was taken though it is outside its time."""
    said = secured.getpeercert() or {}
    begins, ends = (ssl.cert_time_to_seconds(str(said[key])) for key in ("notBefore", "notAfter"))
    if not begins <= time.time() <= ends:
        logger.warning("this machine's clock is not set: a certificate valid until %s was taken all the same", said["notAfter"])
