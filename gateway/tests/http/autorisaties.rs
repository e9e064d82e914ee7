//! Rights from an Autorisaties API: asked once, kept fresh by notifications, and what happens when it cannot be asked.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::{
    Json, Router,
    extract::{Query, State},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode};
use model::{Clock, Grants, Role, Timestamp, clock::ManualClock};
use serde_json::{Value, json};
use web::auth::jwt::{self, Validity};

use crate::{
    console::{Browser, CONSOLE, text},
    support::{BEHEER, CONSUMER, Client, Gateway, OTHER, PUBLISHER, Sink, eventually},
};

/// An applicatie that is declared without scopes.
const GUEST: &str = "open zaak";

#[derive(Default)]
struct ApiState {
    applicaties: HashMap<String, Value>,
    /// The status and body of all answers, when set.
    broken: Option<(u16, &'static str)>,
    tokens: Vec<String>,
}

/// A small Autorisaties API that records the tokens of its requests.
#[derive(Clone)]
struct AutorisatiesApi {
    state: Arc<Mutex<ApiState>>,
    base: String,
}

impl AutorisatiesApi {
    async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let base = format!("http://{}/ac/api/v1", listener.local_addr().expect("an address"));
        let state = Arc::<Mutex<ApiState>>::default();
        let routes = Router::new().route("/ac/api/v1/applicaties/consumer", axum::routing::get(consumer));
        let router = routes.with_state(Arc::clone(&state));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { state, base }
    }

    fn state(&self) -> MutexGuard<'_, ApiState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn asked(&self) -> usize {
        self.state().tokens.len()
    }

    fn url(&self) -> String {
        format!("{}/applicaties/1", self.base)
    }

    /// Sets the scopes of the guest from now on.
    fn grants(&self, scopes: &[&str]) {
        let applicatie = json!({
            "url": self.url(), "clientIds": ["x", GUEST], "label": "Open Zaak", "heeftAlleAutorisaties": false,
            "autorisaties": [{"component": "nrc", "scopes": scopes}, {"component": "zrc", "scopes": ["zaken.lezen"]}],
        });
        self.state().applicaties.insert(GUEST.to_owned(), applicatie);
    }

    fn breaks(&self, answer: Option<(u16, &'static str)>) {
        self.state().broken = answer;
    }

    async fn gateway(&self, clock: &Arc<ManualClock>) -> Gateway {
        self.gateway_with(clock, "").await
    }

    async fn gateway_with(&self, clock: &Arc<ManualClock>, rest: &str) -> Gateway {
        let more = format!(
            r#"
[auth.autorisaties]
url = "{}/"
client_id = "nrc"
secret = "between us"
[[applicatie]]
client_id = "{GUEST}"
secret = "the long enough secret of {GUEST}"
[[kanaal]]
naam = "autorisaties"
{rest}"#,
            self.base
        );
        Gateway::with_clock(&more, clock).await
    }
}

async fn consumer(
    State(state): State<Arc<Mutex<ApiState>>>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Response {
    // So that concurrent requests overlap.
    tokio::time::sleep(Duration::from_millis(20)).await;
    let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
    let token = headers["authorization"].to_str().unwrap_or_default().trim_start_matches("Bearer ").to_owned();
    state.tokens.push(token);
    if let Some((status, body)) = state.broken {
        return (StatusCode::from_u16(status).unwrap_or_default(), body).into_response();
    }
    match query.get("clientId").and_then(|id| state.applicaties.get(id)) {
        Some(applicatie) => Json(applicatie.clone()).into_response(),
        None => (StatusCode::NOT_FOUND, Json(json!({"code": "not_found"}))).into_response(),
    }
}

fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::new(Timestamp::from_seconds(1_800_000_000)))
}

fn notificatie(kanaal: &str, actie: &str, resource_url: &str) -> Value {
    json!({
        "kanaal": kanaal, "hoofdObject": resource_url, "resource": "applicatie", "resourceUrl": resource_url,
        "actie": actie, "aanmaakdatum": "2025-01-01T12:00:00Z", "kenmerken": {},
    })
}

