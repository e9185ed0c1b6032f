"""Every setting, from the environment only. `.env.example` explains each variable."""

import base64
import secrets
from pathlib import Path

import environ
from django.utils.csp import CSP
from django.utils.translation import gettext_lazy as _

env = environ.Env()

BASE_DIR = Path(__file__).resolve().parent.parent


def key_from_environment(name: str) -> str:
    """A secret key. Where none is given it lives as long as this process, and is nobody's guess."""
    return env.str(name, default="") or secrets.token_urlsafe(48)


# Keys. A process that serves refuses to start while one of these is missing (config/checks.py).
REQUIRED_KEYS = ("SECRET_KEY", "FIELD_ENCRYPTION_KEYS", "LINK_SECRET_KEY", "SEAL_KEY")
MISSING_KEYS = [name for name in REQUIRED_KEYS if not env.str(name, default="")]
SECRET_KEY = key_from_environment("SECRET_KEY")
LINK_SECRET_KEY = key_from_environment("LINK_SECRET_KEY")
SEAL_KEY = key_from_environment("SEAL_KEY")
FIELD_ENCRYPTION_KEYS: list[str] = env.list("FIELD_ENCRYPTION_KEYS", default=[]) or [
    base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
]

# Where we are.
DEBUG = env.bool("DEBUG", default=False)
KUITTI_DEMO = env.bool("KUITTI_DEMO", default=False)
SERVER_TIMING = env.bool("SERVER_TIMING", default=False)
TRAINING_MODE = env.bool("KUITTI_TRAINING", default=False)
PUBLIC_URL = env.str("PUBLIC_URL", default="http://127.0.0.1:8000").rstrip("/")
ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost"])
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", default=[])
MERCHANT_NAME = env.str("MERCHANT_NAME", default="Kuitti")
MERCHANT_BUSINESS_ID = env.str("MERCHANT_BUSINESS_ID", default="")
MERCHANT_ADDRESS: list[str] = env.list("MERCHANT_ADDRESS", default=[])
MERCHANT_IBAN = env.str("MERCHANT_IBAN", default="")
MERCHANT_BIC = env.str("MERCHANT_BIC", default="")

# How many days ahead a customer may promise to pay, and which day is offered.
PROMISE_LONGEST_DAYS = env.int("PROMISE_LONGEST_DAYS", default=14)
PROMISE_USUAL_DAYS = env.int("PROMISE_USUAL_DAYS", default=7)

# The question after a call: how often a customer is asked (0: never), after how long a call,
# how long it can be answered, and how long the customer's own words are kept (0: always).
FEEDBACK_EVERY_DAYS = env.int("FEEDBACK_EVERY_DAYS", default=30)
FEEDBACK_SHORTEST_CALL_SECONDS = env.int("FEEDBACK_SHORTEST_CALL_SECONDS", default=60)
FEEDBACK_VALID_DAYS = env.int("FEEDBACK_VALID_DAYS", default=14)
FEEDBACK_WORDS_DAYS = env.int("FEEDBACK_WORDS_DAYS", default=365)
# How many parts a customer may pay in, how far ahead the last may be, how many days after its day
# a part may still come, and from which hour of the business day parts are asked for.
INSTALMENT_MOST_PARTS = env.int("INSTALMENT_MOST_PARTS", default=12)
INSTALMENT_LONGEST_DAYS = env.int("INSTALMENT_LONGEST_DAYS", default=366)
INSTALMENT_GRACE_DAYS = env.int("INSTALMENT_GRACE_DAYS", default=3)
INSTALMENT_ASK_HOUR = env.int("INSTALMENT_ASK_HOUR", default=9)

# Parts.
ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"

