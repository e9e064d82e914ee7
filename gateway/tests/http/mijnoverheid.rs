//! The MijnOverheid case of `docs/credentials.md`: an abonnement on one type of CloudEvent and one zaaktype, whose
//! receiver and token endpoint are separate servers that both demand a client certificate.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
};

use axum::{Router, serve::Listener};
use http::Method;
use model::Role;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::{
    RootCertStore, ServerConfig,
    crypto::ring,
    pki_types::{PrivateKeyDer, pem::PemObject},
    server::WebPkiClientVerifier,
};
use serde_json::json;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::{TlsAcceptor, server::TlsStream};

use crate::{
    console::{Browser, CONSOLE, text},
    legacy_kanaal::invalid_params,
    support::{CONSUMER, Gateway, Issuer, OTHER, PUBLISHER},
};

const ZAAKTYPE: &str = "https://catalogi.example/zaaktypen/paspoort";

/// A certificate authority of the test.
struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new([]).expect("no names");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("a root"))
    }

    fn identity(&self, name: &str) -> (rcgen::Certificate, KeyPair) {
        let params = CertificateParams::new([name.to_owned()]).expect("a name");
        let key = KeyPair::generate().expect("a key");
        (params.signed_by(&key, &self.0).expect("a certificate"), key)
    }
}

/// Accepts only clients with a certificate.
struct MutualTlsListener(TcpListener, TlsAcceptor);

impl Listener for MutualTlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, SocketAddr) {
        loop {
            if let Ok((stream, from)) = self.0.accept().await
                && let Ok(stream) = self.1.accept(stream).await
            {
                return (stream, from);
            }
        }
    }

    fn local_addr(&self) -> std::io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

/// Serves over TLS to clients of this authority; the base URL.
async fn serve(router: Router, servers: &Authority, clients: &Authority) -> String {
    let provider = Arc::new(ring::default_provider());
    let mut roots = RootCertStore::empty();
    roots.add(clients.0.der().clone()).expect("a root");
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider)).build();
    let (certificate, key) = servers.identity("127.0.0.1");
    let key = PrivateKeyDer::from_pem_slice(key.serialize_pem().as_bytes()).expect("a key");
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_client_cert_verifier(verifier.expect("a verifier"))
        .with_single_cert(vec![certificate.der().clone()], key)
        .expect("a configuration");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let base = format!("https://{}", listener.local_addr().expect("an address"));
    let tls_listener = MutualTlsListener(listener, TlsAcceptor::from(Arc::new(config)));
    tokio::spawn(async move { axum::serve(tls_listener, router).await });
    base
}

fn write(dir: &Path, name: &str, text: &str) -> PathBuf {
    let path = dir.join(name);
    std::fs::write(&path, text).expect("a writable directory");
    path
}

/// Receiver and token endpoint, each demanding a certificate, and the TLS profiles of the gateway for them.
struct TestServers {
    issuer: Issuer,
    tokens: String,
    receiver: String,
    profiles: String,
    dir: tempfile::TempDir,
}

