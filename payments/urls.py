"""Addresses of the payments app."""

from django.urls import path

from payments.views import webhooks

app_name = "payments"
urlpatterns = [
    path("webhooks/<str:account_id>/", webhooks.receive, name="webhook"),
]
