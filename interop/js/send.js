// Sends the events of a file with the JavaScript SDK for CloudEvents: node send.js URL MODE PREFIX FILE, token in TOKEN.
// Prints a line {"case", "status"} or {"case", "error"} for each. Decides nothing about what is right.
"use strict";
const fs = require("node:fs");
const { CloudEvent, HTTP } = require("cloudevents");

const [url, mode, prefix, file] = process.argv.slice(2);

// Booleans and integers have a type of their own in JavaScript; the other types are strings to this SDK.
function valueOf({ type, value }) {
  return type === "integer" || type === "boolean" ? value : String(value);
}

function dataOf(event) {
  const { data } = event;
  if (data === undefined) return undefined;
  if ("base64" in data) return Uint8Array.from(Buffer.from(data.base64, "base64"));
  if ("text" in data) return data.text;
  const value = JSON.parse(data.json);
  // In binary mode the SDK turns objects into JSON; a string it takes for a body that is ready.
  return mode === "binary" && typeof value === "string" ? JSON.stringify(value) : value;
}

function build(event) {
  const fields = { id: prefix + event.id, ...event.attributes, data: dataOf(event) };
  for (const [name, typed] of Object.entries(event.extensions ?? {})) fields[name] = valueOf(typed);
  return new CloudEvent(fields);
}

async function send(event) {
  const message = mode === "binary" ? HTTP.binary(build(event)) : HTTP.structured(build(event));
  const headers = { ...message.headers, authorization: `Bearer ${process.env.TOKEN}` };
  const answer = await fetch(url, { method: "POST", headers, body: message.body });
  return { case: event.case, status: answer.status, said: await answer.text() };
}

(async () => {
  for (const event of JSON.parse(fs.readFileSync(file, "utf8"))) {
    const result = await send(event).catch((error) => ({ case: event.case, error: String(error) }));
    console.log(JSON.stringify(result));
  }
})();