INSTALLED_APPS = [
    "config.apps.PlatformConfig",
    "training.apps.TrainingConfig",
    "reporting.apps.ReportingConfig",
    "payments.apps.PaymentsConfig",
    "orders.apps.OrdersConfig",
    "crm.apps.CrmConfig",
    "core.apps.CoreConfig",
    "core.apps.RoleAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "django_htmx",
]
MIDDLEWARE = [
    "core.middleware.RequestContextMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.middleware.PeopleSession",
    "config.middleware.PeopleLocale",
    "config.middleware.PeopleCsrf",
    "config.middleware.PeopleAuthentication",
    "core.middleware.SignedInMiddleware",
    "config.middleware.PeopleMessages",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
INSTALLED_APPS.append("django.forms")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Database. Two logins: the application's owns nothing, the owner's migrates.
DATABASE_URL = env.str("DATABASE_URL", default="postgres://kuitti_app@127.0.0.1/kuitti")
DATABASE_OWNER_URL = env.str("DATABASE_OWNER_URL", default=DATABASE_URL)
DATABASE_POOL_SIZE = env.int("DATABASE_POOL_SIZE", default=0)
WEB_THREADS = env.int("WEB_THREADS", default=16)
DATABASES = {
    "default": environ.Env.db_url_config(DATABASE_URL),
    "owner": environ.Env.db_url_config(DATABASE_OWNER_URL),
}
for _database in DATABASES.values():
    _database["ENGINE"] = "core.postgresql"
    _database.setdefault("OPTIONS", {})
    _database["CONN_HEALTH_CHECKS"] = True
if DATABASE_POOL_SIZE:
    DATABASES["default"]["OPTIONS"]["pool"] = {"min_size": 1, "max_size": DATABASE_POOL_SIZE}
else:
    DATABASES["default"]["CONN_MAX_AGE"] = env.int("DATABASE_CONNECTION_SECONDS", default=60)
DATABASES["owner"]["TEST"] = {"MIRROR": "default"}

# Redis: the broker, the bells and the live screens. Nothing that must not be lost lives there.
REDIS_URL = env.str("REDIS_URL", default="redis://127.0.0.1:6379/0")
CACHE_URL = env.str("CACHE_URL", default=REDIS_URL)
CACHES = {
    "default": (
        {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
        if CACHE_URL.startswith("locmem:")
        else {"BACKEND": "config.cache.ForgivingRedisCache", "LOCATION": CACHE_URL}
    )
}

# Celery is the doorbell; rows are the queue. Task names are what the bells ring for.
BELLS = {
    "webhooks": "payments.tasks.drain_webhooks",
    "operations": "payments.tasks.drain_operations",
    "attempts": "payments.tasks.drain_attempts",
    "messages": "crm.tasks.drain_messages",
    "postings": "payments.tasks.drain_postings",
    "ended_calls": "payments.tasks.drain_ended_calls",
    "lessons": "training.tasks.play_lessons",
}
DRAIN_LOOP_SECONDS = env.float("DRAIN_LOOP_SECONDS", default=2.0)

# Payments.
PAYMENT_PROVIDERS = {
    "sandbox": "payments.providers.sandbox.adapter.Sandbox",
    "stripe": "payments.providers.stripe.adapter.Stripe",
}
PAYMENT_KEYPADS = {
    "sandbox": "payments.keypads.sandbox.adapter.SandboxKeypad",
    "twilio": "payments.keypads.twilio.adapter.TwilioKeypad",
}
WEBHOOK_MAX_BYTES = env.int("WEBHOOK_MAX_BYTES", default=262_144)
SANDBOX_URL = env.str("SANDBOX_URL", default="")
SANDBOX_API_KEY = env.str("SANDBOX_API_KEY", default="")
SANDBOX_WEBHOOK_SECRET = env.str("SANDBOX_WEBHOOK_SECRET", default="")
MESSAGE_GATEWAY_URL = env.str("MESSAGE_GATEWAY_URL", default="")
MESSAGE_GATEWAY_CHANNELS: list[str] = env.list(
    "MESSAGE_GATEWAY_CHANNELS", default=["sms", "email"] if KUITTI_DEMO else ["sms"]
)
# Sent with every message and asked of every delivery report; without it reports are refused.
MESSAGE_GATEWAY_TOKEN = env.str("MESSAGE_GATEWAY_TOKEN", default="")

# People: sign-in, sessions, language.
AUTH_USER_MODEL = "core.User"
AUTHENTICATION_BACKENDS = [
    "core.backends.RoleBackend",
    "core.backends.PeopleBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "config.accounts.StaffAccounts"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
MFA_ADAPTER = "core.second_factor.MfaAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_TOTP_ISSUER = MERCHANT_NAME
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = PUBLIC_URL.startswith("http://")
SESSION_ENGINE = "core.session_store"
SESSION_IDLE_SECONDS = env.int("SESSION_IDLE_SECONDS", default=15 * 60)
SESSION_ABSOLUTE_SECONDS = env.int("SESSION_ABSOLUTE_SECONDS", default=12 * 60 * 60)
SESSION_COOKIE_AGE = SESSION_ABSOLUTE_SECONDS
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("fi", _("Finnish")), ("sv", _("Swedish"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = env.str("BUSINESS_TIME_ZONE", default="Europe/Helsinki")

# Mail goes out by one address.
MAIL = environ.Env.email_url_config(env.str("EMAIL_URL", default="consolemail://"))
MAILERS = {
    "default": {
        "BACKEND": MAIL["EMAIL_BACKEND"],
        "OPTIONS": {
            "host": MAIL["EMAIL_HOST"],
            "port": MAIL["EMAIL_PORT"],
            "username": MAIL["EMAIL_HOST_USER"],
            "password": MAIL["EMAIL_HOST_PASSWORD"],
            "use_tls": MAIL.get("EMAIL_USE_TLS", False),
            "use_ssl": MAIL.get("EMAIL_USE_SSL", False),
            "timeout": 10,
        }
        if MAIL["EMAIL_BACKEND"].endswith("smtp.EmailBackend")
        else {},
    }
}
ADMINS: list[str] = env.list("ADMINS", default=[])
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Kuitti <kuitti@localhost>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# Browser safety. Nothing inline, nothing from another origin.
IS_HTTPS = PUBLIC_URL.startswith("https://")
CSP_FORM_ACTION_HOSTS: list[str] = env.list("CSP_FORM_ACTION_HOSTS", default=[])
SECURE_CSP = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF, "data:"],
    "font-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "manifest-src": [CSP.SELF],
    # Chromium holds the redirect after a form to this list, too: the customer's way to a provider.
    "form-action": [CSP.SELF, *CSP_FORM_ACTION_HOSTS],
    "frame-ancestors": [CSP.NONE],
    "base-uri": [CSP.NONE],
}
# The check knows Django's CSRF middleware by name only; ours is a subclass of it.
SILENCED_SYSTEM_CHECKS = ["security.W003"]
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = IS_HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 31_536_000 if IS_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = IS_HTTPS
SECURE_HSTS_PRELOAD = IS_HTTPS
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("BEHIND_PROXY", default=False) else None
)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = IS_HTTPS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_048_576

# Files.
STATIC_URL = "/static/"
STATICFILES_DIRS = [path for path in [BASE_DIR / "static"] if path.is_dir()]
WHITENOISE_USE_FINDERS = env.bool("STATIC_FROM_SOURCE", default=DEBUG)
STATIC_ROOT = (
    None
    if WHITENOISE_USE_FINDERS
    else env.str("STATIC_ROOT", default=str(BASE_DIR / ".local" / "static"))
)
WHITENOISE_AUTOREFRESH = DEBUG
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if not WHITENOISE_USE_FINDERS
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}

# API. How often one key may ask; 0 sets no limit.
API_REQUESTS_PER_MINUTE = env.int("API_REQUESTS_PER_MINUTE", default=30_000)
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["core.api.ApiKeyAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": [],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["core.json_body.ObjectParser"],
    "DEFAULT_PAGINATION_CLASS": "core.api.CursorPages",
    "DEFAULT_SCHEMA_CLASS": "core.openapi.EndpointSchema",
    "EXCEPTION_HANDLER": "core.problems.exception_handler",
    "UNAUTHENTICATED_USER": None,
    "UNAUTHENTICATED_TOKEN": None,
    "DEFAULT_METADATA_CLASS": None,
    "DEFAULT_THROTTLE_CLASSES": ["core.throttling.PerKey"],
    "DATETIME_FORMAT": "iso-8601",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Kuitti API",
    "DESCRIPTION": "Customers, what they owe, and how they pay it. Amounts are minor units.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "LICENSE": {"name": "Apache 2.0", "identifier": "Apache-2.0"},
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "TAGS": [
        {"name": "customers", "description": "Who owes and pays, and how they are reached."},
        {"name": "tasks", "description": "What is still to be done for customers, and when."},
        {"name": "feedback", "description": "How calls went, as customers said."},
        {"name": "orders", "description": "What customers ask for."},
        {"name": "invoices", "description": "What customers owe."},
        {"name": "promises", "description": "What customers have promised to pay, and until when."},
        {"name": "instalment-plans", "description": "What customers pay in parts, and when."},
        {"name": "products", "description": "What is on sale."},
        {"name": "payment-intents", "description": "What is to be paid, and how far that is."},
        {"name": "checkout-sessions", "description": "Pay links: a customer's way to pay."},
        {"name": "refunds", "description": "Money on its way back."},
        {"name": "surplus-moves", "description": "Free money that pays another invoice."},
        {"name": "operations", "description": "Requests to providers, and their answers."},
        {"name": "decisions", "description": "What people found where no answer came."},
        {"name": "events", "description": "The facts and steps behind every payment."},
        {"name": "message-deliveries", "description": "For the message gateway alone."},
    ],
    "ENUM_NAME_OVERRIDES": {
        "CustomerKind": "crm.models.Customer.Kind",
        "Language": "crm.models.Customer.Language",
        "Channel": "crm.models.customers.Channel",
        "FeedbackWithheld": "crm.models.Feedback.Withheld",
        "TaskKind": "crm.models.Task.Kind",
        "ContactKind": "crm.models.ContactPoint.Kind",
        "DeliveryStatus": "crm.api.serializers.REPORTED",
        "OrderStatus": "orders.models.Order.Status",
        "InvoiceStatus": "orders.models.Invoice.Status",
        "PromiseStatus": "orders.models.PromiseToPay.Status",
        "InstalmentPlanStatus": "orders.models.InstalmentPlan.Status",
        "InstalmentStatus": "orders.models.Instalment.Status",
        "PaymentIntentStatus": "payments.models.PaymentIntent.Status",
        "CheckoutSessionStatus": "payments.models.CheckoutSession.Status",
        "RefundStatus": "payments.models.Refund.Status",
        "RefundOrigin": "payments.models.attempts.Origin",
        "EventSource": "payments.models.events.Source",
        "CaptureMethod": "payments.api.serializers.CAPTURE_METHODS",
    },
    "COMPONENT_SPLIT_PATCH": False,
    "PATH_CONVERTER_OVERRIDES": {
        "public_id": {"type": "string", "pattern": "^[a-z]{2,4}_[0-9a-z]{1,36}$"},
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "core.openapi.finish",
    ],
    "APPEND_COMPONENTS": {
        "securitySchemes": {
            "gatewayToken": {
                "type": "http",
                "scheme": "bearer",
                "description": "The token that Kuitti sends to the message gateway.",
            }
        }
    },
}

# Logs.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "config.log.JsonFormatter"}},
    "handlers": {
        "stdout": {
            "class": "logging.StreamHandler",
            "stream": "ext://sys.stdout",
            "formatter": "json",
        }
    },
    "root": {"handlers": ["stdout"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        "django.server": {"handlers": [], "propagate": True},
        "httpx": {"level": "WARNING"},
    },
}
