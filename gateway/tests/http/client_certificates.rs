//! Client certificates at the listener and from proxies: which are accepted, whom they authenticate, and how they are refused.

use std::{path::Path, sync::Arc, time::Duration};

use base64::{Engine, engine::general_purpose::STANDARD};
use http::Method;
use model::{
    Clock,
    clock::{ManualClock, SystemClock},
};
use rcgen::{ExtendedKeyUsagePurpose, SanType, SerialNumber, date_time_ymd};
use rustls::HandshakeKind;
use web::auth::jwt;

use crate::support::{
    Answer, CONSUMER, Gateway, eventually,
    tls::{Authority, Identity, Protocol, TlsClient, client_params, file, section},
};

const OIN: &str = "00000001823288444000";
const OTHER_OIN: &str = "00000003273247420000";
const ZAKEN: &str = "zaken";

/// A gateway that takes certificates of `clients`, with an applicatie for [`OIN`].
struct Place {
    gateway: Gateway,
    servers: Authority,
    clients: Authority,
    dir: tempfile::TempDir,
}

impl Place {
    async fn new() -> Self {
        Self::with(|_, _| String::new(), &applicatie(ZAKEN, &format!("{{ oin = \"{OIN}\" }}"))).await
    }

    /// With more lines in `[tls]`, and these applicaties.
    async fn with(tls: impl FnOnce(&Path, &Authority) -> String, applicaties: &str) -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let (servers, clients) = (Authority::new("servers"), Authority::new("clients"));
        let more = format!("{}{}\n{applicaties}", section(dir.path(), &servers, &clients), tls(dir.path(), &clients));
        let gateway = Gateway::with(&more).await;
        Self { gateway, servers, clients, dir }
    }

    fn client(&self, identity: &Identity) -> TlsClient {
        TlsClient::new(&self.gateway.base, &self.servers, Some(identity))
    }

    /// The client of an organisation.
    fn of(&self, oin: &str) -> TlsClient {
        self.client(&self.clients.issue(&client_params(oin)))
    }

    fn nobody(&self) -> TlsClient {
        TlsClient::new(&self.gateway.base, &self.servers, None)
    }

    /// How many requests and handshakes were refused because of a certificate.
    async fn refused(&self) -> u64 {
        let answer = self.nobody().get("/metrics").await.expect("an answer").expect(200);
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        let line = "gateway_auth_failures_total{reason=\"certificate\"} ";
        text.lines().find_map(|found| found.strip_prefix(line)).expect("the metric").parse().expect("a number")
    }
}

/// An applicatie that may publish and is known by a certificate.
fn applicatie(client_id: &str, certificate: &str) -> String {
    format!(
        "[[applicatie]]\nclient_id = \"{client_id}\"\ncertificate = {certificate}\nscopes = [\"notificaties.publiceren\"]\n"
    )
}

fn token(client_id: &str) -> String {
    jwt::mint(client_id, format!("the long enough secret of {client_id}").as_bytes(), SystemClock::default().now())
}

/// A refusal in the forms of both APIs: 401 and 403 with a code.
#[track_caller]
fn refused(native: Answer, legacy: Answer, code: &str, part: &str) {
    assert!(String::from_utf8_lossy(&native.body).contains(part), "{native:?}");
    assert_eq!(native.problem(401).0, "unauthenticated");
    let legacy = legacy.expect(403).json();
    assert_eq!(legacy["code"], code);
    assert!(legacy["detail"].as_str().is_some_and(|detail| detail.contains("certificaat")), "{legacy}");
}

