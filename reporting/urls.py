"""Addresses of the reports."""

from django.urls import path

from reporting.views import keying, listings, takings

app_name = "reporting"
urlpatterns = [
    path("today/", takings.takings, name="takings"),
    path("today/figures/", takings.takings_figures, name="figures"),
    path("money/", listings.money, name="money"),
    path("attempts/", listings.attempts, name="attempts"),
    path("owed/", listings.owed, name="owed"),
    path("links/", listings.links, name="links"),
    path("keying/", keying.page, name="keying"),
    path("keying.csv", keying.export, name="keying-csv"),
]