impl TestServers {
    async fn new() -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let (servers, clients) = (Authority::new(), Authority::new());
        let (certificate, key) = clients.identity("gateway.gemeente.example");
        let files = [
            write(dir.path(), "client.crt", &certificate.pem()),
            write(dir.path(), "client.key", &key.serialize_pem()),
            write(dir.path(), "pkioverheid.pem", &servers.0.pem()),
        ];
        let [certificate, key, ca] = files.map(|path| path.display().to_string());
        let profile = |name: &str, identity: &str| {
            format!("[egress.tls.{name}]\n{identity}ca = [{ca:?}]\napplicaties = [\"{CONSUMER}\"]\n")
        };
        let identity = format!("certificate = {certificate:?}\nkey = {key:?}\n");
        let retry = "[delivery.retry]\nfactor = 0.05\nbase = 1.0\n";
        let profiles = format!("{}{}{retry}", profile("mijnoverheid", &identity), profile("without", ""));
        let issuer = Issuer::default();
        let tokens = serve(issuer.router(), &servers, &clients).await;
        let receiver = serve(issuer.router(), &servers, &clients).await;
        Self { issuer, tokens, receiver, profiles, dir }
    }

    /// Publishes events that the abonnement selects and others, and checks which arrive, in which form, with which tokens.
    async fn delivers(&self, gateway: &Gateway) {
        self.issuer.taken(1).await;
        let probes = self.issuer.asked().len();
        let publisher = gateway.client(PUBLISHER);
        let post = async |id: &str, kind: &str, zaaktype: &str| {
            let event = json!({
                "specversion": "1.0", "id": id, "source": "urn:nld:oin:00000001823288444000:systeem:zaken",
                "type": format!("nl.overheid.zaken.{kind}"), "datacontenttype": "application/json",
                "data": {"zaaktype": zaaktype, "bronorganisatie": "051845623"},
            });
            let headers = [("content-type", "application/cloudevents+json")];
            publisher.send(Method::POST, "/api/v1/cloudevents", &headers, event.to_string()).await.expect(201);
        };
        post("1", "zaak-gemuteerd", "https://catalogi.example/zaaktypen/anders").await;
        post("2", "zaak-verwijderd", ZAAKTYPE).await;
        for id in ["3", "4", "5"] {
            post(id, "zaak-gemuteerd", ZAAKTYPE).await;
        }
        let taken = self.issuer.taken(4).await;
        assert_eq!(taken[1].0["content-type"], "application/cloudevents+json");
        assert_eq!(self.issuer.asked().len(), probes + 1, "one token for all deliveries");
        self.issuer.revoke();
        post("6", "zaak-gemuteerd", ZAAKTYPE).await;
        let taken = self.issuer.taken(5).await;
        let mut ids: Vec<String> = taken[1..]
            .iter()
            .filter_map(|(_, body)| {
                let event: serde_json::Value = serde_json::from_str(body).ok()?;
                Some(event["id"].as_str()?.to_owned())
            })
            .collect();
        ids.sort();
        assert_eq!(ids, ["3", "4", "5", "6"]);
    }
}

#[tokio::test]
async fn one_zaaktype_goes_to_mijnoverheid_with_a_token_and_a_certificate() {
    let test_servers = TestServers::new().await;
    let gateway = Gateway::with(&format!("{}{CONSOLE}", test_servers.profiles)).await;
    let body = |sink_profile: &str, token_profile: &str| {
        json!({
            "callbackUrl": format!("{}/sink", test_servers.receiver), "authType": "oauth2_client_credentials",
            "oauth2TokenUrl": format!("{}/token", test_servers.tokens), "authClientId": "gemeente", "secret": "zeer geheim",
            "oauth2Scope": "berichten", "tlsProfiel": sink_profile, "oauth2TlsProfiel": token_profile,
            "sendCloudevents": true,
            "cloudeventFilters": [
                {"typeSubstring": "nl.overheid.zaken.zaak-gemuteerd", "filters": {"zaaktype": ZAAKTYPE}},
            ],
        })
    };
    let owner = gateway.client(CONSUMER);
    for (sink_profile, token_profile, name) in [
        ("without", "mijnoverheid", "nonFieldErrors"),
        ("mijnoverheid", "without", "oauth2TokenUrl"),
        ("none", "mijnoverheid", "tlsProfiel"),
        ("mijnoverheid", "none", "oauth2TlsProfiel"),
    ] {
        let refused = owner.post("/api/v1/abonnement", body(sink_profile, token_profile)).await;
        assert_eq!(invalid_params(refused)[0].0, name, "{sink_profile} {token_profile}");
    }
    let good = body("mijnoverheid", "mijnoverheid");
    let elsewhere = gateway.client(OTHER).post("/api/v1/abonnement", good.clone()).await;
    assert_eq!(invalid_params(elsewhere)[0].0, "tlsProfiel", "the profile is not theirs");
    let made = owner.post("/api/v1/abonnement", good).await.expect(201);
    assert!(!String::from_utf8_lossy(&made.body).contains("geheim"), "{made:?}");
    test_servers.delivers(&gateway).await;
    let url = made.json()["url"].as_str().expect("a URL").to_owned();
    let id = url.rsplit('/').next().unwrap_or_default();
    let browser = Browser::with_role(&gateway, Role::Lezer).await;
    let page = text(&browser.get(&format!("/beheer/abonnementen/{id}")).await.expect(200));
    for part in ["Certificaat van het TLS-profiel loopt af", "Certificaat van de ontvanger loopt af"] {
        assert!(page.contains(part), "{part} in {page}");
    }
}

