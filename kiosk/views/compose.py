"""From a page to a scene."""

from dataclasses import dataclass

from foleni.look.boxes import Box
from kiosk.pages import (
    Asking,
    Attract,
    ChooseService,
    EnterPhone,
    Key,
    OutOfOrder,
    Page,
    Refused,
    ShowTicket,
    Sign,
    StaffDesk,
    Tap,
)
from kiosk.views.draft import Draft
from kiosk.views.palette import everyday, of_ticket
from kiosk.views.plans.attract import lay_attract
from kiosk.views.plans.frame import Footer, Ink, lay_footer, lay_header
from kiosk.views.plans.notices import lay_asking, lay_out_of_order, lay_refused
from kiosk.views.plans.phone import lay_phone
from kiosk.views.plans.services import lay_services
from kiosk.views.plans.sheets import lay_access, lay_languages
from kiosk.views.plans.sign import lay_sign
from kiosk.views.plans.staff import lay_staff
from kiosk.views.plans.ticket import lay_ticket
from kiosk.views.scene import Scene, Turn, mirrored
from kiosk.views.surface import Surface, surface_of


@dataclass(frozen=True, slots=True)
class Turned:
    """What was changed on the screen alone: the sheet of services that is shown, and what lies open over the page."""

    sheet: int = 0
    opened: Turn | None = None


def compose(page: Page, size: tuple[int, int], turned: Turned = Turned()) -> Scene:
    """The scene of `page` on a screen of that size."""
    surface = surface_of(size, page.frame)
    match page.body:
        case ShowTicket():
            scene = _ticket(page, page.body, surface)
        case Sign():
            scene = _sign(page, page.body, surface)
        case _:
            scene = _everyday(page, surface, turned)
    return mirrored(scene) if surface.right_to_left else scene


def _ticket(page: Page, body: ShowTicket, surface: Surface) -> Scene:
    colours = of_ticket(contrast=surface.contrast)
    draft = Draft(surface, everyday(contrast=surface.contrast), colours.ground)
    top = lay_header(draft, page.frame, Ink(colours.soft, colours.soft))
    lay_ticket(draft, body, surface.screen.below(top), colours)
    return draft.scene()


def _sign(page: Page, body: Sign, surface: Surface) -> Scene:
    colours = of_ticket(contrast=surface.contrast)
    draft = Draft(surface, everyday(contrast=surface.contrast), colours.ground)
    top = lay_header(draft, page.frame, Ink(colours.soft, colours.soft))
    lay_sign(draft, body, surface.screen.below(top), colours)
    return draft.scene()


def _everyday(page: Page, surface: Surface, turned: Turned) -> Scene:
    draft = Draft(surface, everyday(contrast=surface.contrast))
    colours = draft.palette
    on_header = Tap(Key.BEGIN) if isinstance(page.body, Attract) else None
    top = lay_header(draft, page.frame, Ink(colours.ink, colours.quiet), on_header)
    nothing = Footer(surface.height, Box(0, surface.height, 0, 0))
    footer = nothing if isinstance(page.body, Asking) else lay_footer(draft, page.frame)
    _lay_body(draft, page, Box(0, top, surface.width, footer.top - top), footer.free, turned)
    if turned.opened is Turn.OPEN_ACCESS:
        lay_access(draft, page.frame.access)
    elif turned.opened is Turn.OPEN_LANGUAGES:
        lay_languages(draft, page.frame.chips, "")
    return draft.scene()


def _lay_body(draft: Draft, page: Page, room: Box, free: Box, turned: Turned) -> None:
    match page.body:
        case Attract():
            lay_attract(draft, page.body, room)
        case ChooseService():
            lay_services(draft, page.body, room, free, turned.sheet)
        case EnterPhone():
            lay_phone(draft, page.body, room)
        case Asking():
            lay_asking(draft, page.body, room)
        case Refused():
            lay_refused(draft, page.body, room)
        case StaffDesk():
            lay_staff(draft, page.body, room)
        case OutOfOrder():
            lay_out_of_order(draft, page.body, room)
