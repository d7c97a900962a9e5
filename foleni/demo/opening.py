"""Opens a branch: the server first, then a screen, then everything that people touch."""

import shutil
from dataclasses import dataclass, replace
from functools import partial
from importlib.util import find_spec
from pathlib import Path

from foleni.demo import machines, past, programs
from foleni.demo.camera import Camera
from foleni.demo.clouds import open_cloud
from foleni.demo.crew import Crew
from foleni.demo.desk import Account, Desk, DeskError, accounts_in
from foleni.demo.fingers import HOW_TO_GET_XDOTOOL, FingerError, Windows, wait_for
from foleni.demo.house import KIOSK, House
from foleni.demo.keeper import Program, StartError
from foleni.demo.past import free_address
from foleni.demo.screen import Place, Screen, find_screen, unseen_screen

_SETTLE_S = 10.0
_SPEECH = (("espeak-ng", "espeak-ng", "the TV speaks through"), ("aplay", "alsa-utils", "the TV is heard through"))
_WINDOW_S = 3.0
_PAGE_S = 10.0


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be opened. `unseen` keeps even from a screen that is there; `past_days` lie behind a new branch; without
    `http` there are no consoles, without `cloud` there is none.
    """

    setup: Path
    mqtt_listen: str | None = None
    unseen: bool = False
    past_days: int = 0
    http: str | None = None
    cloud: str | None = None


def open_branch(house: House, crew: Crew, wish: Wish) -> list[Account]:
    """Start it all and return when it works: the accounts of the branch. Raises `StartError`."""
    setup = _prepared(house, wish)
    if wish.cloud is not None:
        house.sky = open_cloud(house, crew, setup, wish.cloud, free_address())
    server = crew.start(programs.server(house.folders, setup, wish.mqtt_listen, wish.http, house.sky))
    crew.wait_up(server)
    accounts = accounts_in(house.folders.data)
    if any(account.kind in {"kiosk", "display"} for account in accounts):
        house.screen = _screen(house, crew, wish)
    _sit_down(house, accounts)
    simulated = _simulated(house, accounts)
    crew.wait_up(crew.start(*simulated.programs))
    machines.put_in_hands(house, simulated)
    crew.wait_up(crew.start(*_devices(house, accounts, simulated)))
    if KIOSK in house.keepers and not wait_for(house.shown, _PAGE_S):
        raise StartError(f"the kiosk shows nothing: {house.keepers[KIOSK].last_words()}")
    return accounts


def _prepared(house: House, wish: Wish) -> Path:
    """The setup to begin with; a new branch has a past when this returns."""
    if not past.is_new(house.folders):
        return wish.setup
    setup = past.peopled(house.folders, wish.setup) if wish.http is not None else wish.setup
    if wish.past_days:
        house.tell(f"  a past to show: {wish.past_days} days and a morning, marked as made …")
        past.make_past(house.folders, setup, wish.past_days)
    return setup


def _screen(house: House, crew: Crew, wish: Wish) -> Screen | None:
    if find_spec("kivy") is None:
        house.missing.append("the kiosk and the TV need Kivy: pip install kivy")
        return None
    screen = None if wish.unseen else find_screen()
    if screen is None:
        try:
            screen = unseen_screen(house.folders.logs, house.tell)
        except StartError as error:
            house.missing.append(str(error))
            return None
        house.tell("  there is no screen to show windows on: they go to one that nobody sees (Xvfb)")
    if screen.keeper is not None:
        crew.adopt(screen.keeper)
    house.windows, house.camera = Windows(screen), Camera(screen)
    if not house.windows.can_touch:
        house.missing.append(f"touching the kiosk from here needs xdotool; {HOW_TO_GET_XDOTOOL}")
    for program, package, what in _SPEECH:
        if shutil.which(program) is None and (program == "espeak-ng" or screen.is_seen):
            house.missing.append(f"{what} {program}; it can be installed with: sudo apt install {package}")
    return screen


def _sit_down(house: House, accounts: list[Account]) -> None:
    """The demo's own console; its counters are opened, so that a press finds them ready."""
    console = next((account for account in accounts if account.kind == "console"), None)
    if console is None:
        house.missing.append("the branch has no console device: nothing can be asked of it from here")
        return
    house.desk = desk = Desk(console, [account.device for account in accounts])
    desk.start()
    if not wait_for(lambda: desk.is_live and desk.counters, _SETTLE_S):
        raise StartError(f"the branch server does not tell its state: {house.keepers['server'].last_words()}")
    try:
        desk.open(list(desk.counters))
    except DeskError as error:
        raise StartError(f"the counters cannot be opened: {error}") from error


def _simulated(house: House, accounts: list[Account]) -> machines.Machines:
    try:
        return machines.machines(house, accounts)
    except DeskError as error:
        raise StartError(str(error)) from error


def _devices(house: House, accounts: list[Account], simulated: machines.Machines) -> list[Program]:
    found = [] if simulated.agent is None else [programs.counter(house.folders, *simulated.agent)]
    screen = house.screen
    if screen is None:
        return found
    kiosk = next((account for account in accounts if account.kind == "kiosk"), None)
    if kiosk is not None:
        house.folders.kiosk.mkdir(parents=True, exist_ok=True)
        house.folders.shown.unlink(missing_ok=True)
        found.append(_placed(house, programs.kiosk(house.folders, kiosk, screen, simulated.printer), screen.kiosk))
    display = next((account for account in accounts if account.kind == "display"), None)
    if display is not None:
        found.append(_placed(house, programs.tv(house.folders, display, screen), screen.tv))
    return found


def _placed(house: House, program: Program, place: Place) -> Program:
    """The same program, whose window is put in its place each time it comes up."""
    windows = house.windows
    if windows is None or not windows.can_touch:
        return program

    def put(pid: int) -> None:
        if not wait_for(partial(_moved, windows, pid, place), _WINDOW_S):
            house.tell(f"  the window of the {program.name} cannot be put in its place")

    return replace(program, when_ready=put)


def _moved(windows: Windows, pid: int, place: Place) -> bool:
    try:
        windows.move(pid, place)
    except FingerError:
        return False
    return True
