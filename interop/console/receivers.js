// Receivers of events on a free port: /neemt-aan accepts every event, /weigert refuses every one (422) until a POST to /hersteld,
// /ligt-eruit answers 503, /zegt-nee does not consent, and /met-token wants the token that /token returns. Its first line on
// standard output has its port. It ends with its standard input.
import { createServer } from "node:http";

const TOKEN = "een-token-van-oauth2";

const answers = { "/neemt-aan": 204, "/weigert": 422, "/ligt-eruit": 503, "/zegt-nee": 204 };

const server = createServer((request, response) => {
  const { pathname } = new URL(request.url, "http://localhost");
  request.resume();
  if (request.method === "OPTIONS") {
    const origin = pathname === "/zegt-nee" ? "elders.example" : request.headers["webhook-request-origin"];
    return response.writeHead(200, { allow: "POST", "webhook-allowed-origin": origin, "webhook-allowed-rate": "*" }).end();
  }
  if (pathname === "/token") {
    response.writeHead(200, { "content-type": "application/json" });
    return response.end(JSON.stringify({ access_token: TOKEN, token_type: "Bearer", expires_in: 3600 }));
  }
  if (pathname === "/hersteld") answers["/weigert"] = 204;
  const accepts = pathname === "/hersteld" || request.headers.authorization === `Bearer ${TOKEN}`;
  return response.writeHead(answers[pathname] ?? (accepts ? 204 : 401)).end();
});
server.listen(0, "127.0.0.1", () => console.log(JSON.stringify({ port: server.address().port })));
process.stdin.resume().on("end", () => process.exit(0));
