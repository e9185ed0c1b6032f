"""The hosted pages: where a customer pays, is declined and pays again, or turns back."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from payments.sandbox.cards import CARDS, card_of
from payments.sandbox.ledger import Payment, Refused
from payments.sandbox.rendering import Html, joined, page, render, shown_amount
from payments.sandbox.texts import LANGUAGES, reason, text

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request

    from payments.sandbox.book import Book

SEE_OTHER = 303


class Pages:
    """Every answer to a form is a redirect, so that reloading a page repeats nothing."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.store = book.store

    def routes(self) -> list[Route]:
        return [
            Route("/pay/{page}", self.show, methods=["GET"]),
            Route("/pay/{page}", self.enter_card, methods=["POST"]),
            Route("/pay/{page}/challenge", self.answer_challenge, methods=["POST"]),
            Route("/pay/{page}/approval", self.answer_approval, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        payment = self._of(request)
        language = language_of(request, payment)
        amount = shown_amount(payment.amount, payment.currency, language)
        return page(
            f"{text(language, 'title')} {amount}",
            body_of(payment, language, problem=request.query_params.get("problem", "")),
            language=language,
            leads_to=(payment.return_url, payment.cancel_url),
        )

    async def enter_card(self, request: Request) -> Response:
        """Pay with the card number that was typed or chosen."""
        card = card_of((await form_of(request)).get("card", ""))
        payment = self._of(request)
        if card is None:
            return onward(request, payment, problem="unknown_card")
        return self._try(
            request,
            payment,
            lambda: self.book.pay_with_card(payment, card, is_authenticated=False),
        )

    async def answer_challenge(self, request: Request) -> Response:
        form = await form_of(request)
        payment = self._of(request)
        card = CARDS.get(payment.challenge)
        if card is None:
            return onward(request, payment)
        if form.get("answer") != "yes":
            return self._try(
                request, payment, lambda: self.book.decline(payment, "authentication_failed")
            )
        return self._try(
            request,
            payment,
            lambda: self.book.pay_with_card(payment, card, is_authenticated=True),
        )

    async def answer_approval(self, request: Request) -> Response:
        """Pay by MobilePay, a bank or Klarna. A card is never paid by a bare yes."""
        form = await form_of(request)
        payment = self._of(request)
        if form.get("answer") != "yes" or payment.method == "card":
            return self._try(
                request, payment, lambda: self.book.decline(payment, "declined_by_customer")
            )
        return self._try(request, payment, lambda: self.book.approve(payment))

    def _try(self, request: Request, payment: Payment, act: Callable[[], object]) -> Response:
        # Refused means closed or paid meanwhile: the page that follows says which.
        with suppress(Refused), self.store.transaction():
            act()
        return onward(request, payment)

    def _of(self, request: Request) -> Payment:
        return self.store.payment_of_page(request.path_params["page"])


def onward(request: Request, payment: Payment, problem: str = "") -> Response:
    """Lead to the shop where it is paid, else back to the page, which says what is the matter."""
    if payment.status == "authorised" and payment.return_url:
        return RedirectResponse(payment.return_url, SEE_OTHER)
    if payment.refusals and not problem:
        problem = payment.refusals[-1].code
    query = f"lang={language_of(request, payment)}"
    if problem and not payment.challenge:
        query += f"&problem={problem}"
    return RedirectResponse(f"/pay/{payment.page}?{query}", SEE_OTHER)


def body_of(payment: Payment, language: str, *, problem: str) -> Html:
    content = _form(payment, language) if payment.status == "open" else _ending(payment, language)
    return render(
        "pay",
        sandbox=text(language, "sandbox"),
        amount=shown_amount(payment.amount, payment.currency, language),
        description=payment.description,
        keyed=render("keyed", text=text(language, "keyed")) if payment.is_keyed else Html(),
        problem=_problem(language, problem) if payment.status == "open" else Html(),
        content=content,
        back=_back(payment, language),
        languages=_languages(payment),
    )


def _form(payment: Payment, language: str) -> Html:
    if payment.challenge:
        return render(
            "challenge",
            page=payment.page,
            lang=language,
            title=text(language, "challenge"),
            text=text(language, "challenge_text"),
            confirm=text(language, "confirm"),
            reject=text(language, "reject"),
        )
    amount = shown_amount(payment.amount, payment.currency, language)
    if payment.method == "card":
        return render(
            "card",
            page=payment.page,
            lang=language,
            label=text(language, "card_number"),
            pay=text(language, "pay").format(amount=amount),
            or_choose=text(language, "or_choose"),
            cards=_cards(payment, language),
        )
    return render(
        "approval",
        page=payment.page,
        lang=language,
        title=text(language, payment.method),
        text=text(language, f"{payment.method}_text"),
        confirm=text(language, "approve").format(amount=amount),
        reject=text(language, "reject"),
    )


def _cards(payment: Payment, language: str) -> Html:
    return joined(
        render(
            "card_choice",
            page=payment.page,
            lang=language,
            number=card.number,
            shown=" ".join(card.number[start : start + 4] for start in range(0, 16, 4)),
            label=text(language, card.label),
        )
        for card in CARDS.values()
    )


def _ending(payment: Payment, language: str) -> Html:
    key = "paid" if payment.status == "authorised" else payment.status
    return render("ending", text=text(language, key))


def _problem(language: str, code: str) -> Html:
    if not code:
        return Html()
    sentence = f"{text(language, 'not_paid')} {reason(language, code)}"
    return render("problem", text=sentence)


def _back(payment: Payment, language: str) -> Html:
    url = payment.return_url if payment.status == "authorised" else payment.cancel_url
    return render("back", url=url, text=text(language, "cancel")) if url else Html()


def _languages(payment: Payment) -> Html:
    return joined(
        render("language", page=payment.page, lang=language, name=name)
        for language, name in LANGUAGES.items()
    )


def language_of(request: Request, payment: Payment) -> str:
    """Return the language asked for in the address, else the payment's, else English."""
    asked = request.query_params.get("lang", payment.language)
    return asked if asked in LANGUAGES else "en"


async def form_of(request: Request) -> dict[str, str]:
    """Read a form. Raises Refused where a page of another site sent it."""
    if request.headers.get("sec-fetch-site") == "cross-site":
        raise Refused("cross_site", "Forms are taken from these pages only.", 403)
    return dict(parse_qsl((await request.body()).decode("utf-8", "replace")))
