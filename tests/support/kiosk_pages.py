# ruff: noqa: RUF001 - the apostrophes of French and Kinyarwanda
"""Sample pages of the kiosk in its languages: what tests and the picture tool show."""

from collections.abc import Callable
from dataclasses import replace

from foleni.words import OWN_NAMES, Words, pick, wait_phrase, wait_short, words
from kiosk.pages import (
    Access,
    Asking,
    Attract,
    Band,
    Body,
    Chip,
    ChooseService,
    EnterPhone,
    Frame,
    OutOfOrder,
    Page,
    Paper,
    PriorityKey,
    Refused,
    ServiceCard,
    ShowTicket,
    Sign,
    StaffDesk,
    Tone,
)

LANGUAGES = ("en", "fr", "rw", "ar", "hi")
LINK = "https://queue.example.org/t/018f6b2e-7c1a-7d43-9c55-2b1f0a7e9d11"
BRANCH = {
    "en": "Main Street",
    "fr": "Rue Principale",
    "rw": "Umuhanda Mukuru",
    "ar": "الشارع الرئيسي",
    "hi": "मुख्य सड़क",
}
PRIORITY = {
    "en": "Elderly, pregnant, disabled",
    "fr": "Personnes âgées, enceintes, handicapées",
    "rw": "Abageze mu zabukuru, abatwite, abafite ubumuga",
    "ar": "كبار السن والحوامل وذوو الإعاقة",
    "hi": "वृद्ध, गर्भवती, दिव्यांग",
}
SERVICES: tuple[dict[str, str], ...] = (
    {"en": "Cash", "fr": "Caisse", "rw": "Amafaranga", "ar": "الصندوق", "hi": "नकद"},
    {"en": "Enquiries", "fr": "Renseignements", "rw": "Ibibazo", "ar": "الاستفسارات", "hi": "पूछताछ"},
    {"en": "Loans", "fr": "Crédits", "rw": "Inguzanyo", "ar": "القروض", "hi": "ऋण"},
    {
        "en": "Cards and mobile banking",
        "fr": "Cartes et banque mobile",
        "rw": "Amakarita na banki kuri telefoni",
        "ar": "البطاقات والخدمات المصرفية عبر الهاتف",
        "hi": "कार्ड और मोबाइल बैंकिंग",
    },
    {"en": "New account", "fr": "Ouvrir un compte", "rw": "Gufungura konti", "ar": "فتح حساب", "hi": "नया खाता"},
    {"en": "Money transfer", "fr": "Transfert d’argent", "rw": "Kohereza amafaranga", "ar": "تحويل الأموال", "hi": "धन भेजना"},
    {"en": "Foreign exchange", "fr": "Change", "rw": "Kuvunjisha", "ar": "صرف العملات", "hi": "विदेशी मुद्रा"},
    {"en": "Complaints", "fr": "Réclamations", "rw": "Ibirego", "ar": "الشكاوى", "hi": "शिकायतें"},
    {"en": "Pensions", "fr": "Retraites", "rw": "Pansiyo", "ar": "المعاشات", "hi": "पेंशन"},
    {"en": "Business", "fr": "Entreprises", "rw": "Ubucuruzi", "ar": "الأعمال", "hi": "व्यवसाय"},
    {"en": "Safe deposit", "fr": "Coffres", "rw": "Kubitsa", "ar": "الخزائن", "hi": "लॉकर"},
    {
        "en": "Verification of documents for customers who live abroad",
        "fr": "Vérification des documents des clients qui vivent à l’étranger",
        "rw": "Kugenzura inyandiko z’abakiriya baba mu mahanga",
        "ar": "التحقق من وثائق العملاء المقيمين في الخارج",
        "hi": "विदेश में रहने वाले ग्राहकों के दस्तावेज़ों की जाँच",
    },
)
WAITS = ((12, 1080, 1800), (0, 0, 0), (0, 0, 0), (4, 540, 900), (1, 240, 420), (27, 4200, 6300))


def frame(language: str = "en", *, back: bool = False, band: Band | None = None, access: Access | None = None) -> Frame:
    say = words("kiosk", language)
    chips = tuple(Chip(code, OWN_NAMES[code], code == language) for code in LANGUAGES)
    return Frame(
        title=f"Demo Bank · {BRANCH[language]}",
        clock="10:42",
        language=language,
        right_to_left=say.right_to_left,
        chips=chips,
        access=access or access_in(language),
        band=band,
        back=say("Back") if back else None,
    )


def access_in(language: str, *, large: bool = False, contrast: bool = False, low_reach: bool = False) -> Access:
    say = words("kiosk", language)
    return Access(large, contrast, low_reach, say("Large type"), say("High contrast"), say("Low reach"))