async fn may_read(client: &Client) -> bool {
    let answer = client.get("/api/v1/kanaal").await;
    match answer.status.as_u16() {
        200 => true,
        status => {
            assert_eq!(status, 403, "{}", String::from_utf8_lossy(&answer.body));
            false
        }
    }
}

#[tokio::test]
async fn scopes_of_an_applicatie_without_any_are_asked_once_with_a_token_of_ours() {
    let (authority, clock) = (AutorisatiesApi::start().await, clock());
    authority.grants(&["notificaties.publiceren"]);
    let gateway = authority.gateway(&clock).await;
    let guest = gateway.client(GUEST);
    let reads: Vec<_> = (0..12).map(|_| may_read(&guest)).collect();
    assert!(futures_util::future::join_all(reads).await.into_iter().all(|may| may));
    assert_eq!(authority.asked(), 1, "questions at once are one question");
    guest.post("/api/v1/kanaal", json!({"naam": "zaken"})).await.expect(201);
    let refused = guest.post("/api/v1/abonnement", json!({})).await.expect(403).json();
    assert_eq!(refused["code"], "permission_denied");
    assert!(refused["detail"].as_str().unwrap().contains("notificaties.consumeren"), "{refused}");
    guest.post("/v1/subscriptions", json!({})).await.problem(403);
    assert_eq!(authority.asked(), 1);

    let token = authority.state().tokens[0].clone();
    let read = jwt::read(&token).expect("a token");
    assert_eq!(read.client_id(), "nrc");
    let validity = Validity { leeway: 0, max_age: 3_600 };
    read.verify(&[b"between us".to_vec()], clock.now(), validity).expect("a good token");

    assert!(may_read(&gateway.client(PUBLISHER)).await);
    assert_eq!(authority.asked(), 1, "an applicatie that declares scopes has those");
    clock.advance(Duration::from_secs(301));
    assert!(may_read(&guest).await);
    assert_eq!(authority.asked(), 2, "the answer lapsed");
}

#[tokio::test]
async fn a_client_without_an_applicatie_is_remembered_shortly() {
    let (authority, clock) = (AutorisatiesApi::start().await, clock());
    let gateway = authority.gateway(&clock).await;
    let guest = gateway.client(GUEST);
    for _ in 0..3 {
        assert!(!may_read(&guest).await);
    }
    assert_eq!(authority.asked(), 1);
    authority.grants(&["notificaties.consumeren"]);
    clock.advance(Duration::from_secs(31));
    assert!(may_read(&guest).await);
    let nobody = gateway.client("wie is dit");
    nobody.get("/api/v1/kanaal").await.expect(403);
    assert_eq!(authority.asked(), 2, "a client that is not known is not asked about");
}

#[tokio::test]
async fn notifications_of_the_autorisaties_api_have_the_rights_follow() {
    let (authority, clock) = (AutorisatiesApi::start().await, clock());
    let gateway = authority.gateway(&clock).await;
    let (guest, publisher) = (gateway.client(GUEST), gateway.client(PUBLISHER));
    let url = authority.url();
    // Posted to the gateway as to any subscriber, and as to the Notificaties API that it is.
    for (path, status) in [("/api/v1/callbacks", 204), ("/api/v1/notificaties", 201)] {
        authority.state().applicaties.clear();
        publisher.post(path, notificatie("autorisaties", "destroy", &url)).await.expect(status);
        assert!(!may_read(&guest).await, "{path}");
        authority.grants(&["notificaties.consumeren"]);
        publisher.post(path, notificatie("autorisaties", "create", &url)).await.expect(status);
        assert!(may_read(&guest).await, "{path}: create");
        authority.grants(&[]);
        assert!(may_read(&guest).await, "{path}: nobody told yet");
        publisher.post(path, notificatie("autorisaties", "partial_update", &url)).await.expect(status);
        assert!(!may_read(&guest).await, "{path}: update");
        authority.grants(&["notificaties.consumeren"]);
        publisher.post(path, notificatie("autorisaties", "update", &url)).await.expect(status);
        assert!(may_read(&guest).await, "{path}: update");
    }
    // Rights that were destroyed are not used even when the API is down.
    authority.breaks(Some((503, "")));
    publisher.post("/api/v1/callbacks", notificatie("autorisaties", "update", &url)).await.expect(204);
    assert!(may_read(&guest).await);
    publisher.post("/api/v1/callbacks", notificatie("autorisaties", "destroy", &url)).await.expect(204);
    assert!(!may_read(&guest).await);
}

