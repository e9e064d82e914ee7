"""A case and its statuses: the main resource of a kanaal, and one below it."""

import uuid

from django.db import models


class Zaak(models.Model):
    uuid = models.UUIDField(unique=True, default=uuid.uuid4)
    identificatie = models.CharField(max_length=40)
    bronorganisatie = models.CharField(max_length=9)
    zaaktype = models.URLField()
    vertrouwelijkheidaanduiding = models.CharField(max_length=20, default="openbaar")


class Status(models.Model):
    uuid = models.UUIDField(unique=True, default=uuid.uuid4)
    zaak = models.ForeignKey(Zaak, on_delete=models.CASCADE)
    toelichting = models.CharField(max_length=1000)
