"""The publisher's API: each change of a case or a status sends a notification, as the library does it."""

from notifications_api_common.kanalen import Kanaal
from notifications_api_common.viewsets import NotificationViewSetMixin
from rest_framework.serializers import HyperlinkedModelSerializer
from rest_framework.viewsets import ModelViewSet

from .models import Status, Zaak

KANAAL_ZAKEN = Kanaal("zaken", main_resource=Zaak, kenmerken=("bronorganisatie", "zaaktype"))


class ZaakSerializer(HyperlinkedModelSerializer):
    class Meta:
        model = Zaak
        fields = ("url", "identificatie", "bronorganisatie", "zaaktype", "vertrouwelijkheidaanduiding")
        extra_kwargs = {"url": {"lookup_field": "uuid"}}


class StatusSerializer(HyperlinkedModelSerializer):
    class Meta:
        model = Status
        fields = ("url", "zaak", "toelichting")
        extra_kwargs = {"url": {"lookup_field": "uuid"}, "zaak": {"lookup_field": "uuid"}}


class ZaakViewSet(NotificationViewSetMixin, ModelViewSet):
    queryset = Zaak.objects.order_by("pk")
    serializer_class = ZaakSerializer
    lookup_field = "uuid"
    notifications_kanaal = KANAAL_ZAKEN


class StatusViewSet(NotificationViewSetMixin, ModelViewSet):
    queryset = Status.objects.order_by("pk")
    serializer_class = StatusSerializer
    lookup_field = "uuid"
    notifications_kanaal = KANAAL_ZAKEN
