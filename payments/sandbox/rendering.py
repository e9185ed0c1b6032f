"""Turns the templates into pages. Every value is escaped unless it is `Html` already."""

from __future__ import annotations

from html import escape
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.responses import HTMLResponse

if TYPE_CHECKING:
    from collections.abc import Iterable

HERE = Path(__file__).parent
NO_MINOR_UNIT = {"CLP", "ISK", "JPY", "KRW", "UGX", "VND", "XAF", "XOF", "XPF"}
SIGNS = {"EUR": "€"}
NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"
THOUSANDTHS = {"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"}


class Html(str):
    """Text that is markup already, made by this module."""

    __slots__ = ()


_templates = {
    path.stem: Template(path.read_text(encoding="utf-8").strip())
    for path in (HERE / "templates").glob("*.html")
}


def render(name: str, /, **values: str) -> Html:
    """Fill one template. Raises KeyError when a value it names is missing."""
    safe = {
        key: value if isinstance(value, Html) else escape(value) for key, value in values.items()
    }
    return Html(_templates[name].substitute(safe))


def joined(parts: Iterable[Html]) -> Html:
    return Html("\n".join(parts))


def page(
    title: str,
    body: Html,
    *,
    language: str = "en",
    leads_to: tuple[str, ...] = (),
    status: int = 200,
) -> HTMLResponse:
    """Answer a whole page. `leads_to` are the addresses its forms may end at.

    Browsers hold a form to `form-action` even where its answer redirects it elsewhere.
    """
    origins = " ".join(sorted({origin_of(url) for url in leads_to if url}))
    policy = (
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none';"
        f" frame-ancestors 'none'; form-action 'self' {origins}"
    )
    headers = {
        "content-security-policy": policy.strip(),
        "referrer-policy": "no-referrer",
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
    }
    html = render("base", title=title, body=body, language=language)
    return HTMLResponse(html, status, headers)


def origin_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def shown_amount(minor: int, currency: str, language: str = "en") -> str:
    """Write an amount as the language does: 12.50 €, 12,50 €, 1500 JPY."""
    places = 0 if currency in NO_MINOR_UNIT else 3 if currency in THOUSANDTHS else 2
    whole, rest = divmod(abs(minor), 10**places)
    separator = "." if language == "en" else ","
    text = f"{whole}{separator}{rest:0{places}d}" if places else str(whole)
    return f"{'-' if minor < 0 else ''}{text}{NO_BREAK_SPACE}{SIGNS.get(currency, currency)}"
