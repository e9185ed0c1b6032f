"""Only what an insert needs: no application, no middleware, no health check of connections."""

import environ

SECRET_KEY = "the floor keeps nothing"
ALLOWED_HOSTS = ["127.0.0.1"]
ROOT_URLCONF = "bench.floor.urls"
USE_TZ = True
DATABASES = {"default": environ.Env().db_url("DATABASE_URL")}
DATABASES["default"]["ENGINE"] = "django.db.backends.postgresql"
DATABASES["default"]["CONN_MAX_AGE"] = 600
