"""The page that explains the branch's certificate, for those who are not inside yet, and the file itself."""

from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from branch_server.web.errors import WebError
from branch_server.web.pages import CONSOLE_LANGUAGES, language_of, page
from branch_server.web.site import Site, site_of
from branch_server.web.trusting.systems import system_of, systems
from foleni.messages.joining import server_name
from foleni.words.catalogue import words

router = APIRouter(include_in_schema=False)

_ROOM = "branch_server.web.trusting"
_BASE = "branch_server.web.base"
_GROUP = 4
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


@router.get("/trust")
async def trust_page(request: Request) -> Response:
    """With no certificate of our own there is nothing to trust: the way leads to the door."""
    site = site_of(request)
    if not site.settings.is_own_certificate:
        return RedirectResponse("/sign-in", 303)
    language = language_of(request)
    fingerprint = _authority(site).fingerprint(hashes.SHA256()).hex().upper()
    return page(
        request, "trusting/trust.html", language, systems=systems(words(_ROOM, language, _BASE)),
        fingerprint=[fingerprint[at : at + _GROUP] for at in range(0, len(fingerprint), _GROUP)],
        mine=system_of(request.headers.get("user-agent", "")), addresses=_addresses(request, site),
        language_links=[(code, f"/trust?lang={code}") for code in CONSOLE_LANGUAGES],
    )  # fmt: skip


@router.get("/trust/ca.crt")
async def authority_file(request: Request) -> Response:
    """The authority's certificate in DER, as every system takes it."""
    site = site_of(request)
    if not site.settings.is_own_certificate:
        raise WebError(404, "not_found", "This branch has no certificate of its own here.")
    content = _authority(site).public_bytes(serialization.Encoding.DER)
    return Response(content, media_type="application/x-x509-ca-cert")


def _authority(site: Site) -> x509.Certificate:
    return x509.load_pem_x509_certificate((site.data / "tls" / "ca.pem").read_bytes())


def _addresses(request: Request, site: Site) -> list[str]:
    """By which names and addresses a browser reaches this page without a warning, once it trusts."""
    chain = site.settings.http_cert
    assert isinstance(chain, Path)
    certificate = x509.load_pem_x509_certificate(chain.read_bytes())
    said = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    names = [*said.get_values_for_type(x509.DNSName), *map(str, said.get_values_for_type(x509.IPAddress))]
    port = request.url.port or 443
    hosts = [name for name in names if name not in _LOOPBACK and name != server_name(site.settings.branch)]
    return [f"https://[{host}]:{port}" if ":" in host else f"https://{host}:{port}" for host in hosts]
