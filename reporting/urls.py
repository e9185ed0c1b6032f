"""Addresses of the reports."""

from django.urls import path

from reporting.views import feedback, keying, listings, now, now_listings, takings

app_name = "reporting"
urlpatterns = [
    path("now/", now.board, name="now"),
    path("now/figures/", now.board_figures, name="now-figures"),
    path("calls/", now_listings.calls, name="calls"),
    path("unanswered/", now_listings.unanswered, name="unanswered"),
    path("deliveries/", now_listings.deliveries, name="deliveries"),
    path("messages/", now_listings.messages, name="messages"),
    path("promises/", now_listings.promises, name="promises"),
    path("instalments/", now_listings.instalments, name="instalments"),
    path("today/", takings.takings, name="takings"),
    path("today/figures/", takings.takings_figures, name="figures"),
    path("money/", listings.money, name="money"),
    path("attempts/", listings.attempts, name="attempts"),
    path("owed/", listings.owed, name="owed"),
    path("links/", listings.links, name="links"),
    path("feedback/", feedback.page, name="feedback"),
    path("feedback/rows/", feedback.listed, name="feedback-rows"),
    path("feedback/poor/", feedback.poor, name="feedback-poor"),
    path("keying/", keying.page, name="keying"),
    path("keying.csv", keying.export, name="keying-csv"),
]
