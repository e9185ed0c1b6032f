"""Keys of machines, whose token is shown once, and how much each role may refund."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy

from core import policy
from core.admin.tables import AuditedAdmin, GuardedForm
from core.api import issue_key
from core.models import ApiKey, RoleLimit
from core.policy import Permission

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse


class ApiKeyForm(GuardedForm):
    """What a key may do, in whose name, until when. It may do no more than the role it has."""

    permissions = forms.MultipleChoiceField(
        label=pgettext_lazy("what a key is allowed", "may"),
        choices=[(permission.value, permission.value) for permission in Permission],
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = ApiKey
        fields = ("name", "owner", "role", "permissions", "expires_at")

    def clean_name(self) -> str:
        """Refuse the name of a key that is in use: sending the form again makes no second key."""
        name: str = self.cleaned_data["name"]
        others = ApiKey.objects.filter(name=name, revoked_at=None).exclude(pk=self.instance.pk)
        if others.exists():
            raise forms.ValidationError(_("There is a key of this name. Revoke it first."))
        return name

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        allowed = policy.ROLES.get(cleaned.get("role", ""), frozenset())
        excess = [name for name in cleaned.get("permissions", []) if name not in allowed]
        if excess:
            text = _("This role may not: %(permissions)s.") % {"permissions": ", ".join(excess)}
            self.add_error("permissions", text)
        return cleaned


@admin.register(ApiKey)
class ApiKeyAdmin(AuditedAdmin):
    """Issues and revokes keys. A token is shown right after it was made, and never again."""

    form = ApiKeyForm
    list_display = ["name", "prefix", "owner", "role", "expires_at", "revoked_at", "last_used_at"]
    list_filter = ["role"]
    list_select_related = ["owner"]
    search_fields = ["name", "prefix", "public_id"]
    autocomplete_fields = ["owner"]
    readonly_fields = ["public_id", "prefix", "created_at", "last_used_at", "revoked_at"]
    actions = ["revoke"]
    unaudited = frozenset({"secret_hash"})

    def get_fields(self, request: HttpRequest, obj: ApiKey | None = None) -> Any:
        del request
        return [*ApiKeyForm.Meta.fields, *(self.readonly_fields if obj else [])]

    def get_readonly_fields(self, request: HttpRequest, obj: ApiKey | None = None) -> Any:
        del request
        return [*self.readonly_fields, "owner"] if obj else self.readonly_fields

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001 - Django's
        if change:
            super().save_model(request, obj, form, change)
            return
        wanted = form.cleaned_data
        made, token = issue_key(
            name=wanted["name"],
            owner=wanted["owner"],
            permissions=[Permission(name) for name in wanted["permissions"]],
            role=wanted["role"],
            expires_at=wanted["expires_at"],
        )
        vars(obj).update(vars(made))
        obj.token_to_show = token
        self.record(request, "issued", obj, after=self._values(obj))

    def response_add(
        self, request: HttpRequest, obj: ApiKey, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Show the token, this once. No redirect: it would have to be kept for the next page."""
        del post_url_continue
        context = {
            **self.admin_site.each_context(request),
            "title": _("API key issued"),
            "opts": self.opts,
            "key": obj,
            "token": vars(obj)["token_to_show"],
        }
        return TemplateResponse(request, "admin/core/apikey/issued.html", context)

    @admin.action(description=_("Revoke the chosen keys"))
    @transaction.atomic
    def revoke(self, request: HttpRequest, keys: QuerySet[ApiKey]) -> None:
        """Close the door behind the chosen keys, from this moment on."""
        chosen = list(keys.filter(revoked_at=None))
        ApiKey.objects.filter(pk__in=[key.pk for key in chosen]).update(revoked_at=timezone.now())
        for key in chosen:
            self.record(request, "revoked", key)
        told = ngettext("%(count)s key revoked.", "%(count)s keys revoked.", len(chosen))
        messages.success(request, told % {"count": len(chosen)})


@admin.register(RoleLimit)
class RoleLimitAdmin(AuditedAdmin):
    """How much may be refunded and moved, in minor units. Without a limit here: nothing."""

    list_display = ["role", "currency", "per_refund", "per_day", "per_move", "moves_per_day"]
    list_filter = ["role", "currency"]
    ordering = ["role", "currency"]

    def get_readonly_fields(self, request: HttpRequest, obj: RoleLimit | None = None) -> Any:
        del request
        return ["role", "currency"] if obj else []
