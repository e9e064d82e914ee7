//! The rules, over a story of facts: what is published is read back as from the log.

use std::{sync::Arc, time::Duration};

use delivery::{Cause, DeadLetterCount, SinkOutage};
use model::{
    Data, KanaalName, Partition, Position, Sink, Subscription, SubscriptionId, Timestamp,
    addressee::{Channel, EventReference},
    approval::{Approval, ApprovalDecision, ApprovalState},
    consent::{Consent, Rate},
    mailing::{Counts, End, MailingId, MailingStart, Skip},
    sealed::Sealed,
    selection::{NativeSelection, Selection},
    subscription::Status,
};
use storage::mailings::EndedMailing;
use uuid::Uuid;

use crate::{
    announced::Announced,
    due::due,
    facts::{CertificateEnd, Facts, RetentionRisk, SubscriptionFacts, Undeliverable},
    kind::Kind,
    settings::Settings,
};

fn settings() -> Settings {
    Settings {
        source: "urn:nld:oin:00000001823288444000:systeem:test".into(),
        schemas: "https://gw.example/v1/schemas/".into(),
        interval: Duration::from_secs(5),
        outage_after: Duration::from_mins(1),
        outage_quiet: Duration::from_mins(15),
        outage_limit: Duration::from_hours(72),
        suspension_percent: vec![50, 70, 90],
        dead_letters_quiet: Duration::from_hours(1),
        retention_quiet: Duration::from_hours(24),
        approval_quiet: Duration::from_hours(1),
        undeliverable_quiet: Duration::from_hours(1),
        certificate_days: vec![60, 30, 7],
    }
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(1_800_000_000 + seconds)
}

fn subscription(number: u128, host: &str, kanalen: &[&str]) -> Subscription {
    let selection = Selection::Native(NativeSelection {
        kanalen: kanalen.iter().map(|naam| KanaalName::new(naam).unwrap()).collect(),
        ..NativeSelection::default()
    });
    let sink = Sink::Webhook(format!("https://{host}:8443/hook?key=geheim"));
    let id = SubscriptionId(Uuid::from_u128(number));
    let secret = Sealed { key_id: "k".into(), ciphertext: Vec::new() };
    Subscription {
        name: Some("Zaken".into()),
        ..Subscription::new(id, "client".into(), selection, sink, secret, at(0))
    }
}

fn healthy(subscription: Subscription) -> SubscriptionFacts {
    SubscriptionFacts {
        subscription: Arc::new(subscription),
        outage: None,
        dead_letters: None,
        retention: None,
        had_consent: false,
    }
}

fn zaken() -> Subscription {
    subscription(1, "a.example", &["zaken"])
}

/// `outage` seconds after the start of the story the sink failed.
fn failing(subscription: Subscription, outage: i64) -> SubscriptionFacts {
    SubscriptionFacts { outage: Some(SinkOutage { since: at(outage), cause: Cause::Sink }), ..healthy(subscription) }
}

/// A gateway whose log holds what it published.
struct Story {
    settings: Settings,
    announced: Announced,
    log: Vec<(model::Event, Timestamp)>,
}

impl Story {
    fn new() -> Self {
        Self { settings: settings(), announced: Announced::default(), log: Vec::new() }
    }

    /// Publishes what is due so many seconds after the start; returns the short types.
    fn pass(&mut self, seconds: i64, subscriptions: &[SubscriptionFacts]) -> Vec<&'static str> {
        self.pass_with(seconds, &Facts { subscriptions: subscriptions.to_vec(), ..Facts::default() })
    }

    fn pass_with(&mut self, seconds: i64, facts: &Facts) -> Vec<&'static str> {
        let events = due(facts, &self.announced, &self.settings, at(seconds));
        for event in &events {
            let made = event.to_event(&self.settings).unwrap();
            check_form(event.kind, &made);
            self.announced.add(&made, at(seconds));
            self.log.push((made, at(seconds)));
        }
        events.iter().map(|event| event.kind.short()).collect()
    }

    /// Another node, or this one after a crash: it knows the log alone.
    fn restart(&mut self) {
        self.announced = Announced::default();
        for (event, at) in &self.log {
            self.announced.add(event, *at);
        }
    }

    fn last_data(&self) -> serde_json::Value {
        let (event, _) = self.log.last().expect("an event");
        serde_json::from_slice(event.data().expect("data").bytes()).expect("JSON")
    }
}