#[tokio::test]
async fn administrators_see_the_cached_answer_and_its_age() {
    let (authority, clock) = (AutorisatiesApi::start().await, clock());
    authority.grants(&["notificaties.publiceren"]);
    let gateway = authority.gateway(&clock).await;
    let shown = || async {
        let list = gateway.client(BEHEER).get("/v1/applicaties").await.expect(200).json();
        let found = list["results"].as_array().unwrap().iter().find(|own| own["clientId"] == GUEST).cloned().unwrap();
        let of = |name: &str| found[name].clone();
        [of("rightsFrom"), of("scopes"), of("rightsAgeSeconds"), of("rightsError").is_string().into()]
    };
    let from = "autorisaties-api";
    assert_eq!(shown().await, [json!(from), Value::Null, Value::Null, json!(false)], "it was not asked yet");
    assert_eq!(authority.asked(), 0, "showing requests nothing");
    assert!(may_read(&gateway.client(GUEST)).await);
    clock.advance(Duration::from_secs(100));
    assert_eq!(shown().await, [json!(from), json!(["notificaties.publiceren"]), json!(100), json!(false)]);
    authority.breaks(Some((503, "")));
    clock.advance(Duration::from_mins(5));
    assert!(may_read(&gateway.client(GUEST)).await, "the cached rights are used a while longer");
    assert_eq!(shown().await, [json!(from), json!(["notificaties.publiceren"]), json!(400), json!(true)]);
    assert_eq!(shown_of_declared(&gateway).await, "configuration");
}

async fn shown_of_declared(gateway: &Gateway) -> Value {
    let list = gateway.client(BEHEER).get("/v1/applicaties").await.expect(200).json();
    let found = list["results"].as_array().and_then(|all| all.iter().find(|own| own["clientId"] == PUBLISHER));
    found.map(|own| own["rightsFrom"].clone()).unwrap_or_default()
}

#[tokio::test]
async fn callbacks_are_checked_like_any_notification() {
    let gateway = Gateway::start().await;
    let path = "/api/v1/callbacks";
    let publisher = gateway.client(PUBLISHER);
    let test = notificatie("test", "create", "http://some.resource.nl/");
    assert_eq!(gateway.nobody().post(path, test.clone()).await.expect(403).json()["code"], "permission_denied");
    gateway.client(CONSUMER).post(path, test.clone()).await.expect(403);
    assert!(publisher.post(path, test.clone()).await.expect(204).body.is_empty());
    let mut wrong = test.clone();
    wrong["hoofdObject"] = "geen url".into();
    let refused = publisher.post(path, wrong).await.expect(400).json();
    assert_eq!((&refused["code"], &refused["invalidParams"][0]["name"]), (&json!("invalid"), &json!("hoofdObject")));
    let headers = [("content-type", "application/json")];
    for (body, code) in [("{", "parse_error"), ("", "invalid"), ("[]", "invalid")] {
        let refused = publisher.send(http::Method::POST, path, &headers, body).await.expect(400).json();
        assert_eq!(refused["code"], code, "{body}");
    }
    publisher.send(http::Method::POST, path, &[("content-type", "text/plain")], test.to_string()).await.expect(415);
    publisher.get(path).await.expect(405);
}

