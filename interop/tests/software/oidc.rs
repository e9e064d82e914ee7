//! Access tokens of `oidc-provider` (`oidc/`), a certified provider of OpenID Connect, on both APIs.

use interop::gateway::Gateway;
use interop::program::Server;
use interop::{Failure, http, sources, tools};
use serde_json::{Value, json};
use tokio::process::Command;

const EVENT: &str = "application/cloudevents+json";
const PUBLISH: &str = "gateway:notificaties.publiceren";
const BOTH: &str = "gateway:notificaties.publiceren gateway:notificaties.consumeren";

/// An applicatie without a secret, which the provider knows under another name.
fn configuration(issuer: &str) -> String {
    format!(
        r#"
[[applicatie]]
client_id = "open-zaak"
[auth.oidc]
issuer = "{issuer}"
audience = "eventgateway"
scopes_claim = "scope"
scope_prefix = "gateway:"
clients = {{ zaaksysteem = "open-zaak" }}
"#
    )
}

/// The provider, and what it grants.
struct Provider(Server);

impl Provider {
    async fn token(&mut self, client: &str, audience: &str, scope: &str) -> Result<String, Failure> {
        let resource = format!("https://{audience}");
        let granted = self.0.ask(&json!({"client": client, "resource": resource, "scope": scope})).await?;
        Ok(granted["token"].as_str().unwrap_or_else(|| panic!("no token: {granted}")).to_owned())
    }
}

async fn publish(gateway: &Gateway, token: &str, id: &str) -> Result<u16, Failure> {
    let event = json!({"specversion": "1.0", "id": id, "source": "urn:x", "type": "nl.overheid.zaken.x"});
    Ok(http::send_as(EVENT, "POST", &gateway.url("/v1/events"), token, Some(&event)).await?.0)
}

fn notificatie() -> Value {
    json!({
        "kanaal": "interop", "hoofdObject": "https://x.nl/1", "resource": "zaak", "resourceUrl": "https://x.nl/1",
        "actie": "create", "aanmaakdatum": "2026-01-01T12:00:00Z", "kenmerken": {},
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn access_tokens_of_a_provider_publish_and_subscribe() -> Result<(), Failure> {
    let folder = sources().join("oidc");
    let mut command = Command::new("node");
    command.arg(folder.join("provider.js")).arg(tools::node(&folder)?);
    let mut provider = Provider(Server::start("oidc-provider", command).await?);
    let gateway = Gateway::start(&configuration(&format!("http://127.0.0.1:{}", provider.0.port))).await?;
    let legacy = gateway.url("/api/v1/notificaties");

    let publisher = provider.token("zaaksysteem", "eventgateway", PUBLISH).await?;
    assert_eq!(publish(&gateway, &publisher, "1").await?, 202);
    assert_eq!(http::send("POST", &legacy, &publisher, Some(&notificatie())).await?.0, 201);

    let subscription = json!({"sink": "http://127.0.0.1:9/", "protocol": "HTTP", "config": {"kanalen": ["interop"]}});
    let subscriptions = gateway.url("/v1/subscriptions");
    let refused = http::send("POST", &subscriptions, &publisher, Some(&subscription)).await?;
    assert_eq!(refused.0, 403, "the token does not grant this: {}", refused.1);
    let subscriber = provider.token("zaaksysteem", "eventgateway", BOTH).await?;
    let made = http::send("POST", &subscriptions, &subscriber, Some(&subscription)).await?;
    assert_eq!((made.0, made.1["owner"].as_str()), (201, Some("open-zaak")), "{}", made.1);

    for (client, audience) in [("stranger", "eventgateway"), ("zaaksysteem", "elsewhere")] {
        let token = provider.token(client, audience, PUBLISH).await?;
        assert_eq!(publish(&gateway, &token, "2").await?, 401, "{client} for {audience}");
        let (status, problem) = http::send("POST", &legacy, &token, Some(&notificatie())).await?;
        assert_eq!((status, problem["status"].as_u64()), (403, Some(403)), "{problem}");
    }
    // Another first character of the signature.
    let (signed, signature) = publisher.rsplit_once('.').expect("a token");
    let other = if signature.starts_with('A') { "B" } else { "A" };
    assert_eq!(publish(&gateway, &format!("{signed}.{other}{}", &signature[1..]), "3").await?, 401);

    // The provider signs with another key and another algorithm from now on.
    assert_eq!(provider.0.ask(&json!({"rotate": true})).await?["rotated"], true);
    let renewed = provider.token("zaaksysteem", "eventgateway", PUBLISH).await?;
    assert_eq!(publish(&gateway, &renewed, "4").await?, 202);
    assert!(!gateway.log().contains(signature), "no token is in the log");
    Ok(())
}
