"""Why the queue would not take a change, in the words of whoever asks. The engine looks again: this only says it better."""

from branch_server.domain.state import CounterState, State
from branch_server.domain.tickets import ACTIVE
from branch_server.web.admin.faults import Fault
from foleni.messages.setup import BUILT_IN_PRIORITIES, Branch, Counter, PriorityClass, Service, Setting
from foleni.words.catalogue import Words, pick


def against_saving(thing: Setting, state: State, say: Words) -> list[Fault]:
    """Faults that only the rest of the setup shows."""
    match thing:
        case Branch():
            return _of_branch(thing, state, say)
        case Service():
            return _of_prefix(thing, state, say)
        case Counter():
            return _of_counter(thing, state, say)
        case PriorityClass(id="normal") if thing.credit_min:
            return [_fault("credit_min", say("The normal class has no credit: it is what the others are measured by."))]
        case _:
            return []


def against_removing(kind: str, thing_id: str, state: State, say: Words) -> str:
    """One sentence; empty where nothing stands in the way."""
    match kind:
        case "service":
            return _against_removing_service(thing_id, state, say)
        case "counter":
            return _against_removing_counter(thing_id, state, say)
        case "priority" if thing_id in {known.id for known in BUILT_IN_PRIORITIES}:
            return say("This class always exists. Its name and its credit can be changed.")
        case "branch":
            return say("The branch itself cannot be removed.")
        case _:
            return ""


def _against_removing_service(service: str, state: State, say: Words) -> str:
    held = sum(1 for ticket in state.tickets.values() if ticket.service == service and ticket.status in ACTIVE)
    if held:
        return say.n(
            "{count} customer is still in this queue. Serve or cancel the ticket first.",
            "{count} customers are still in this queue. Serve or cancel their tickets first.",
            held,
        )
    labels = [desk.counter.label for desk in state.desks.values() if service in desk.counter.services]
    if labels:
        return say("Counter {labels} still serves it. Take it off the counter first.", labels=", ".join(sorted(labels)))
    return ""


def _against_removing_counter(counter: str, state: State, say: Words) -> str:
    desk = state.desks[counter]
    if desk.in_hand is not None or desk.state is not CounterState.CLOSED:
        return say("This counter is in use. Close it first.")
    unit = next((device for device in state.devices.values() if device.counter == counter), None)
    if unit is not None:
        return say("Device {device} still stands at this counter. Give it another counter first.", device=unit.id)
    return ""


def _of_branch(branch: Branch, state: State, say: Words) -> list[Fault]:
    if state.branch is not None and branch.id != state.branch.id:
        return [_fault("id", say("This branch is {id}. Its id stays.", id=state.branch.id))]
    letter = branch.remote_issuer
    if letter is None:
        return []
    owner = next((device.id for device in state.devices.values() if device.issuer == letter), None)
    if owner is not None:
        return [_fault("remote_issuer", say("{device} has this letter.", device=owner))]
    prefixes = {queue.service.prefix for queue in state.queues.values()}
    clash = next((prefix for prefix in sorted(prefixes) if prefix + letter in prefixes), None)
    return [_fault("remote_issuer", _spells(clash, letter, say))] if clash is not None else []


def _of_prefix(service: Service, state: State, say: Words) -> list[Fault]:
    others = {queue.service.prefix: queue.service for queue in state.queues.values() if queue.service.id != service.id}
    twin = others.get(service.prefix)
    if twin is not None:
        return [_fault("prefix", say("{service} has this prefix.", service=pick(twin.name, say.language)))]
    letters = {device.issuer for device in state.devices.values() if device.issuer is not None}
    if state.branch is not None and state.branch.remote_issuer is not None:
        letters.add(state.branch.remote_issuer)
    for letter in sorted(letters):
        if service.prefix + letter in others:
            return [_fault("prefix", _spells(service.prefix, letter, say))]
        if len(service.prefix) == 2 and service.prefix[1] == letter and service.prefix[0] in others:
            return [_fault("prefix", _spells(service.prefix[0], letter, say))]
    return []


def _of_counter(counter: Counter, state: State, say: Words) -> list[Fault]:
    faults = []
    if any(d.counter.label == counter.label and d.counter.id != counter.id for d in state.desks.values()):
        faults.append(_fault("label", say("Another counter has this label.")))
    if any(service not in state.queues for service in counter.services):
        faults.append(_fault("services", say("A service of this counter is no longer there.")))
    return faults


def _spells(prefix: str, letter: str, say: Words) -> str:
    return say(
        "Prefix {prefix} and an issuer's letter {letter} spell another service's prefix: two tickets could have one number.",
        prefix=prefix,
        letter=letter,
    )


def _fault(field: str, message: str) -> Fault:
    return {"field": field, "message": message}
