//! The engine over the embedded store and this channel, with sinks that listen on loopback.

use std::{
    convert::Infallible,
    num::NonZeroU32,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use bytes::Bytes;
use channel_webhook::{
    Parts, Webhooks,
    credentials::{Authorization, CredentialError, Credentials, OpenedCredential},
};
use delivery::{Channels, Engine, EngineParts, Handle, Settings};
use egress::{Egress, Limits, Policy};
use http::{HeaderMap, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::{body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto,
};
use model::{
    AttributeName, Clock, Data, Event, Kanaal, KanaalName, Mark, Partition, Random, Subscription, SubscriptionId,
    Timestamp, Value,
    clock::{SystemClock, SystemRandom},
    consent::{Consent, Rate},
    decide::Command,
    event::{AcceptedEvent, PublishedAs},
    outcome::Outcome,
    run::{Range, Run, RunId, RunSelection},
    sealed::Sealed,
    selection::{NativeSelection, Selection},
    subscription::{Credential, Format, RetryPolicy, Status, Thousandths},
};
use storage::{
    Control, EventLog, Journal,
    journal::{DeadLetterQuery, DeliveryQuery, Page},
    log::Record,
    sqlite::{Embedded, Options},
};
use tokio::{net::TcpListener, sync::mpsc, time::timeout};

const PATIENCE: Duration = Duration::from_mins(5);

/// A request that arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Arrived {
    path: String,
    headers: HeaderMap,
    body: Bytes,
}

/// What a sink answers: status and headers, per request from the front; 204 when there is nothing left.
type Script = Arc<Mutex<Vec<(u16, Vec<(&'static str, String)>)>>>;

struct Sink {
    url: String,
    arrivals: mpsc::UnboundedReceiver<Arrived>,
}

impl Sink {
    /// A sink that answers by script; the last answer of the script is given once, then 204.
    async fn start(script: Vec<(u16, Vec<(&'static str, String)>)>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}/hook?x=1", listener.local_addr().expect("an address"));
        let (sender, arrivals) = mpsc::unbounded_channel();
        let script: Script = Arc::new(Mutex::new(script.into_iter().rev().collect()));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (sender, script) = (sender.clone(), Arc::clone(&script));
                tokio::spawn(async move {
                    let serve = service_fn(move |request| answer(request, sender.clone(), Arc::clone(&script)));
                    let builder = auto::Builder::new(TokioExecutor::new());
                    let _ = builder.serve_connection(TokioIo::new(stream), serve).await;
                });
            }
        });
        Self { url, arrivals }
    }

    async fn next(&mut self) -> Arrived {
        timeout(PATIENCE, self.arrivals.recv()).await.expect("a request within time").expect("a sink that runs")
    }

    fn is_silent(&mut self) -> bool {
        self.arrivals.try_recv().is_err()
    }
}

async fn answer(
    request: Request<Incoming>,
    sender: mpsc::UnboundedSender<Arrived>,
    script: Script,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    let path = head.uri.to_string();
    let next = script.lock().unwrap_or_else(PoisonError::into_inner).pop();
    let _ = sender.send(Arrived { path, headers: head.headers, body });
    let (status, headers) = next.unwrap_or((204, vec![]));
    let mut response = Response::new(Full::new(Bytes::from_static(b"")));
    *response.status_mut() = StatusCode::from_u16(status).expect("a status");
    for (name, value) in headers {
        response.headers_mut().insert(name, value.parse().expect("a header value"));
    }
    Ok(response)
}

/// Opens no secret: the ciphertext is the text.
struct PlainCredentials;

#[async_trait]
impl Credentials for PlainCredentials {
    async fn authorization(&self, subscription: &Subscription, _: bool) -> Result<OpenedCredential, CredentialError> {
        let text = |sealed: &Sealed| String::from_utf8(sealed.ciphertext.clone());
        match &subscription.credential {
            Credential::Authorization(sealed) => text(sealed).map(Authorization::Header),
            Credential::QueryToken(sealed) => text(sealed).map(Authorization::QueryToken),
            _ => Ok(Authorization::None),
        }
        .map(OpenedCredential::from)
        .map_err(|error| CredentialError::Unavailable(error.to_string()))
    }
}

struct Bench {
    dir: tempfile::TempDir,
    store: Embedded,
    engine: Handle,
    settings: Settings,
}

fn kanaal() -> KanaalName {
    KanaalName::new("zaken").expect("a name")
}

fn start(store: &Embedded, settings: &Settings) -> Handle {
    let allow: Vec<_> = ["127.0.0.0/8".parse().expect("a range")].into();
    let policy = Policy { allow: allow.clone(), allow_http: allow };
    let egress = Egress::new(egress::Settings { policy, ..egress::Settings::default() }).expect("a client");
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::default());
    let webhook = Webhooks::new(Parts {
        egress: Arc::new(egress),
        limits: Limits::default(),
        credentials: Arc::new(PlainCredentials),
        registry: store.control.registry(),
        clock: Arc::clone(&clock),
        random: Arc::new(SystemRandom),
        installation: "test".into(),
        gateway_url: "https://gateway.example".into(),
    });
    Engine::start(EngineParts {
        log: store.log.clone(),
        control: store.control.clone(),
        progress: store.progress.clone(),
        journal: store.journal.clone(),
        channels: Channels { webhook: Arc::new(webhook) },
        clock,
        random: Arc::new(SystemRandom),
        settings: settings.clone(),
    })
}

fn open(dir: &tempfile::TempDir) -> Embedded {
    Embedded::open(dir.path(), Options::new(Arc::new(SystemClock::default()))).expect("a store")
}

impl Bench {
    async fn new() -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let store = open(&dir);
        let settings = Settings { storage_retry: Duration::from_millis(20), ..Settings::default() };
        let engine = start(&store, &settings);
        let bench = Self { dir, store, engine, settings };
        let kanaal = Kanaal::new(SystemRandom.uuid(), kanaal(), Timestamp::default());
        bench.submit(Command::CreateKanaal(kanaal)).await;
        bench
    }

    /// Stops everything and starts it again on the same files.
    async fn restart(self) -> Self {
        let Self { dir, store, engine, settings } = self;
        engine.shutdown(PATIENCE).await;
        drop((engine, store));
        // The last tasks let go of the files a moment later.
        let store = timeout(PATIENCE, async {
            loop {
                match Embedded::open(dir.path(), Options::new(Arc::new(SystemClock::default()))) {
                    Ok(store) => break store,
                    Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
                }
            }
        })
        .await
        .expect("the files are free");
        let engine = start(&store, &settings);
        Self { dir, store, engine, settings }
    }

    async fn submit(&self, command: Command) {
        self.store.control.submit(&model::Actor::gateway(), command).await.expect("a decision").expect("accepted");
    }

    async fn subscribe(&self, sink: &str, change: impl FnOnce(&mut Subscription)) -> SubscriptionId {
        let end = self.store.log.end(&kanaal(), Partition(0)).await.expect("the end");
        let mut subscription = subscription(sink, end);
        change(&mut subscription);
        let id = subscription.id;
        self.submit(Command::CreateSubscription(Box::new(subscription))).await;
        id
    }

    async fn publish(&self, ids: impl IntoIterator<Item = String>) {
        let records = ids.into_iter().map(|id| (kanaal(), record(&id))).collect();
        self.store.log.append(records).await.expect("room");
    }

    /// Waits until as many deliveries of a subscription have ended so.
    async fn settled(&self, subscription: SubscriptionId, outcome: Outcome, count: usize) {
        timeout(PATIENCE, async {
            loop {
                self.store.journal.flush().await.expect("the journal");
                let query = DeliveryQuery {
                    subscription: Some(subscription),
                    outcome: Some(outcome),
                    ..DeliveryQuery::default()
                };
                let page = Page { offset: 0, limit: 1_000 };
                let found = self.store.journal.deliveries(query, page).await.expect("the journal").len();
                assert!(found <= count, "{found} instead of {count}");
                if found == count {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        })
        .await
        .expect("deliveries end within time");
    }
}

fn subscription(sink: &str, start: Mark) -> Subscription {
    let now = SystemClock::default().now();
    Subscription {
        retry: RetryPolicy { factor: Thousandths(20), base: Thousandths(1_000), ..RetryPolicy::default() },
        consent: Consent::Granted { origin: "gateway.example".into(), rate: Rate::Unlimited, at: now },
        start: vec![(kanaal(), Partition(0), start)],
        ..Subscription::new(
            SubscriptionId(SystemRandom.uuid()),
            "test".into(),
            Selection::Native(NativeSelection { kanalen: vec![kanaal()], ..NativeSelection::default() }),
            model::Sink::Webhook(sink.into()),
            Sealed { key_id: "k".into(), ciphertext: vec![] },
            now,
        )
    }
}

fn record(id: &str) -> Record {
    let attributes = [
        ("id", id),
        ("source", "urn:nld:oin:00000001823288444000:systeem:test"),
        ("type", "nl.overheid.zaken.zaak-gemuteerd"),
        ("datacontenttype", "application/json"),
    ]
    .map(|(name, value)| (AttributeName::new(name).expect("a name"), Value::text(value).expect("a value")));
    let data = Data::Json(Bytes::from(format!("{{\"n\": \"{id}\"}}")));
    let event = Event::new(attributes.into(), Some(data)).expect("an event");
    let received = Some(SystemClock::default().now());
    let accepted = AcceptedEvent { event, published_as: PublishedAs::CloudEvent, received, publisher: None };
    let parts = translator::record::encode(&accepted);
    Record { key: parts.key, headers: parts.headers, value: parts.value }
}

fn ids(range: std::ops::Range<usize>) -> impl Iterator<Item = String> {
    range.map(|number| format!("e{number}"))
}

/// The id of a structured event.
fn id_of(arrived: &Arrived) -> String {
    let text = String::from_utf8_lossy(&arrived.body).into_owned();
    let (_, rest) = text.split_once("\"id\":\"").expect("an id");
    rest.split('"').next().expect("its end").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_arrives_as_asked_ce_wh_02_ce_wh_03_ce_wh_05_ce_wha_03() {
    let bench = Bench::new().await;
    let mut sink = Sink::start(vec![]).await;
    let id = bench
        .subscribe(&sink.url, |subscription| {
            subscription.credential =
                Credential::Authorization(Sealed { key_id: "k".into(), ciphertext: b"Token abc".to_vec() });
            subscription.headers = vec![("x-mine".into(), "1".into()), ("content-type".into(), "evil/none".into())];
        })
        .await;
    bench.publish(ids(0..1)).await;
    let arrived = sink.next().await;
    assert_eq!(arrived.path, "/hook?x=1");
    for (name, value) in [
        ("content-type", "application/cloudevents+json"),
        ("webhook-request-origin", "gateway.example"),
        ("authorization", "Token abc"),
        ("x-mine", "1"),
    ] {
        assert_eq!(arrived.headers[name], value, "{name}");
        assert_eq!(arrived.headers.get_all(name).iter().count(), 1, "{name}");
    }
    assert_eq!(id_of(&arrived), "e0");
    bench.settled(id, Outcome::Delivered, 1).await;
    bench.engine.shutdown(PATIENCE).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backlog_arrives_whole_after_a_restart_gw_01() {
    let bench = Bench::new().await;
    let mut sink = Sink::start(vec![]).await;
    let id = bench.subscribe(&sink.url, |_| {}).await;
    bench.publish(ids(0..1_500)).await;
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..200 {
        seen.insert(id_of(&sink.next().await));
    }
    let bench = bench.restart().await;
    bench.publish(ids(1_500..3_000)).await;
    while seen.len() < 3_000 {
        seen.insert(id_of(&sink.next().await));
    }
    let status = timeout(PATIENCE, async {
        loop {
            let status = bench.engine.status(id).await.expect("a subscription");
            if status.unsettled == 0 && status.lag.iter().all(|(.., events)| *events == 0) {
                break status;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await
    .expect("nothing is left");
    assert_eq!(status.in_flight, 0);
    // Orderly stopped, so nothing was repeated and nothing is.
    assert!(sink.is_silent());
    bench.restart().await.engine.shutdown(PATIENCE).await;
    assert!(sink.is_silent());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_orderly_stop_waits_for_the_dead_letter_of_the_last_answer() {
    let bench = Bench::new().await;
    let mut sink = Sink::start(vec![(422, vec![])]).await;
    bench.subscribe(&sink.url, |_| {}).await;
    bench.publish(ids(0..1)).await;
    sink.next().await;
    let bench = bench.restart().await;
    bench.publish(ids(1..2)).await;
    assert_eq!(id_of(&sink.next().await), "e1", "the refused one is settled and does not come again");
    bench.engine.shutdown(PATIENCE).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_event_is_retried_unchanged_then_buried_and_redriven_gw_06_ce_wh_23() {
    let bench = Bench::new().await;
    let failures = (0..3).map(|_| (500, vec![])).collect();
    let mut sink = Sink::start(failures).await;
    let id = bench.subscribe(&sink.url, |subscription| subscription.retry.max_retries = 2).await;
    bench.publish(ids(0..1)).await;
    let first = sink.next().await;
    for _ in 0..2 {
        assert_eq!(sink.next().await, first);
    }
    bench.settled(id, Outcome::RetriesExhausted, 1).await;
    let query = || DeadLetterQuery { subscription: Some(id), ..DeadLetterQuery::default() };
    let page = Page { offset: 0, limit: 10 };
    let letter = bench.store.journal.dead_letters(query(), page).await.expect("the journal").remove(0);
    assert_eq!((letter.event_id.as_str(), letter.last_code, letter.attempts), ("e0", Some(500), 3));

    let run = Run {
        id: RunId(SystemRandom.uuid()),
        subscription: id,
        what: RunSelection::Records(vec![(kanaal(), letter.delivery.partition, letter.delivery.position)]),
        asked_by: "test".into(),
        created: Timestamp::default(),
    };
    // The log may be trimmed before: the dead letter still holds the record.
    let future = SystemClock::default().now() + Duration::from_mins(1);
    assert_eq!(bench.store.log.trim(&kanaal(), future, 10).await.expect("a trim"), 1);
    bench.submit(Command::StartRun(run.clone())).await;
    assert_eq!(sink.next().await, first);
    bench.settled(id, Outcome::Delivered, 1).await;
    timeout(PATIENCE, async {
        while bench.store.journal.count_dead_letters(query()).await.expect("the journal") > 0
            || bench.store.control.registry().read().run(run.id).is_some()
        {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await
    .expect("the dead letter and the run are gone");
}

/// A record as another program writes it.
fn foreign(headers: &[(&'static str, &'static [u8])], value: Option<&'static str>) -> Record {
    let headers = headers.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
    Record { key: Bytes::new(), headers, value: value.map(Into::into) }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_others_write_is_delivered_and_what_nobody_can_read_is_kept_aside_ce_kafka_16() {
    const FORMAT: &[u8] = b"Application/CloudEvents+JSON; charset=utf-8";
    const BATCH: &[u8] = b"application/cloudevents-batch+json";
    let bench = Bench::new().await;
    let mut sinks = [Sink::start(vec![]).await, Sink::start(vec![]).await];
    for sink in &sinks {
        bench.subscribe(&sink.url, |_| {}).await;
    }
    let whole = [("ce_specversion", &b"1.0"[..]), ("ce_type", b"t"), ("ce_source", b"/s"), ("ce_id", b"binary")];
    let structured = r#"{"specversion":"1.0","type":"t","source":"/s","id":"structured"}"#;
    let unreadable = [
        (foreign(&[], None), "no CloudEvent"),
        (foreign(&whole[..3], Some("x")), "id"),
        (foreign(&[("content-type", BATCH)], Some("[]")), "not supported"),
        (foreign(&[("content-type", FORMAT)], Some("{")), "JSON"),
        (foreign(&[("content-type", FORMAT)], None), "no CloudEvent"),
    ];
    let mut records = vec![foreign(&whole, None), foreign(&[("content-type", FORMAT)], Some(structured))];
    records.extend(unreadable.iter().map(|(record, _)| record.clone()));
    records.push(record("last"));
    for record in records {
        bench.store.log.append(vec![(kanaal(), record)]).await.expect("room");
    }
    for sink in &mut sinks {
        let mut seen = vec![id_of(&sink.next().await), id_of(&sink.next().await), id_of(&sink.next().await)];
        seen.sort();
        assert_eq!(seen, ["binary", "last", "structured"]);
    }
    let page = Page { offset: 0, limit: 10 };
    let letters =
        async || bench.store.journal.dead_letters(DeadLetterQuery::default(), page).await.expect("the journal");
    timeout(PATIENCE, async {
        while letters().await.len() < unreadable.len() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await
    .expect("each is kept");
    let mut letters = letters().await;
    letters.sort_by_key(|letter| letter.delivery.position);
    assert_eq!(letters.len(), unreadable.len(), "each is kept once: {letters:?}");
    for ((record, why), (letter, position)) in unreadable.iter().zip(letters.iter().zip(2..)) {
        assert!(letter.is_unreadable());
        assert_eq!((&letter.record, letter.delivery.position.0), (record, position));
        assert!(letter.reason.contains(why), "{}", letter.reason);
    }
    assert_eq!(letters[1].event_kind, "t");
    bench.engine.shutdown(PATIENCE).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn gone_is_recorded_and_nothing_follows_ce_wh_15() {
    let bench = Bench::new().await;
    let mut sink = Sink::start(vec![(410, vec![])]).await;
    let id = bench.subscribe(&sink.url, |subscription| subscription.max_in_flight = NonZeroU32::new(1)).await;
    bench.publish(ids(0..100)).await;
    sink.next().await;
    bench.settled(id, Outcome::Ended, 100).await;
    assert!(sink.is_silent());
    let is_gone = || {
        let registry = bench.store.control.registry();
        registry.read().subscription(id).is_some_and(|now| matches!(now.status, Status::Gone { .. }))
    };
    // The engine submits the status when it has recorded the outcomes.
    let gone = async {
        while !is_gone() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(PATIENCE, gone).await.expect("the status is set");
}

#[tokio::test(flavor = "multi_thread")]
async fn retry_after_outlives_a_restart_ce_wh_16_i3() {
    let bench = Bench::new().await;
    let wait = vec![("retry-after", "2".to_owned())];
    let mut sink = Sink::start(vec![(429, wait)]).await;
    let id = bench.subscribe(&sink.url, |subscription| subscription.max_in_flight = NonZeroU32::new(1)).await;
    // Before the answer, so what is measured from here is at least the wait.
    let published = SystemClock::default().now();
    bench.publish(ids(0..3)).await;
    let refused = sink.next().await;
    let bench = bench.restart().await;
    for number in 0..3 {
        let arrived = sink.next().await;
        assert_eq!(id_of(&arrived), format!("e{number}"));
        assert!(number > 0 || arrived == refused);
        assert!(SystemClock::default().now().since(published) >= Duration::from_secs(2));
    }
    bench.settled(id, Outcome::Delivered, 3).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn batches_have_the_size_asked_for_ce_batch_07_ce_batch_08() {
    let bench = Bench::new().await;
    let mut sink = Sink::start(vec![]).await;
    let id = bench
        .subscribe(&sink.url, |subscription| {
            let max_events = NonZeroU32::new(10).expect("not zero");
            subscription.format = Format::Batch { max_events, linger: Duration::from_secs(2) };
            subscription.max_in_flight = NonZeroU32::new(1);
        })
        .await;
    bench.publish(ids(0..25)).await;
    let mut sizes = Vec::new();
    for _ in 0..3 {
        let arrived = sink.next().await;
        assert_eq!(arrived.headers["content-type"], "application/cloudevents-batch+json");
        sizes.push(String::from_utf8_lossy(&arrived.body).matches("\"id\":").count());
    }
    assert_eq!(sizes, [10, 10, 5]);
    bench.settled(id, Outcome::Delivered, 25).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_delivers_its_range_once_more() {
    let bench = Bench::new().await;
    let mut sink = Sink::start(vec![]).await;
    let id = bench.subscribe(&sink.url, |_| {}).await;
    bench.publish(ids(0..10)).await;
    bench.settled(id, Outcome::Delivered, 10).await;
    for _ in 0..10 {
        sink.next().await;
    }
    let range = Range { kanaal: kanaal(), partition: Partition(0), from: Mark(2), until: Mark(6) };
    let run = Run {
        id: RunId(SystemRandom.uuid()),
        subscription: id,
        what: RunSelection::Replay(vec![range]),
        asked_by: "test".into(),
        created: Timestamp::default(),
    };
    bench.submit(Command::StartRun(run.clone())).await;
    let mut again = Vec::new();
    for _ in 0..4 {
        again.push(id_of(&sink.next().await));
    }
    again.sort();
    assert_eq!(again.len(), 4);
    bench.settled(id, Outcome::Delivered, 14).await;
    timeout(PATIENCE, async {
        while bench.store.control.registry().read().run(run.id).is_some() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await
    .expect("the run ends");
    assert!(sink.is_silent());
}
