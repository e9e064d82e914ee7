// A provider of OpenID Connect with which people log in: everybody is logged in as "anna" without being asked. Its first line on
// standard output has its port. It answers {"gateway": base, "authentication": "client_secret_basic" or "private_key_jwt"} on
// standard input, after which it serves the client "eventgateway" of that gateway, with {"key": the private key of the client
// in PEM}; {"roles": [...]} sets the roles of the person and is answered with the same. It ends with its standard input.
import { createServer } from "node:http";
import { generateKeyPairSync, randomUUID } from "node:crypto";
import { createInterface } from "node:readline";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

// What the provider remarks must not come between the lines on standard output.
console.info = console.error;

// Modules are not looked up in NODE_PATH: the argument is the folder with the packages.
const { Provider } = await import(pathToFileURL(join(process.argv[2], "oidc-provider/lib/index.js")));

const server = createServer();
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const issuer = `http://127.0.0.1:${server.address().port}`;

const pair = () => generateKeyPairSync("ec", { namedCurve: "P-256" });
const jwk = (key, alg) => ({ ...key.export({ format: "jwk" }), alg, use: "sig", kid: randomUUID() });
const ofClient = pair();
const publicKey = { ...jwk(ofClient.publicKey, "ES256"), kid: "eventgateway-1" };
let roles = [];

function provider({ gateway, authentication }) {
  const credentials = authentication === "private_key_jwt"
    ? { jwks: { keys: [publicKey] }, token_endpoint_auth_signing_alg: "ES256" }
    : { client_secret: "het geheim van de eventgateway" };
  const made = new Provider(issuer, {
    jwks: { keys: [jwk(pair().privateKey, "ES256")] },
    clients: [{
      client_id: "eventgateway",
      ...credentials,
      token_endpoint_auth_method: authentication,
      redirect_uris: [`${gateway}/beheer/oidc/terug`],
      post_logout_redirect_uris: [`${gateway}/beheer/inloggen`],
      response_types: ["code"],
      grant_types: ["authorization_code"],
      id_token_signed_response_alg: "ES256",
    }],
    claims: { openid: ["sub", "sid", "roles"], profile: ["name"] },
    // Everything in the ID token, where the gateway reads it.
    conformIdTokenClaims: false,
    pkce: { required: () => true },
    scopes: ["openid", "profile"],
    findAccount: (_context, id) => ({
      accountId: id,
      claims: () => ({ sub: id, name: "Anna de Vries", roles }),
    }),
    interactions: { url: (_context, interaction) => `/log-in/${interaction.uid}` },
    features: {
      devInteractions: { enabled: false },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: (context, form) => {
          context.body = `<!DOCTYPE html><title>Log out</title>${form}<button form="op.logoutForm" name="logout" value="yes">x</button>`;
        },
      },
    },
  });
  const callback = made.callback();
  return async (request, response) => {
    if (!request.url.startsWith("/log-in/")) return callback(request, response);
    const { prompt, params, session, grantId } = await made.interactionDetails(request, response);
    const accountId = session?.accountId ?? "anna";
    if (prompt.name === "login") {
      return made.interactionFinished(request, response, { login: { accountId } }, { mergeWithLastSubmission: false });
    }
    const grant = grantId ? await made.Grant.find(grantId) : new made.Grant({ accountId, clientId: params.client_id });
    grant.addOIDCScope(params.scope);
    grant.addOIDCClaims(["sub", "name", "roles"]);
    const consent = { grantId: await grant.save() };
    return made.interactionFinished(request, response, { consent }, { mergeWithLastSubmission: true });
  };
}

let handler = (_request, response) => response.writeHead(503).end();
server.on("request", (request, response) => {
  Promise.resolve(handler(request, response)).catch((error) => {
    console.error(error);
    response.writeHead(500).end();
  });
});
console.log(JSON.stringify({ port: server.address().port }));

createInterface({ input: process.stdin })
  .on("line", (line) => {
    const wanted = JSON.parse(line);
    if (wanted.roles) {
      ({ roles } = wanted);
      return console.log(JSON.stringify({ roles }));
    }
    handler = provider(wanted);
    return console.log(JSON.stringify({ key: ofClient.privateKey.export({ format: "pem", type: "pkcs8" }) }));
  })
  .on("close", () => process.exit(0));
