"""A box's request to a branch server, and what becomes of the server's yes."""

import secrets
from datetime import UTC, datetime

from foleni import __version__
from foleni.joining import box, keys
from foleni.joining.asking import NotThePromisedError, Office
from foleni.joining.membership import Home, Membership, Request
from foleni.joining.stages import Place
from foleni.messages.joining import BoxKind, Commit, Granted, Reveal, code, commitment


def open_request(home: Home, place: Place, kind: BoxKind) -> tuple[Request, int]:
    """A request with a new key that the server has taken and `home` keeps, and for how many seconds it is open.

    Raises `AskError` and `HomeError`. The request is kept before the server can grant anything.
    """
    office, welcome = Office.found(place.at)
    if place.branch not in {None, welcome.branch} or place.ca not in {None, keys.fingerprint(office.ca)}:
        raise NotThePromisedError(f"{place.at} is branch {welcome.branch}, and not the one that was looked for")
    key, nonce = keys.new_key(), secrets.token_hex(32)
    csr = keys.signing_request(key)
    der = keys.der_of_request(csr)
    commit = Commit(commit=commitment(der, nonce), kind=kind, box=box.model(), version=__version__)
    opened = office.open(commit)
    digits = code(keys.der_of_certificate(office.ca), der, nonce, opened.nonce)
    request = Request(
        server=place.at,
        branch=welcome.branch,
        name=welcome.name,
        ca=office.ca,
        server_name=office.name,
        key=key,
        csr=csr,
        nonce=nonce,
        request=opened.request,
        code=digits,
    )
    home.keep_request(request)
    office.reveal(opened.request, Reveal(csr=csr, nonce=nonce))
    return request, opened.expires_s


def membership_of(request: Request, granted: Granted, kind: BoxKind) -> Membership:
    """Raises `CertificateError` for a grant that is not for this box, or not of the branch whose code was shown."""
    if granted.branch != request.branch or granted.kind != kind:
        raise keys.CertificateError("what was granted is for another branch or another kind of box")
    if keys.one_certificate(granted.ca) != request.ca or granted.server_name != request.server_name:
        raise keys.CertificateError("what was granted names another authority")
    keys.check_pair(granted.certificate, request.key, request.ca)
    return Membership(
        branch=granted.branch,
        device=granted.device,
        kind=granted.kind,
        account=granted.account,
        password=granted.password,
        ca=request.ca,
        certificate=granted.certificate,
        key=request.key,
        server=request.server,
        mqtt_port=granted.mqtt_port,
        server_name=granted.server_name,
        settings=granted.settings,
        joined_at=datetime.now(UTC),
    )
