"""What an administrator does about a box that asks: looks at it by its code, approves it, or turns it away."""

from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from starlette.responses import JSONResponse, Response

from branch_server.web import errors
from branch_server.web.admin.faults import Fault, faults_of
from branch_server.web.admin.kinds import fields_of
from branch_server.web.admin.saving import Asked as Asking
from branch_server.web.admin.saving import faulty
from branch_server.web.doing import command_of, do
from branch_server.web.errors import WebError
from branch_server.web.joining.book import Asked, UnknownError, WrongCodeError
from branch_server.web.joining.joining import Joining
from foleni.messages.base import Texts
from foleni.messages.setup import Device, DeviceKind
from foleni.words.catalogue import Words

Code = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")]


class Approval(BaseModel):
    """The device that a box becomes: a new one, or one that is there and gets another machine, and keeps what it is."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    code: Code
    id: Annotated[str, Field(max_length=64)]
    replaces: bool = False
    name: Texts | None = None
    issuer: Annotated[str, Field(max_length=8)] | None = None
    counter: Annotated[str, Field(max_length=64)] | None = None


@dataclass(frozen=True, slots=True)
class Approving:
    """Somebody who may approve, and the words for them: `asking.say` has those of the setup, `say` those of joining."""

    joining: Joining
    asking: Asking
    say: Words

    def look(self, code: str) -> Asked:
        """The box that shows this code. Raises `WebError` with `wrong_code` or `too_many`; a wrong one is noted."""
        try:
            return self.joining.book.by_code(code, self.joining.now)
        except WrongCodeError as error:
            self._note("wrong_join_code", "", "wrong_code" if error.again_s is None else "too_many")
            self.joining.site.hub.changed()
            raise self._wrong(error) from error

    async def approve(self, request: str, approval: Approval) -> Response:
        """Saves the device with this box, unless it has it already, and lets the box have what is its own."""
        async with self.asking.pen:
            box = self.look(approval.code)
            if box.id != request or box.device not in {"", approval.id}:
                raise self._gone()
            known = self.asking.state.devices.get(approval.id)
            wanted = self._wanted(approval, known, box)
            if not isinstance(wanted, Device):
                return faulty(wanted, self.asking.say)
            return await self._saved(wanted, known, box)

    def refuse(self, request: str) -> Response:
        """Turns away a box that waits."""
        book, now = self.joining.book, self.joining.now
        if request not in {asked.id for asked in book.waiting(now)}:
            raise self._gone()
        box = book.refuse(request, now)
        self._note("refuse_box", box.device, detail=_described(box))
        self.joining.site.hub.changed()
        return JSONResponse({"refused": request})

    async def _saved(self, device: Device, known: Device | None, box: Asked) -> Response:
        if known != device:
            command = command_of({"type": "save_device", "device": fields_of(device)}, self.asking.person)
            reply = await do(self.asking.site, self.asking.person, command)
            if not reply.ok:
                return errors.answer(reply)
        try:
            self.joining.book.approve(box.id, device.id, self.joining.now)
        except UnknownError as error:
            raise self._gone() from error
        self._note("approve_box", device.id, detail=_described(box))
        self.joining.site.hub.changed()
        return JSONResponse({"device": device.id})

    def _wanted(self, approval: Approval, known: Device | None, box: Asked) -> Device | list[Fault]:
        """The device that the box is to be, or what is wrong with that."""
        if approval.replaces:
            if known is None:
                return [_at_id(self.say("That device has been removed in the meantime."))]
            if known.kind != box.kind:
                return [_at_id(self.say("A box can only take the place of a device of its own kind."))]
            return known.model_copy(update={"box": box.box_key})
        if known is not None and known.box != box.box_key:
            return [_at_id(self.say("This id is taken. Choose another one, or let the box take the place of that device."))]
        try:
            return _made(approval, box)
        except ValidationError as error:
            return faults_of(error, self.asking.say)

    def _wrong(self, error: WrongCodeError) -> WebError:
        if error.again_s is None:
            words = self.say.n(
                "No box shows this code. {count} more try, then joining closes for a while.",
                "No box shows this code. {count} more tries, then joining closes for a while.",
                error.left,
            )
            return WebError(404, "wrong_code", words)
        minutes = max(1, round(error.again_s / 60))
        words = self.say.n(
            "Too many wrong codes. Joining is closed for {count} minute.",
            "Too many wrong codes. Joining is closed for {count} minutes.",
            minutes,
        )
        return WebError(429, "too_many", words, {"Retry-After": str(max(1, round(error.again_s)))})

    def _gone(self) -> WebError:
        return WebError(409, "gone", self.say("This box waits no longer. It will show a new code in a moment."))

    def _note(self, action: str, subject: str, outcome: str = "ok", detail: str | None = None) -> None:
        self.joining.site.store.audit.note(self.asking.person, action, subject, outcome, detail=detail)


def _made(approval: Approval, box: Asked) -> Device:
    kind = DeviceKind(box.kind)
    fields: dict[str, Any] = {"id": approval.id, "kind": kind, "name": approval.name or None, "box": box.box_key}
    fields |= {"issuer": approval.issuer or None} if kind is DeviceKind.KIOSK else {}
    fields |= {"counter": approval.counter or None} if kind is DeviceKind.COUNTER else {}
    return Device.model_validate(fields)


def _at_id(message: str) -> Fault:
    return {"field": "id", "message": message}


def _described(box: Asked) -> str:
    return f"{box.kind} {box.box} {box.address}"
