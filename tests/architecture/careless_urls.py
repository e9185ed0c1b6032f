"""An address that names no permission, for the test that must find it."""

from django.http import HttpRequest, HttpResponse
from django.urls import path


def careless(request: HttpRequest) -> HttpResponse:
    return HttpResponse(request.path)


urlpatterns = [path("careless/", careless)]