/// Every event has data that fits its schema, no member besides, and nothing of the URL of the sink but its host.
fn check_form(kind: Kind, event: &model::Event) {
    let Some(Data::Json(data)) = event.data() else { panic!("{event:?}") };
    let data: serde_json::Value = serde_json::from_slice(data).unwrap();
    let schema: serde_json::Value = serde_json::from_str(kind.schema()).unwrap();
    jsonschema::validate(&schema, &data).unwrap_or_else(|error| panic!("{kind:?}: {error}: {data}"));
    for member in data.as_object().unwrap().keys() {
        assert!(schema["properties"].get(member).is_some(), "{kind:?} {member}");
    }
    let text = format!("{event:?}");
    assert!(!text.contains("geheim") && !text.contains("8443") && !text.contains("/hook"), "{text}");
    assert_eq!(event.kind(), kind.event_type());
    assert_eq!(Kind::from_type(event.kind()), Some(kind));
}

#[test]
fn each_type_has_a_schema_that_its_example_fits() {
    for kind in Kind::ALL {
        let schema: serde_json::Value = serde_json::from_str(kind.schema()).unwrap();
        let example: serde_json::Value = serde_json::from_str(&kind.example()).unwrap();
        assert!(example.is_object() && jsonschema::is_valid(&schema, &example), "{kind:?}");
        assert!(!kind.description().is_empty(), "{kind:?}");
        assert_eq!(kind.schema_name(), format!("gateway-{}", kind.short().replace('.', "-")));
    }
}

#[test]
fn an_outage_is_announced_once_when_it_lasts_and_when_it_ends() {
    let mut story = Story::new();
    assert!(story.pass(59, &[failing(zaken(), 0)]).is_empty(), "it may be over in a moment");
    assert_eq!(story.pass(60, &[failing(zaken(), 0)]), ["subscription.outage-begun"]);
    let data = story.last_data();
    assert_eq!((&data["reason"], &data["sinkHost"]), (&"sink".into(), &"a.example".into()));
    assert_eq!((&data["owner"], &data["name"]), (&"client".into(), &"Zaken".into()));
    assert_eq!(data["since"], at(0).to_rfc3339());
    assert!(story.pass(5_000, &[failing(zaken(), 0)]).is_empty());
    assert_eq!(story.pass(6_000, &[healthy(zaken())]), ["subscription.outage-ended"]);
    assert_eq!(
        (&story.last_data()["since"], &story.last_data()["until"]),
        (&at(0).to_rfc3339().into(), &at(6_000).to_rfc3339().into())
    );
    assert!(story.pass(6_005, &[healthy(zaken())]).is_empty());
}

#[test]
fn a_crash_neither_loses_an_outage_nor_announces_it_again() {
    let mut story = Story::new();
    assert!(story.pass(10, &[failing(zaken(), 0)]).is_empty());
    story.restart();
    assert_eq!(story.pass(70, &[failing(zaken(), 0)]), ["subscription.outage-begun"]);
    story.restart();
    assert!(story.pass(80, &[failing(zaken(), 0)]).is_empty());
    assert!(story.pass(90, &[]).is_empty(), "the shard is not loaded yet");
    story.restart();
    assert_eq!(story.pass(95, &[healthy(zaken())]), ["subscription.outage-ended"]);
    story.restart();
    assert!(story.pass(100, &[healthy(zaken())]).is_empty());
}

#[test]
fn two_nodes_make_the_same_event_of_an_outage() {
    let facts = Facts { subscriptions: vec![failing(zaken(), 0)], ..Facts::default() };
    let made = |seconds| {
        let events = due(&facts, &Announced::default(), &settings(), at(seconds));
        events[0].to_event(&settings()).unwrap()
    };
    assert_eq!(made(60), made(90));
}

#[test]
fn a_sink_that_comes_and_goes_is_announced_once_per_quiet_time() {
    let mut story = Story::new();
    let mut events = Vec::new();
    for minute in 0..30 {
        let facts = if minute % 2 == 0 { failing(zaken(), minute * 60 - 61) } else { healthy(zaken()) };
        events.extend(story.pass(minute * 60, &[facts]));
    }
    let (begun, ended) = ("subscription.outage-begun", "subscription.outage-ended");
    assert_eq!(events, [begun, ended, begun, ended]);
}

