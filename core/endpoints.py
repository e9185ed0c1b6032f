"""What the endpoints of the API are made of. None ignores a parameter that it does not know."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.urls import register_converter
from django.utils.translation import gettext as _
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.generics import ListAPIView, RetrieveAPIView
from rest_framework.views import APIView

from core.problems import ParametersRefused
from core.serializers import MOST_UNKNOWN_NAMED

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import Model, QuerySet
    from rest_framework.request import Request

PAGE_PARAMETERS = frozenset({"cursor", "limit"})


class PublicIdConverter:
    """What can be a public id in an address. Anything else is not found without a question."""

    regex = "[a-z]{2,4}_[0-9a-z]{1,36}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(PublicIdConverter, "public_id")


class Endpoint(APIView):
    """An endpoint that takes no parameters in its address."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Let in who may, then refuse parameters that mean nothing here."""
        super().initial(request, *args, **kwargs)
        if request.META.get("QUERY_STRING"):
            refuse_unknown(request, ())


class ItemEndpoint[Row: Model](Endpoint, RetrieveAPIView[Row]):
    """One object, found by its public id."""

    lookup_field = "public_id"


class Filters(DjangoFilterBackend):  # type: ignore[misc] # it has no types
    """Narrows a list. What cannot be read is refused and named as a parameter."""

    def filter_queryset(
        self, request: Request, queryset: QuerySet[Any], view: APIView
    ) -> QuerySet[Any]:
        try:
            rows: QuerySet[Any] = super().filter_queryset(request, queryset, view)
        except ValidationError as error:
            raise ParametersRefused(error.detail) from None
        return rows


class ListEndpoint[Row: Model](ListAPIView[Row]):
    """A list in pages, narrowed by the parameters of its filter set.

    No key sees what is made up for practice: a list that does not say how to know it is broken.
    """

    filter_backends = [Filters]
    practice_mark: ClassVar[str]
    """Where a row says that it is made up for practice; empty where none can be."""

    def get_queryset(self) -> QuerySet[Row]:
        """Every row but those made up for practice."""
        rows = super().get_queryset()
        return rows.exclude(**{self.practice_mark: True}) if self.practice_mark else rows

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Let in who may, then refuse parameters that mean nothing here."""
        super().initial(request, *args, **kwargs)
        if request.META.get("QUERY_STRING"):
            refuse_unknown(request, self.parameters() if request.method == "GET" else ())

    def parameters(self) -> set[str]:
        """Everything a reader of the list may ask for."""
        filters = getattr(self, "filterset_class", None)
        return {*PAGE_PARAMETERS, *(filters.base_filters if filters else ())}


def refuse_unknown(request: Request, known: Iterable[str]) -> None:
    """Raise ParametersRefused for parameters outside of `known`: a typo must not widen a list."""
    if unknown := sorted(set(request.query_params) - set(known)):
        error = ErrorDetail(_("There is no such parameter."), code="unknown_parameter")
        raise ParametersRefused({name: [error] for name in unknown[:MOST_UNKNOWN_NAMED]})
