"""Lists in pages, as TaskRouter pages them.

The page index is for the client's eyes only; what leads on is the token, here the last SID before the page or the
first one after it. To a client it is opaque: https://www.twilio.com/docs/usage/twilios-response
"""

from collections.abc import Callable, Sequence
from urllib.parse import quote, urlencode

from ccstats_twilio.face.call import Call
from ccstats_twilio.face.errors import bad_request

PAGING = ("PageSize", "Page", "PageToken")


def page(call: Call, key: str, sids: Sequence[str], show: Callable[[str], dict[str, object]]) -> dict[str, object]:
    """Return the page of a list that the request asks for; `show` makes an item of a SID."""
    size = call.page_size()
    number = _number(call)
    first = _first(call, sids, size)
    shown = sids[first : first + size]
    following = first + size < len(sids)
    meta = {
        "page": number,
        "page_size": size,
        "first_page_url": _url(call, call.origin, size, 0, None),
        "previous_page_url": _url(call, call.origin, size, number - 1, f"PB{shown[0]}") if number and shown else None,
        "url": _url(call, call.origin, size, number, call.query.get("PageToken")),
        "next_page_url": _url(call, _elsewhere(call), size, number + 1, f"PA{shown[-1]}") if following else None,
        "key": key,
    }
    return {key: [show(sid) for sid in shown], "meta": meta}


def _number(call: Call) -> int:
    text = call.query.get("Page", "0")
    if not text.isdecimal():
        raise bad_request("Page must be a whole number")
    # https://github.com/twilio/twilio-php/issues/507
    if int(text) > 0 and "PageToken" not in call.query:
        raise bad_request("Paged requests must include a PageToken")
    return int(text)


def _first(call: Call, sids: Sequence[str], size: int) -> int:
    token = call.query.get("PageToken")
    if token is None:
        return 0
    kind, sid = token[:2], token[2:]
    if kind not in {"PA", "PB"} or sid not in sids:
        raise bad_request("Invalid PageToken")
    place = sids.index(sid)
    return place + 1 if kind == "PA" else max(place - size, 0)


def _url(call: Call, origin: str, size: int, number: int, token: str | None) -> str:
    query = [(name, value) for name, value in call.query.items() if name not in PAGING]
    query += [("PageSize", str(size)), ("Page", str(number))]
    if token is not None:
        query.append(("PageToken", token))
    return f"{origin}{call.path}?{urlencode(query, quote_via=quote)}"


def _elsewhere(call: Call) -> str:
    host = call.settings.next_page_host
    if host is None:
        return call.origin
    return host if "://" in host else f"{call.origin.partition('://')[0]}://{host}"
