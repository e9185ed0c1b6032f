"""The floor under the same server, and with the same way of serving pages, as ours."""

import os

os.environ["DJANGO_SETTINGS_MODULE"] = "bench.floor.settings"

import django

from config.serving import PageHandler

django.setup()
application = PageHandler(16)
