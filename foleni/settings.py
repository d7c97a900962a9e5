"""Program settings: flags over `FOLENI_…` variables over a TOML file over defaults, and every fault in one line.

Built on argparse, tomllib and pydantic: pydantic-settings costs every start of a program more time for its import,
and reports faults without telling where each value came from.
"""

import argparse
import logging
import sys
import tomllib
import types
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from os import environ
from pathlib import Path
from typing import Any, Literal, NoReturn, Self, TypeVar, Union, get_args, get_origin
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlsplit

from pydantic import BaseModel, ConfigDict, Field, GetCoreSchemaHandler, ValidationError
from pydantic_core import ErrorDetails, core_schema

from foleni import __version__

logger = logging.getLogger(__name__)

PREFIX = "FOLENI_"
WRONG = 2
"""The exit status of a program whose settings are wrong."""

_DEFAULT_PORTS = {"mqtt": 1883, "mqtts": 8883}
_TLS_OPTIONS = ("ca", "cert", "key", "name")


class Settings(BaseModel):
    """The base of a program's settings: field `mqtt_listen` is flag `--mqtt-listen`, variable `FOLENI_MQTT_LISTEN`
    and TOML key `mqtt_listen`. A field that holds a table comes from the file only.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)

    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="debug, info, warning or error")


class Text(ABC):
    """A setting written as one string."""

    __slots__ = ()

    @classmethod
    @abstractmethod
    def parse(cls, text: str) -> Self:
        """The value that `text` stands for; raises `ValueError`, whose words people read."""

    @classmethod
    def _check(cls, value: object) -> Self:
        if isinstance(value, cls):
            return value
        if not isinstance(value, str):
            raise ValueError("must be a string")
        return cls.parse(value)

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: object, _handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(cls._check, serialization=core_schema.to_string_ser_schema())


@dataclass(frozen=True, slots=True)
class HostPort(Text):
    """`HOST:PORT`, an IPv6 host in brackets; port 0 means a free one."""

    host: str
    port: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises `ValueError` for anything but HOST:PORT."""
        try:
            parts = urlsplit(f"//{text}")
            host, port = parts.hostname, parts.port
        except ValueError:
            host = port = None
        if not host or port is None or parts.netloc != text or "@" in text:
            raise ValueError("must be HOST:PORT")
        return cls(host, port)

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class MqttUrl(Text):
    """`mqtt[s]://[user[:password]@]host[:port][?ca=/path&cert=/path&key=/path&name=server]`; text forms of it never show
    the password. `ca` is the only authority that is believed, `cert` and `key` are what this side shows, and `name` is what the
    server's certificate has to say where that is not the host.
    """

    host: str
    port: int
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    tls: bool = False
    ca: Path | None = None
    cert: Path | None = None
    key: Path | None = None
    name: str | None = None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises `ValueError`, which never quotes the URL: it may hold a password."""
        try:
            parts = urlsplit(text)
            port = parts.port
        except ValueError:
            raise ValueError("has a host or port that cannot be read") from None
        if parts.scheme not in _DEFAULT_PORTS or not parts.hostname or parts.path not in {"", "/"} or parts.fragment:
            raise ValueError("must be mqtt[s]://user:password@host:port")
        if port == 0:
            raise ValueError("port 0 cannot be connected to")
        tls = parts.scheme == "mqtts"
        user = None if parts.username is None else unquote(parts.username)
        password = None if parts.password is None else unquote(parts.password)
        return cls(parts.hostname, port or _DEFAULT_PORTS[parts.scheme], user, password, tls, **_tls_options(parts, tls=tls))

    @property
    def in_full(self) -> str:
        """With the password: for an environment that only the reader sees, never for a log."""
        secret = "" if self.password is None else f":{quote(self.password, safe='')}"
        who = "" if self.user is None else f"{quote(self.user, safe='')}{secret}@"
        return f"mqtt{'s' * self.tls}://{who}{HostPort(self.host, self.port)}{self._query}"

    def __str__(self) -> str:
        who = "" if self.user is None else quote(self.user, safe="") + (":***" if self.password else "") + "@"
        return f"mqtt{'s' * self.tls}://{who}{HostPort(self.host, self.port)}{self._query}"

    @property
    def _query(self) -> str:
        given = {option: value for option in _TLS_OPTIONS if (value := getattr(self, option)) is not None}
        return "?" + "&".join(f"{option}={quote(str(value))}" for option, value in given.items()) if given else ""


M = TypeVar("M", bound=BaseModel)


def load(
    model: type[M],
    program: str,
    argv: Sequence[str] | None = None,
    environment: Mapping[str, str] = environ,
    decided: Mapping[str, object] | None = None,
    beside: type[BaseModel] | None = None,
) -> M:
    """The settings of `program`. With wrong ones the process ends with one line on stderr and status 2; `--help`,
    `--version` and `--check-config` end it with status 0. A variable that is set but empty counts as not set.

    What others have `decided`, by the names of the fields, counts where nothing else is said, and never ends the program:
    what cannot be used of it is logged and left out. `beside` is a program that shares the settings file: keys of its own are
    no faults.
    """
    flags = _flags(model, program, sys.argv[1:] if argv is None else argv)
    faults: list[str] = list(flags.faults)
    given = _from_file(model, flags.config or environment.get(f"{PREFIX}CONFIG"), faults, beside)
    given |= _from_environment(model, environment)
    given |= {name: (value, _flag(name)) for name, value in flags.values.items()}
    given = _usable(model, decided or {}, given) | given
    settings = _validated(model, given, faults)
    if settings is None or faults:
        _refuse(program, faults)
    if flags.check_only:
        print(f"{program}: settings ok")  # noqa: T201 - the answer that was asked for
        raise SystemExit(0)
    return settings


_Given = dict[str, tuple[Any, str]]
_NO_VALUE = object()


def _usable(model: type[BaseModel], decided: Mapping[str, object], given: _Given) -> _Given:
    """What of `decided` counts beside the `given`."""
    usable = {name: (value, name) for name, value in decided.items() if name in model.model_fields and name not in given}
    try:
        model.model_validate({name: value for name, (value, _) in (usable | given).items()})
    except ValidationError as error:
        wrong = {
            str(fault["loc"][0]): _why(fault) for fault in error.errors(include_url=False, include_input=False) if fault["loc"]
        }
        for name in wrong.keys() & usable.keys():
            logger.warning("the branch decides %s, which cannot be used: %s", name, wrong[name])
            del usable[name]
    return usable


@dataclass(frozen=True, slots=True)
class _Flags:
    values: dict[str, Any]
    config: str | None
    check_only: bool
    faults: tuple[str, ...]


def _flags(model: type[BaseModel], program: str, argv: Sequence[str]) -> _Flags:
    namespace, strays = _parser(model, program).parse_known_args(argv)
    values = vars(namespace)
    check_only = values.pop("check_config", False)
    faults = [f"{stray}: unknown" for stray in strays]
    faults += [f"{_flag(name)}: needs a value" for name, value in values.items() if _is_valueless(value)]
    values = {name: value for name, value in values.items() if not _is_valueless(value)}
    return _Flags(values, values.pop("config", None), check_only, tuple(faults))


def _parser(model: type[BaseModel], program: str) -> argparse.ArgumentParser:
    parser = _Parser(prog=program, allow_abbrev=False, argument_default=argparse.SUPPRESS)
    parser.add_argument("--config", metavar="FILE", nargs="?", const=_NO_VALUE, help="TOML file with settings")
    parser.add_argument("--check-config", action="store_true", help="check the settings and exit")
    parser.add_argument("--version", action="version", version=f"{program} {__version__}")
    for name, described in model.model_fields.items():
        text = (described.description or "").replace("%", "%%")
        if _is_bool(described.annotation):
            parser.add_argument(_flag(name), action=argparse.BooleanOptionalAction, help=text)
        elif _is_list(described.annotation):
            parser.add_argument(_flag(name), action="append", nargs="?", const=_NO_VALUE, help=text)
        elif not _is_table(described.annotation):
            parser.add_argument(_flag(name), metavar=name.upper(), nargs="?", const=_NO_VALUE, help=text)
    return parser


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        _refuse(self.prog, [message])


def _from_file(model: type[BaseModel], path: str | None, faults: list[str], beside: type[BaseModel] | None) -> _Given:
    if not path:
        return {}
    try:
        table = tomllib.loads(Path(path).read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        faults.append(f"--config: {path}: {reason}")
        return {}
    known = {*model.model_fields, *(beside.model_fields if beside is not None else ())}
    faults += [f"{key} in {path}: unknown" for key in table if key not in known]
    return {key: (value, f"{key} in {path}") for key, value in table.items() if key in model.model_fields}


def _from_environment(model: type[BaseModel], environment: Mapping[str, str]) -> _Given:
    given: _Given = {}
    for name, described in model.model_fields.items():
        variable = PREFIX + name.upper()
        if (text := environment.get(variable)) and not _is_table(described.annotation):
            value = [part.strip() for part in text.split(",")] if _is_list(described.annotation) else text
            given[name] = (value, variable)
    return given


def _validated(model: type[M], given: _Given, faults: list[str]) -> M | None:
    try:
        return model.model_validate({name: value for name, (value, _) in given.items()})
    except ValidationError as error:
        reasons: dict[str, list[str]] = {}
        for fault in error.errors(include_url=False, include_input=False):
            reasons.setdefault(_where(fault, given), []).append(_why(fault))
        faults += [f"{where}: {' or '.join(dict.fromkeys(why))}" for where, why in reasons.items()]
        return None


def _where(fault: ErrorDetails, given: _Given) -> str:
    name, *deeper = fault["loc"] or ("settings",)
    if name not in given:
        return _flag(str(name))
    value, source = given[str(name)]
    steps = [str(step) for step in deeper] if isinstance(value, dict | list) else []
    return ".".join((source, *steps))


def _why(fault: ErrorDetails) -> str:
    if fault["type"] == "missing":
        return "missing"
    reason = fault["msg"].removeprefix("Value error, ").removeprefix("Input ")
    return " ".join(reason.split())


def _refuse(program: str, faults: Sequence[str]) -> NoReturn:
    line = " ".join(f"{program}: wrong settings: {'; '.join(faults)}".split())
    print(line, file=sys.stderr)  # noqa: T201 - logging is set up by settings
    raise SystemExit(WRONG)


def _flag(name: str) -> str:
    return "--" + name.replace("_", "-")


def _is_valueless(value: object) -> bool:
    return value is _NO_VALUE or (isinstance(value, list) and _NO_VALUE in value)


def _kinds(annotation: object) -> tuple[object, ...]:
    if get_origin(annotation) in {Union, types.UnionType}:
        return tuple(part for part in get_args(annotation) if part is not type(None))
    return (annotation,)


def _is_bool(annotation: object) -> bool:
    return _kinds(annotation) == (bool,)


def _is_list(annotation: object) -> bool:
    return not _is_table(annotation) and any(get_origin(kind) in {list, tuple} for kind in _kinds(annotation))


def _is_table(annotation: object) -> bool:
    """Whether some value of the type is a table, or a list of tables."""
    return any(
        kind is dict
        or get_origin(kind) is dict
        or (isinstance(kind, type) and issubclass(kind, BaseModel))
        or (get_origin(kind) in {list, tuple} and any(_is_table(item) for item in get_args(kind)))
        for kind in _kinds(annotation)
    )


def _tls_options(parts: SplitResult, *, tls: bool) -> dict[str, Any]:
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    if stray := query.keys() - set(_TLS_OPTIONS):
        raise ValueError(f"knows the options {', '.join(_TLS_OPTIONS)}, not {', '.join(sorted(stray))}")
    if query and not tls:
        raise ValueError(f"takes {', '.join(query)} only with mqtts")
    if ("cert" in query) != ("key" in query):
        raise ValueError("needs cert and key together")
    if query.get("name") == "":
        raise ValueError("needs a server's name after name=")
    return {option: value if option == "name" else _absolute(option, value) for option, value in query.items()}


def _absolute(option: str, path: str) -> Path:
    if not path.startswith("/"):
        raise ValueError(f"needs an absolute path after {option}=")
    return Path(path)