#[tokio::test]
async fn a_certificate_is_enough_on_both_apis_and_protocols_ch_122() {
    let place = Place::new().await;
    let client = place.of(OIN);
    let event = r#"{"specversion":"1.0","id":"1","source":"urn:test","type":"a.b.c"}"#;
    let structured = [("content-type", "application/cloudevents+json")];
    for protocol in [Protocol::Http1, Protocol::Http2] {
        for path in ["/v1/kanalen", "/api/v1/kanaal"] {
            client.send(protocol, Method::GET, path, &[], "").await.unwrap().0.expect(200);
        }
        client.send(protocol, Method::POST, "/v1/events", &structured, event).await.unwrap().0.expect(202);
    }
    // The scopes are those of the applicatie.
    let (kind, _) = client.get("/v1/subscriptions").await.unwrap().problem(403);
    assert_eq!(kind, "forbidden");
    let sent =
        client.send(Protocol::Http1, Method::POST, "/api/v1/abonnement", &[("content-type", "application/json")], "{}");
    sent.await.unwrap().0.expect(403);
    // Nobody needs a certificate.
    assert_eq!(place.nobody().get("/v1/kanalen").await.unwrap().problem(401).0, "unauthenticated");
    place.nobody().get_with("/v1/kanalen", &token(CONSUMER)).await.unwrap().expect(200);
}

#[tokio::test]
async fn certificates_that_are_not_valid_are_refused_in_the_handshake_ch_122() {
    let place = Place::new().await;
    let stranger = Authority::new("clients");
    let changed = |change: fn(&mut rcgen::CertificateParams)| {
        let mut params = client_params(OIN);
        change(&mut params);
        place.clients.issue(&params)
    };
    let before = place.refused().await;
    let identities = [
        ("of an unknown authority", stranger.issue(&client_params(OIN))),
        ("expired", changed(|params| params.not_after = date_time_ymd(2020, 1, 1))),
        ("not valid yet", changed(|params| params.not_before = date_time_ymd(2090, 1, 1))),
        ("for servers", changed(|params| params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth])),
    ];
    for (what, identity) in &identities {
        for protocol in [Protocol::Http1, Protocol::Http2] {
            let sent = place.client(identity).send(protocol, Method::GET, "/v1/kanalen", &[], "").await;
            assert!(sent.is_err(), "{what}: {sent:?}");
        }
    }
    assert!(place.refused().await >= before + 8);
}

#[tokio::test]
async fn a_certificate_of_no_applicatie_needs_a_token() {
    let place = Place::new().await;
    for oin in [OTHER_OIN, "182328844400", "000000018232884440000"] {
        let client = place.of(oin);
        let (native, legacy) = (client.get("/v1/kanalen").await.unwrap(), client.get("/api/v1/kanaal").await.unwrap());
        refused(native, legacy, "invalid-client-identifier", "belongs to no applicatie");
        client.get_with("/v1/kanalen", &token(CONSUMER)).await.unwrap().expect(200);
        client.get_with("/v1/kanalen", "wrong").await.unwrap().problem(401);
        client.get("/livez").await.unwrap().expect(200);
    }
}

#[tokio::test]
async fn a_token_of_another_client_than_the_certificate_is_refused_ch_120() {
    let own = format!("certificate = {{ oin = \"{OIN}\" }}\nsecret = \"the long enough secret of {ZAKEN}\"");
    let own = format!("[[applicatie]]\nclient_id = \"{ZAKEN}\"\n{own}\nscopes = [\"notificaties.publiceren\"]\n");
    let place = Place::with(|_, _| String::new(), &own).await;
    let client = place.of(OIN);
    let (native, legacy) = (
        client.get_with("/v1/kanalen", &token(CONSUMER)).await.unwrap(),
        client.get_with("/api/v1/kanaal", &token(CONSUMER)).await.unwrap(),
    );
    refused(native, legacy, "invalid-client-identifier", "of another client");
    for path in ["/v1/kanalen", "/api/v1/kanaal"] {
        client.get_with(path, &token(ZAKEN)).await.unwrap().expect(200);
        client.get(path).await.unwrap().expect(200);
    }
    // A token that is not valid is refused, whatever the certificate is.
    client.get_with("/v1/kanalen", "wrong").await.unwrap().problem(401);
    place.nobody().get_with("/v1/kanalen", &token(ZAKEN)).await.unwrap().expect(200);
}

