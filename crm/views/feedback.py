"""The customer's page of the question after a call. Reading it changes nothing."""

from __future__ import annotations

from functools import wraps
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils import translation
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from core import policy
from crm.errors import QuestionOver
from crm.feedback_forms import FeedbackForm
from crm.models import Feedback
from crm.models.feedback import BEST, WORDS_LENGTH, WORST
from crm.services import feedback as answering
from crm.services import feedback_links
from crm.views.public_pages import (
    SeeOther,
    is_from_another_site,
    kept_secret,
    language_of,
    not_found,
    page,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

ENDED = "ended"


def for_asked(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Open a view to whoever holds the secret of a question, in the customer's language.

    A wrong secret, an unknown question and a form that another site sent are answered alike,
    by a calm 404; a question that has ended by 410.
    """

    @wraps(view)
    def guarded(request: HttpRequest, public_id: str, secret: str) -> HttpResponse:
        found = Feedback.objects.asked().select_related("customer", "call")
        feedback = found.filter(public_id=public_id).first()
        if feedback is None or not feedback_links.is_secret_of(feedback, secret):
            return not_found(request)
        if is_from_another_site(request):
            return not_found(request)
        with translation.override(language_of(request, feedback.customer.language)):
            response = view(request, feedback) if feedback.is_open else _over(request)
            return kept_secret(response)

    return csrf_exempt(policy.public(guarded))


@for_asked
@require_safe
def question(request: HttpRequest, feedback: Feedback) -> HttpResponse:
    """Show the question, and the answer that was given."""
    return page(request, "crm/feedback.html", _context(request, feedback))


@sensitive_post_parameters("words")
@for_asked
@require_POST
def answer(request: HttpRequest, feedback: Feedback) -> HttpResponse:
    """Take an answer, the first or a changed one, and show it. Safe to repeat."""
    form = FeedbackForm(request.POST)
    if not form.is_valid():
        context = {**_context(request, feedback), "problem": _first_of(form), "form": form}
        return page(request, "crm/feedback.html", context, status=422)
    words = form.cleaned_data["words"] if form.has_words else None
    try:
        answering.answer(feedback=feedback, score=form.cleaned_data["score"], words=words)
    except QuestionOver:
        return _over(request)
    return SeeOther(_address(request, feedback))


@for_asked
@require_POST
def no_more(request: HttpRequest, feedback: Feedback) -> HttpResponse:
    """Ask this customer no more. Safe to repeat."""
    answering.forbid(feedback=feedback)
    return SeeOther(f"{_address(request, feedback)}&{ENDED}=1")


def _over(request: HttpRequest) -> HttpResponse:
    return page(request, "crm/feedback_over.html", {}, status=HTTPStatus.GONE)


def _context(request: HttpRequest, feedback: Feedback) -> dict[str, Any]:
    secret = feedback_links.secret_of(feedback)
    language = f"?lang={translation.get_language() or 'en'}"
    key = [feedback.public_id, secret]
    return {
        "feedback": feedback,
        "scores": range(WORST, BEST + 1),
        "longest": WORDS_LENGTH,
        "is_forbidden": ENDED in request.GET,
        # Sent forms lead to the bare address; the links to other languages begin there, too.
        "address": reverse("crm:feedback", args=key),
        "answer_address": reverse("crm:answer-feedback", args=key) + language,
        "no_more_address": reverse("crm:no-more-feedback", args=key) + language,
    }


def _address(request: HttpRequest, feedback: Feedback) -> str:
    path = reverse("crm:feedback", args=[feedback.public_id, feedback_links.secret_of(feedback)])
    return f"{path}?lang={language_of(request, feedback.customer.language)}"


def _first_of(form: FeedbackForm) -> str:
    return str(next(iter(form.errors.values()))[0])
