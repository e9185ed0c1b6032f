"""Cards keyed on a phone: the merchant's side of it, and a phone on which one plays the customer.

What is keyed stays in this process, is told to nobody, and is gone when it ends.
"""

from __future__ import annotations

import time
from collections import defaultdict
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from payments.sandbox.api import address_of, order_of
from payments.sandbox.cards import CARDS, card_of
from payments.sandbox.ledger import Payment, Refused
from payments.sandbox.pages import SEE_OTHER, form_of
from payments.sandbox.rendering import Html, joined, page, render, shown_amount
from payments.sandbox.texts import LANGUAGES, text

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request

    from payments.sandbox.api import Api

FIELDS = {"card_number": 19, "expiry": 4, "security_code": 3}
SHORTEST = {"card_number": 13, "expiry": 4, "security_code": 3}
STATES = {
    "card_number": "card_number_keyed",
    "expiry": "expiry",
    "security_code": "security_code",
}
KEYS = "123456789*0#"
LISTENS_FOR_S = 900
SHOWN = 20
LAST_KNOWN = 50


class Keypads:
    """`#` ends a field, `*` begins it anew. A wrong field is told, and can be asked for again."""

    def __init__(self, api: Api) -> None:
        self.book = api.book
        self.store = api.store
        self.exchange = api.exchange
        self.shown = api.shown
        self.admitted = api.admitted
        self.tones: defaultdict[str, dict[str, str]] = defaultdict(dict)

    def routes(self) -> list[Route]:
        return [
            Route("/v1/keypads", self.admitted(self.start), methods=["POST"]),
            Route("/v1/keypads/{id}/{act}", self.admitted(self.act), methods=["POST"]),
            Route("/keypads", self.phones, methods=["GET"]),
            Route("/_keypads", self.find, methods=["GET"]),
            Route("/keypad/{page}", self.show, methods=["GET"]),
            Route("/keypad/{page}", self.press, methods=["POST"]),
        ]

    # What the merchant asks for.

    async def start(self, request: Request) -> Response:
        def act(data: dict[str, Any]) -> dict[str, Any]:
            order = order_of({**data, "entry": "keyed", "expires_at": time.time() + LISTENS_FOR_S})
            url = address_of(data, "callback_url")
            return self.shown(self.book.listen(order, callback_url=url))

        return await self.exchange.carry_out(request, "push", act)

    async def act(self, request: Request) -> Response:
        """Ask for a field, charge what was keyed, or stop listening."""
        acts: dict[str, tuple[str, Callable[[Payment, dict[str, Any]], None]]] = {
            "ask": ("ask", self._ask),
            "confirm": ("confirm", self._confirm),
            "hang_up": ("close", self._hang_up),
        }
        found = acts.get(request.path_params["act"])
        if found is None:
            raise Refused("not_found", "There is no such act.", 404)
        operation, carry_out = found

        def act(data: dict[str, Any]) -> dict[str, Any]:
            payment = self.store.payment(request.path_params["id"])
            payment.callback_url = address_of(data, "callback_url") or payment.callback_url
            carry_out(payment, data)
            self.store.save(payment)
            return self.shown(payment)

        return await self.exchange.carry_out(request, operation, act)

    def _ask(self, payment: Payment, data: dict[str, Any]) -> None:
        must_listen(payment)
        if data.get("field") not in FIELDS:
            raise Refused("field_unknown", "There is no such field.")
        payment.asked = str(data["field"])
        self.tones[payment.id].pop(payment.asked, None)

    def _confirm(self, payment: Payment, _: dict[str, Any]) -> None:
        must_listen(payment)
        keyed = self.tones[payment.id]
        card = card_of(keyed.get("card_number", ""))
        if card is None or set(keyed) != set(FIELDS):
            raise Refused("not_complete", "Not everything has been keyed.")
        payment.asked = ""
        self.tones.pop(payment.id, None)
        self.book.pay_once(payment, card)

    def _hang_up(self, payment: Payment, _: dict[str, Any]) -> None:
        self.tones.pop(payment.id, None)
        payment.asked = ""
        self.book.close(payment)

    # What the customer does on the phone.

    async def phones(self, _: Request) -> Response:
        """List the phones on which a merchant listens."""
        listening = [
            one
            for one in self.store.latest_payments(LAST_KNOWN)
            if one.keypad and one.status == "open"
        ]
        rows = joined(
            render(
                "keypad_row",
                page=one.keypad,
                amount=shown_amount(one.amount, one.currency),
                description=one.description,
            )
            for one in listening[:SHOWN]
        )
        return page("Phones", render("keypads", rows=rows))

    async def find(self, request: Request) -> Response:
        """Say which phone is listened to for a payment of the merchant's: for tests."""
        named = self.store.payments_named(request.query_params.get("our_id", ""))
        return JSONResponse({"keypad": next((one.keypad for one in named), "")})

    async def show(self, request: Request) -> Response:
        payment = self.store.payment_of_keypad(request.path_params["page"])
        language = language_of(request)
        return page(text(language, "keypad"), self._body(payment, language), language=language)

    async def press(self, request: Request) -> Response:
        """Press one key, a row of them, or hang up."""
        pressed = (await form_of(request)).get("key", "")
        payment = self.store.payment_of_keypad(request.path_params["page"])
        with suppress(Refused), self.store.transaction():
            must_listen(payment)
            if pressed == "hang_up":
                self._hang_up(payment, {})
                self._tell(payment, "ended")
            else:
                for key in pressed:
                    self._press(payment, key)
            self.store.save(payment)
        query = f"?lang={language_of(request)}"
        return RedirectResponse(f"/keypad/{payment.keypad}{query}", SEE_OTHER)

    def _press(self, payment: Payment, key: str) -> None:
        keyed, field = self.tones[payment.id], payment.asked
        if not field or key not in KEYS:
            return
        if key == "#":
            self._finish(payment, field, keyed.get(field, ""))
            return
        typed = "" if key == "*" else (keyed.get(field, "") + key)[: FIELDS[field]]
        keyed[field] = typed
        self._tell(payment, "digits", digits=len(typed))

    def _finish(self, payment: Payment, field: str, typed: str) -> None:
        code = problem_of(field, typed)
        if code:
            self._tell(payment, "again", code=code)
            self.tones[payment.id].pop(field, None)
        else:
            self._tell(payment, "entered", digits=len(typed))
        payment.asked = ""

    def _tell(self, payment: Payment, what: str, *, digits: int = 0, code: str = "") -> None:
        told = {"field": payment.asked, "digits": digits, "code": code}
        self.book.announce(f"keypad.{what}", payment, keypad=told, url=payment.callback_url)

    def _body(self, payment: Payment, language: str) -> Html:
        field, is_open = payment.asked, payment.status == "open"
        typed = self.tones[payment.id].get(field, "") if field else ""
        state = STATES.get(field) or ("keypad_waits" if is_open else "keypad_over")
        return render(
            "keypad",
            sandbox=text(language, "sandbox"),
            amount=shown_amount(payment.amount, payment.currency, language),
            state=text(language, state),
            dots="•" * len(typed) or "–",
            keys=_keys(payment, language) if is_open else Html(),
            cards=_quick(payment, language) if is_open else Html(),
            languages=joined(
                render("keypad_language", page=payment.keypad, lang=code, name=name)
                for code, name in LANGUAGES.items()
            ),
        )