#[test]
fn a_suspension_ends_an_outage_and_is_announced_once() {
    let mut story = Story::new();
    assert_eq!(story.pass(60, &[failing(zaken(), 0)]), ["subscription.outage-begun"]);
    let status = Status::Suspended { reason: "the sink has failed".into(), at: at(100) };
    let suspended = || healthy(Subscription { status: status.clone(), ..zaken() });
    assert_eq!(story.pass(101, &[suspended()]), ["subscription.suspended"]);
    assert_eq!(story.last_data()["reason"], "outage-limit");
    story.restart();
    assert!(story.pass(200, &[suspended()]).is_empty());
    assert!(story.pass(300, &[healthy(zaken())]).is_empty(), "resumed: the outage was over before");
    let gone = healthy(Subscription { status: Status::Gone { at: at(400) }, ..zaken() });
    assert_eq!(story.pass(401, std::slice::from_ref(&gone)), ["subscription.suspended"]);
    assert_eq!(story.last_data()["reason"], "gone");
    assert!(story.pass(500, &[gone]).is_empty());
    assert_eq!(story.pass(2_000, &[failing(zaken(), 1_900)]), ["subscription.outage-begun"]);
}

#[test]
fn a_suspension_is_announced_before_it_once_for_each_part_of_the_outage_limit() {
    const HOUR: i64 = 3_600;
    let near = "subscription.suspension-near";
    let mut story = Story::new();
    assert_eq!(story.pass(60, &[failing(zaken(), 0)]), ["subscription.outage-begun"]);
    let mut announced = Vec::new();
    for hour in 1..=72 {
        story.restart();
        for event in story.pass(hour * HOUR, &[failing(zaken(), 0)]) {
            let data = story.last_data();
            announced.push((event, hour, data["percent"].as_u64().unwrap()));
            assert_eq!(data["since"], at(0).to_rfc3339());
            assert_eq!(data["suspendedFrom"], at(72 * HOUR).to_rfc3339());
        }
    }
    assert_eq!(announced, [(near, 36, 50), (near, 51, 70), (near, 65, 90)]);
    // Another outage begins anew; of what passed while nobody looked the last part counts.
    assert_eq!(story.pass(80 * HOUR, &[healthy(zaken())]), ["subscription.outage-ended"]);
    let begun = 100 * HOUR;
    assert_eq!(story.pass(begun + 52 * HOUR, &[failing(zaken(), begun)]), ["subscription.outage-begun", near]);
    assert_eq!(story.last_data()["percent"], 70);
    // A node whose clock was set computes a slightly later moment of the outage.
    assert!(story.pass(begun + 53 * HOUR, &[failing(zaken(), begun + 1)]).is_empty());
    let paused = Subscription { status: Status::Paused, ..zaken() };
    assert!(story.pass(begun + 66 * HOUR, &[failing(paused, begun)]).is_empty());
    assert_eq!(story.pass(begun + 67 * HOUR, &[failing(zaken(), begun)]), [near]);
    story.settings.suspension_percent.clear();
    assert!(story.pass(begun + 90 * HOUR, &[failing(zaken(), begun)]).is_empty());
}

#[test]
fn two_nodes_make_the_same_event_of_a_suspension_that_is_near() {
    let facts = Facts { subscriptions: vec![failing(zaken(), 0)], ..Facts::default() };
    let made = |seconds| {
        let events = due(&facts, &Announced::default(), &settings(), at(seconds));
        let near = events.iter().find(|event| event.kind == Kind::SuspensionNear).expect("an event");
        near.to_event(&settings()).unwrap()
    };
    assert_eq!(made(36 * 3_600), made(36 * 3_600 + 40));
}

#[test]
fn what_is_paused_or_expired_is_not_announced() {
    let mut story = Story::new();
    for status in [Status::Paused, Status::Expired { at: at(5) }] {
        let subscription = Subscription { status, ..zaken() };
        assert!(story.pass(100, &[healthy(subscription.clone()), failing(subscription, 0)]).is_empty());
    }
}

#[test]
fn refused_and_lost_consent_differ() {
    let mut story = Story::new();
    let refused =
        |seconds| Subscription { consent: Consent::Refused { reason: "no".into(), at: at(seconds) }, ..zaken() };
    assert!(story.pass(0, &[healthy(zaken())]).is_empty(), "it is being asked");
    assert_eq!(story.pass(10, &[healthy(refused(9))]), ["subscription.consent-refused"]);
    story.restart();
    assert!(story.pass(20, &[healthy(refused(9))]).is_empty());
    let origin = Consent::Granted { origin: "gw".into(), rate: Rate::Unlimited, at: at(25) };
    assert!(story.pass(30, &[healthy(Subscription { consent: origin, ..zaken() })]).is_empty());
    let lost = SubscriptionFacts { had_consent: true, ..healthy(refused(40)) };
    assert_eq!(story.pass(41, std::slice::from_ref(&lost)), ["subscription.consent-lost"]);
    assert!(story.pass(42, &[lost, healthy(refused(40))]).is_empty(), "also where it is not known that it had consent");
}

