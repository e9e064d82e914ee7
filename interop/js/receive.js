// A subscriber with the JavaScript SDK for CloudEvents: answers the handshake, and prints what the SDK understood of
// each event as a line {"sink", "attributes", "data"} or {"sink", "id", "error"}. Ends with its standard input.
"use strict";
const http = require("node:http");
const { HTTP } = require("cloudevents");

const json = /^(application|text)\/([^;]+\+)?json *(;|$)/i;

// What the SDK holds as data: bytes, a string that is no JSON value, or a JSON value.
function dataOf(event, body, mode) {
  const { data } = event;
  if (data === undefined || data === "" && body.length === 0) return null;
  if (ArrayBuffer.isView(data)) return { base64: Buffer.from(data).toString("base64") };
  const verbatim = typeof data === "string" && (mode === "binary" ? data === body : !json.test(event.datacontenttype ?? "application/json"));
  return verbatim ? { base64: Buffer.from(data).toString("base64") } : { json: JSON.stringify(data) };
}

function understood(sink, event, body, mode) {
  const attributes = {};
  for (const [name, value] of Object.entries(event)) {
    if (name !== "data" && name !== "data_base64" && value !== undefined) attributes[name] = value;
  }
  return { sink, attributes, data: dataOf(event, body, mode) };
}

function idOf(headers, text) {
  if (headers["ce-id"]) return [decodeURIComponent(headers["ce-id"])];
  return [JSON.parse(text)].flat().map((event) => event.id);
}

function receive(sink, headers, bytes) {
  const type = headers["content-type"] ?? "";
  const mode = type.startsWith("application/cloudevents") ? "structured" : "binary";
  const textual = mode === "structured" || json.test(type) || type.startsWith("text/");
  const body = textual ? bytes.toString("utf8") : bytes;
  try {
    return [HTTP.toEvent({ headers, body })].flat().map((event) => understood(sink, event, body, mode));
  } catch (error) {
    return idOf(headers, bytes.toString("utf8")).map((id) => ({ sink, id, error: String(error.message) }));
  }
}

const server = http.createServer((request, response) => {
  if (request.method === "OPTIONS") {
    response.writeHead(200, { "WebHook-Allowed-Origin": "*", "WebHook-Allowed-Rate": "*", Allow: "POST, OPTIONS" }).end();
    return;
  }
  const chunks = [];
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", () => {
    for (const line of receive(request.url.slice(1), request.headers, Buffer.concat(chunks))) console.log(JSON.stringify(line));
    response.writeHead(204).end();
  });
});
server.listen(0, "127.0.0.1", () => console.log(JSON.stringify({ port: server.address().port })));
process.stdin.resume().on("end", () => process.exit(0));