#[tokio::test]
async fn an_answer_is_used_longer_while_nobody_answers_and_it_is_never_a_500() {
    let (authority, clock) = (AutorisatiesApi::start().await, clock());
    authority.grants(&["notificaties.consumeren"]);
    let gateway = authority.gateway(&clock).await;
    assert!(may_read(&gateway.client(GUEST)).await);
    for answer in [(500, ""), (403, "{}"), (200, "geen json"), (400, "{}")] {
        authority.breaks(Some(answer));
        clock.advance(Duration::from_secs(400));
        let before = authority.asked();
        for _ in 0..3 {
            assert!(may_read(&gateway.client(GUEST)).await, "{answer:?}");
        }
        assert_eq!(authority.asked(), before + 1, "it is not asked by every request");
    }
    clock.advance(Duration::from_hours(24));
    for (answer, code, says) in [
        ((503, ""), "permission_denied", "niet bereikbaar"),
        ((403, r#"{"code": "not_authenticated"}"#), "not_authenticated_for_ac", "accepteert het token"),
        ((200, "[]"), "permission_denied", "onbruikbaar"),
        ((418, "{}"), "permission_denied", "niet bereikbaar"),
    ] {
        authority.breaks(Some(answer));
        clock.advance(Duration::from_secs(6));
        let guest = gateway.client(GUEST);
        let refused = guest.get("/api/v1/kanaal").await.expect(403).json();
        assert_eq!(refused["code"], code, "{answer:?}");
        assert!(refused["detail"].as_str().unwrap().contains(says), "{refused}");
        let native = guest.get("/v1/kanalen").await;
        assert_eq!(native.header("retry-after"), Some("5"));
        native.problem(503);
    }
    authority.breaks(None);
    clock.advance(Duration::from_secs(6));
    assert!(may_read(&gateway.client(GUEST)).await, "it came back");
}

#[tokio::test]
async fn what_a_notification_points_to_is_never_fetched() {
    let (authority, clock, decoy) = (AutorisatiesApi::start().await, clock(), Sink::start().await);
    authority.grants(&["notificaties.consumeren"]);
    let gateway = authority.gateway(&clock).await;
    let (guest, publisher) = (gateway.client(GUEST), gateway.client(PUBLISHER));
    assert!(may_read(&guest).await);
    for (path, status) in [("/api/v1/notificaties", 201), ("/api/v1/callbacks", 204)] {
        for actie in ["create", "update"] {
            let before = authority.asked();
            let notification = notificatie("autorisaties", actie, &decoy.url("/applicaties/1"));
            publisher.post(path, notification).await.expect(status);
            assert!(may_read(&guest).await);
            assert_eq!(authority.asked(), before + 1, "{path} {actie}: the API that is configured is asked");
        }
    }
    assert!(decoy.seen(&http::Method::GET).is_empty());
}

/// Configuration of a gateway whose Autorisaties API announces changes at another Notificaties API; its port survives a restart.
fn configuration_with_abonnement(authority: &AutorisatiesApi, other: &Gateway, secret: &str) -> String {
    let free = format!("127.0.0.1:{}", free_port::free_port());
    format!(
        r#"listen = "{free}"
public_url = "http://{free}"
[auth.autorisaties]
url = "{}"
client_id = "nrc"
secret = "between us"
[auth.autorisaties.abonnement]
url = "{}/api/v1"
client_id = "{CONSUMER}"
secret = "{secret}"
[[applicatie]]
client_id = "{GUEST}"
secret = "the long enough secret of {GUEST}"
"#,
        authority.base, other.base
    )
}

/// The abonnementen at the other Notificaties API, once there are so many.
async fn registered(other: &Gateway, count: usize) -> Value {
    let reader = other.client(CONSUMER);
    eventually(&format!("{count} abonnementen there"), || async {
        let all = reader.get("/api/v1/abonnement").await.expect(200).json();
        (all.as_array()?.len() == count).then_some(all)
    })
    .await
}

/// Waits until the remark of `/readyz` about the abonnement contains this text, or until there is no remark.
async fn wait_for_remark(gateway: &Gateway, text: Option<&str>) {
    eventually(text.unwrap_or("no trouble"), || async {
        let answer = gateway.nobody().get("/readyz").await.json();
        let remark = answer["remarks"]["autorisaties"].as_str();
        match text {
            Some(text) => remark?.contains(text).then_some(()),
            None => remark.is_none().then_some(()),
        }
    })
    .await;
}

#[tokio::test]
async fn changes_that_another_notificaties_api_announces_are_asked_for_and_heard() {
    let (authority, other) =
        (AutorisatiesApi::start().await, Gateway::with("[[kanaal]]\nnaam = \"autorisaties\"").await);
    authority.grants(&[]);
    let settings = configuration_with_abonnement(&authority, &other, &format!("the long enough secret of {CONSUMER}"));
    let gateway = Gateway::with(&settings).await;
    let made = registered(&other, 1).await;
    let callback = format!("{}/api/v1/callbacks", gateway.base);
    assert_eq!((&made[0]["callbackUrl"], &made[0]["kanalen"][0]["naam"]), (&json!(callback), &json!("autorisaties")));

    let (guest, publisher) = (gateway.client(GUEST), other.client(PUBLISHER));
    let announce = async || {
        let notificatie = notificatie("autorisaties", "update", &authority.url());
        publisher.post("/api/v1/notificaties", notificatie).await.expect(201);
    };
    assert!(!may_read(&guest).await);
    authority.grants(&["notificaties.consumeren"]);
    assert!(!may_read(&guest).await, "nobody told yet");
    announce().await;
    eventually("the change is heard", || async { may_read(&guest).await.then_some(()) }).await;
    // Other tests of this process change its value.
    let metrics = gateway.nobody().get("/metrics").await.body;
    assert!(String::from_utf8_lossy(&metrics).contains("\ngateway_autorisaties_abonnement "));
    wait_for_remark(&gateway, None).await;

    // Another token is refused.
    let headers = [("content-type", "application/json"), ("authorization", "Bearer bm90aGluZw")];
    let body = notificatie("autorisaties", "update", &authority.url()).to_string();
    gateway.nobody().send(http::Method::POST, "/api/v1/callbacks", &headers, body).await.expect(403);

    // The abonnement of another client stays, and after a restart there is still one of this gateway, which works.
    let theirs = json!({"callbackUrl": "http://127.0.0.1:1/", "auth": "", "kanalen": [], "validation": "handshake"});
    other.client(OTHER).post("/api/v1/abonnement", theirs).await.expect(201);
    // The state of the other one changes meanwhile.
    let urls = async || {
        registered(&other, 2).await.as_array().into_iter().flatten().map(|made| made["url"].clone()).collect::<Vec<_>>()
    };
    let before = urls().await;
    let gateway = gateway.restart().await;
    let guest = gateway.client(GUEST);
    eventually("it is renewed", || async {
        let metrics = gateway.nobody().get("/metrics").await.body;
        String::from_utf8_lossy(&metrics).contains("gateway_autorisaties_abonnement 1").then_some(())
    })
    .await;
    assert_eq!(urls().await, before);
    assert!(may_read(&guest).await);
    authority.grants(&[]);
    announce().await;
    eventually("the change is heard", || async { (!may_read(&guest).await).then_some(()) }).await;
}

#[tokio::test]
async fn an_abonnement_elsewhere_is_tried_again_until_it_is_there_and_made_again_when_it_is_gone() {
    let (authority, other) = (AutorisatiesApi::start().await, Gateway::start().await);
    let settings = configuration_with_abonnement(&authority, &other, &format!("the long enough secret of {CONSUMER}"));
    let gateway = Gateway::with(&settings).await;
    wait_for_remark(&gateway, Some("it answers 400 to our abonnement: Ongeldige invoerwaarde.; Kanaal met deze naam"))
        .await;
    eventually("ready all the same", || async { (gateway.nobody().get("/readyz").await.status == 200).then_some(()) })
        .await;
    other.client(PUBLISHER).post("/api/v1/kanaal", json!({"naam": "autorisaties"})).await.expect(201);
    let made = registered(&other, 1).await;
    wait_for_remark(&gateway, None).await;

    other.client(CONSUMER).delete(made[0]["url"].as_str().expect("a URL")).await.expect(204);
    let gateway = gateway.restart().await;
    assert_ne!(registered(&other, 1).await[0]["url"], made[0]["url"]);

    let gateway = gateway.restart_with(&settings.replace(CONSUMER, "nobody")).await;
    wait_for_remark(&gateway, Some("it answers 403 to the list of abonnementen")).await;
    other.stop().await;
    let gateway = gateway.restart_with(&settings).await;
    wait_for_remark(&gateway, Some("connect")).await;
}

#[tokio::test]
async fn an_administrator_asks_for_rights_again() {
    const PATH: &str = "/v1/applicaties/open%20zaak/refresh-rights";
    let (authority, clock) = (AutorisatiesApi::start().await, clock());
    let gateway = authority.gateway(&clock).await;
    let (guest, beheer) = (gateway.client(GUEST), gateway.client(BEHEER));
    assert!(!may_read(&guest).await, "there is no applicatie yet");
    authority.grants(&["notificaties.consumeren"]);
    assert!(!may_read(&guest).await, "its absence is cached");
    let state = beheer.post(PATH, json!({})).await.expect(200).json();
    assert_eq!((&state["clientId"], &state["scopes"]), (&json!(GUEST), &json!(["notificaties.consumeren"])));
    assert!(may_read(&guest).await);
    // A failure leaves the rights of before, and says so.
    authority.breaks(Some((500, "")));
    let state = beheer.post(PATH, json!({})).await.expect(200).json();
    assert!(state["rightsError"].is_string() && state["scopes"] == json!(["notificaties.consumeren"]), "{state}");
    assert_eq!(authority.asked(), 3);
    beheer.post(&format!("/v1/applicaties/{PUBLISHER}/refresh-rights"), json!({})).await.problem(400);
    beheer.post("/v1/applicaties/nobody/refresh-rights", json!({})).await.problem(404);
    gateway.client(CONSUMER).post(PATH, json!({})).await.problem(403);
    let audit = beheer.get("/v1/audit?action=applicatie.ask").await.expect(200).json();
    let accepted = audit["results"].as_array().into_iter().flatten().filter(|entry| entry["object"]["id"] == GUEST);
    assert_eq!(accepted.count(), 2, "{audit}");
}

#[tokio::test]
async fn a_platform_engineer_asks_for_rights_again_in_the_console() {
    let (authority, clock) = (AutorisatiesApi::start().await, clock());
    let gateway = authority.gateway_with(&clock, CONSOLE).await;
    assert!(!may_read(&gateway.client(GUEST)).await);
    authority.grants(&["notificaties.consumeren"]);
    let browser = Browser::with_role(&gateway, Role::Platform).await;
    let page = text(&browser.get("/beheer/applicaties").await.expect(200));
    assert!(page.matches("action=\"/beheer/applicaties/rechten\"").count() == 1, "{page}");
    let path = "/beheer/applicaties/rechten";
    let answer = browser.post(path, "client=open+zaak").await.expect(303);
    assert_eq!(answer.header("location"), Some("/beheer/applicaties?naam=open+zaak&gedaan=rechten-opgevraagd"));
    let page = text(&browser.get("/beheer/applicaties?naam=open+zaak&gedaan=rechten-opgevraagd").await.expect(200));
    assert!(page.contains("opnieuw opgevraagd") && page.contains("notificaties.consumeren"), "{page}");
    browser.post(path, "client=nobody").await.expect(404);
    let reader = Browser::log_in(&gateway, Grants::of(Role::Lezer)).await;
    assert!(!text(&reader.get("/beheer/applicaties").await.expect(200)).contains(path));
    reader.post(path, "client=open+zaak").await.expect(403);
}