#[tokio::test]
async fn subject_alternative_name_and_fingerprint_identify_a_client_too() {
    let clients = Authority::new("clients");
    let own = clients.issue(&client_params(OIN));
    let mut params = client_params(OTHER_OIN);
    params.subject_alt_names = vec![SanType::URI("urn:nld:oin:1:systeem:dms".try_into().unwrap())];
    let dms = clients.issue(&params);
    let fingerprint: Vec<String> = ring::digest::digest(&ring::digest::SHA256, own.certificate.der())
        .as_ref()
        .iter()
        .map(|b| format!("{b:02X}"))
        .collect();
    let fingerprint = fingerprint.join(":");
    let subject = format!("CN=zaken.gemeente.example,serialNumber={OIN},O=Gemeente Example,C=NL");
    for (certificate, knows_own, knows_dms) in [
        (format!("{{ subject = \"{subject}\" }}"), true, false),
        ("{ san = \"Zaken.gemeente.example\" }".to_owned(), true, false),
        ("{ san = \"urn:nld:oin:1:systeem:dms\" }".to_owned(), false, true),
        (format!("{{ sha256 = [\"{fingerprint}\"] }}"), true, false),
        (format!("{{ sha256 = [\"{}\", \"{fingerprint}\"] }}", "00".repeat(32)), true, false),
        (format!("{{ oin = \"{OTHER_OIN}\", san = \"zaken.gemeente.example\" }}"), false, false),
        (format!("{{ oin = \"{OIN}\", san = \"zaken.gemeente.example\" }}"), true, false),
    ] {
        let dir = tempfile::tempdir().expect("a directory");
        let servers = Authority::new("servers");
        let more = format!("{}{}", section(dir.path(), &servers, &clients), applicatie(ZAKEN, &certificate));
        let gateway = Gateway::with(&more).await;
        for (identity, known) in [(&own, knows_own), (&dms, knows_dms)] {
            let client = TlsClient::new(&gateway.base, &servers, Some(identity));
            let status = client.get("/v1/kanalen").await.unwrap().status;
            assert_eq!(status, if known { 200 } else { 401 }, "{certificate}");
        }
    }
}

#[tokio::test]
async fn a_certificate_of_two_applicaties_needs_a_token_of_one() {
    let secret = format!("secret = \"the long enough secret of {ZAKEN}\"\n");
    let both = [
        applicatie(ZAKEN, &format!("{{ oin = \"{OIN}\" }}")) + &secret,
        applicatie("dms", "{ san = \"zaken.gemeente.example\" }"),
    ];
    let place = Place::with(|_, _| String::new(), &both.concat()).await;
    let client = place.of(OIN);
    let (native, legacy) = (client.get("/v1/kanalen").await.unwrap(), client.get("/api/v1/kanaal").await.unwrap());
    refused(native, legacy, "invalid-client-identifier", "several applicaties");
    client.get_with("/v1/kanalen", &token(ZAKEN)).await.unwrap().expect(200);
    client.get_with("/v1/kanalen", &token(CONSUMER)).await.unwrap().problem(401);
}

#[tokio::test]
async fn a_resumed_session_has_the_certificate_of_the_first() {
    let place = Place::new().await;
    let client = place.of(OIN);
    let (first, kind) = client.send(Protocol::Http2, Method::GET, "/v1/kanalen", &[], "").await.unwrap();
    first.expect(200);
    assert_eq!(kind, Some(HandshakeKind::Full));
    let resumed = eventually("a resumed session", || async {
        let (answer, kind) = client.send(Protocol::Http2, Method::GET, "/v1/kanalen", &[], "").await.unwrap();
        (kind == Some(HandshakeKind::Resumed)).then_some(answer)
    });
    resumed.await.expect(200);
}

