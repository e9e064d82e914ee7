// A provider of OpenID Connect that grants access tokens in the form of JWTs. Its first line on standard output has its port.
// It answers every line on standard input: {"client", "resource", "scope"} with {"token"}, and {"rotate": true}, after which
// it has only another key, with {"rotated": true}. It ends with its standard input.
import { createServer } from "node:http";
import { generateKeyPairSync, randomUUID } from "node:crypto";
import { createInterface } from "node:readline";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

// Modules are not looked up in NODE_PATH: the argument is the folder with the packages.
const { Provider } = await import(pathToFileURL(join(process.argv[2], "oidc-provider/lib/index.js")));

const key = (alg) => {
  const made = alg === "RS256"
    ? generateKeyPairSync("rsa", { modulusLength: 2048 })
    : generateKeyPairSync("ec", { namedCurve: "P-256" });
  return { ...made.privateKey.export({ format: "jwk" }), alg, use: "sig", kid: randomUUID() };
};

const server = createServer();
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const { port } = server.address();
const issuer = `http://127.0.0.1:${port}`;

function provider(keys, alg) {
  return new Provider(issuer, {
    jwks: { keys },
    clients: ["zaaksysteem", "stranger"].map((client_id) => ({
      client_id,
      client_secret: `the secret of ${client_id}`,
      grant_types: ["client_credentials"],
      redirect_uris: [],
      response_types: [],
      id_token_signed_response_alg: alg,
    })),
    ttl: { ClientCredentials: 600 },
    scopes: ["gateway:notificaties.publiceren", "gateway:notificaties.consumeren"],
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_context, resource) => ({
          scope: "gateway:notificaties.publiceren gateway:notificaties.consumeren",
          audience: resource.replace("https://", ""),
          accessTokenTTL: 600,
          accessTokenFormat: "jwt",
          jwt: { sign: { alg } },
        }),
      },
    },
  });
}

let handler = provider([key("RS256")], "RS256").callback();
server.on("request", (request, response) => handler(request, response));
console.log(JSON.stringify({ port }));

async function grant({ client, resource, scope }) {
  const body = new URLSearchParams({ grant_type: "client_credentials", resource, scope });
  const pair = Buffer.from(`${client}:${encodeURIComponent(`the secret of ${client}`)}`).toString("base64");
  const answer = await fetch(`${issuer}/token`, { method: "POST", headers: { authorization: `Basic ${pair}` }, body });
  const { access_token: token, ...rest } = await answer.json();
  return token ? { token } : { error: JSON.stringify(rest) };
}

createInterface({ input: process.stdin })
  .on("line", async (line) => {
    const { rotate, ...wanted } = JSON.parse(line);
    if (rotate) handler = provider([key("ES256")], "ES256").callback();
    console.log(JSON.stringify(rotate ? { rotated: true } : await grant(wanted)));
  })
  .on("close", () => process.exit(0));
