// Receives events of the gateway: node subscriber.mjs PORT ORIGIN TOKEN
import { createHash, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";

const [port, origin, token] = process.argv.slice(2);
const maxBytes = 1024 * 1024;
const required = ["specversion", "id", "source", "type"];
const seen = new Set(); // use a table with a unique key on (source, id)

// Store the event, then return. Do what takes long afterwards.
function processEvent(event) {
  const key = JSON.stringify([event.source, event.id]);
  if (seen.has(key)) return; // an event may be delivered more than once
  seen.add(key);
  console.log(event.type, event.id);
}

// The answer to the handshake: only the gateway you expect may send.
function consent(asking) {
  const headers = { Allow: "POST, OPTIONS" };
  if (asking !== origin) return headers;
  return { ...headers, "WebHook-Allowed-Origin": origin, "WebHook-Allowed-Rate": "6000" };
}

// Equal texts, in a time that does not depend on where they differ.
function equal(one, other) {
  const digest = (text) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}

// The events of a delivery; null for a format that is not known. Throws when it is no JSON.
function eventsIn(headers, body) {
  const mediaType = (headers["content-type"] ?? "").split(";")[0].trim().toLowerCase();
  if (headers["ce-specversion"] !== undefined) {
    const attributes = Object.entries(headers).filter(([name]) => name.startsWith("ce-"));
    const event = Object.fromEntries(attributes.map(([name, value]) => [name.slice(3), decodeURIComponent(value)]));
    return [{ ...event, datacontenttype: mediaType, data: body }];
  }
  if (mediaType === "application/cloudevents+json") return [JSON.parse(body)];
  if (mediaType === "application/cloudevents-batch+json") return JSON.parse(body);
  return null;
}

// The status for a delivery.
function receive(headers, body) {
  if (!equal(headers.authorization ?? "", `Bearer ${token}`)) return 401;
  try {
    const events = eventsIn(headers, body);
    if (events === null) return 415;
    const good = (event) => required.every((name) => typeof event[name] === "string" && event[name] !== "");
    if (!events.every(good)) return 400;
    events.forEach(processEvent);
    return 204;
  } catch {
    return 400;
  }
}

const server = createServer((request, response) => {
  if (request.method === "OPTIONS") {
    response.writeHead(200, consent(request.headers["webhook-request-origin"])).end();
    return;
  }
  if (request.method !== "POST") {
    response.writeHead(405, { Allow: "POST, OPTIONS" }).end();
    return;
  }
  const chunks = [];
  let length = 0;
  request.on("data", (chunk) => {
    length += chunk.length;
    if (length <= maxBytes) chunks.push(chunk);
  });
  request.on("end", () => {
    response.writeHead(length > maxBytes ? 413 : receive(request.headers, Buffer.concat(chunks))).end();
  });
});
server.listen(Number(port), "127.0.0.1");