#[test]
fn dead_letters_are_counted_together() {
    let mut story = Story::new();
    let with = |letters, since| SubscriptionFacts {
        dead_letters: Some(DeadLetterCount { letters, since: at(since) }),
        ..healthy(zaken())
    };
    assert_eq!(story.pass(10, &[with(1, 9)]), ["subscription.dead-letters"]);
    assert_eq!(story.last_data()["count"], 1);
    assert!(story.pass(20, &[with(1, 15)]).is_empty());
    assert!(story.pass(3_609, &[with(5_000, 15)]).is_empty());
    story.restart();
    assert_eq!(story.pass(3_610, &[with(5_001, 15)]), ["subscription.dead-letters"]);
    assert_eq!(story.last_data()["count"], 5_001);
    assert!(story.pass(90_000, &[healthy(zaken())]).is_empty());
}

#[test]
fn retention_is_announced_once_a_day() {
    let mut story = Story::new();
    let risk =
        |kanaal: &str| RetentionRisk { kanaal: KanaalName::new(kanaal).unwrap(), records: 3, removed_from: at(90_000) };
    let with = |kanaal: &str| SubscriptionFacts { retention: Some(risk(kanaal)), ..healthy(zaken()) };
    assert_eq!(story.pass(0, &[with("zaken")]), ["subscription.retention-near"]);
    let data = story.last_data();
    assert_eq!((&data["kanaal"], &data["records"]), (&"zaken".into(), &3.into()));
    assert!(story.pass(86_399, &[with("zaken")]).is_empty());
    assert_eq!(story.pass(86_400, &[with("zaken")]), ["subscription.retention-near"]);
}

#[test]
fn an_approval_is_announced_when_it_is_asked_for() {
    let mut story = Story::new();
    let with = |state: ApprovalState, changed: i64| {
        let approvals = vec![Approval { kanaal: KanaalName::new("zaken").unwrap(), state, disclose: None }];
        healthy(Subscription { approvals, changed: at(changed), ..zaken() })
    };
    let decision = ApprovalDecision { by: "owner".into(), at: at(50), reason: None };
    assert_eq!(story.pass(10, &[with(ApprovalState::Awaiting, 9)]), ["subscription.approval-asked"]);
    assert_eq!(story.last_data()["kanaal"], "zaken");
    story.restart();
    assert!(story.pass(20, &[with(ApprovalState::Awaiting, 9)]).is_empty());
    assert!(story.pass(60, &[with(ApprovalState::Approved(decision.clone()), 9)]).is_empty());
    assert!(story.pass(70, &[with(ApprovalState::Rejected(decision), 65)]).is_empty());
    assert!(story.pass(100, &[with(ApprovalState::Awaiting, 99)]).is_empty(), "not so soon after the last one");
    assert_eq!(story.pass(3_610, &[with(ApprovalState::Awaiting, 99)]), ["subscription.approval-asked"]);
    assert!(story.pass(9_000, &[with(ApprovalState::Awaiting, 99)]).is_empty());
}

#[test]
fn a_certificate_is_announced_once_for_each_number_of_days() {
    const DAY: i64 = 86_400;
    let mut story = Story::new();
    let facts = |end: i64| Facts {
        certificates: vec![CertificateEnd { item: "tls.certificate".into(), expires: at(end * DAY) }],
        ..Facts::default()
    };
    let mut days = Vec::new();
    for day in 0..=102 {
        story.restart();
        if !story.pass_with(day * DAY, &facts(100)).is_empty() {
            days.push((day, story.last_data()["days"].as_u64().unwrap()));
        }
    }
    assert_eq!(days, [(41, 60), (71, 30), (94, 7), (100, 0)]);
    assert!(story.pass_with(103 * DAY, &facts(400)).is_empty(), "a new one");
    assert_eq!(story.pass_with(103 * DAY, &facts(109)), ["certificate.near-end"], "a new one that ends soon");
    assert_eq!(story.last_data()["days"], 7);
    assert!(story.pass_with(104 * DAY, &facts(109)).is_empty());
}

