"""Receives events of the gateway: python3 subscriber.py PORT ORIGIN TOKEN"""

import hmac
import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

PORT, ORIGIN, TOKEN = int(sys.argv[1]), sys.argv[2], sys.argv[3]
MAX_BYTES = 1024 * 1024
REQUIRED = ("specversion", "id", "source", "type")
seen = set()  # use a table with a unique key on (source, id)


def process(event):
    """Store the event, then return. Do what takes long afterwards."""
    key = (event["source"], event["id"])
    if key not in seen:  # an event may be delivered more than once
        seen.add(key)
        print(event["type"], event["id"], flush=True)


def consent(origin):
    """The answer to the handshake: only the gateway you expect may send."""
    headers = {"Allow": "POST, OPTIONS"}
    if origin == ORIGIN:
        headers |= {"WebHook-Allowed-Origin": ORIGIN, "WebHook-Allowed-Rate": "6000"}
    return 200, headers


def receive(headers, body):
    """The status for a delivery; `headers` has names in lower case."""
    if not hmac.compare_digest(headers.get("authorization", ""), f"Bearer {TOKEN}"):
        return 401
    media_type = headers.get("content-type", "").split(";")[0].strip().lower()
    try:
        if "ce-specversion" in headers:
            attributes = {name[3:]: unquote(value) for name, value in headers.items() if name.startswith("ce-")}
            events = [attributes | {"datacontenttype": media_type, "data": body}]
        elif media_type == "application/cloudevents+json":
            events = [json.loads(body)]
        elif media_type == "application/cloudevents-batch+json":
            events = json.loads(body)
        else:
            return 415
        for event in events:
            if not all(isinstance(event[name], str) and event[name] for name in REQUIRED):
                return 400
    except (ValueError, KeyError, TypeError):
        return 400
    for event in events:
        process(event)
    return 204


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_OPTIONS(self):
        self.answer(*consent(self.headers.get("WebHook-Request-Origin")))

    def do_POST(self):
        body = self.body()
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.answer(413 if body is None else receive(headers, body), {})

    def body(self):
        """The body; None when it is too large. Web frameworks do this for you."""
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            length = int(self.headers.get("Content-Length", 0))
            return self.rfile.read(length) if length <= MAX_BYTES else None
        body = b""
        while length := int(self.rfile.readline().split(b";")[0], 16):
            if len(body) + length > MAX_BYTES:
                return None
            body += self.rfile.read(length)
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass
        return body

    def answer(self, status, headers):
        self.send_response(status)
        if status == 413:
            self.close_connection = True
            self.send_header("Connection", "close")
        for name, value in headers.items():
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


ThreadingHTTPServer(("127.0.0.1", PORT), Handler).serve_forever()
