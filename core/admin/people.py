"""The people who work here. Their role says what they may do; nobody is deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allauth.mfa.models import Authenticator
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from core.admin.tables import AuditedAdmin, GuardedForm
from core.models import User

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse

OF_ONESELF = ("role", "is_active")


class PersonForm(GuardedForm, UserChangeForm):  # type: ignore[type-arg]
    """Somebody's account. The password stands there as a way to set another one."""

    secret_fields = frozenset({"password"})


class NewPersonForm(GuardedForm, AdminUserCreationForm):  # type: ignore[type-arg]
    """A new account, with a password or without one yet."""

    secret_fields = frozenset({"password1", "password2"})


@admin.register(User)
class PersonAdmin(AuditedAdmin, UserAdmin):  # type: ignore[type-arg]
    """Makes accounts, gives roles, closes accounts. Nobody can do the last two to themselves."""

    form = PersonForm
    add_form = NewPersonForm
    list_display = ["username", "name", "role", "is_active", "has_second_factor", "last_login"]
    list_filter = ["role", "is_active"]
    search_fields = ["username", "first_name", "last_name", "email", "public_id"]
    ordering = ["username"]
    filter_horizontal = ()
    readonly_fields = ["public_id", "last_login", "date_joined"]
    actions = ["remove_second_factor"]
    unaudited = frozenset({"password", "last_login", "groups", "user_permissions"})
    fieldsets = (
        (None, {"fields": ["public_id", "username", "password", "role", "is_active"]}),
        (_("Person"), {"fields": ["first_name", "last_name", "email", "language"]}),
        (_("Times"), {"fields": ["last_login", "date_joined"]}),
    )
    add_fieldsets = (
        (None, {"fields": ["username", "usable_password", "password1", "password2", "role"]}),
        (_("Person"), {"fields": ["first_name", "last_name", "email", "language"]}),
    )

    @admin.display(description=_("name"))
    def name(self, user: User) -> str:
        return user.get_full_name()

    @admin.display(description=_("second factor"), boolean=True)
    def has_second_factor(self, user: User) -> bool:
        return bool(getattr(user, "has_factor", False))

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        factors = Authenticator.objects.filter(user=OuterRef("pk"))
        people: QuerySet[User] = super().get_queryset(request).annotate(has_factor=Exists(factors))
        return people

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        fields = super().get_readonly_fields(request, obj)
        return [*fields, *OF_ONESELF] if obj is not None and obj.pk == request.user.pk else fields

    @transaction.atomic
    def user_change_password(
        self, request: HttpRequest, id: str, form_url: str = ""
    ) -> HttpResponse:
        """Set somebody's password. It ends their sessions and is written down."""
        before = User.objects.values_list("password", flat=True).filter(pk=id).first()
        response: HttpResponse = super().user_change_password(request, id, form_url)
        person = User.objects.filter(pk=id).first()
        if person is not None and person.password != before:
            self.record(request, "password_set", person)
        return response

    @admin.action(description=_("Remove the second factor of the chosen people"))
    @transaction.atomic
    def remove_second_factor(self, request: HttpRequest, people: QuerySet[User]) -> None:
        """For somebody who lost it: they must set up another one before they do anything."""
        chosen = list(people)
        for person in chosen:
            Authenticator.objects.filter(user=person).delete()
            self.record(request, "factor_removed", person)
        told = ngettext(
            "The second factor of %(count)s person is removed.",
            "The second factors of %(count)s people are removed.",
            len(chosen),
        )
        messages.success(request, told % {"count": len(chosen)})