#[tokio::test]
async fn a_certificate_that_expires_while_its_connection_is_open_is_refused_ch_122() {
    let dir = tempfile::tempdir().expect("a directory");
    let (servers, clients) = (Authority::new("servers"), Authority::new("clients"));
    let own = applicatie(ZAKEN, &format!("{{ oin = \"{OIN}\" }}"));
    let clock = Arc::new(ManualClock::new(SystemClock::default().now()));
    let gateway = Gateway::with_clock(&format!("{}{own}", section(dir.path(), &servers, &clients)), &clock).await;
    let mut params = client_params(OIN);
    params.not_after = date_time_ymd(2090, 1, 1);
    let client = TlsClient::new(&gateway.base, &servers, Some(&clients.issue(&params)));
    client.get("/v1/kanalen").await.unwrap().expect(200);
    // The handshake goes by the clock of the system, the request by that of the gateway.
    clock.advance(Duration::from_hours(24 * 365 * 70));
    let (native, legacy) = (client.get("/v1/kanalen").await.unwrap(), client.get("/api/v1/kanaal").await.unwrap());
    refused(native, legacy, "permission_denied", "it has expired");
    // Nor does a token help, as on a new connection.
    let token = jwt::mint(CONSUMER, format!("the long enough secret of {CONSUMER}").as_bytes(), clock.now());
    let answer = client.get_with("/v1/kanalen", &token).await.unwrap();
    assert!(String::from_utf8_lossy(&answer.body).contains("it has expired"), "{answer:?}");
    TlsClient::new(&gateway.base, &servers, None).get_with("/v1/kanalen", &token).await.unwrap().expect(200);
}

#[tokio::test]
async fn a_revoked_certificate_is_refused_once_its_list_is_there() {
    let lists = |dir: &Path, clients: &Authority| {
        format!("client_crl = [{:?}]\n", file(dir, "clients.crl", clients.revocation_list(&[1])))
    };
    let place = Place::with(lists, &applicatie(ZAKEN, &format!("{{ oin = \"{OIN}\" }}"))).await;
    let numbered = |serial: u64| {
        let mut params = client_params(OIN);
        params.serial_number = Some(SerialNumber::from(serial));
        place.client(&place.clients.issue(&params))
    };
    let (revoked, good) = (numbered(1), numbered(2));
    assert!(revoked.get("/v1/kanalen").await.is_err());
    good.get("/v1/kanalen").await.unwrap().expect(200);
    // A list that cannot be read changes nothing; the next one is used without a restart.
    file(place.dir.path(), "clients.crl", "no list");
    assert!(revoked.get("/v1/kanalen").await.is_err());
    file(place.dir.path(), "clients.crl", place.clients.revocation_list(&[2]));
    eventually("the new list", || async { good.get("/v1/kanalen").await.is_err().then_some(()) }).await;
    revoked.get("/v1/kanalen").await.unwrap().expect(200);
}

#[tokio::test]
async fn other_authorities_are_used_without_a_restart() {
    let place = Place::new().await;
    let (before, next) = (place.of(OIN), Authority::new("next"));
    let after = place.client(&next.issue(&client_params(OIN)));
    before.get("/v1/kanalen").await.unwrap().expect(200);
    assert!(after.get("/v1/kanalen").await.is_err());
    file(place.dir.path(), "clients.pem", next.pem());
    eventually("the new authority", || async { after.get("/v1/kanalen").await.ok() }).await.expect(200);
    assert!(before.get("/v1/kanalen").await.is_err());
}

/// A gateway behind proxies on these addresses, which verify clients.
async fn behind(trusted: &str, dir: &Path, clients: &Authority, more: &str) -> Gateway {
    let ca = file(dir, "proxied.pem", clients.pem());
    let proxy = format!(
        "[proxy]\ntrusted = [\"{trusted}\"]\nclient_certificate_header = \"Client-Cert\"\nclient_ca = \"{}\"\n",
        ca.display()
    );
    Gateway::with(&format!("{proxy}{more}{}", applicatie(ZAKEN, &format!("{{ oin = \"{OIN}\" }}")))).await
}

