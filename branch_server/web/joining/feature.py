"""What joining adds to the application. Without a certificate of the branch's own no box could know whom it talks to."""

from collections.abc import Sequence

from fastapi import FastAPI

from branch_server.adapters.tls.authority import Authority
from branch_server.web.joining import box_routes, console_routes
from branch_server.web.joining.joining import NOTE, Joining, kept_at
from branch_server.web.site import Site
from foleni.finding import Announcement, lan_addresses
from foleni.life import Part
from foleni.settings import HostPort

_EVERYWHERE = frozenset({"0.0.0.0", "::"})  # noqa: S104 - compared with, not listened on


def install(app: FastAPI, site: Site) -> None:
    """Adds the feature's routes."""
    app.include_router(box_routes.router)
    app.include_router(console_routes.router)
    if site.settings.is_tls:
        site.notes[NOTE] = Joining(site, Authority.opened(site.data / "tls", site.settings.branch))


def announced(site: Site, at: HostPort) -> Sequence[tuple[str, Part]]:
    """The part that says on the LAN where the branch is; none where it has no TLS."""
    joining = kept_at(site)
    if joining is None:
        return ()
    addresses = lan_addresses if at.host in _EVERYWHERE else lambda: [at.host]
    name, fingerprint = joining.branch_name, joining.authority.fingerprint
    announcement = Announcement(site.settings.branch, name, at.port, fingerprint, addresses=addresses)
    site.ticks.append(lambda: announcement.says(joining.branch_name, "primary"))
    return (("announcing", announcement),)
