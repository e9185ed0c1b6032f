"""Addresses of the training floor."""

from django.urls import path

from training.views import lessons, results, strip, team

app_name = "training"
urlpatterns = [
    path("", lessons.index, name="lessons"),
    path("start/<slug:key>/", lessons.start, name="start"),
    path("go-on/", lessons.go_on, name="go-on"),
    path("strip/", strip.strip, name="strip"),
    path("telephone/", strip.telephone, name="telephone"),
    path("end/", strip.end, name="end"),
    path("give-up/", strip.give_up, name="give-up"),
    path("runs/<slug:public_id>/", results.result, name="result"),
    path("runs/<slug:public_id>/feedback/", results.feedback, name="feedback"),
    path("team/", team.index, name="team"),
    path("team/runs/", team.runs, name="team-runs"),
]
