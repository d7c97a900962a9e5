"""What a newcomer reads when the branch stands: where everything is, and what to type."""

import sys
from pathlib import Path

from foleni.demo.clouds import ADMIN_PHONE, Sky
from foleni.demo.desk import Account
from foleni.demo.house import House
from foleni.demo.past import codes


def guide(house: House, accounts: list[Account], http: str | None, *, talks: bool) -> str:
    """Accounts, consoles, windows, and commands that can be copied into a second terminal; `talks` where there is a prompt
    below.
    """
    if not accounts:
        return ""
    parts = [
        _accounts(house, accounts),
        _consoles(house, http),
        _cloud(house.sky, accounts[0].branch),
        _windows(house),
        *(f"Missing here: {each}" for each in house.missing),
    ]
    parts += [_other_terminals(house.folders.data, accounts), _ending(house, talks=talks)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _accounts(house: House, accounts: list[Account]) -> str:
    width = max(len(account.device) for account in accounts)
    listed = "\n".join(f"  {account.device:{width}}  {account.kind:8} {account.mqtt}" for account in accounts)
    return f"\nBranch {accounts[0].branch} is open. Its accounts (also in {house.folders.data}/devices/):\n\n{listed}"


def _consoles(house: House, http: str | None) -> str:
    """Where to look with a browser, and who can sign in there."""
    if http is None:
        return ""
    told = [f"The consoles are at http://{http}/ and the board for any browser at http://{http}/display ."]
    for person, code in codes(house.folders).items():
        told.append(f"  sign in as {person:6} with the one-time code {code}, and choose a PIN (if nobody has yet)")
    told.append("  Others have the PIN that their setup gives them.")
    if (house.folders.logs / "history.log").exists():
        told.append("The days before, and the morning, are demo data: their tickets and events are marked with the name demo.")
    return "\n".join(told)


def _cloud(sky: Sky | None, branch: str) -> str:
    """Where people join from away, and where the messages to their phones can be read."""
    if sky is None:
        return ""
    pages = {
        f"{sky.url}/b/{branch}": "a phone joins this branch, with any phone number",
        f"{sky.url}/ussd/simulator": f"a phone that can only dial: {sky.dials}",
        f"{sky.url}/office": f"managers look after the branch: sign in as {ADMIN_PHONE}, in a browser window of its own",
        sky.messages: "what all these phones are sent: codes to sign in, tickets, calls",
    }
    width = max(map(len, pages))
    listed = "\n".join(f"  {address:{width}}  {what}" for address, what in pages.items())
    return f"The cloud is at {sky.url}/ for those who are not in the branch. Nothing is sent to a real phone.\n\n{listed}"


def _windows(house: House) -> str:
    screen, folders = house.screen, house.folders
    told = []
    if screen is not None and screen.is_seen:
        told.append("The kiosk and the TV are on your screen: touch the kiosk with the mouse.")
    elif screen is not None:
        told.append(
            f"There is no screen here: the kiosk and the TV run on one that nobody sees (Xvfb, display {screen.display})."
        )
        told.append(f"To see them say: shots   (pictures in {house.shots}/), or: DISPLAY={screen.display} x11vnc -localhost")
    if house.paper is not None:
        told.append(f"Tickets come out in {folders.tickets}/, as pictures and as the printer's own bytes.")
    if house.pads:
        told.append(f"Call units stand on the desks of the counters {', '.join(house.pads)}.")
    told.append(f"Every program writes its log in {folders.logs}/.")
    return "\n".join(told)


def _other_terminals(data: Path, accounts: list[Account]) -> str:
    desk = next((account for account in accounts if account.kind == "console"), accounts[0])
    root = f"{desk.mqtt}/foleni/{desk.branch}"
    asks = f"{root}/devices/{desk.device}/commands"
    simulator = f"{Path(sys.executable).parent}/foleni-sim"
    new_id = "'\"$(cat /proc/sys/kernel/random/uuid)\"'"
    return f"""Try it in other terminals:

  # watch the board
  mosquitto_sub -V 5 -L '{root}/board'
  # read the answers to this console
  mosquitto_sub -V 5 -L '{root}/devices/{desk.device}/replies'
  # take a ticket
  mosquitto_pub -V 5 -q 1 -L '{asks}' -m '{{"id":"{new_id}","type":"join","service":"cash","channel":"staff"}}'
  # open counter 1, then call the next number
  mosquitto_pub -V 5 -q 1 -L '{asks}' -m '{{"id":"{new_id}","type":"open_counter","counter":"c1"}}'
  mosquitto_pub -V 5 -q 1 -L '{asks}' -m '{{"id":"{new_id}","type":"call_next","counter":"c1"}}'
  # or let a whole day go by in a few minutes
  {simulator} --devices-dir {data}/devices --branch {desk.branch} --device {desk.device} --hours 8 --pace 120"""


def _ending(house: House, *, talks: bool) -> str:
    cut = "  stop cloud           the branch is cut off from its cloud; start cloud connects them again\n" if house.sky else ""
    talk = f"""Or type here, for example:

  ticket cash          a customer takes a ticket at the kiosk
  press 1              the button on the desk of counter 1: the next number
  press 1 double       call it again
  paper out            the printer's roll ends; paper in puts a new one in
  kill server          the branch server dies, and comes back
{cut}  board                who is called, who waits
  shots                pictures of kiosk, TV and ticket
  help                 all there is to say

""" if talks else ""  # fmt: skip
    return f"{talk}Ctrl-C ends it; the branch stays in {house.folders.data}/."
