"""The kernel's own addresses."""

from django.urls import path

from core import api_pages, views

app_name = "core"
urlpatterns = [
    path("live/stream", views.stream, name="stream"),
    path("live/versions", views.versions, name="versions"),
    path("docs/problems/", api_pages.problem_list, name="problems"),
    path("docs/problems/<slug:code>/", api_pages.problem, name="problem"),
]
