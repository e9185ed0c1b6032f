"""What is to be done: the list, one task, and the acts upon it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit, urlunsplit

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.errors import DomainError
from core.ids import make_public_id
from core.policy import Permission, needs
from core.writing import reader_locale, write_instant
from crm import practice
from crm.models import Task
from crm.services import tasks as services
from crm.task_forms import SnoozeForm, TaskForm, Whose, tomorrow_morning
from crm.views.countless import page_of
from crm.views.customers import get_or_404

if TYPE_CHECKING:
    from django.http import HttpResponse

    from crm.models import Customer
    from crm.models.tasks import TaskQuerySet
    from crm.views.requests import AgentRequest

MOST_OF_CUSTOMER = 20


@needs(Permission.VIEW_CUSTOMER)
@require_safe
def index(request: AgentRequest) -> HttpResponse:
    """What is to be done, what is due first at the top. The address says whose and what."""
    form = Whose(request.GET)
    form.is_valid()
    rows = _chosen(request, form).in_order()
    context = {
        "form": form,
        "page": page_of(rows, request.GET.get("page", "")),
        "is_filtered": any(form.cleaned_data.values()),
    }
    return render(request, "crm/task_list.html", context)


def _chosen(request: AgentRequest, form: Whose) -> TaskQuerySet:
    whose = form.cleaned_data.get("whose", Whose.WAITING)
    rows = Task.objects.open().made_up(is_practice=practice.is_on(request))
    if form.cleaned_data.get("overdue"):
        rows = rows.filter(due_at__lt=timezone.now())
    if whose == Whose.ALL:
        return rows
    if whose == Whose.UNASSIGNED:
        return rows.filter(assigned_to=None)
    return rows.of(request.user) if whose == Whose.MINE else rows.waiting_for(request.user)


@needs(Permission.VIEW_CUSTOMER)
@require_safe
def of_customer(request: AgentRequest, public_id: str) -> HttpResponse:
    """What is to be done for a customer: a page, and a part of the customer's own page."""
    customer = get_or_404(public_id)
    context = {
        "customer": customer,
        "tasks": list(customer.tasks.open().in_order()[:MOST_OF_CUSTOMER]),
        "next": reverse("crm:customer", args=[customer.public_id]),
    }
    template = "crm/task_of_customer.html"
    return render(request, f"{template}#tasks" if request.htmx else template, context)


@needs(Permission.VIEW_CUSTOMER)
@require_safe
def detail(request: AgentRequest, public_id: str) -> HttpResponse:
    """One task, and what can be done with it."""
    return render(request, "crm/task.html", {"task": _get_or_404(public_id)})


@needs(Permission.EDIT_TASK)
@require_http_methods(["GET", "HEAD", "POST"])
def create(request: AgentRequest, public_id: str = "") -> HttpResponse:
    """Write down what is to be done, for a customer or not. Sent twice, it is made once."""
    customer = get_or_404(public_id) if public_id else None
    form = (
        TaskForm(request.POST)
        if request.method == "POST"
        else TaskForm(initial={"operation": make_public_id("task"), "due_at": tomorrow_morning()})
    )
    if form.is_valid():
        _make(request, form, customer)
        return redirect("crm:customer", public_id) if customer else redirect("crm:tasks")
    context = {"form": form, "customer": customer}
    return render(request, "crm/task_new.html", context, status=422 if form.errors else 200)


def _make(request: AgentRequest, form: TaskForm, customer: Customer | None) -> None:
    made = services.make_task(
        kind=form.cleaned_data["kind"],
        due_at=form.cleaned_data["due_at"],
        actor=request.user,
        customer=customer,
        text=form.cleaned_data["text"],
        assigned_to=request.user if form.cleaned_data["is_mine"] else None,
        public_id=form.cleaned_data["operation"],
    )
    if made.text == form.cleaned_data["text"]:
        messages.success(request, _("The task is written down."))
    else:
        messages.warning(request, _("The task is written down. A card number in it was masked."))


@needs(Permission.EDIT_TASK)
@require_POST
def finish(request: AgentRequest, public_id: str) -> HttpResponse:
    """Say that it is done. The page that comes offers to take it back."""
    services.finish_task(_get_or_404(public_id), actor=request.user)
    return redirect(_back(request, done=public_id))


@needs(Permission.EDIT_TASK)
@require_POST
def reopen(request: AgentRequest, public_id: str) -> HttpResponse:
    """Take back that it was done."""
    services.reopen_task(_get_or_404(public_id), actor=request.user)
    messages.success(request, _("The task is open again."))
    return redirect(_back(request))


@needs(Permission.EDIT_TASK)
@require_POST
def snooze(request: AgentRequest, public_id: str) -> HttpResponse:
    """Put it off."""
    form = SnoozeForm(request.POST)
    if form.is_valid():
        until = form.instant()
        services.snooze_task(_get_or_404(public_id), until=until, actor=request.user)
        when = write_instant(timezone.localtime(until), reader_locale())
        messages.success(request, _("Put off until %(when)s.") % {"when": when})
    return redirect(_back(request))


@needs(Permission.EDIT_TASK)
@require_POST
def take(request: AgentRequest, public_id: str) -> HttpResponse:
    """Make it one's own, unless somebody was faster."""
    try:
        services.take_task(_get_or_404(public_id), actor=request.user)
    except DomainError as error:
        messages.error(request, str(error))
    return redirect(_back(request))


def _get_or_404(public_id: str) -> Task:
    task = Task.objects.select_related("customer", "assigned_to", "made_by", "done_by")
    found = task.filter(public_id=public_id).first()
    if found is None:
        raise Http404
    return found


def _back(request: AgentRequest, *, done: str = "") -> str:
    """Where the person was, never another site; `done` names the task that can be taken back."""
    address = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(
        address, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    if not is_ours:
        address = reverse("crm:tasks")
    parts = urlsplit(address)
    kept = [pair for pair in parts.query.split("&") if pair and not pair.startswith("done=")]
    query = "&".join([*kept, *([urlencode({"done": done})] if done else [])])
    # A path that begins with two slashes would be another site's name.
    return urlunsplit(("", "", "/" + parts.path.lstrip("/"), query, ""))
