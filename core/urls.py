"""The kernel's own addresses."""

from django.urls import path

from core import views

app_name = "core"
urlpatterns = [
    path("live/stream", views.stream, name="stream"),
    path("live/versions", views.versions, name="versions"),
]
