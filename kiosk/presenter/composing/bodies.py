"""Which page belongs to a stage of a visit."""

import math
from dataclasses import replace

from kiosk.pages import Body
from kiosk.presenter.composing import refusals, services, staff, tickets
from kiosk.presenter.knowledge import Knowledge
from kiosk.presenter.manners import Manners
from kiosk.presenter.news import Now
from kiosk.presenter.stages import Asking, AtDesk, Choosing, Holding, Phoning, Sorry, Stage, Visit


def body_of(known: Knowledge, visit: Visit, stage: Stage, manners: Manners, now: Now) -> Body:
    """The page; out of order where it needs a branch that is not known or a disk that is broken."""
    facts = known.facts
    match stage:
        case Asking():
            return tickets.asking(visit.language)
        case Sorry():
            return refusals.refused(known, stage, visit.language, now.wall)
        case Holding(entry=entry) if facts is not None:
            left_s = max(0, math.ceil(stage.until_s - now.steady_s))
            return tickets.show(facts, replace(stage, entry=replace(entry, language=visit.language)), left_s)
        case AtDesk():
            return staff.desk(known, stage, visit.language, max(0, math.ceil(stage.locked_until_s - now.steady_s)))
    return _choosing(known, visit, stage, manners, now)


def _choosing(known: Knowledge, visit: Visit, stage: Stage, manners: Manners, now: Now) -> Body:
    if known.facts is None or known.stock.broken:
        return services.out_of_order(known, visit.language)
    match stage:
        case Choosing():
            return services.choose(known, known.facts, visit, now.wall)
        case Phoning():
            return services.enter_phone(visit, stage, manners)
    return services.attract(known.facts)
