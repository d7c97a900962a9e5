"""What the branch orders a kiosk to do, while customers come and go."""

from typing import Any

from foleni.ids import uuid7
from foleni.messages.orders import Came, Identify, KnownOrder, Print, Restart
from foleni.messages.setup import Template
from kiosk.errands import PATIENCE_S, Errands
from kiosk.pages import Attract, ChooseService, Key, Paper, ShowTicket, Sign
from tests.unit.kiosk.bench import Kiosk
from tests.unit.kiosk.hall import config

GIVEN = {"number": "B007", "service": "loans", "joined_at": "2026-11-20T09:58:00Z", "ticket": uuid7(), "ahead": 3,
         "wait_p50_s": 300, "wait_p90_s": 600, "url": "/t/abc"}  # fmt: skip


class Ordered:
    """A kiosk and what it answers to orders."""

    def __init__(self, kiosk: Kiosk | None = None) -> None:
        self.kiosk = kiosk or Kiosk()
        self.came: list[tuple[Came, str]] = []
        self.restarts: list[str] = []
        loop = self.kiosk.loop
        self.errands = Errands(loop._presenter, self.kiosk.desk, lambda: self.kiosk.now, self.restarts.append)

    def to(self, order: KnownOrder) -> "Ordered":
        self.kiosk.hear(lambda: self.errands.take(order, lambda came, message: self.came.append((came, message))))
        return self

    def wait(self, seconds: float) -> "Ordered":
        self.kiosk.wait(seconds)
        self.errands.tick()
        return self

    @property
    def codes(self) -> list[Came]:
        return [came for came, _ in self.came]


def printing(**fields: Any) -> Print:
    return Print.model_validate({"id": uuid7(), "type": "print", **fields})


def test_a_kiosk_that_is_looked_for_shows_its_id_for_a_quarter_of_a_minute() -> None:
    ordered = Ordered().to(Identify(id=uuid7()))
    body = ordered.kiosk.page.body
    assert isinstance(body, Sign)
    assert (body.caption, body.name) == ("This kiosk", "kiosk-1")
    assert ordered.codes == [Came.DONE]
    assert isinstance(ordered.wait(14).kiosk.page.body, Sign)
    assert isinstance(ordered.wait(1.1).kiosk.page.body, Attract)


def test_a_kiosk_with_a_name_shows_that_and_its_id_small() -> None:
    ordered = Ordered()
    ordered.kiosk.hear(config(name={"en": "Main door", "fr": "Entrée"}))
    body = ordered.to(Identify(id=uuid7())).kiosk.page.body
    assert isinstance(body, Sign)
    assert (body.caption, body.name) == ("This kiosk · kiosk-1", "Main door")


def test_any_touch_ends_the_sign_and_does_nothing_else() -> None:
    ordered = Ordered()
    ordered.kiosk.tap(Key.BEGIN)
    ordered.to(Identify(id=uuid7()))
    ordered.kiosk.tap(Key.SERVICE, "cash")
    assert [type(page.body) for page in ordered.kiosk.pages[-3:]] == [ChooseService, Sign, ChooseService]
    assert not ordered.kiosk.wire.asked


def test_a_number_that_is_shown_is_never_covered_by_the_sign() -> None:
    ordered = Ordered()
    ordered.kiosk.choose()
    ordered.to(Identify(id=uuid7()))
    ordered.kiosk.answered()
    assert isinstance(ordered.kiosk.page.body, ShowTicket)
    assert ordered.codes == [Came.LATER]
    ordered.kiosk.printed()
    assert isinstance(ordered.wait(8.1).kiosk.page.body, Sign)


def test_an_idle_kiosk_restarts_at_once() -> None:
    ordered = Ordered().to(Restart(id=uuid7()))
    assert (ordered.codes, len(ordered.restarts)) == ([Came.DONE], 1)


def test_a_restart_waits_for_the_customer_and_the_paper() -> None:
    ordered = Ordered()
    ordered.kiosk.choose()
    ordered.to(Restart(id=uuid7())).wait(1)
    ordered.kiosk.answered()
    ordered.wait(31)
    assert isinstance(ordered.kiosk.page.body, Attract), "the customer has gone"
    assert (ordered.codes, ordered.restarts) == ([Came.LATER], []), "but the ticket is in the press"
    ordered.kiosk.printed()
    ordered.wait(1)
    assert (ordered.codes, len(ordered.restarts)) == ([Came.LATER, Came.DONE], 1)


def test_a_restart_that_found_no_quiet_moment_is_off_and_may_be_asked_for_again() -> None:
    ordered = Ordered()
    ordered.kiosk.tap(Key.BEGIN)
    ordered.to(Restart(id=uuid7()))
    for _ in range(int(PATIENCE_S / 20)):
        ordered.kiosk.tap(Key.LANGUAGE, "fr")
        ordered.wait(20)
    assert ordered.codes == [Came.LATER, Came.BUSY]
    ordered.wait(31)
    assert not ordered.restarts
    ordered.to(Restart(id=uuid7()))
    assert (ordered.codes[-1], len(ordered.restarts)) == (Came.DONE, 1)


def test_a_ticket_given_elsewhere_is_printed_as_the_kiosks_own() -> None:
    ordered = Ordered().to(printing(ticket=GIVEN, language="fr"))
    _, ticket = ordered.kiosk.papers[-1]
    assert (ticket.number, ticket.service, ticket.language, ticket.ahead, ticket.copy) == ("B007", "Crédits", "fr", 3, False)
    assert ticket.url == "https://queue.example/t/abc"
    assert ticket.issued_at.strftime("%H:%M") == "11:58"
    assert not ordered.codes, "the printer has not said anything yet"
    ordered.kiosk.printed()
    assert ordered.codes == [Came.PRINTED]


def test_a_copy_says_so_and_the_paper_has_the_form_that_was_given() -> None:
    ordered = Ordered().to(printing(ticket=GIVEN, copy=True, template=Template(id="other").model_dump()))
    assert ordered.kiosk.papers[-1][1].copy
    ordered.to(printing(test=True))
    assert ordered.kiosk.papers[-1][1].number == "TEST"


def test_what_the_printer_says_is_told() -> None:
    ordered = Ordered()
    for paper in (Paper.FAILED, Paper.UNSURE):
        ordered.to(printing(test=True))
        ordered.kiosk.hear("paper_out")
        ordered.kiosk.printed(paper)
    assert ordered.codes == [Came.NOT_PRINTED, Came.UNSURE]
    assert "paper_out" in ordered.came[0][1]


def test_what_can_be_no_ticket_of_this_branch_is_not_printed() -> None:
    ordered = Ordered().to(printing(ticket=GIVEN | {"service": "dance"})).to(printing(ticket=GIVEN | {"joined_at": "noon"}))
    ordered.kiosk.run()
    stranger = Ordered(Kiosk(known=False)).to(printing(ticket=GIVEN))
    assert ordered.codes + stranger.codes == [Came.INVALID] * 3
    assert not ordered.kiosk.papers


def test_an_order_leaves_the_customers_tickets_alone() -> None:
    ordered = Ordered()
    ordered.kiosk.choose()
    ordered.to(printing(test=True))
    ordered.kiosk.answered().printed().printed()
    body = ordered.kiosk.page.body
    assert isinstance(body, ShowTicket)
    assert body.paper is Paper.PRINTED
    assert [ticket.number for _, ticket in ordered.kiosk.papers] == ["TEST", "A001"]
