"""The sandbox's API, version 1: JSON in, JSON out, a bearer key, amounts in minor units."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from payments.sandbox import settlement
from payments.sandbox.exchange import refusal
from payments.sandbox.ledger import MOVEMENTS, Order, Payment, Refused

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from sqlite3 import Row

    from starlette.requests import Request

    from payments.sandbox.book import Book
    from payments.sandbox.exchange import Exchange

    type Endpoint = Callable[[Request], Awaitable[Response]]

PAGE_LIMIT = 200
HIDDEN = frozenset(
    {
        "page",
        "challenge",
        "return_url",
        "cancel_url",
        "keypad",
        "asked",
        "reader",
        "callback_url",
        "notify_url",
    }
)


class Api:
    """Translates HTTP to the book and back; the exchange decides whether it gets that far."""

    def __init__(self, book: Book, exchange: Exchange, public_url: str) -> None:
        self.book = book
        self.store = book.store
        self.exchange = exchange
        self.public_url = public_url

    def routes(self) -> list[Route]:
        def post(path: str, endpoint: Endpoint) -> Route:
            return Route(f"/v1{path}", self.admitted(endpoint), methods=["POST"])

        def get(path: str, endpoint: Endpoint) -> Route:
            return Route(f"/v1{path}", self.admitted(endpoint), methods=["GET"])

        return [
            post("/checkouts", self.create_checkout),
            post("/charges", self.create_charge),
            post("/payments/{id}/captures", self.capture),
            post("/payments/{id}/cancellations", self.cancel),
            post("/payments/{id}/refunds", self.refund),
            post("/payments/{id}/close", self.close),
            get("/payments", self.find_payments),
            get("/payments/{id}", self.get_payment),
            get("/refunds", self.find_refunds),
            get("/balance_transactions", self.list_lines),
            post("/payouts", self.create_payout),
            get("/payouts", self.list_payouts),
            get("/payouts/{id}/settlement.csv", self.get_settlement),
        ]

    async def create_checkout(self, request: Request) -> Response:
        def act(data: dict[str, Any]) -> dict[str, Any]:
            return self.shown(self.book.open_checkout(order_of(data)))

        return await self.exchange.carry_out(request, "create", act)

    async def create_charge(self, request: Request) -> Response:
        def act(data: dict[str, Any]) -> dict[str, Any]:
            payment = self.book.charge(
                order_of(data),
                token=str(data.get("token", "")),
                is_off_session=bool(data.get("off_session")),
            )
            return self.shown(payment)

        return await self.exchange.carry_out(request, "charge", act)

    async def capture(self, request: Request) -> Response:
        def act(data: dict[str, Any]) -> dict[str, Any]:
            payment = self._of(request)
            amount = amount_of(data, payment.capturable)
            return self.shown(self.book.capture(payment, amount=amount, our_id=our_id_of(data)))

        return await self.exchange.carry_out(request, "capture", act)

    async def cancel(self, request: Request) -> Response:
        def act(data: dict[str, Any]) -> dict[str, Any]:
            payment = self._of(request)
            amount = amount_of(data, payment.capturable)
            return self.shown(self.book.cancel(payment, amount=amount, our_id=our_id_of(data)))

        return await self.exchange.carry_out(request, "cancel", act)

    async def refund(self, request: Request) -> Response:
        def act(data: dict[str, Any]) -> dict[str, Any]:
            payment = self._of(request)
            refunded = self.book.refund(
                payment,
                amount=amount_of(data, 0),
                capture_id=str(data.get("capture", "")),
                our_id=our_id_of(data),
            )
            return self.shown(refunded)

        return await self.exchange.carry_out(request, "refund", act)

    async def close(self, request: Request) -> Response:
        def act(_: dict[str, Any]) -> dict[str, Any]:
            return self.shown(self.book.close(self._of(request)))

        return await self.exchange.carry_out(request, "close", act)

    async def get_payment(self, request: Request) -> Response:
        return await self.exchange.read(request, lambda: self.shown(self._of(request)))

    async def find_payments(self, request: Request) -> Response:
        name = request.query_params.get("our_id", "")

        def look() -> dict[str, Any]:
            return {"data": [self.shown(one) for one in self.store.payments_named(name)]}

        return await self.exchange.read(request, look)

    async def find_refunds(self, request: Request) -> Response:
        name = request.query_params.get("our_id", "")

        def look() -> dict[str, Any]:
            found = [
                movement
                for payment in self.shown_of(name)
                for movement in payment["refunds"]
                if movement["our_id"] == name
            ]
            return {"data": found}

        return await self.exchange.read(request, look)

    async def list_lines(self, request: Request) -> Response:
        def look() -> dict[str, Any]:
            since = number_of(request.query_params, "since")
            after = int(number_of(request.query_params, "after"))
            rows = settlement.lines_since(self.store, since, after, PAGE_LIMIT)
            return {"data": [shown_line(row) for row in rows], "more": len(rows) == PAGE_LIMIT}

        return await self.exchange.read(request, look)

    async def create_payout(self, request: Request) -> Response:
        def act(data: dict[str, Any]) -> dict[str, Any]:
            return {"id": settlement.pay_out(self.store, str(data.get("currency", "")))}

        return await self.exchange.carry_out(request, "create", act)

    async def list_payouts(self, request: Request) -> Response:
        def look() -> dict[str, Any]:
            rows = self.store.rows("SELECT * FROM payout ORDER BY created_at")
            return {"data": [dict(row) for row in rows]}

        return await self.exchange.read(request, look)

    async def get_settlement(self, request: Request) -> Response:
        text = settlement.settlement_file(self.store, request.path_params["id"])
        return PlainTextResponse(text, media_type="text/csv")

    def shown(self, payment: Payment) -> dict[str, Any]:
        """Say everything about a payment that its merchant may know."""
        shown: dict[str, Any] = {
            name: value for name, value in payment.to_dict().items() if name not in HIDDEN
        }
        shown["step"] = payment.asked if payment.reader and payment.status == "open" else ""
        shown["page_url"] = f"{self.public_url}/pay/{payment.page}" if payment.page else ""
        for kind in MOVEMENTS:
            for movement in shown[kind]:
                movement |= {"payment": payment.id, "currency": payment.currency}
        return shown

    def shown_of(self, name: str) -> list[dict[str, Any]]:
        return [self.shown(payment) for payment in self.store.payments_named(name)]

    def admitted(self, endpoint: Endpoint) -> Endpoint:
        """Let an endpoint answer only who brings the API key; its refusals are answers too."""

        async def admitted(request: Request) -> Response:
            try:
                self.exchange.admit(request)
                return await endpoint(request)
            except Refused as refused:
                return refusal(refused)

        return admitted

    def _of(self, request: Request) -> Payment:
        return self.store.payment(request.path_params["id"])


def order_of(data: Mapping[str, Any]) -> Order:
    """Read what is to be paid. Raises Refused where amount or currency is not usable."""
    currency = str(data.get("currency", ""))
    if len(currency) != 3 or not currency.isupper():  # noqa: PLR2004
        raise Refused("currency_unsupported", "The currency must be an ISO 4217 code.")
    return Order(
        our_id=our_id_of(data),
        amount=amount_of(data, 0),
        currency=currency,
        method=str(data.get("method", "card")),
        description=str(data.get("description", "")),
        language=str(data.get("language", "en")),
        return_url=address_of(data, "return_url"),
        cancel_url=address_of(data, "cancel_url"),
        expires_at=number_of(data, "expires_at"),
        is_manual=bool(data.get("manual_capture")),
        saves_method=bool(data.get("save_method")),
        is_keyed=data.get("entry") == "keyed",
        customer=str(data.get("customer", "")),
        notify_url=address_of(data, "notify_url"),
    )


def amount_of(data: Mapping[str, Any], otherwise: int) -> int:
    """Read a positive amount in minor units. Raises Refused for anything else."""
    amount = data.get("amount", otherwise)
    if not isinstance(amount, int) or isinstance(amount, bool) or amount <= 0:
        raise Refused("amount_invalid", "The amount must be a positive integer.")
    return amount


def address_of(data: Mapping[str, Any], name: str) -> str:
    """Read a web address, or nothing. Raises Refused for anything a browser might run."""
    address = str(data.get(name, ""))
    if address and not address.startswith(("https://", "http://")):
        raise Refused("address_invalid", f"{name} must be a web address.")
    return address


def number_of(data: Mapping[str, Any], name: str) -> float:
    """Read a number, 0 where there is none. Raises Refused for anything else."""
    try:
        return float(data.get(name, 0))
    except (TypeError, ValueError) as error:
        raise Refused("body_unreadable", f"{name} must be a number.") from error


def our_id_of(data: Mapping[str, Any]) -> str:
    return str(data.get("our_id", ""))


def shown_line(row: Row) -> dict[str, Any]:
    return {**dict(row), "net": row["amount"] - row["fee"]}
