"""What an update bundle says it is. RAUC's verity bundles end with a CMS message that holds the manifest, and its length.

This is read for people, before a bundle is offered to anybody. Whether it is to be trusted, each box finds out itself.
"""

import configparser
from pathlib import Path
from typing import BinaryIO

from pydantic import ValidationError

from foleni.messages.base import Message
from foleni.messages.updates import Compatible, Release

_LENGTH_BYTES = 8
_MOST_CMS_BYTES = 1024 * 1024
_SQUASHFS = b"hsqs"
_SEQUENCE, _OCTETS, _ZEROTH = 0x30, 0x04, 0xA0
_WAY_TO_CONTENT = ((_SEQUENCE, 0), (_ZEROTH, 1), (_SEQUENCE, 0), (_SEQUENCE, 2), (_ZEROTH, 1), (_OCTETS, 0))
"""Down through ContentInfo, SignedData and EncapsulatedContentInfo (RFC 5652): at each level the tag, and which part it is."""


class BundleError(Exception):
    """No bundle that could be offered; the text is for the administrator."""


class Manifest(Message):
    compatible: Compatible
    version: Release


def manifest_of(bundle: Path) -> Manifest:
    """Raises `BundleError`."""
    try:
        with bundle.open("rb") as file:
            told = _content(_cms(file, bundle.stat().st_size))
        table = configparser.ConfigParser(interpolation=None, strict=False)
        table.read_string(told.decode())
        if table.get("bundle", "format", fallback="plain") != "verity":
            raise BundleError("This bundle is not in the verity format.")
        return Manifest.model_validate(dict(table["update"]))
    except BundleError:
        raise
    except (OSError, ValueError, KeyError, IndexError, configparser.Error, ValidationError) as error:
        raise BundleError("This is no update bundle of Foleni, or it is damaged.") from error


def _cms(file: BinaryIO, size: int) -> bytes:
    if file.read(len(_SQUASHFS)) != _SQUASHFS:
        raise BundleError("This is no update bundle: it does not begin like one.")
    file.seek(size - _LENGTH_BYTES)
    length = int.from_bytes(file.read(_LENGTH_BYTES))
    if not 0 < length <= min(_MOST_CMS_BYTES, size - _LENGTH_BYTES):
        raise BundleError("This bundle is cut off, or not signed.")
    file.seek(size - _LENGTH_BYTES - length)
    return file.read(length)


def _content(cms: bytes) -> bytes:
    """The signed content inside a CMS message; `ValueError` where there is none."""
    inner = cms
    for tag, place in _WAY_TO_CONTENT:
        parts = _parts(inner)
        found, inner = parts[place]
        if found != tag:
            raise ValueError("not signed data with its content inside")
    return inner


def _parts(data: bytes) -> list[tuple[int, bytes]]:
    """The elements of DER data, each with its tag."""
    parts, at = [], 0
    while at < len(data):
        tag, length, at = data[at], data[at + 1], at + 2
        if length == 0x80:
            raise ValueError("an element without a length")
        if length > 0x80:
            width = length - 0x80
            length, at = int.from_bytes(data[at : at + width]), at + width
        if at + length > len(data):
            raise ValueError("an element that is cut off")
        parts.append((tag, data[at : at + length]))
        at += length
    return parts
