//! Samples of every form, written by the first version; they stay as they are and stay readable.

use std::{num::NonZeroU32, time::Duration};

use model::{
    AttributeName, Partition, Position, Subscription,
    applicatie::{Applicatie, Scope},
    consent::{Consent, Rate, Validation},
    credential::{
        AccessToken, ClientAuthentication, OAuth2Client, RefreshToken, TokenClient, TokenEndpoint, TokenPlace,
        ZgwClient,
    },
    event::Born,
    filter::Filter,
    run::{Run, RunSelection},
    selection::{AbonnementSelection, CloudEventEntry, KanaalEntry, Kenmerken, NativeSelection, Selection},
    subscription::{Credential, Format, Order, Rendering, Status},
};

use super::*;
use crate::suite::sample;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(seconds)
}

/// Every dialect of filters, and the larger shape of everything else.
fn native() -> Subscription {
    let pair = |name: &str, value: &str| vec![(AttributeName::new(name).unwrap(), value.into())];
    let filters = vec![
        Filter::Exact(pair("type", "nl.overheid.zaken.zaak-gemaakt")),
        Filter::Any(vec![Filter::Prefix(pair("source", "urn:nld:")), Filter::Suffix(pair("subject", "\u{e9}"))]),
        Filter::Not(Box::new(Filter::All(vec![Filter::Exact(pair("kanaal", "besluiten"))]))),
    ];
    Subscription {
        selection: Selection::Native(NativeSelection {
            kanalen: vec![sample::name("zaken"), sample::name("besluiten & meer")],
            born: Some(Born::CloudEvent),
            types: vec!["nl.overheid.zaken.zaak-gemaakt".into()],
            source: Some("urn:nld:oin:1".into()),
            filters,
            kenmerken: Kenmerken::new([("bron_organisatie", "1"), ("zaaktype", "*")]),
        }),
        format: Format::Batch { max_events: NonZeroU32::new(50).unwrap(), linger: Duration::from_millis(250) },
        order: Order::Key,
        requested_rate: NonZeroU32::new(600),
        validation: Validation::Manual { agreement: "zaak 2025-1".into() },
        consent: Consent::Granted {
            origin: "gateway.example.com".into(),
            rate: Rate::PerMinute(NonZeroU32::new(120).unwrap()),
            at: at(1_500),
        },
        generation: 3,
        status: Status::Suspended { reason: "72 uur stil".into(), at: at(1_600) },
        expires: Some(at(9_000)),
        ..sample::subscription(10, &[])
    }
}

fn abonnement() -> Subscription {
    Subscription {
        selection: Selection::Abonnement(AbonnementSelection {
            kanalen: vec![KanaalEntry {
                naam: sample::name("zaken"),
                filters: Kenmerken::new([("bronorganisatie", "051845623")]),
            }],
            cloudevents: vec![CloudEventEntry {
                type_substring: "zaak".into(),
                filters: Kenmerken::new::<&str, &str>([]),
            }],
            send_cloudevents: true,
        }),
        credential: Credential::QueryToken(sample::sealed()),
        format: Format::Legacy,
        validation: Validation::Probe,
        consent: Consent::Validating { attempts: 2, not_before: at(1_100), last: Some("404".into()) },
        max_in_flight: None,
        ..sample::subscription(11, &[])
    }
}

/// The remaining shapes of a subscription, one after the other.
fn variants() -> Vec<Subscription> {
    let base = || sample::subscription(12, &["zaken"]);
    let sql = NativeSelection {
        filters: vec![Filter::sql("type LIKE 'nl.%' AND EXISTS subject").unwrap()],
        ..NativeSelection::default()
    };
    vec![
        Subscription { credential: Credential::None, format: Format::Binary, ..base() },
        Subscription { format: Format::Structured(Rendering::On116), status: Status::Paused, ..base() },
        Subscription { consent: Consent::PendingCallback { until: at(5) }, ..base() },
        Subscription { consent: Consent::Refused { reason: "nee".into(), at: at(6) }, ..base() },
        Subscription { consent: sample::granted(at(7)), status: Status::Gone { at: at(8) }, ..base() },
        Subscription { selection: Selection::Native(sql), ..base() },
    ]
}

fn changes() -> Vec<Change> {
    let id = native().id;
    let records = RunSelection::Records(vec![(sample::name("zaken"), Partition(0), Position(17))]);
    let applicatie = Applicatie { source: Some("urn:x".into()), ..sample::applicatie("open-zaak") };
    let beheer = Applicatie { secrets: vec![], scopes: vec![Scope::Beheer], ..sample::applicatie("beheer") };
    let mut changes = vec![
        Change::Kanaal(Arc::new(sample::kanaal(1, "zaken"))),
        Change::Subscription(Arc::new(native())),
        Change::Subscription(Arc::new(abonnement())),
        Change::Applicatie(Arc::new(applicatie)),
        Change::Applicatie(Arc::new(beheer)),
        Change::Run(Arc::new(sample::run(20, id))),
        Change::Run(Arc::new(Run { what: records, ..sample::run(21, id) })),
        Change::Declared { revision: 7 },
    ];
    changes.extend(variants().into_iter().map(|subscription| Change::Subscription(Arc::new(subscription))));
    changes
}

