"""What a provider's code means, for the agent and for the customer. The map is data."""

from __future__ import annotations

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


class UnifiedError(models.Model):
    """One meaning: may the same be tried again, should another method be offered, and words."""

    code = models.SlugField(_("code"), max_length=60, unique=True)
    may_repeat = models.BooleanField(_("may be tried again"), default=False)
    offers_other_method = models.BooleanField(_("another way is offered"), default=True)
    agent_en = models.TextField(_("to the agent, in English"))
    agent_fi = models.TextField(_("to the agent, in Finnish"))
    agent_sv = models.TextField(_("to the agent, in Swedish"))
    customer_en = models.TextField(_("to the customer, in English"))
    customer_fi = models.TextField(_("to the customer, in Finnish"))
    customer_sv = models.TextField(_("to the customer, in Swedish"))

    class Meta:
        verbose_name = _("meaning of an error")
        verbose_name_plural = _("meanings of errors")

    def __str__(self) -> str:
        return self.code

    @property
    def agent_sentence(self) -> str:
        """What the agent may say, in the active language."""
        return self._in_active_language("agent")

    @property
    def customer_sentence(self) -> str:
        """What the customer reads, in the active language."""
        return self._in_active_language("customer")

    def _in_active_language(self, reader: str) -> str:
        language = (get_language() or "en")[:2]
        return str(getattr(self, f"{reader}_{language}", getattr(self, f"{reader}_en")))


class ErrorMapping(models.Model):
    """A provider's code for an operation. An empty operation or code matches any."""

    provider = models.CharField(_("provider"), max_length=40)
    operation = models.CharField(_("provider operation"), max_length=20, blank=True, default="")
    provider_code = models.CharField(
        _("the provider’s code"), max_length=80, blank=True, default=""
    )
    meaning = models.ForeignKey(UnifiedError, verbose_name=_("meaning"), on_delete=models.PROTECT)

    class Meta:
        verbose_name = _("line of the error map")
        verbose_name_plural = _("error map")
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "operation", "provider_code"], name="error_mapping_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.operation} {self.provider_code}"
