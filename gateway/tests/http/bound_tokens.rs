//! Access tokens that are bound to a key: those of a client certificate are accepted with it only (RFC 8705 section 3), those of
//! DPoP (RFC 9449) never.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use http::Method;
use model::{Clock, clock::SystemClock};
use ring::digest;
use serde_json::{Value, json};

use crate::support::{
    Gateway, Provider,
    tls::{Authority, Identity, Protocol, TlsClient, client_params, section},
};

/// The OIN of certificates that are bound to no applicatie: they only belong to tokens.
const OIN: &str = "00000001823288444000";
const OTHER_OIN: &str = "00000003273247420000";

struct Place {
    gateway: Gateway,
    provider: Provider,
    servers: Authority,
    clients: Authority,
    _dir: tempfile::TempDir,
}

impl Place {
    async fn new() -> Self {
        let (dir, provider) = (tempfile::tempdir().expect("a directory"), Provider::start().await);
        let (servers, clients) = (Authority::new("servers"), Authority::new("clients"));
        let more = format!(
            "{}\n[auth.oidc]\nissuer = {:?}\naudience = \"eventgateway\"\nclients = {{ zaaksysteem = \"zaken\" }}\n\
             [[applicatie]]\nclient_id = \"zaken\"\nscopes = [\"notificaties.publiceren\"]\n",
            section(dir.path(), &servers, &clients),
            provider.issuer(),
        );
        Self { gateway: Gateway::with(&more).await, provider, servers, clients, _dir: dir }
    }

    fn client(&self, identity: Option<&Identity>) -> TlsClient {
        TlsClient::new(&self.gateway.base, &self.servers, identity)
    }

    /// An access token with this `cnf`; none for null.
    fn token(&self, cnf: Value) -> String {
        let now = SystemClock::default().now().as_micros() / 1_000_000;
        let mut claims = json!({
            "iss": self.provider.issuer(), "aud": "eventgateway", "iat": now, "exp": now + 300, "client_id": "zaaksysteem",
        });
        if !cnf.is_null() {
            claims["cnf"] = cnf;
        }
        self.provider.sign(&claims)
    }
}

/// The `cnf` of a token for this certificate.
fn bound_to(identity: &Identity) -> Value {
    let digest = digest::digest(&digest::SHA256, identity.certificate.der());
    json!({"x5t#S256": BASE64_URL_SAFE_NO_PAD.encode(digest)})
}

#[tokio::test]
async fn a_token_of_a_certificate_needs_that_certificate_rfc_8705_3() {
    let place = Place::new().await;
    let [own, other] = [OIN, OTHER_OIN].map(|oin| place.clients.issue(&client_params(oin)));
    let bound = place.token(bound_to(&own));
    for protocol in [Protocol::Http1, Protocol::Http2] {
        let authorization = format!("Bearer {bound}");
        let headers = [("authorization", authorization.as_str())];
        let client = place.client(Some(&own));
        let sent = client.send(protocol, Method::GET, "/v1/kanalen", &headers, "");
        sent.await.expect("an answer").0.expect(200);
    }
    for (what, identity) in [("no certificate", None), ("another certificate", Some(&other))] {
        let client = place.client(identity);
        let native = client.get_with("/v1/kanalen", &bound).await.expect("an answer");
        let text = String::from_utf8_lossy(&native.body).into_owned();
        assert!(text.contains("bound to a client certificate"), "{what}: {text}");
        assert_eq!(native.problem(401).0, "unauthenticated", "{what}");
        let legacy = client.get_with("/api/v1/kanaal", &bound).await.expect("an answer").expect(403).json();
        assert_eq!(legacy["code"], "permission_denied", "{what}");
        assert!(legacy["detail"].as_str().is_some_and(|text| text.contains("clientcertificaat")), "{what}: {legacy}");
    }
    // A token that is bound to nothing is good with and without a certificate.
    let free = place.token(Value::Null);
    for identity in [None, Some(&own)] {
        place.client(identity).get_with("/v1/kanalen", &free).await.expect("an answer").expect(200);
    }
}

#[tokio::test]
async fn tokens_that_are_bound_in_another_way_are_refused_with_the_reason() {
    let place = Place::new().await;
    let own = place.clients.issue(&client_params(OIN));
    let client = place.client(Some(&own));
    let mut both = bound_to(&own);
    both["jkt"] = json!("0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I");
    for (cnf, reason) in [
        (json!({"jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"}), "DPoP"),
        (both, "DPoP"),
        (json!({"jwk": {"kty": "EC"}}), "is not supported here"),
        (json!({}), "`cnf` must be an object"),
        (json!({"x5t#S256": "short"}), "x5t#S256 must be"),
    ] {
        let answer = client.get_with("/v1/kanalen", &place.token(cnf.clone())).await.expect("an answer");
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        assert!(text.contains(reason), "{cnf}: {text}");
        assert_eq!(answer.problem(401).0, "unauthenticated", "{cnf}");
    }
    // The scheme of DPoP says so too, whatever the token is.
    let authorization = format!("DPoP {}", place.token(Value::Null));
    let headers = [("authorization", authorization.as_str())];
    for (path, status) in [("/v1/kanalen", 401), ("/api/v1/kanaal", 403)] {
        let sent = client.send(Protocol::Http1, Method::GET, path, &headers, "").await.expect("an answer").0;
        assert!(String::from_utf8_lossy(&sent.body).contains("DPoP"), "{path}");
        sent.expect(status);
    }
}