def attract(language: str = "en") -> Page:
    headlines = tuple(words("kiosk", each)("Take a number here") for each in (language, *LANGUAGES) if each)
    body = Attract(tuple(dict.fromkeys(headlines)), words("kiosk", language)("Touch the screen to begin"))
    return Page(frame(language), body)


def services(language: str = "en", count: int = 4, *, priorities: int = 1, chosen: bool = False) -> Page:
    say = words("kiosk", language)
    cards = tuple(card(language, at) for at in range(count))
    classes = tuple(PriorityKey(f"class-{at}", pick(PRIORITY, language), chosen and at == 0) for at in range(priorities))
    empty = "" if count else say("No services are offered here now. Please ask our staff.")
    body = ChooseService(say("What do you need today?"), cards, classes, empty)
    return Page(frame(language, back=True), body)


def card(language: str, at: int) -> ServiceCard:
    say = words("kiosk", language)
    name = pick(SERVICES[at % len(SERVICES)], language)
    prefix = "ABCDEFGHJKLM"[at % 12]
    if at == 2:
        return ServiceCard("s2", prefix, name, say("Open again at {time}.", time="14:00"), say("Paused."), can_be_chosen=False)
    if at == 7:
        return ServiceCard("s7", prefix, name, say("All numbers of today are given."), say("Full."), can_be_chosen=False)
    waiting, p50_s, p90_s = WAITS[at % len(WAITS)]
    wait = wait_phrase(language, p50_s, p90_s)
    line = f"{say.n('{count} waiting', '{count} waiting', waiting)} · {wait}" if waiting else ""
    return ServiceCard(f"s{at}", prefix, name, line or say("Nobody waiting · your turn at once"))


def phone(language: str = "en", digits: str = "0788 123 456", *, wrong: bool = False) -> Page:
    say = words("kiosk", language)
    body = EnterPhone(
        headline=say("Your phone number?"),
        hint=say("So that we can reach you when it is your turn. You can go on without it."),
        digits=digits,
        fault=say("This is not a complete phone number.") if wrong else "",
        skip_word=say("Go on without"),
        go_word=say("Take a number"),
        can_go=bool(digits) and not wrong,
    )
    return Page(frame(language, back=True), body)


def asking(language: str = "en") -> Page:
    return Page(frame(language), Asking(words("kiosk", language)("One moment")))


def ticket(
    language: str = "en",
    paper: Paper = Paper.PRINTED,
    *,
    number: str = "A042",
    left_s: int = 6,
    alone: bool = False,
) -> Page:
    """`alone`: the server was away, so nobody knows how many are ahead, and there is no link."""
    say = words("kiosk", language)
    sentence, advice = _on_paper(paper, say)
    lost = paper in {Paper.FAILED, Paper.UNSURE}
    facts = (
        ("12", say.n("person ahead", "people ahead", 12)),
        (wait_short(language, 1080), say("at most {wait}", wait=wait_short(language, 1800))),
    )
    memo = f"{number}\nCash\nDemo Bank\n20 Nov 2026 · 10:42" if lost else ""
    body = ShowTicket(
        caption=say("Your number · {service}", service=pick(SERVICES[0], language)),
        number=number,
        facts=() if alone else facts,
        paper=paper,
        sentence=sentence,
        advice=advice,
        qr=memo if alone else LINK,
        qr_headline=say("Take your number with you.") if lost else say("Follow it on your phone."),
        qr_text=say("Scan it, or take a photo.") if lost else say("Scan, and wait where you like."),
        left_s=30 if paper is Paper.PRINTING else left_s,
        of_s=30 if lost or paper is Paper.PRINTING else 8,
        done_word=say("Done"),
    )
    return Page(frame(language), body)


def _on_paper(paper: Paper, say: Words) -> tuple[str, str]:
    match paper:
        case Paper.PRINTING:
            return say("Your ticket is being printed"), ""
        case Paper.PRINTED:
            return say("Please take your ticket"), ""
        case Paper.UNSURE:
            advice = "With paper or without, this is your number and it counts. Please remember it or take a photo."
            return say("A ticket may have come out: please look"), say(advice)
        case Paper.FAILED:
            advice = "Your number counts all the same. Please remember it or take a photo."
            return say("There is no paper this time"), say(advice)


def refused(language: str = "en") -> Page:
    say = words("kiosk", language)
    until = say("Open again at {time}.", time="14:00")
    text = f"{until} {say('Please choose another service, or ask our staff.')}"
    return Page(frame(language), Refused(say("This service is paused now"), text, say("Other services")))


