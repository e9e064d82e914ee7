// A subscriber as it would usually be written with the JavaScript SDK for CloudEvents: it consents to one sender, wants a token, lets
// the SDK read events, and prints which requests it cannot use. Ends with its standard input.
"use strict";
const http = require("node:http");
const { HTTP } = require("cloudevents");

const [, , sender, token] = process.argv;
const formats = ["application/cloudevents+json", "application/cloudevents-batch+json", "application/json"];

// The status for an event, by its headers and body.
function take(headers, body) {
  const essence = (headers["content-type"] ?? "").split(";")[0].trim().toLowerCase();
  if (!formats.includes(essence)) return 415;
  try {
    const events = [HTTP.toEvent({ headers: { ...headers, "content-type": essence }, body })].flat();
    return events.every((event) => event.validate()) ? 204 : 400;
  } catch {
    return 400;
  }
}

const server = http.createServer((request, response) => {
  const { method, headers } = request;
  if (method === "OPTIONS") {
    response.setHeader("Allow", "POST, OPTIONS");
    if (headers["webhook-request-origin"] === sender) {
      response.setHeader("WebHook-Allowed-Origin", sender);
      response.setHeader("WebHook-Allowed-Rate", "6000");
    }
    response.writeHead(200).end();
    return;
  }
  const chunks = [];
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", () => {
    const known = headers.authorization === `Bearer ${token}`;
    response.writeHead(known ? take(headers, Buffer.concat(chunks).toString()) : 401).end();
  });
});
server.listen(0, "127.0.0.1", () => console.log(JSON.stringify({ port: server.address().port })));
process.stdin.resume().on("end", () => process.exit(0));
