"""A publisher and subscriber with notifications-api-common against a running gateway: scenario.py GATEWAY CLIENT SECRET.

Prints a line of JSON for each step that went as it should, and ends with an assertion that names the one that failed.
"""

import io
import json
import os
import sys
import threading
import time

os.environ["DJANGO_SETTINGS_MODULE"] = "settings"

import django

django.setup()

import requests
from celery.contrib.testing.worker import start_worker
from django.core.management import call_command
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.core.wsgi import get_wsgi_application
from django.test.utils import override_settings
from notifications_api_common.cloudevents import process_cloudevent
from notifications_api_common.models import FailedNotification, NotificationResponse, NotificationsConfig, Subscription
from zgw_consumers.constants import APITypes, AuthTypes
from zgw_consumers.models import Service

from zaken import app
from zaken.api import KANAAL_ZAKEN
from zaken.receiver import RECEIVED

GATEWAY, CLIENT, SECRET = sys.argv[1:]
PATIENCE = 300


class QuietHandler(WSGIRequestHandler):
    def log_message(self, *_):
        pass


def serve():
    """Our own site, on a free port."""
    server = ThreadedWSGIServer(("127.0.0.1", 0), QuietHandler)
    server.set_app(get_wsgi_application())
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}/api/v1"


def configure(api_root):
    service, _ = Service.objects.update_or_create(
        slug="notificaties",
        defaults={
            "label": "notificaties", "api_type": APITypes.nrc, "api_root": api_root, "auth_type": AuthTypes.zgw,
            "client_id": CLIENT, "secret": SECRET,
        },
    )
    config = NotificationsConfig.get_solo()
    config.notifications_api_service = service
    config.notification_delivery_max_retries = 20
    config.notification_delivery_retry_backoff = 1
    config.notification_delivery_base_factor = 1
    config.save()


def step(name, **facts):
    print(json.dumps({"step": name, **facts}), flush=True)


def eventually(what, probe):
    deadline = time.monotonic() + PATIENCE
    while not (found := probe()):
        assert time.monotonic() < deadline, f"never: {what}; received {RECEIVED}"
        time.sleep(0.05)
    return found


def settled():
    """Everything sent was accepted: the library forgets what it has delivered."""
    eventually("all notifications accepted", lambda: not FailedNotification.objects.exists())


def call(method, url, expected, **data):
    response = requests.request(method, url, json=data or None, timeout=120)
    assert response.status_code == expected, f"{method} {url}: {response.status_code} {response.text}"
    return response.json() if response.content else None


def new_zaak(site, **more):
    data = {"identificatie": "ZAAK-1", "bronorganisatie": "517439943", "zaaktype": "https://catalogi.example/zaaktypen/1"}
    return call("POST", f"{site}/zaken", 201, **{**data, **more})


def received(kind):
    return [body for what, body in RECEIVED if what == kind]


def retried_when_refused(site):
    """The kanaal is not there yet: 400, kept, tried again until it is."""
    new_zaak(site)
    answer = eventually("a refusal", NotificationResponse.objects.first)
    assert answer.response_status == 400, answer
    assert "kanaal" in json.loads(answer.exception), answer.exception
    register("Registered kanaal 'zaken'")
    settled()
    step("retried after a refusal", attempts_refused=answer.attempt)


def register(expected):
    out, err = io.StringIO(), io.StringIO()
    call_command("register_kanalen", stdout=out, stderr=err)
    assert expected in out.getvalue() and not err.getvalue(), (out.getvalue(), err.getvalue())
    [kanaal] = NotificationsConfig.get_client().get("kanaal", params={"naam": "zaken"}).json()
    assert kanaal["filters"] == list(KANAAL_ZAKEN.kenmerken), kanaal
    assert kanaal["documentatieLink"] == "http://zaken.gemeente.example/ref/kanalen/#zaken", kanaal
    return kanaal["url"]


def kanalen():
    first = register("Updated already existing kanaal 'zaken'")
    KANAAL_ZAKEN.kenmerken = ("bronorganisatie", "zaaktype", "vertrouwelijkheidaanduiding")
    assert register("Updated already existing kanaal 'zaken'") == first
    step("kanalen registered, again, and changed", url=first)


def webhooks(site):
    webhook = Subscription.objects.create(identifier="eigen", callback_url=f"{site}/callbacks", channels=["zaken"])
    webhook.register()
    client = NotificationsConfig.get_client()
    kept = client.get(webhook._subscription).json()
    assert kept["callbackUrl"] == webhook.callback_url and kept["kanalen"][0]["naam"] == "zaken", kept
    assert "auth" not in kept, kept
    # What the library cannot register, with its own client: CloudEvents of some types.
    asked = {
        "callbackUrl": f"{site}/events", "auth": f"Bearer {client.auth._token}", "sendCloudevents": True, "kanalen": [],
        "cloudeventFilters": [{"typeSubstring": "nl.overheid.zaken."}],
    }
    made = client.post("abonnement", json=asked)
    assert made.status_code == 201, made.text
    # A receiver that asks for no credentials is refused, with the reason.
    open_receiver = client.post("abonnement", json={**asked, "callbackUrl": f"{site}/zaken"})
    assert open_receiver.status_code == 400, open_receiver.text
    step("webhooks registered", notificaties=webhook._subscription, cloudevents=made.json()["url"])