#[test]
fn version_1_is_read_and_written() {
    let samples = include_str!("../../tests/stored/v1/control.jsonl");
    let written: Vec<String> = changes().iter().map(|change| to_row(change).unwrap().body.unwrap()).collect();
    assert_eq!(written, samples.lines().collect::<Vec<_>>());
    let read: Vec<Change> = samples.lines().map(|sample| from_body(sample).unwrap()).collect();
    assert_eq!(read, changes());
}

/// Subscriptions with what came after the first release of version 1.
fn later() -> Vec<Change> {
    let access = AccessToken { token: sample::sealed(), place: TokenPlace::Query, expires: at(2_000) };
    let authentication = ClientAuthentication::Basic;
    let client = TokenClient { id: "gw".into(), secret: Some(sample::sealed()), authentication };
    let known = TokenClient { secret: None, authentication: ClientAuthentication::Post, ..client.clone() };
    let endpoint = |client, tls: Option<&str>| TokenEndpoint {
        url: "https://token.example/t".into(),
        client,
        tls: tls.map(str::to_owned),
    };
    let refresh = RefreshToken {
        access: AccessToken { place: TokenPlace::Header, ..access.clone() },
        refresh_token: sample::sealed(),
        endpoint: endpoint(Some(client), None),
    };
    let oauth2 = OAuth2Client {
        endpoint: endpoint(Some(known), Some("pki")),
        scope: Some("a b".into()),
        audience: Some("urn:x".into()),
    };
    let credentials = [
        Credential::AccessToken(access),
        Credential::RefreshToken(Box::new(refresh)),
        Credential::Zgw(ZgwClient { client_id: "gw".into(), secret: sample::sealed() }),
        Credential::OAuth2(Box::new(oauth2)),
    ];
    let base = || Subscription { tls: Some("pki".into()), ..sample::subscription(13, &["zaken"]) };
    credentials.map(|credential| Change::Subscription(Arc::new(Subscription { credential, ..base() }))).to_vec()
}

/// These were written as version 1 before version 2 said that they are more than its first readers know.
#[test]
fn credentials_are_read_in_both_versions_and_written_in_the_second() {
    let samples = include_str!("../../tests/stored/v2/credentials.jsonl");
    let written: Vec<String> = later().iter().map(|change| to_row(change).unwrap().body.unwrap()).collect();
    assert_eq!(written, samples.lines().collect::<Vec<_>>());
    for samples in [samples, include_str!("../../tests/stored/v1/credentials.jsonl")] {
        let read: Vec<Change> = samples.lines().map(|sample| from_body(sample).unwrap()).collect();
        assert_eq!(read, later());
    }
}

/// What version 1 could not say.
fn changes_since() -> Vec<Change> {
    let strict = model::profile::Rules {
        profile: Some(model::profile::Profile::CloudEvents),
        mode: Some(model::profile::Mode::Strict),
        privacy: Some(model::profile::Mode::Lenient),
    };
    let payloads = model::schema::PayloadCheck::Reject;
    let own = model::PayloadSchema { kanaal: None, example: None, owner: None, ..sample::schema("declared") };
    vec![
        Change::Kanaal(Arc::new(model::Kanaal { rules: strict, payloads, ..sample::kanaal(1, "zaken") })),
        Change::Schema(Arc::new(sample::schema("zaak"))),
        Change::Schema(Arc::new(own)),
    ]
}

#[test]
fn later_forms_are_read_and_written() {
    let samples = include_str!("../../tests/stored/v2/control.jsonl");
    let written: Vec<String> = changes_since().iter().map(|change| to_row(change).unwrap().body.unwrap()).collect();
    assert_eq!(written, samples.lines().collect::<Vec<_>>());
    let read: Vec<Change> = samples.lines().map(|sample| from_body(sample).unwrap()).collect();
    assert_eq!(read, changes_since());
}

