"""Every page that a person can see, and how to come to it."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from tests.browser.sights import Sights

    type Step = Callable[[Page], None]

# Who looks in English, in Finnish and in Swedish. One person has three live streams at most.
type People = tuple[str, str, str]
NOBODY: People = ("", "", "")
AGENT: People = ("agent", "agent", "agent")
SERVING: People = ("agent", "senior", "supervisor")
APPROVING: People = ("finance", "supervisor", "supervisor")
TEACHING: People = ("supervisor", "supervisor", "supervisor")
LEADING: People = ("senior", "supervisor", "admin")
ADMIN: People = ("admin", "admin", "admin")
# A form that was refused; a question that the pressing of a button has overtaken.
REFUSED = ("a status of 422", "AbortError")


@dataclass(frozen=True, slots=True)
class Sight:
    """One page: whose it is, its address, and what is done there before one looks.

    A page of ours takes its language from the browser; `{lang}` in an address names it.
    `status` is what the server answers; `speaks` is what it is written in, if not everything;
    `expects` is what the console may say.
    """

    name: str
    address: Callable[[Sights], str]
    who: People = NOBODY
    steps: tuple[Step, ...] = ()
    status: int = 200
    speaks: tuple[str, ...] = ("en", "fi", "sv")

    expects: tuple[str, ...] = ()

    @property
    def complains(self) -> tuple[str, ...]:
        """What the console says of a refusal that was asked for."""
        answer = () if self.status == HTTPStatus.OK else (f"a status of {self.status}",)
        return (*self.expects, *answer)

    def __str__(self) -> str:
        return self.name


def click(selector: str) -> Step:
    return lambda page: page.locator(selector).first.click()


def press(key: str) -> Step:
    return lambda page: page.keyboard.press(key)


def see(selector: str) -> Step:
    return lambda page: page.locator(selector).first.wait_for()


def look_for(term: str) -> Step:
    return lambda page: page.locator("[data-search]").fill(term)


def send(selector: str) -> Step:
    """Send a form as a browser without scripts does, and wait for the answer."""

    def act(page: Page) -> None:
        with page.expect_navigation():
            page.evaluate(f"document.querySelector({selector!r}).submit()")

    return act


DESK = (
    Sight("desk", lambda _: "/", SERVING),
    Sight("found", lambda _: "/", SERVING, (look_for("Lehtinen"), see("#found [role=option]"))),
    Sight("not found", lambda _: "/", SERVING, (look_for("Xyzzy"), see(".found-none"))),
    Sight(
        "search results",
        lambda _: "/search/",
        AGENT,
        (look_for("Lehtinen"), send("search form"), see(".found-page")),
    ),
    Sight("menu", lambda _: "/", SERVING, (click(".menu-button"), see("#user-menu"))),
    Sight("keys", lambda of: of.waiting.page, SERVING, (press("?"), see("#keys-help"))),
    Sight(
        "help beside the work", lambda _: "/tasks/", SERVING, (press("F1"), see(".help-panel h1"))
    ),
    Sight("all help", lambda _: "/help/", SERVING),
    Sight("help of one screen", lambda _: "/help/pay/", SERVING),
    Sight("customer, nothing sent", lambda of: f"{of.owing.page}pay/", SERVING),
    Sight("customer, link open", lambda of: f"{of.waiting.page}pay/", SERVING),
    Sight("customer, declined", lambda of: f"{of.declined_at.page}pay/", SERVING),
    Sight("customer, not delivered", lambda of: f"{of.undelivered.page}pay/", SERVING),
    Sight("customer, goods held", lambda of: f"{of.holding.page}pay/", SERVING),
    Sight("customer, paid", lambda of: f"{of.paid_by.page}pay/", SERVING),
    Sight(
        "customer, send elsewhere",
        lambda of: f"{of.waiting.page}pay/",
        SERVING,
        (press("o"), see("#other-typed")),
    ),
    Sight(
        "customer, refund",
        lambda of: f"{of.paid_by.page}pay/",
        SERVING,
        (press("f"), see("#refund-amount")),
    ),
    Sight(
        "customer, refused",
        lambda of: f"{of.owing.page}pay/",
        SERVING,
        (
            lambda page: page.locator("#pay-amount").fill("much"),
            click("[data-key=l]"),
            see("#pay-error"),
        ),
        expects=REFUSED,
    ),
    Sight(
        "customer, promise",
        lambda of: f"{of.owing.page}pay/",
        SERVING,
        (press("p"), see("#way-day")),
    ),
    Sight(
        "customer, instalments",
        lambda of: f"{of.owing.page}pay/",
        SERVING,
        (press("i"), see("#plan-preview li")),
    ),
    Sight("customer, paying in instalments", lambda of: f"{of.planning.page}pay/", SERVING),
    Sight("instalments", lambda of: f"/instalments/{of.plan}/", SERVING),
    Sight(
        "customer, link as a code",
        lambda of: f"{of.waiting.page}pay/",
        SERVING,
        (press("q"), see("#rail-more .code")),
    ),
    Sight(
        "customer, bank transfer",
        lambda of: f"{of.owing.page}pay/",
        SERVING,
        (press("b"), see("#pay-way .primary")),
    ),
    Sight(
        "customer, card terminal",
        lambda of: f"{of.owing.page}pay/",
        SERVING,
        (press("t"), see("#way-terminal")),
    ),
    Sight("promise, without scripts", lambda of: f"{of.owing.page}pay/promise/", SERVING),
    Sight("instalments, without scripts", lambda of: f"{of.owing.page}pay/instalments/", SERVING),
    Sight("orders", lambda of: f"{of.paid_by.page}orders/", SERVING),
    Sight("timeline", lambda of: f"{of.paid_by.page}timeline/", SERVING),
    Sight("notes", lambda of: f"{of.paid_by.page}notes/", LEADING),
    Sight("new customer", lambda _: "/customers/new/", SERVING),
    Sight(
        "new customer, refused",
        lambda _: "/customers/new/",
        SERVING,
        (lambda page: page.locator("#id_phone").fill("12"), send("main form")),
        expects=REFUSED,
    ),
    Sight("edit customer", lambda of: f"{of.paid_by.page}edit/", SERVING),
    Sight("merge", lambda of: f"{of.paid_by.page}merge/", LEADING),
    Sight("merge with", lambda of: f"{of.paid_by.page}merge/{of.owing.id}/", LEADING),
    Sight("order", lambda of: f"/orders/{of.order}/", SERVING),
    Sight("invoice, open", lambda of: f"/invoices/{of.owing.invoices[0]}/", SERVING),
    Sight("invoice, paid", lambda of: f"/invoices/{of.paid_by.invoices[0]}/", SERVING),
    Sight("payments", lambda _: "/payments/", SERVING),
    Sight("payments, none", lambda _: "/payments/?until=2001-01-01", SERVING),
    Sight("payment, open", lambda of: f"/payments/{of.open.intent}/", SERVING),
    Sight("payment, refunded", lambda of: f"/payments/{of.paid.intent}/", SERVING),
    Sight("payment, needs a look", lambda of: f"/payments/{of.reviewed.intent}/", SERVING),
    Sight("payment, surplus moved", lambda of: f"/payments/{of.moved.intent}/", SERVING),
    Sight("refund", lambda of: f"/payments/{of.paid.intent}/refund/", SERVING),
    Sight("refund by line", lambda of: f"/payments/{of.paid.intent}/refund/lines/", SERVING),
    Sight("to another invoice", lambda of: f"/payments/{of.too_much.intent}/surplus/", SERVING),
    Sight("send elsewhere", lambda of: f"/payments/{of.open.intent}/other/", SERVING),
    Sight("needs a look", lambda _: "/payments/review/", SERVING),
    Sight("approvals", lambda _: "/payments/approvals/", APPROVING),
    Sight("without an answer", lambda _: "/payments/unknown/", APPROVING),
    Sight("what became of it", lambda of: f"/payments/unknown/{of.unanswered}/", APPROVING),
    Sight("parked deliveries", lambda _: "/payments/parked/", LEADING),
    Sight("tasks", lambda _: "/tasks/?whose=all", SERVING),
    Sight("tasks, none", lambda _: "/tasks/?whose=mine&overdue=on", SERVING),
    Sight("task", lambda of: f"/tasks/{of.task}/", SERVING),
    Sight("new task", lambda of: f"{of.owing.page}tasks/new/", SERVING),
    Sight("tasks of a customer", lambda of: f"{of.owing.page}tasks/", SERVING),
    Sight("training", lambda _: "/training/", SERVING),
    Sight("training of the team", lambda _: "/training/team/", TEACHING),
    Sight("settings", lambda _: "/settings/", SERVING),
    Sight("sign out", lambda _: "/accounts/logout/", SERVING),
    Sight("not allowed", lambda _: "/reports/today/", AGENT, status=403),
    Sight("no such page", lambda _: "/customers/cus_nobody/", SERVING, status=404),
)
CUSTOMER = (
    Sight("pay", lambda of: f"{of.open.address}?lang={{lang}}"),
    Sight("pay, started", lambda of: f"{of.started.address}?lang={{lang}}"),
    Sight("pay, declined", lambda of: f"{of.declined.address}?lang={{lang}}"),
    Sight("pay, being checked", lambda of: f"{of.started.address}?back=1&lang={{lang}}"),
    Sight("pay, paid", lambda of: f"{of.paid.address}?lang={{lang}}"),
    Sight("pay, expired", lambda of: f"{of.expired.address}?lang={{lang}}"),
    Sight("pay, cancelled", lambda of: f"{of.cancelled.address}?lang={{lang}}"),
    Sight("pay, closed", lambda of: f"{of.closed.address}?lang={{lang}}"),
    Sight("pay, no such link", lambda _: "/pay/cs_nobody/nothing/?lang={lang}", status=404),
    Sight("receipt", lambda of: f"{of.receipt}?lang={{lang}}"),
    Sight("question", lambda of: f"{of.question}?lang={{lang}}"),
    Sight("question, answered", lambda of: f"{of.answered}?lang={{lang}}"),
    Sight("question, ended", lambda of: f"{of.ended}?lang={{lang}}", status=410),
    Sight("accessibility", lambda _: "/pay/accessibility/?lang={lang}"),
)
SANDBOX = (
    Sight("hosted card page", lambda of: f"{of.card_page}?lang={{lang}}"),
    Sight("hosted approval page", lambda of: f"{of.approval_page}?lang={{lang}}"),
    Sight("outbox", lambda of: f"{of.shop.house.sandbox_address}/outbox", speaks=("en",)),
    Sight("sandbox", lambda of: f"{of.shop.house.sandbox_address}/", speaks=("en",)),
)
REPORTS = (
    Sight("now", lambda _: "/reports/now/", LEADING),
    Sight("calls", lambda _: "/reports/calls/?which=missed", LEADING),
    Sight("requests without an answer", lambda _: "/reports/unanswered/", LEADING),
    Sight("deliveries", lambda _: "/reports/deliveries/", LEADING),
    Sight("promises of today", lambda _: "/reports/promises/?which=due", LEADING),
    Sight(
        "instalments of today",
        lambda _: "/reports/instalments/?which=instalments_due",
        LEADING,
    ),
    Sight("messages not delivered", lambda _: "/reports/messages/?which=failed", LEADING),
    Sight("how calls went", lambda _: "/reports/feedback/", LEADING),
    Sight("answers", lambda _: "/reports/feedback/rows/?which=answered", LEADING),
    Sight("takings", lambda _: "/reports/today/", LEADING),
    Sight("money of the day", lambda _: "/reports/money/", LEADING),
    Sight("attempts of the day", lambda _: "/reports/attempts/", LEADING),
    Sight("what is owed", lambda _: "/reports/owed/", LEADING),
    Sight("links that wait", lambda _: "/reports/links/", LEADING),
)


def table(name: str) -> Sight:
    """A list of the administration."""
    return Sight(f"admin, {name}", lambda _: f"/admin/{name}/", ADMIN)


def row_of(name: str) -> Sight:
    """The newest row of a list of the administration."""
    steps = (click("#result_list tbody th a"), see("#content .module, #content fieldset"))
    return Sight(f"admin, one of {name}", lambda _: f"/admin/{name}/", ADMIN, steps)


ADMINISTRATION = (
    Sight("admin", lambda _: "/admin/", ADMIN),
    table("crm/customer"),
    row_of("crm/customer"),
    row_of("orders/invoice"),
    row_of("orders/instalmentplan"),
    row_of("orders/product"),
    table("payments/paymentintent"),
    row_of("payments/paymentintent"),
    table("payments/paymentevent"),
    row_of("payments/provideraccount"),
    table("core/user"),
    row_of("core/user"),
    table("core/user/add"),
    table("core/apikey/add"),
    table("core/auditevent"),
)
FOR_MACHINES = (
    Sight("API reference", lambda _: "/api/v1/docs/", speaks=("en",)),
    Sight("problems", lambda _: "/docs/problems/"),
    Sight("a problem", lambda _: "/docs/problems/not_found/"),
)