def every_action(site):
    before = len(received("notificatie"))
    zaak = new_zaak(site, identificatie="ZAAK-2", vertrouwelijkheidaanduiding="zeer_geheim")
    status = call("POST", f"{site}/statussen", 201, zaak=zaak["url"], toelichting="Zoë")
    call("PUT", zaak["url"], 200, identificatie="ZAAK-3", bronorganisatie="517439943", zaaktype=zaak["zaaktype"])
    call("PATCH", zaak["url"], 200, identificatie="ZAAK-4")
    call("DELETE", status["url"], 204)
    call("DELETE", zaak["url"], 204)
    eventually("six notifications", lambda: len(received("notificatie")) == before + 6)
    settled()
    got = received("notificatie")[before:]
    summary = sorted((one["resource"], one["actie"], one["resourceUrl"], one["hoofdObject"]) for one in got)
    assert summary == sorted([
        ("zaak", "create", zaak["url"], zaak["url"]), ("status", "create", status["url"], zaak["url"]),
        ("zaak", "update", zaak["url"], zaak["url"]), ("zaak", "partial_update", zaak["url"], zaak["url"]),
        ("status", "destroy", status["url"], zaak["url"]), ("zaak", "destroy", zaak["url"], zaak["url"]),
    ]), summary
    [created] = [one for one in got if one["resource"] == "zaak" and one["actie"] == "create"]
    assert created["kenmerken"] == {
        "bronorganisatie": "517439943", "zaaktype": zaak["zaaktype"], "vertrouwelijkheidaanduiding": "zeer_geheim",
    }, created
    assert created["source"] == "urn:nld:oin:00000001823288444000:systeem:zaken", created
    step("every action notified and received", notificaties=len(got))


def without_source(site):
    """Also with a subscriber of CloudEvents on the kanaal, a notification without source reaches everybody."""
    before = len(received("notificatie"))
    with override_settings(NOTIFICATIONS_SOURCE=""):
        new_zaak(site, identificatie="ZAAK-5")
        eventually("a notification without source", lambda: len(received("notificatie")) == before + 1)
    settled()
    assert "source" not in received("notificatie")[-1], received("notificatie")[-1]
    step("a notification without source received")


def retried_when_away(site, away):
    """The port is closed: the connection is refused, and the library tries again until it is open."""
    before = len(received("notificatie"))
    NotificationResponse.objects.all().delete()
    configure(away)
    new_zaak(site, identificatie="ZAAK-6")
    failed = eventually("a refused connection", NotificationResponse.objects.first)
    assert failed.response_status is None and failed.exception, failed
    configure(f"{GATEWAY}/api/v1/")
    eventually("the notification", lambda: len(received("notificatie")) == before + 1)
    settled()
    step("retried after a refused connection")


def cloudevents():
    nothing = "nl.overheid.zaken.zaak-geopend"
    everything = "nl.overheid.zaken.zaak-afgesloten"
    process_cloudevent(nothing)
    process_cloudevent(everything, subject="zaak-1", dataref="/zaken/api/v1/zaken/1", data={"zaaktype": None, "naam": "Zoë"})
    eventually("two CloudEvents", lambda: len(received("cloudevent")) == 2)
    settled()
    got = {one["type"]: one for one in received("cloudevent")}
    for absent in ("subject", "dataref"):
        assert absent not in got[nothing], got[nothing]
    assert got[nothing].get("data") is None, got[nothing]
    full = got[everything]
    assert (full["subject"], full["dataref"]) == ("zaak-1", "/zaken/api/v1/zaken/1"), full
    assert full["data"] == {"zaaktype": None, "naam": "Zoë"}, full
    assert full["source"] == "urn:nld:oin:00000001823288444000:systeem:zaken", full
    step("CloudEvents with and without null members received", ids=[one["id"] for one in got.values()])


def main():
    call_command("migrate", verbosity=0, run_syncdb=True)
    site = serve()
    configure(f"{GATEWAY}/api/v1/")
    with start_worker(app, pool="solo", perform_ping_check=False, loglevel="CRITICAL", shutdown_timeout=30):
        retried_when_refused(site)
        kanalen()
        webhooks(site)
        every_action(site)
        without_source(site)
        retried_when_away(site, "http://127.0.0.1:9/api/v1/")
        cloudevents()


main()
