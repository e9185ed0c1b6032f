"""Card terminals: the merchant pushes an amount to one, and here is its screen to play with."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from payments.sandbox.api import order_of
from payments.sandbox.cards import CARDS, card_of
from payments.sandbox.ledger import Payment, Refused
from payments.sandbox.pages import SEE_OTHER, form_of
from payments.sandbox.rendering import Html, joined, page, render, shown_amount

if TYPE_CHECKING:
    from starlette.requests import Request

    from payments.sandbox.api import Api

READERS = ("counter-1", "counter-2")
STATES = {"card": "Insert a card", "pin": "PIN"}
STANDS_FOR_S = 600
LAST_KNOWN = 50


class Terminals:
    """Two readers. Switched off, one cannot be reached; while one is busy it takes no more."""

    def __init__(self, api: Api) -> None:
        self.book = api.book
        self.store = api.store
        self.exchange = api.exchange
        self.shown = api.shown
        self.admitted = api.admitted

    def routes(self) -> list[Route]:
        return [
            Route("/v1/terminals/{reader}/process", self.admitted(self.process), methods=["POST"]),
            Route("/v1/terminals/{reader}/cancel", self.admitted(self.cancel), methods=["POST"]),
            Route("/terminals", self.index, methods=["GET"]),
            Route("/terminal/{reader}", self.show, methods=["GET"]),
            Route("/terminal/{reader}", self.act, methods=["POST"]),
        ]

    async def process(self, request: Request) -> Response:
        """Show an amount on a reader and wait for a card."""

        def act(data: dict[str, Any]) -> dict[str, Any]:
            reader = self._reader(request)
            if self._is_off(reader):
                raise Refused("terminal_offline", "The terminal cannot be reached.", 409)
            if self._standing(reader) is not None:
                raise Refused("terminal_busy", "Another payment stands on the terminal.", 409)
            order = order_of({**data, "expires_at": time.time() + STANDS_FOR_S})
            return self.shown(self.book.show_on(order, reader))

        return await self.exchange.carry_out(request, "push", act)

    async def cancel(self, request: Request) -> Response:
        """Take an amount off a reader, unless its card is being read."""

        def act(data: dict[str, Any]) -> dict[str, Any]:
            payment = self.store.payment(str(data.get("payment", "")))
            if payment.reader != self._reader(request):
                raise Refused("not_found", "It does not stand on this terminal.", 404)
            return self.shown(self.book.close(payment))

        return await self.exchange.carry_out(request, "close", act)

    async def index(self, _: Request) -> Response:
        rows = joined(render("terminal_row", reader=reader) for reader in READERS)
        return page("Terminals", render("terminals", rows=rows))

    async def show(self, request: Request) -> Response:
        reader = self._reader(request)
        return page(reader, self._body(reader, self._standing(reader)))

    async def act(self, request: Request) -> Response:
        """Insert a card, type the PIN, cancel at the reader, or switch it off and on."""
        form, reader = await form_of(request), self._reader(request)
        if "switch" in form:
            self.store.set_option(f"off.{reader}", "" if self._is_off(reader) else "yes")
        payment = self._standing(reader)
        if payment is not None and not self._is_off(reader):
            with suppress(Refused), self.store.transaction():
                self._touch(payment, form)
        return RedirectResponse(f"/terminal/{reader}", SEE_OTHER)

    def _touch(self, payment: Payment, form: dict[str, str]) -> None:
        if "cancel" in form:
            self.book.close(payment)
        elif payment.asked == "card" and (card := card_of(form.get("card", ""))):
            payment.asked, payment.challenge = "pin", card.number
            self.book.announce("terminal.pin", payment)
            self.store.save(payment)
        elif payment.asked == "pin" and "pin" in form:
            card, payment.asked, payment.challenge = CARDS[payment.challenge], "", ""
            self.book.pay_once(payment, card)

    def _reader(self, request: Request) -> str:
        reader: str = request.path_params["reader"]
        if reader not in READERS:
            raise Refused("terminal_unknown", "There is no such terminal.", 404)
        return reader

    def _is_off(self, reader: str) -> bool:
        return bool(self.store.option(f"off.{reader}"))

    def _standing(self, reader: str) -> Payment | None:
        found = self.store.latest_payments(LAST_KNOWN)
        return next((one for one in found if one.reader == reader and one.status == "open"), None)

    def _body(self, reader: str, payment: Payment | None) -> Html:
        is_off = self._is_off(reader)
        amount = shown_amount(payment.amount, payment.currency) if payment else "–"
        state = (
            {"card": "Insert a card", "pin": "PIN"}.get(payment.asked, "") if payment else "Ready"
        )
        forms = _forms(reader, payment) if payment and not is_off else Html()
        return render(
            "terminal",
            reader=reader,
            amount="" if is_off else amount,
            state="Switched off" if is_off else state,
            forms=forms,
            switch="Switch on" if is_off else "Switch off",
        )


def _forms(reader: str, payment: Payment) -> Html:
    choices = (
        [("card", one.number, f"{one.number} {one.label}") for one in CARDS.values()]
        if payment.asked == "card"
        else [("pin", "yes", "PIN, OK")]
    )
    choices.append(("cancel", "yes", "Cancel"))
    return joined(
        render("terminal_choice", reader=reader, name=name, value=value, label=label)
        for name, value, label in choices
    )
