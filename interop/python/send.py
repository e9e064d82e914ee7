"""Sends the events of a file with the Python SDK for CloudEvents: send.py URL MODE PREFIX FILE, token in TOKEN.

Prints a line {"case", "status"} or {"case", "error"} for each. Decides nothing about what is right.
"""

import base64
import http.client
import json
import os
import sys
import urllib.parse

from cloudevents.core.bindings import http as binding
from cloudevents.core.v1.event import CloudEvent
from dateutil.parser import isoparse

url, mode, prefix, file = sys.argv[1:]


def value_of(typed):
    """Booleans and integers have a type of their own; the other types are strings to this SDK."""
    return typed["value"]


def data_of(event):
    data = event.get("data")
    if data is None:
        return None
    if "base64" in data:
        return base64.b64decode(data["base64"])
    if "text" in data:
        return data["text"]
    value = json.loads(data["json"])
    # In binary mode the SDK turns objects into JSON, and everything else into Python's own notation.
    return value if mode == "structured" or isinstance(value, dict) else data["json"].encode()


def build(event):
    attributes = {"id": prefix + event["id"], "specversion": "1.0", **event["attributes"]}
    if "time" in attributes:
        attributes["time"] = isoparse(attributes["time"])
    for name, typed in event.get("extensions", {}).items():
        attributes[name] = value_of(typed)
    return CloudEvent(attributes, data_of(event))


def send(connection, path, event):
    built = build(event)
    message = binding.to_binary_event(built) if mode == "binary" else binding.to_structured_event(built)
    headers = {**message.headers, "authorization": "Bearer " + os.environ["TOKEN"]}
    connection.request("POST", path, message.body, headers)
    answer = connection.getresponse()
    return {"status": answer.status, "said": answer.read().decode()}


def main():
    parts = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=30)
    with open(file, encoding="utf-8") as events:
        for event in json.load(events):
            try:
                result = send(connection, parts.path, event)
            except Exception as error:
                connection.close()
                result = {"error": f"{type(error).__name__}: {error}"}
            print(json.dumps({"case": event["case"], **result}), flush=True)


main()