fn byte_sequence(identity: &Identity) -> String {
    format!(":{}:", STANDARD.encode(identity.certificate.der()))
}

#[tokio::test]
async fn a_trusted_proxy_brings_the_certificate_in_a_header() {
    let dir = tempfile::tempdir().expect("a directory");
    let clients = Authority::new("clients");
    let gateway = behind("127.0.0.0/8", dir.path(), &clients, "").await;
    let own = clients.issue(&client_params(OIN));
    let escaped = own.certificate.pem().replace('\n', "%0A").replace(' ', "%20").replace('+', "%2B");
    let get = |path: &'static str, header: String| {
        let gateway = &gateway;
        async move { gateway.nobody().send(Method::GET, path, &[("client-cert", &header)], "").await }
    };
    for value in [byte_sequence(&own), escaped] {
        for path in ["/v1/kanalen", "/api/v1/kanaal"] {
            get(path, value.clone()).await.expect(200);
        }
    }
    get("/v1/kanalen", String::new()).await.problem(401);
    let stranger = Authority::new("clients").issue(&client_params(OIN));
    let other = clients.issue(&client_params(OTHER_OIN));
    for (value, code, part) in [
        (byte_sequence(&stranger), "permission_denied", "authority is not trusted"),
        (byte_sequence(&other), "invalid-client-identifier", "belongs to no applicatie"),
        (":AAAA:".to_owned(), "permission_denied", "cannot be verified"),
        ("x".to_owned(), "permission_denied", "cannot be read"),
    ] {
        refused(get("/v1/kanalen", value.clone()).await, get("/api/v1/kanaal", value).await, code, part);
    }
    // The path of a health check is public.
    get("/livez", "x".to_owned()).await.expect(200);
    let value = byte_sequence(&own);
    let answer = gateway.client(CONSUMER).send(Method::GET, "/v1/kanalen", &[("client-cert", &value)], "").await;
    assert_eq!(answer.problem(401).0, "unauthenticated");
}

#[tokio::test]
async fn a_header_of_an_untrusted_peer_or_without_a_setting_is_ignored() {
    let dir = tempfile::tempdir().expect("a directory");
    let clients = Authority::new("clients");
    let own = byte_sequence(&clients.issue(&client_params(OIN)));
    let untrusted = behind("10.0.0.0/8", dir.path(), &clients, "").await;
    let unset = Gateway::with("[proxy]\ntrusted = [\"127.0.0.0/8\"]\n").await;
    for gateway in [&untrusted, &unset] {
        for value in [own.as_str(), "x"] {
            let headers = [("client-cert", value)];
            let answer = gateway.nobody().send(Method::GET, "/v1/kanalen", &headers, "").await;
            assert!(String::from_utf8_lossy(&answer.body).contains("no token"), "{answer:?}");
            answer.problem(401);
            gateway.client(CONSUMER).send(Method::GET, "/v1/kanalen", &headers, "").await.expect(200);
        }
    }
}

#[tokio::test]
async fn the_certificate_of_a_proxy_itself_is_not_that_of_its_clients() {
    let dir = tempfile::tempdir().expect("a directory");
    let (servers, clients) = (Authority::new("servers"), Authority::new("clients"));
    let gateway = behind("127.0.0.0/8", dir.path(), &clients, &section(dir.path(), &servers, &clients)).await;
    let proxy = TlsClient::new(&gateway.base, &servers, Some(&clients.issue(&client_params(OIN))));
    proxy.get("/v1/kanalen").await.unwrap().problem(401);
    let own = byte_sequence(&clients.issue(&client_params(OIN)));
    let headers = [("client-cert", own.as_str())];
    let sent = proxy.send(Protocol::Http2, Method::GET, "/v1/kanalen", &headers, "").await;
    sent.unwrap().0.expect(200);
}
