"""The addresses of customers, of the desk, and of people's own settings."""

from django.urls import path

from crm.views import (
    call_door,
    calls,
    contacts,
    customers,
    desk,
    feedback,
    merging,
    notes,
    preferences,
    search,
    softphone,
    tasks,
    wrap_ups,
)

app_name = "crm"
urlpatterns = [
    path("webhooks/calls/<slug:system_id>/", call_door.receive, name="call-door"),
    path("webhooks/softphone/control/", softphone.control, name="softphone-control"),
    path("softphone/", softphone.page, name="softphone"),
    path("softphone/<slug:public_id>/", softphone.act, name="softphone-act"),
    path("", desk.desk, name="desk"),
    path("search/", search.search, name="search"),
    path("customers/new/", customers.create, name="create-customer"),
    path("customers/<slug:public_id>/", customers.page, name="customer"),
    path("customers/<slug:public_id>/edit/", customers.edit, name="edit-customer"),
    path("customers/<slug:public_id>/note/", notes.save_note, name="save-note"),
    path("customers/<slug:public_id>/tasks/", tasks.of_customer, name="tasks-of"),
    path("customers/<slug:public_id>/tasks/new/", tasks.create, name="create-task-of"),
    path("customers/<slug:public_id>/contacts/", contacts.add, name="add-contact"),
    path("customers/<slug:public_id>/merge/", merging.choose, name="merge"),
    path("customers/<slug:public_id>/merge/<slug:other_id>/", merging.compare, name="merge-with"),
    path("customers/<slug:public_id>/<slug:tab>/", customers.page, name="customer-tab"),
    path("tasks/", tasks.index, name="tasks"),
    path("tasks/new/", tasks.create, name="create-task"),
    path("tasks/<slug:public_id>/", tasks.detail, name="task"),
    path("tasks/<slug:public_id>/done/", tasks.finish, name="finish-task"),
    path("tasks/<slug:public_id>/undo/", tasks.reopen, name="reopen-task"),
    path("tasks/<slug:public_id>/snooze/", tasks.snooze, name="snooze-task"),
    path("tasks/<slug:public_id>/take/", tasks.take, name="take-task"),
    path("contacts/<slug:public_id>/remove/", contacts.remove, name="remove-contact"),
    path("contacts/<slug:public_id>/main/", contacts.use_first, name="use-contact-first"),
    path("merges/<slug:public_id>/undo/", merging.undo, name="undo-merge"),
    path("wrap-ups/", wrap_ups.waiting, name="wrap-ups"),
    path("calls/<slug:public_id>/wrap-up/", wrap_ups.save, name="wrap-up"),
    path("calls/<slug:public_id>/wrap-up/draft/", wrap_ups.keep, name="keep-wrap-up"),
    path("contacts/<slug:public_id>/dial/", calls.dial, name="dial"),
    path("calls/line/", calls.line, name="call-line"),
    path("calls/<slug:public_id>/", calls.page, name="call"),
    path("calls/<slug:public_id>/command/", calls.command, name="call-command"),
    path("calls/<slug:public_id>/customer/", calls.name_customer, name="name-caller"),
    path("feedback/<slug:public_id>/<slug:secret>/", feedback.question, name="feedback"),
    path(
        "feedback/<slug:public_id>/<slug:secret>/answer/", feedback.answer, name="answer-feedback"
    ),
    path(
        "feedback/<slug:public_id>/<slug:secret>/no-more/",
        feedback.no_more,
        name="no-more-feedback",
    ),
    path("settings/", preferences.settings_page, name="settings"),
    path("settings/language/", preferences.set_language, name="set-language"),
    path("settings/theme/", preferences.set_theme, name="set-theme"),
]
