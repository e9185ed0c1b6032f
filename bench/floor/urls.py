from django.urls import path

from bench.floor import views

urlpatterns = [path("hello", views.hello), path("webhook", views.webhook), path("pay", views.pay)]
