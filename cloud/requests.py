"""One line in the log, and figures, for each request: with an id that the caller may give and always gets back."""

import hmac
import logging
import re
import time
from contextvars import ContextVar
from ipaddress import IPv4Address, ip_address, ip_network

from fastapi import FastAPI, Request
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cloud.figures import branch_figures
from cloud.site import Site
from foleni.ids import uuid7
from foleni.web import errors
from foleni.web.safety import is_loopback

_log = logging.getLogger(__name__)

_READABLE = re.compile(r"[A-Za-z0-9._-]{1,64}")
_BUCKETS_S = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2.5, 30)
request_id: ContextVar[str] = ContextVar("request_id", default="")
"""The id of the request that is being answered; empty outside of one."""

REGISTRY = CollectorRegistry()
REQUESTS = Histogram(
    "foleni_cloud_request_seconds",
    "How long requests took",
    ["method", "route", "status"],
    buckets=_BUCKETS_S,
    registry=REGISTRY,
)
OPEN = Gauge(
    "foleni_cloud_open_requests", "Requests that are being answered, streams and long polls among them", registry=REGISTRY
)
EVENTS_TAKEN = Counter("foleni_cloud_events_taken_total", "Events of branches that were kept", registry=REGISTRY)


class _Telling:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get("x-request-id", "")
        mine = given if _READABLE.fullmatch(given) else uuid7()
        marked = request_id.set(mine)
        status = 500
        began = time.perf_counter()

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-Id"] = mine
            await send(message)

        OPEN.inc()
        try:
            await self._app(scope, receive, sending)
        finally:
            OPEN.dec()
            request_id.reset(marked)
            took_s = time.perf_counter() - began
            route = getattr(scope.get("route"), "path", "none")
            REQUESTS.labels(scope["method"], route, str(status)).observe(took_s)
            _log.debug("%s %s %d %.1f ms request=%s", scope["method"], route, status, took_s * 1000, mine)


def telling(app: FastAPI, site: Site) -> None:
    """Ids and figures for everything that `app` answers, and the pages for those who watch over it."""
    app.add_middleware(_Telling)

    @app.get("/healthz", include_in_schema=False)
    async def _healthz() -> dict[str, bool]:
        return {"ok": True}

    @app.get("/readyz", include_in_schema=False)
    async def _readyz() -> Response:
        try:
            await site.database.run(lambda connection: connection.exec_driver_sql("SELECT 1").scalar())
        except Exception as error:  # noqa: BLE001 - whatever it is, we are not ready
            _log.warning("not ready: %s", error)
            return Response("the database does not answer\n", 503, media_type="text/plain")
        if not site.bus.is_well:
            return Response("Redis does not answer\n", 503, media_type="text/plain")
        return Response("ready\n", media_type="text/plain")

    @app.get("/metrics", include_in_schema=False)
    async def _metrics(request: Request) -> Response:
        if not _may_measure(request, site.settings.metrics_token):
            return errors.refused(404, "not_found", "There is nothing here.")
        return Response(generate_latest(REGISTRY) + await _of_branches(site), media_type="text/plain; version=0.0.4")


async def _of_branches(site: Site) -> bytes:
    """Nothing while the database is away: the figures of the process are told all the same."""
    try:
        return await site.database.run(branch_figures)
    except Exception as error:  # noqa: BLE001 - /readyz says what is wrong with it
        _log.warning("no figures of the branches: %s", error)
        return b""


def _may_measure(request: Request, token: str | None) -> bool:
    """Figures tell how busy somebody's branches are: they are for this machine, and for whoever has the token."""
    given = request.headers.get("authorization", "").removeprefix("Bearer ")
    if token is not None and hmac.compare_digest(given.encode(), token.encode()):
        return True
    return "x-forwarded-for" not in request.headers and is_loopback(address_of(request))


def address_of(request: Request) -> str:
    """Where a request comes from: whoever connected, or whom our own proxy names."""
    site: Site = request.app.state.site
    forwarded = request.headers.getlist("x-forwarded-for")
    if site.settings.behind_proxy and forwarded:
        # the last line is the proxy's own, whatever lines a caller has sent along
        return forwarded[-1].rpartition(",")[2].strip()[:64]
    return request.client.host if request.client is not None else ""


def network_of(request: Request) -> str:
    """Whom limits count together: an address, or of IPv6 the network, of which each household has a whole one."""
    address = address_of(request)
    try:
        one = ip_address(address)
    except ValueError:
        return address
    if isinstance(one, IPv4Address):
        return address
    return str(one.ipv4_mapped or ip_network((int(one) >> 64 << 64, 64)))
