"""The provider's own back office: what its staff can do behind a merchant's back."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from payments.sandbox import settlement
from payments.sandbox.exchange import parsed, refusal
from payments.sandbox.faults import REQUEST_FAULTS, WEBHOOK_FAULTS
from payments.sandbox.ledger import Movement, Payment, Refused
from payments.sandbox.pages import SEE_OTHER, form_of
from payments.sandbox.rendering import Html, joined, page, render, shown_amount

if TYPE_CHECKING:
    from starlette.requests import Request

    from payments.sandbox.book import Book
    from payments.sandbox.faults import Faults
    from payments.sandbox.webhooks import Sender

ROWS = 50
SWITCHED_RATE = 0.3


class Dashboard:
    """Pages for people, and the `/_…` addresses for tests."""

    def __init__(self, book: Book, faults: Faults, sender: Sender) -> None:
        self.book = book
        self.store = book.store
        self.faults = faults
        self.sender = sender

    def routes(self) -> list[Route]:
        return [
            Route("/", self.show, methods=["GET"]),
            Route("/dashboard/payments/{id}/{action}", self.act, methods=["POST"]),
            Route("/dashboard/payouts", self.pay_out, methods=["POST"]),
            Route("/dashboard/faults", self.switch_fault, methods=["POST"]),
            Route("/_faults", self.change_faults, methods=["GET", "POST", "DELETE"]),
            Route("/_effects", self.list_effects, methods=["GET"]),
            Route("/_deliveries", self.list_deliveries, methods=["GET"]),
            Route("/_webhook", self.set_webhook, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        payments = self.store.latest_payments(ROWS)
        body = render(
            "dashboard",
            problem=render("problem", text=problem)
            if (problem := request.query_params.get("problem", ""))
            else Html(),
            payments=joined(payment_row(payment) for payment in payments),
            faults=joined(self._fault_row(fault) for fault in REQUEST_FAULTS + WEBHOOK_FAULTS),
        )
        return page("Sandbox", body)

    async def act(self, request: Request) -> Response:
        """Refund, dispute or decide a dispute here, without the merchant having asked."""
        form = await form_of(request)
        payment = self.store.payment(request.path_params["id"])
        problem = ""
        try:
            with self.store.transaction():
                self._act(payment, request.path_params["action"], form)
        except Refused as refused:
            problem = refused.message
        return back(problem)

    async def pay_out(self, request: Request) -> Response:
        form = await form_of(request)
        try:
            with self.store.transaction():
                settlement.pay_out(self.store, form.get("currency", "EUR"))
        except Refused as refused:
            return back(refused.message)
        return back()

    async def switch_fault(self, request: Request) -> Response:
        """Turn one fault on, at a rate people notice, or off."""
        fault = (await form_of(request)).get("fault", "")
        rate = 0 if self.faults.rates.get(fault) else SWITCHED_RATE
        with suppress(Refused):
            self.faults.change({"rates": {fault: rate}})
        return back()

    async def change_faults(self, request: Request) -> Response:
        if request.method == "DELETE":
            self.faults.clear()
        elif request.method == "POST":
            try:
                self.faults.change(parsed(await request.body()))
            except Refused as refused:
                return refusal(refused)
        return JSONResponse(self.faults.as_dict())

    async def list_effects(self, request: Request) -> Response:
        """List everything that really happened, oldest first: the proof of no double charge."""
        return JSONResponse({"effects": self.store.effects()})

    async def list_deliveries(self, request: Request) -> Response:
        payment = request.query_params.get("payment", "")
        return JSONResponse({"deliveries": self.sender.deliveries(payment)})

    async def set_webhook(self, request: Request) -> Response:
        try:
            url = str(parsed(await request.body()).get("url", ""))
        except Refused as refused:
            return refusal(refused)
        self.sender.listen_at(url)
        return JSONResponse({"url": url})

    def _act(self, payment: Payment, action: str, form: dict[str, str]) -> None:
        match action:
            case "refund":
                self.book.refund(payment, amount=whole_number(form.get("amount", "")))
            case "dispute":
                self.book.open_dispute(payment)
            case "win" | "lose":
                self.book.close_dispute(payment, form.get("dispute", ""), is_won=action == "win")
            case _:
                raise Refused("not_found", "There is no such action.", 404)

    def _fault_row(self, fault: str) -> Html:
        rate = self.faults.rates.get(fault, 0)
        return render(
            "fault",
            fault=fault,
            name=fault.replace("_", " "),
            state=f"on, {rate:.0%}" if rate else "off",
            pressed="true" if rate else "false",
        )


def payment_row(payment: Payment) -> Html:
    left = sum(payment.left_of(capture) for capture in payment.captures)
    actions = [dispute_form(payment, one) for one in payment.disputes]
    if left > 0:
        actions.append(render("refund_form", id=payment.id, amount=str(left)))
        actions.append(render("dispute_form", id=payment.id))
    return render(
        "payment_row",
        id=payment.id,
        our_id=payment.our_id,
        method=payment.method,
        status=payment.status,
        amount=shown_amount(payment.amount, payment.currency),
        captured=shown_amount(payment.captured, payment.currency),
        refunded=shown_amount(sum(one.amount for one in payment.refunds), payment.currency),
        actions=joined(actions),
    )


def dispute_form(payment: Payment, dispute: Movement) -> Html:
    if dispute.status in {"won", "lost"}:
        return render("dispute_ended", status=dispute.status)
    return render("dispute_decision", id=payment.id, dispute=dispute.id)


def whole_number(typed: str) -> int:
    """Read an amount in minor units. Raises Refused for anything else."""
    if not typed.isascii() or not typed.isdigit() or int(typed) == 0:
        raise Refused("amount_invalid", "The amount must be a whole number of minor units.")
    return int(typed)


def back(problem: str = "") -> Response:
    query = f"?{urlencode({'problem': problem})}" if problem else ""
    return RedirectResponse(f"/{query}", SEE_OTHER)
