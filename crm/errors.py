"""What can go wrong with customers and their messages, in words fit for an agent.

DomainError
├── InvalidInput
│   ├── NameMissing
│   ├── PhoneUnusable
│   ├── EmailUnusable
│   ├── BusinessIdUnusable
│   └── ChoiceUnknown
├── ExternalIdTaken        another customer has that id of that system
├── MergeRefused           the two customers cannot be merged
├── MergeAlreadyUndone
├── LaterMergeExists       a later merge must be undone first
├── PracticeApart          one is made up for practice, the other is not
├── TaskTaken              somebody else has taken the task
├── QuestionOver           the question after a call is answered no more
└── TelephoneFailed        the telephone system did not do what it was asked for
    ├── TelephoneSilent    it did not answer
    └── TelephoneMissing   there is none, or it takes no commands
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.errors import DomainError, InvalidInput


class NameMissing(InvalidInput):
    code = "name_missing"
    message = _("Give the customer's name.")
    field = "name"


class PhoneUnusable(InvalidInput):
    code = "phone_unusable"
    message = _("This is not a telephone number. Write it as 040 123 4567 or +358 40 123 4567.")
    field = "phones"


class EmailUnusable(InvalidInput):
    code = "email_unusable"
    message = _("This is not an e-mail address.")
    field = "emails"


class BusinessIdUnusable(InvalidInput):
    code = "business_id_unusable"
    message = _("This is not a Finnish business ID. Write it as 1234567-1.")
    field = "business_id"


class ExternalIdUnusable(InvalidInput):
    code = "external_id_unusable"
    message = _("Give the id of another system as its name in small letters and the id there.")
    field = "external_ids"


class ChoiceUnknown(InvalidInput):
    """A value is not one of those a field can have."""

    code = "choice_unknown"
    message = _("%(value)s is not one of the choices.")


class ExternalIdTaken(DomainError):
    code = "external_id_taken"
    message = _("Another customer already has this id of %(source)s.")
    field = "external_ids"


class MergeRefused(DomainError):
    code = "merge_refused"
    message = _("These customers cannot be merged: they are the same, or one is already merged.")


class MergeAlreadyUndone(DomainError):
    code = "merge_already_undone"
    message = _("This merge has already been undone.")


class LaterMergeExists(DomainError):
    code = "later_merge_exists"
    message = _("Undo the later merge of these customers first.")


class NotYourCall(DomainError):
    code = "not_your_call"
    status = 403
    message = _("Only who was on the line wraps up a call.")


class OutcomeNotOffered(InvalidInput):
    code = "outcome_not_offered"
    message = _("Choose how the call ended.")
    field = "outcome"


class PracticeApart(DomainError):
    code = "practice_apart"
    message = _("What is made up for practice is kept apart from what is real.")


class TelephoneFailed(DomainError):
    """The telephone system did not say that it did what it was asked for."""

    code = "telephone_failed"
    status = 502
    message = _("The telephone system refused.")


class TelephoneSilent(TelephoneFailed):
    code = "telephone_silent"
    status = 503
    message = _("The telephone system did not answer.")


class TelephoneMissing(TelephoneFailed):
    code = "telephone_missing"
    status = 409
    message = _("No telephone of yours takes commands from here.")


class TaskTaken(DomainError):
    code = "task_taken"
    message = _("Somebody else has taken it.")


class QuestionOver(DomainError):
    code = "question_over"
    status = 410
    message = _("The question has ended. It can be answered no more.")
