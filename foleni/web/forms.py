"""Plain HTML forms, for browsers that run no scripts: what was sent, and whether it comes from our own page."""

from urllib.parse import parse_qs, urlsplit

from fastapi import Request

from foleni.web.errors import WebError

_MOST_BODY_BYTES = 8192


async def fields_of_form(request: Request) -> dict[str, str]:
    """The fields of a form, the first value of each. Raises `WebError` for a body that is none of ours."""
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > _MOST_BODY_BYTES:
            raise WebError(413, "too_large", "This is too long.")
    try:
        given = parse_qs(body.decode(), keep_blank_values=True, max_num_fields=10)
    except ValueError:
        raise WebError(422, "invalid", "This form cannot be read.") from None
    return {name: values[0] for name, values in given.items()}


def is_own_form(request: Request) -> bool:
    """Whether a form comes from this site's own page; old browsers do not say where it comes from."""
    origin = request.headers.get("origin")
    if origin is not None:
        return urlsplit(origin).netloc == request.headers.get("host")
    return request.headers.get("sec-fetch-site", "same-origin") in {"same-origin", "none"}
