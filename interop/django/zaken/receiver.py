"""The subscriber's side: what Open Zaak and its kin do with a notification and with a CloudEvent. What was accepted is
kept in RECEIVED for the scenario to look at.
"""

import json

import jwt
from django.http import HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from djangorestframework_camel_case.util import underscoreize
from notifications_api_common.api.serializers import NotificatieSerializer
from notifications_api_common.models import NotificationsConfig

RECEIVED = []


def may_deliver(request):
    """A token of the service's own client, as the library makes it for a subscription."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    service = NotificationsConfig.get_solo().notifications_api_service
    try:
        claims = jwt.decode(token, service.secret, algorithms=["HS256"], options={"verify_iat": False})
    except jwt.InvalidTokenError:
        return False
    return scheme == "Bearer" and claims["client_id"] == service.client_id


@csrf_exempt
@require_POST
def notificatie(request):
    if not may_deliver(request):
        return HttpResponse(status=403)
    if request.content_type != "application/json":
        return HttpResponse(status=415)
    serializer = NotificatieSerializer(data=underscoreize(json.loads(request.body)))
    if not serializer.is_valid():
        return JsonResponse(serializer.errors, status=400)
    RECEIVED.append(("notificatie", json.loads(request.body)))
    return HttpResponse(status=204)


@csrf_exempt
@require_POST
def cloudevent(request):
    if not may_deliver(request):
        return HttpResponse(status=403)
    # The probe of a callback is a notification; a CloudEvent must have this content type to the letter.
    if request.headers["Content-Type"] == "application/cloudevents+json":
        RECEIVED.append(("cloudevent", json.loads(request.body)))
    elif request.content_type != "application/json":
        return HttpResponse(status=415)
    return HttpResponse(status=204)
