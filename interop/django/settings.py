"""Settings of a small publisher as they are common among users of notifications-api-common, on SQLite and with Celery's
worker in the same process. What differs per run comes from the environment.
"""

import logging
import os

import structlog
from django.contrib.postgres.fields import ArrayField

# The library's one array column is for PostgreSQL; SQLite keeps it as text, and it is not read back here.
ArrayField.db_type = lambda self, connection: "text"
ArrayField.get_placeholder = lambda self, value, compiler, connection: "%s"
ArrayField.get_db_prep_value = lambda self, value, connection, prepared=False: ",".join(value)

structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))

SECRET_KEY = "only for tests"
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1"]
ROOT_URLCONF = "zaken.urls"
USE_TZ = True
TIME_ZONE = "Europe/Amsterdam"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
FORCE_SCRIPT_NAME = None
INSTALLED_APPS = [
    "zaken",
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "privates",
    "simple_certmanager",
    "solo",
    "rest_framework",
    "zgw_consumers",
    "notifications_api_common",
]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": os.environ["DATABASE"],
        "OPTIONS": {"timeout": 20, "transaction_mode": "IMMEDIATE"},
    }
}
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]
PRIVATE_MEDIA_ROOT = os.path.dirname(os.environ["DATABASE"])
PRIVATE_MEDIA_URL = "/private/"
REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["djangorestframework_camel_case.render.CamelCaseJSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["djangorestframework_camel_case.parser.CamelCaseJSONParser"],
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "UNAUTHENTICATED_USER": None,
}

IS_HTTPS = False
SITE_DOMAIN = "zaken.gemeente.example"
NOTIFICATIONS_SOURCE = "urn:nld:oin:00000001823288444000:systeem:zaken"
LOG_NOTIFICATIONS_IN_DB = True