/// What version 1 cannot say: approval, disclosure, expiry; who made a kanaal and with which key a subscription was made,
/// which were written as version 1 once.
#[test]
fn approvals_of_version_2_are_read_and_written() {
    let samples = include_str!("../../tests/stored/v2/approvals.jsonl");
    let owned = model::Kanaal { approval: false, ..sample::closed_kanaal() };
    let keyed = Subscription { approvals: vec![], ..sample::approved_subscription() };
    let changes = vec![
        Change::Kanaal(Arc::new(sample::closed_kanaal())),
        Change::Kanaal(Arc::new(owned)),
        Change::Subscription(Arc::new(sample::approved_subscription())),
        Change::Subscription(Arc::new(sample::expired())),
        Change::Subscription(Arc::new(keyed)),
    ];
    let written: Vec<String> = changes.iter().map(|change| to_row(change).unwrap().body.unwrap()).collect();
    let second = samples.replace(r#""v":1"#, r#""v":2"#);
    assert_eq!(written, second.lines().collect::<Vec<_>>());
    for samples in [samples, &second] {
        let read: Vec<Change> = samples.lines().map(|sample| from_body(sample).unwrap()).collect();
        assert_eq!(read, changes);
    }
}

/// Whoever rewrites a form must not drop what it says: a program that does not know a member stops, at any depth.
#[test]
fn a_member_that_is_not_known_is_refused() {
    let all = [
        include_str!("../../tests/stored/v1/control.jsonl"),
        include_str!("../../tests/stored/v2/control.jsonl"),
        include_str!("../../tests/stored/v2/approvals.jsonl"),
        include_str!("../../tests/stored/v2/credentials.jsonl"),
    ];
    for sample in all.iter().flat_map(|samples| samples.lines()) {
        let form: serde_json::Value = serde_json::from_str(sample).unwrap();
        let mut objects = Vec::new();
        places(&form, String::new(), &mut objects);
        for place in objects {
            let mut form = form.clone();
            form.pointer_mut(&place).unwrap()["van_later"] = true.into();
            let read = from_body(&form.to_string());
            assert!(matches!(read, Err(Error::Corrupt { .. })), "{place} of {sample}: {read:?}");
        }
    }
}

/// Pointers to every object in a form.
fn places(value: &serde_json::Value, at: String, found: &mut Vec<String>) {
    match value {
        serde_json::Value::Object(members) => {
            for (name, member) in members {
                places(member, format!("{at}/{name}"), found);
            }
            found.push(at);
        }
        serde_json::Value::Array(items) => {
            for (n, item) in items.iter().enumerate() {
                places(item, format!("{at}/{n}"), found);
            }
        }
        _ => {}
    }
}

#[test]
fn a_clearance_of_version_2_is_read_and_written() {
    let sample = include_str!("../../tests/stored/v2/clearance.jsonl").trim_end();
    let list = |entries: &[&str]| entries.iter().map(|entry| (*entry).to_owned()).collect();
    let clearance =
        model::clearance::Clearance { classifications: list(&["public", "internal"]), regulations: list(&["GDPR"]) };
    let cleared = model::Kanaal { clearance: Some(clearance), ..sample::kanaal(1, "zaken") };
    let change = Change::Kanaal(Arc::new(cleared));
    assert_eq!(to_row(&change).unwrap().body.as_deref(), Some(sample));
    assert_eq!(from_body(sample).unwrap(), change);
}

#[test]
fn entries_that_do_not_count_are_kept_apart() {
    let mut subscription = abonnement();
    let Selection::Abonnement(selection) = &mut subscription.selection else { panic!() };
    selection.send_cloudevents = false;
    let mut kanaal = sample::kanaal(1, "zaken");
    kanaal.owner = Some("open-zaak".into());
    for change in [Change::Subscription(Arc::new(subscription)), Change::Kanaal(Arc::new(kanaal))] {
        let body = to_row(&change).unwrap().body.unwrap();
        assert_eq!(from_body(&body).unwrap(), change);
    }
}

#[test]
fn ends_have_no_body() {
    let subscription = native();
    for (change, kind, id) in [
        (Change::KanaalDeleted(sample::name("zaken")), "kanaal", "zaken".to_owned()),
        (Change::SubscriptionDeleted(subscription.id), "subscription", subscription.id.to_string()),
        (Change::ApplicatieDeleted("open-zaak".into()), "applicatie", "open-zaak".into()),
        (Change::RunEnded(sample::run(1, subscription.id).id), "run", sample::run(1, subscription.id).id.to_string()),
        (Change::SchemaDeleted(sample::schema("zaak").name), "schema", "zaak".into()),
    ] {
        assert_eq!(to_row(&change).unwrap(), Row { kind, id, body: None });
    }
}

#[test]
fn what_cannot_be_read_is_said() {
    let word = r#"{"kind":"kanaal","v":2,"id":"00000000-0000-0000-0000-000000000001","naam":"a","documentatie_link":"","filters":[],
        "type_routes":[],"source":null,"retention_seconds":null,"created":1,"mode":"lax"}"#;
    assert!(matches!(from_body(word), Err(Error::Corrupt { kind: "kanaal", .. })));
    for body in ["", "{}", r#"{"kind":"kanaal"}"#, r#"{"kind":"iets","v":1}"#, r#"{"kind":"kanaal","v":1,"naam":""}"#] {
        assert!(matches!(from_body(body), Err(Error::Corrupt { .. })), "{body}");
    }
    let newer = from_body(r#"{"kind":"run","v":2}"#);
    assert!(matches!(newer, Err(Error::NewerVersion { kind: "run", found: 2, known: 1 })), "{newer:?}");
}
