"""A publisher of cases. The Celery app comes first: the library ties its retries to the app there is at that moment."""

from .celery import app

__all__ = ["app"]
