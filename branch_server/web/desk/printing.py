"""A ticket for the customer's hand: on a kiosk's paper, or as a code on the screen."""

import io
from typing import Any

import segno

from branch_server.domain.results import standing
from branch_server.domain.state import State
from branch_server.domain.tickets import Ticket
from branch_server.web.orders import order
from branch_server.web.site import Site
from foleni.messages.orders import Outcome
from foleni.messages.setup import DeviceKind


def kiosks(state: State) -> list[str]:
    """The devices that have a printer for tickets."""
    return [device.id for device in state.devices.values() if device.kind is DeviceKind.KIOSK]


async def print_ticket(site: Site, device: str, ticket: Ticket, *, copy: bool) -> Outcome:
    """Has a kiosk print a ticket as its customer would have got it there; returns what came of it."""
    state = site.follower.state
    told: dict[str, Any] = standing(state, ticket, site.follower.moment())
    spoken = state.branch.languages[0] if state.branch is not None else "en"
    return await order(site, device, "print", ticket=told, language=ticket.language or spoken, copy=copy)


def qr_of(link: str) -> str:
    """The picture of a link as SVG, dark on light whatever the page's colours are."""
    drawn = io.BytesIO()
    segno.make(link, error="m", micro=False).save(
        drawn, kind="svg", xmldecl=False, svgns=True, scale=1, border=2, dark="#12202E", light="#FFFFFF", omitsize=True
    )
    return drawn.getvalue().decode()
