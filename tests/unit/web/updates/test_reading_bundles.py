"""What lies at the end of a file decides whether it is a bundle; nonsense there is refused in words, and never a crash."""

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from branch_server.web.updates.reading import BundleError, manifest_of

_MANIFEST = b"[update]\ncompatible=foleni-kiosk-amd64\nversion=0.2.0\n\n[bundle]\nformat=verity\n"


def der(tag: int, content: bytes) -> bytes:
    """One element of DER."""
    length = len(content)
    size = bytes([length]) if length < 0x80 else bytes([0x82]) + length.to_bytes(2)
    return bytes([tag]) + size + content


def bundle(manifest: bytes = _MANIFEST) -> bytes:
    """As much of a bundle as is looked at: RFC 5652 around a manifest."""
    inner = der(0x30, der(0x06, b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01") + der(0xA0, der(0x04, manifest)))
    signed = der(0x30, der(0x02, b"\x01") + der(0x31, b"") + inner + der(0x31, b""))
    cms = der(0x30, der(0x06, b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02") + der(0xA0, signed))
    return b"hsqs" + b"\0" * 500 + cms + len(cms).to_bytes(8)


def read(folder: Path, content: bytes) -> str:
    path = folder / "x.raucb"
    path.write_bytes(content)
    return manifest_of(path).version


def test_a_manifest_is_read(tmp_path: Path) -> None:
    assert read(tmp_path, bundle()) == "0.2.0"


@pytest.mark.parametrize(
    "manifest",
    [b"", b"\xff\xfe", b"[update]\n", _MANIFEST.replace(b"0.2.0", b"../../etc"), _MANIFEST.replace(b"verity", b"plain"),
     _MANIFEST.replace(b"foleni-kiosk", b"Foleni Kiosk"), b"version=1\n" + _MANIFEST, _MANIFEST + b"[update\n"],
)  # fmt: skip
def test_a_manifest_that_makes_no_sense_is_refused(tmp_path: Path, manifest: bytes) -> None:
    with pytest.raises(BundleError):
        read(tmp_path, bundle(manifest))


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BundleError):
        manifest_of(tmp_path / "nothing")


@given(st.data())
def test_any_damage_is_refused_or_harmless(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    content = bytearray(bundle())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(500, len(content) - 1))
        content[at] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(content)))
    folder = tmp_path_factory.getbasetemp()
    for damaged in (bytes(content), bytes(content[:cut])):
        with suppress(BundleError):
            assert read(folder, damaged)