def staff_code(language: str = "en", digits: str = "•••", *, wrong: bool = False) -> Page:
    say = words("kiosk", language)
    note = say("Wrong code. Please wait {seconds} s.", seconds=4) if wrong else ""
    return Page(frame(language, back=True), _desk(say, code_asked=True, digits=digits, note=note))


def staff_desk(language: str = "en", *, trouble: bool = False) -> Page:
    say = words("kiosk", language)
    lines = (
        (say("Printer"), say("No paper") if trouble else say("Ready"), Tone.TROUBLE if trouble else Tone.QUIET),
        (say("Branch"), say("The branch computer does not answer") if trouble else say("Connected"), _tone(trouble)),
        (say("Last ticket"), f"A042 · {say('printed')}", Tone.QUIET),
        (say("Tickets to hand in"), "3" if trouble else "0", Tone.QUIET),
        (say("Tickets that the branch refused"), "0", Tone.QUIET),
        (say("Storage"), say("Ready"), Tone.QUIET),
    )
    note = say("Printed.") if not trouble else ""
    return Page(frame(language, back=True), replace(_desk(say, code_asked=False, digits="", note=note), lines=lines))


def _tone(trouble: bool) -> Tone:
    return Tone.TROUBLE if trouble else Tone.QUIET


def _desk(say: Words, *, code_asked: bool, digits: str, note: str) -> StaffDesk:
    return StaffDesk(
        headline=say("Staff code") if code_asked else say("Staff"),
        code_asked=code_asked,
        digits=digits,
        lines=(),
        reprint_word=say("Print the last ticket again"),
        can_reprint=not code_asked,
        test_word=say("Print a test"),
        done_word=say("Done"),
        note=note,
    )


def out_of_order(language: str = "en") -> Page:
    say = words("kiosk", language)
    text = "This kiosk has not heard from its branch yet. It begins by itself as soon as it has. Please ask our staff."
    return Page(frame(language), OutOfOrder(say("Out of order"), say(text)))


def sign(language: str = "en", name: str = "Main door") -> Page:
    say = words("kiosk", language)
    caption = say("This kiosk · {device}", device="kiosk-1")
    return Page(frame(language), Sign(caption, name, say("Touch the screen to go on.")))


def with_band(page: Page, *, calm: bool = False) -> Page:
    say = words("kiosk", page.frame.language)
    trouble = (
        say("The branch computer does not answer. You still get a number, and it counts."),
        say("The printer has no paper. You get your number on the screen."),
    )
    text = say("The printer is low on paper. Please tell our staff.") if calm else " ".join(trouble)
    return replace(page, frame=replace(page.frame, band=Band(text, calm=calm)))


def with_access(page: Page, *, large: bool = False, contrast: bool = False, low_reach: bool = False) -> Page:
    access = replace(page.frame.access, large=large, contrast=contrast, low_reach=low_reach)
    return replace(page, frame=replace(page.frame, access=access))


def on_turn(page: Page, turn: int) -> Page:
    return replace(page, turn=turn)


def with_body(page: Page, body: Body) -> Page:
    return replace(page, body=body)


PAGES: dict[str, Callable[[str], Page]] = {
    "attract": attract,
    "services-1": lambda language: services(language, 1),
    "services-2": lambda language: services(language, 2, priorities=2),
    "services-4": services,
    "services-6": lambda language: services(language, 6, priorities=0),
    "services-12": lambda language: services(language, 12, priorities=2, chosen=True),
    "services-none": lambda language: services(language, 0),
    "services-band": lambda language: with_band(services(language)),
    "services-calm": lambda language: with_band(services(language, 3), calm=True),
    "phone": phone,
    "phone-empty": lambda language: phone(language, ""),
    "phone-wrong": lambda language: phone(language, "0788", wrong=True),
    "asking": asking,
    "ticket": ticket,
    "ticket-printing": lambda language: ticket(language, Paper.PRINTING),
    "ticket-failed": lambda language: ticket(language, Paper.FAILED, left_s=20),
    "ticket-unsure": lambda language: ticket(language, Paper.UNSURE, left_s=20),
    "ticket-alone": lambda language: ticket(language, number="AX01", alone=True),
    "ticket-alone-failed": lambda language: ticket(language, Paper.FAILED, number="AX01", alone=True),
    "refused": refused,
    "staff-code": staff_code,
    "staff-code-wrong": lambda language: staff_code(language, "", wrong=True),
    "staff-desk": staff_desk,
    "staff-desk-trouble": lambda language: staff_desk(language, trouble=True),
    "out-of-order": out_of_order,
    "sign": sign,
    "sign-long": lambda language: sign(language, "Entrance of the customers of the savings department"),
}
"""Every kind of page, and what becomes of it in trouble."""
