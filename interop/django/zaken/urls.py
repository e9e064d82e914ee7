"""Routes of the publisher, of the library's page about kanalen, and of the two receivers."""

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from .api import StatusViewSet, ZaakViewSet
from .receiver import cloudevent, notificatie

router = SimpleRouter(trailing_slash=False)
router.register("zaken", ZaakViewSet)
router.register("statussen", StatusViewSet)

urlpatterns = [
    path("api/v1/", include(router.urls)),
    path("api/v1/callbacks", notificatie),
    path("api/v1/events", cloudevent),
    path("ref/", include("notifications_api_common.urls")),
]