def must_listen(payment: Payment) -> None:
    if not payment.keypad or payment.status != "open" or time.time() >= payment.expires_at:
        raise Refused("not_listening", "Nobody listens to this phone any more.", 409)


def problem_of(field: str, typed: str) -> str:
    """What is wrong with what was keyed, if anything. Only test cards are cards."""
    if len(typed) < SHORTEST[field]:
        return "too_short"
    if field == "card_number" and card_of(typed) is None:
        return "unknown_card"
    if field == "expiry" and not _is_ahead(typed):
        return "expired"
    return ""


def _is_ahead(typed: str) -> bool:
    month, year = int(typed[:2]), 2000 + int(typed[2:])
    now = time.gmtime()
    return 1 <= month <= 12 and (year, month) >= (now.tm_year, now.tm_mon)  # noqa: PLR2004


def _keys(payment: Payment, language: str) -> Html:
    buttons = joined(render("keypad_key", key=key, label=key) for key in KEYS)
    hang_up = render("keypad_key", key="hang_up", label=text(language, "hang_up"))
    return render("keypad_keys", page=payment.keypad, lang=language, keys=buttons, hang_up=hang_up)


def _quick(payment: Payment, language: str) -> Html:
    """A whole row of keys at one press: a test card where a card is asked for."""
    rows = {
        "card_number": [
            (f"{one.number}#", f"{one.number} {text(language, one.label)}")
            for one in CARDS.values()
        ],
        "expiry": [("1234#", "12 34 #")],
        "security_code": [("123#", "1 2 3 #")],
    }
    return joined(
        render("keypad_quick", page=payment.keypad, lang=language, key=key, label=label)
        for key, label in rows.get(payment.asked, [])
    )


def language_of(request: Request) -> str:
    asked = request.query_params.get("lang", "en")
    return asked if asked in LANGUAGES else "en"
