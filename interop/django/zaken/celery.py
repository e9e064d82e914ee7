"""Celery with its queue in this process; the scenario starts a worker for it."""

from celery import Celery

app = Celery("zaken", broker="memory://", backend=None)
app.conf.task_ignore_result = True
app.conf.worker_hijack_root_logger = False
app.set_default()