#[test]
fn ch_88_a_mailing_is_announced_once_with_counts_and_nobody() {
    let mailing = |number: u64, kanaal: &str, ended: i64| {
        let event = EventReference {
            kanaal: KanaalName::new(kanaal).unwrap(),
            source: "urn:nld:afval".into(),
            id: number.to_string(),
        };
        let (partition, position) = (Partition(0), Position(number));
        let start = MailingStart {
            event,
            channel: Channel::Email,
            partition,
            position,
            accepted: at(0),
            expires: None,
            resend: None,
        };
        let mut counts = Counts::default();
        counts.candidates = 7;
        counts.count(End::Sent, 4);
        counts.count(End::PermanentFailure, 1);
        counts.count(End::Skipped(Skip::SenderFilter), 2);
        EndedMailing { id: MailingId(number), start, counts, ended: at(ended) }
    };
    let facts = |mailings: &[EndedMailing]| Facts { mailings: mailings.to_vec(), ..Facts::default() };
    let mut story = Story::new();
    // The store has the newest first.
    let (first, second) = (mailing(1, "afval", 9), mailing(2, "afval", 9));
    assert_eq!(story.pass_with(10, &facts(&[second.clone(), first.clone()])), ["mailing.ended", "mailing.ended"]);
    let data = story.last_data();
    assert_eq!((&data["mailing"], &data["counts"]["sent"]), (&2.into(), &4.into()));
    assert_eq!((&data["counts"]["bounced"], &data["counts"]["notSelected"]), (&1.into(), &2.into()));
    story.restart();
    assert!(story.pass_with(20, &facts(&[second.clone(), first.clone()])).is_empty());
    // One of the kanaal of these events would cause the next one; one of long ago ended before these events were wanted.
    assert!(story.pass_with(30, &facts(&[mailing(4, "gateway", 29), second, first])).is_empty());
    assert!(story.pass_with(86_500, &facts(&[mailing(3, "afval", 12)])).is_empty());
    assert_eq!(story.pass_with(86_500, &facts(&[mailing(3, "afval", 200)])), ["mailing.ended"]);
}

#[test]
fn ch_113_people_that_messages_do_not_reach_are_announced_together() {
    let with = |ended: &[i64]| {
        let kanaal = KanaalName::new("afval").unwrap();
        let ended = ended.iter().map(|seconds| at(*seconds)).collect();
        let undeliverable = vec![Undeliverable { kanaal, owner: Some("afvalsysteem".into()), ended }];
        Facts { undeliverable, ..Facts::default() }
    };
    let mut story = Story::new();
    assert_eq!(story.pass_with(10, &with(&[5])), ["people.undeliverable"]);
    assert_eq!((&story.last_data()["count"], &story.last_data()["owner"]), (&1.into(), &"afvalsysteem".into()));
    assert!(story.pass_with(20, &with(&[5, 15])).is_empty(), "not so soon after the last one");
    story.restart();
    assert_eq!(story.pass_with(3_610, &with(&[5, 15, 3_000])), ["people.undeliverable"]);
    assert_eq!((&story.last_data()["count"], &story.last_data()["since"]), (&2.into(), &at(15).to_rfc3339().into()));
    assert!(story.pass_with(90_000, &with(&[5, 15, 3_000])).is_empty(), "nobody since then");
}

/// Nothing is published about a sink that gets these events, whatever it does, so that no event causes another.
#[test]
fn receivers_of_own_events_are_never_announced() {
    let everything = |subscription: Subscription| {
        let awaiting =
            Approval { kanaal: KanaalName::new("zaken").unwrap(), state: ApprovalState::Awaiting, disclose: None };
        let risk = RetentionRisk { kanaal: KanaalName::own(), records: 1, removed_from: at(9) };
        SubscriptionFacts {
            outage: Some(SinkOutage { since: at(0), cause: Cause::Connection }),
            dead_letters: Some(DeadLetterCount { letters: 3, since: at(0) }),
            retention: Some(risk),
            had_consent: true,
            subscription: Arc::new(Subscription {
                approvals: vec![awaiting],
                consent: Consent::Refused { reason: "no".into(), at: at(5) },
                ..subscription
            }),
        }
    };
    let receiver = everything(subscription(1, "alert.example", &["gateway"]));
    let beside = everything(subscription(2, "alert.example", &["zaken"]));
    let both = everything(subscription(3, "b.example", &["zaken", "gateway"]));
    let other = everything(subscription(4, "c.example", &["zaken"]));
    let all = everything(subscription(5, "d.example", &[]));
    let mut story = Story::new();
    assert!(story.pass(1_000, &[receiver, beside.clone(), both]).is_empty());
    let four =
        ["outage-begun", "consent-lost", "dead-letters", "approval-asked"].map(|short| format!("subscription.{short}"));
    assert_eq!(story.pass(1_000, &[other]), four);
    assert_eq!(story.pass(1_000, &[all]), four, "all kanalen are all but this one");
    assert_eq!(story.pass(1_000, &[beside]), four, "its sink gets no own events any more");
}
