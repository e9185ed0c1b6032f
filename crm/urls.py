"""The addresses of customers, of the desk, and of people's own settings."""

from django.urls import path

from crm.views import contacts, customers, desk, merging, notes, preferences, search

app_name = "crm"
urlpatterns = [
    path("", desk.desk, name="desk"),
    path("search/", search.search, name="search"),
    path("customers/new/", customers.create, name="create-customer"),
    path("customers/<str:public_id>/", customers.page, name="customer"),
    path("customers/<str:public_id>/edit/", customers.edit, name="edit-customer"),
    path("customers/<str:public_id>/note/", notes.save_note, name="save-note"),
    path("customers/<str:public_id>/contacts/", contacts.add, name="add-contact"),
    path("customers/<str:public_id>/merge/", merging.choose, name="merge"),
    path("customers/<str:public_id>/merge/<str:other_id>/", merging.compare, name="merge-with"),
    path("customers/<str:public_id>/<slug:tab>/", customers.page, name="customer-tab"),
    path("contacts/<str:public_id>/remove/", contacts.remove, name="remove-contact"),
    path("contacts/<str:public_id>/main/", contacts.use_first, name="use-contact-first"),
    path("merges/<str:public_id>/undo/", merging.undo, name="undo-merge"),
    path("settings/", preferences.settings_page, name="settings"),
    path("settings/language/", preferences.set_language, name="set-language"),
    path("settings/theme/", preferences.set_theme, name="set-theme"),
]
