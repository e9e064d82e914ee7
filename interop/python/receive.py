"""A subscriber with the Python SDK for CloudEvents: answers the handshake, and prints what the SDK understood of each
event as a line {"sink", "attributes", "data"} or {"sink", "id", "error"}. Ends with its standard input.
"""

import base64
import json
import os
import re
import sys
import threading
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

from cloudevents.core.bindings import http as binding

JSON = re.compile(r"^(application|text)/([^;]+\+)?json *(;|$)", re.IGNORECASE)
printing = threading.Lock()


def data_of(event, body, mode):
    """What the SDK holds as data: bytes, a string that is no JSON value, or a JSON value."""
    data = event.get_data()
    if data is None:
        return None
    if isinstance(data, bytes):
        return {"base64": base64.b64encode(data).decode()}
    if isinstance(data, str):
        is_json = JSON.match(event.get_datacontenttype() or "application/json")
        if (mode == "binary" and data.encode() == body) or not is_json:
            return {"base64": base64.b64encode(data.encode()).decode()}
    return {"json": json.dumps(data)}


def plain(value):
    return value.isoformat() if isinstance(value, datetime) else value


def receive(sink, headers, body):
    structured = headers.get("content-type", "").startswith("application/cloudevents")
    try:
        event = binding.from_http_event(binding.HTTPMessage(headers=headers, body=body))
        attributes = {name: plain(value) for name, value in event.get_attributes().items() if value is not None}
        data = data_of(event, body, "structured" if structured else "binary")
        return {"sink": sink, "attributes": attributes, "data": data}
    except Exception as error:
        identity = json.loads(body)["id"] if structured else unquote(headers["ce-id"])
        return {"sink": sink, "id": identity, "error": f"{type(error).__name__}: {error}"}


class Subscriber(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_OPTIONS(self):
        self.send_response(200)
        self.send_header("WebHook-Allowed-Origin", "*")
        self.send_header("WebHook-Allowed-Rate", "*")
        self.send_header("Allow", "POST, OPTIONS")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length", "0")))
        headers = {name.lower(): value for name, value in self.headers.items()}
        line = json.dumps(receive(self.path[1:], headers, body))
        with printing:
            print(line, flush=True)
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Subscriber)
print(json.dumps({"port": server.server_port}), flush=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
sys.stdin.read()
os._exit(0)