/// The sample of the documentation, with the addresses and files of this test.
#[tokio::test]
async fn the_same_is_declared_in_the_configuration_file() {
    let test_servers = TestServers::new().await;
    let secret = write(test_servers.dir.path(), "mijnoverheid.secret", "zeer geheim\n");
    let documentation = include_str!("../../../docs/credentials.md");
    let blocks = documentation.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next());
    let sample = blocks.into_iter().find(|block| block.starts_with("[[subscription]]")).expect("the sample");
    let sample = sample
        .replace("\"open-zaak\"", &format!("{CONSUMER:?}"))
        .replace("https://berichten.example/events", &format!("{}/sink", test_servers.receiver))
        .replace("https://tokens.example", &test_servers.tokens)
        .replace("https://…/zaaktypen/…", ZAAKTYPE)
        .replace("/etc/gateway/mijnoverheid.secret", &secret.display().to_string());
    let gateway = Gateway::with(&format!("{}{sample}", test_servers.profiles)).await;
    test_servers.delivers(&gateway).await;
    let asked = test_servers.issuer.asked();
    let (basic, form) = (&asked[0].0["authorization"], &asked[0].1);
    assert_eq!(basic, "Basic Z2VtZWVudGU6emVlcitnZWhlaW0=");
    assert!(form.contains("grant_type=client_credentials") && form.contains("scope=berichten"), "{form}");
    let shown = gateway.client(CONSUMER).get("/api/v1/abonnement").await.expect(200);
    assert!(!String::from_utf8_lossy(&shown.body).contains("geheim"));
    assert_eq!(shown.json()[0]["cloudeventFilters"][0]["filters"]["zaaktype"], ZAAKTYPE);
}

/// A profile that is named like the destination: its certificate opens the door for CONSUMER and for nobody else.
#[tokio::test]
async fn d3_a_certificate_of_a_destination_is_shown_for_its_applicaties_only() {
    let dir = tempfile::tempdir().expect("a directory");
    let (servers, clients) = (Authority::new(), Authority::new());
    let (certificate, key) = clients.identity("gateway.gemeente.example");
    let files = [
        write(dir.path(), "client.crt", &certificate.pem()),
        write(dir.path(), "client.key", &key.serialize_pem()),
        write(dir.path(), "pkioverheid.pem", &servers.0.pem()),
    ];
    let [certificate, key, ca] = files.map(|path| path.display().to_string());
    let issuer = Issuer::default();
    let documentation = issuer.router().route("/doc", axum::routing::get(|| async { "ok" }));
    let base = serve(documentation, &servers, &clients).await;
    let destination = base.trim_start_matches("https://");
    let gateway = Gateway::with(&format!(
        "[egress.tls.{destination:?}]\ncertificate = {certificate:?}\nkey = {key:?}\nca = [{ca:?}]\n\
         applicaties = [{CONSUMER:?}]\n[notificaties]\nfetch_documentatie_link = true\n"
    ))
    .await;
    let abonnement = |more: serde_json::Value| {
        let mut body = json!({
            "callbackUrl": format!("{base}/sink"), "authClientId": "gemeente", "secret": "zeer geheim",
            "kanalen": [], "sendCloudevents": true, "cloudeventFilters": [{"typeSubstring": "x", "filters": {}}],
        });
        body.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        body
    };
    let oauth2 =
        json!({"authType": "oauth2_client_credentials", "oauth2TokenUrl": format!("{base}/token"), "oauth2Scope": "x"});
    gateway.client(CONSUMER).post("/api/v1/abonnement", abonnement(oauth2.clone())).await.expect(201);
    let asked = issuer.asked().len();
    let other = gateway.client(OTHER);
    let refused = other.post("/api/v1/abonnement", abonnement(oauth2)).await;
    assert_eq!(invalid_params(refused)[0].0, "oauth2TokenUrl", "the token endpoint sees no certificate");
    other.post("/api/v1/abonnement", abonnement(json!({"auth": "Bearer x"}))).await.expect(400);
    assert_eq!((issuer.asked().len(), issuer.refused()), (asked, 1), "only the probe of the owner arrived");
    let kanaal = json!({"naam": "zaken", "documentatieLink": format!("{base}/doc")});
    let refused = gateway.client(PUBLISHER).post("/api/v1/kanaal", kanaal).await;
    assert_eq!(invalid_params(refused)[0].0, "documentatieLink", "a link sees no certificate");
}
