//! Samples of every form. Those of earlier versions must not change and must stay readable.

use std::{num::NonZeroU32, time::Duration};

use model::{
    AttributeName, Partition, Position, Subscription,
    applicatie::{Applicatie, Scope},
    consent::{Consent, Rate, Validation},
    credential::{
        AccessToken, ClientAuthentication, OAuth2Client, RefreshToken, TokenClient, TokenEndpoint, TokenPlace,
        ZgwClient,
    },
    data_filter::{DataCondition, DataFilter, DataPath},
    event::PublishedAs,
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

/// A subscription with every filter dialect and the larger variant of every other member.
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
            published_as: Some(PublishedAs::CloudEvent),
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

/// The remaining variants of a subscription.
fn variants() -> Vec<Subscription> {
    let base = || sample::subscription(12, &["zaken"]);
    let sql = NativeSelection {
        filters: vec![Filter::sql("type LIKE 'nl.%' AND EXISTS subject").unwrap()],
        ..NativeSelection::default()
    };
    vec![
        Subscription { credential: Credential::None, format: Format::Binary, ..base() },
        Subscription { format: Format::Structured(Rendering::On116), status: Status::Paused, ..base() },
        Subscription { consent: Consent::PendingCallback { until: at(5), last: None }, ..base() },
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

/// Subscriptions with members added after the first release of version 1.
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

/// Early programs wrote these as version 1, whose first readers do not know them.
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

/// Changes that version 1 cannot represent.
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

/// Content that version 1 cannot represent (approval, disclosure, expiry), and the owner of a kanaal and the
/// idempotency key of a subscription, which early programs wrote as version 1.
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

/// A program that rewrites a form must not drop members: unknown ones are refused at any depth.
#[test]
fn a_member_that_is_not_known_is_refused() {
    let all = [
        include_str!("../../tests/stored/v1/control.jsonl"),
        include_str!("../../tests/stored/v2/control.jsonl"),
        include_str!("../../tests/stored/v2/approvals.jsonl"),
        include_str!("../../tests/stored/v2/credentials.jsonl"),
        include_str!("../../tests/stored/v3/sinks.jsonl"),
        include_str!("../../tests/stored/v4/pending-callback.jsonl"),
        include_str!("../../tests/stored/v6/data-filters.jsonl"),
        include_str!("../../tests/stored/v1/revocations.jsonl"),
        include_str!("../../tests/stored/v5/described.jsonl"),
        include_str!("../../tests/stored/v7/form-revocation.jsonl"),
        include_str!("../../tests/stored/v8/credential-changed.jsonl"),
    ];
    for sample in all.iter().flat_map(|samples| samples.lines()) {
        let form: serde_json::Value = serde_json::from_str(sample).unwrap();
        let mut objects = Vec::new();
        object_pointers(&form, String::new(), &mut objects);
        for place in objects {
            let mut form = form.clone();
            form.pointer_mut(&place).unwrap()["van_later"] = true.into();
            let read = from_body(&form.to_string());
            assert!(matches!(read, Err(Error::Corrupt { .. })), "{place} of {sample}: {read:?}");
        }
    }
}

/// JSON pointers to every object in a form.
fn object_pointers(value: &serde_json::Value, at: String, found: &mut Vec<String>) {
    match value {
        serde_json::Value::Object(members) => {
            for (name, member) in members {
                object_pointers(member, format!("{at}/{name}"), found);
            }
            found.push(at);
        }
        serde_json::Value::Array(items) => {
            for (n, item) in items.iter().enumerate() {
                object_pointers(item, format!("{at}/{n}"), found);
            }
        }
        _ => {}
    }
}

/// A sink of version 3 has a kind. A webhook is read in that form but written as in version 1; an unknown kind is
/// refused.
#[test]
fn sinks_of_version_3_are_read() {
    let sample = include_str!("../../tests/stored/v3/sinks.jsonl").trim_end();
    let change = Change::Subscription(Arc::new(native()));
    assert_eq!(from_body(sample).unwrap(), change);
    let body = to_row(&change).unwrap().body.unwrap();
    assert!(body.contains(r#""v":1"#) && body.contains(r#""sink":"https://"#), "{body}");
    let unknown = from_body(&sample.replace(r#""kind":"webhook""#, r#""kind":"pigeon""#));
    assert!(matches!(unknown, Err(Error::Corrupt { kind: "subscription", .. })), "{unknown:?}");
    let newer = from_body(&sample.replace(r#""v":3"#, r#""v":9"#));
    assert!(matches!(newer, Err(Error::NewerVersion { kind: "subscription", found: 9, known: 8 })), "{newer:?}");
}

#[test]
fn b8_an_answer_beside_a_pending_callback_needs_version_4() {
    let sample = include_str!("../../tests/stored/v4/pending-callback.jsonl").trim_end();
    let pending = |last| Consent::PendingCallback { until: at(5), last };
    let change = |last| {
        Change::Subscription(Arc::new(Subscription { consent: pending(last), ..sample::subscription(12, &["zaken"]) }))
    };
    let answered = change(Some("the receiver answered 405 to OPTIONS".to_owned()));
    assert_eq!(to_row(&answered).unwrap().body.as_deref(), Some(sample));
    assert_eq!(from_body(sample).unwrap(), answered);
    let without = to_row(&change(None)).unwrap().body.unwrap();
    assert!(without.contains(r#""v":1"#) && !without.contains("last"), "older programs read it: {without}");
}

/// A program before version 6 does not know filters on the payload, also beside members of an older version.
#[test]
fn g3_filters_on_the_payload_need_version_6() {
    let sample = include_str!("../../tests/stored/v6/data-filters.jsonl").trim_end();
    let data =
        |path: &str, condition| Filter::Data(Box::new(DataFilter { path: DataPath::new(path).unwrap(), condition }));
    let filters = vec![
        data("/zaak/zaaktype", DataCondition::Exact("https://x/1".into())),
        Filter::Any(vec![
            data("/a~1b", DataCondition::In(vec!["1".into(), "2".into()])),
            Filter::Not(Box::new(data("/zaak", DataCondition::Exists))),
        ]),
    ];
    let Selection::Native(selection) = native().selection else { panic!("a native selection") };
    let selection = Selection::Native(NativeSelection { filters, ..selection });
    let change = Change::Subscription(Arc::new(Subscription { selection: selection.clone(), ..native() }));
    assert_eq!(to_row(&change).unwrap().body.as_deref(), Some(sample));
    assert_eq!(from_body(sample).unwrap(), change);
    let newer = Subscription { selection, tls: Some("profile".into()), ..native() };
    let body = to_row(&Change::Subscription(Arc::new(newer))).unwrap().body.unwrap();
    assert!(body.contains(r#""v":6"#), "{body}");
}

#[test]
fn revocations_are_read_written_and_deleted() {
    let samples = include_str!("../../tests/stored/v1/revocations.jsonl");
    let mut registry = model::Registry::default();
    for command in crate::suite::control::commands_of_revocation() {
        let changes = model::decide::decide(&registry, command);
        changes.iter().flatten().for_each(|change| registry.apply(change));
    }
    let changes = registry.to_changes();
    let written: Vec<String> = changes.iter().filter_map(|change| to_row(change).unwrap().body).collect();
    assert_eq!(written, samples.lines().collect::<Vec<_>>());
    let read: Vec<Change> = samples.lines().map(|sample| from_body(sample).unwrap()).collect();
    assert_eq!(read, changes);
}

#[test]
fn forms_of_revocation_version_2_are_read_and_written() {
    let sample = include_str!("../../tests/stored/v7/form-revocation.jsonl").trim_end();
    let changes = model::decide::decide(&model::Registry::default(), crate::suite::control::form_command()).unwrap();
    let [change] = changes.as_slice() else { panic!("{changes:?}") };
    assert_eq!(to_row(change).unwrap().body.as_deref(), Some(sample));
    assert_eq!(from_body(sample).unwrap(), *change);
}

/// Sealed headers need version 4; those that are stored in the clear stay as they are.
#[test]
fn e2_sealed_headers_of_version_4_are_read_and_written() {
    let sample = include_str!("../../tests/stored/v4/sealed-headers.jsonl").trim_end();
    let sealed = model::sealed::Sealed { key_id: "k1".into(), ciphertext: vec![1, 2, 3] };
    let headers = vec![
        ("x-old".to_owned(), model::subscription::HeaderText::Clear("clear".into())),
        ("x-key".to_owned(), model::subscription::HeaderText::Sealed(sealed)),
    ];
    let change = Change::Subscription(Arc::new(Subscription { headers, ..native() }));
    let body = to_row(&change).unwrap().body.unwrap();
    assert_eq!(body, sample);
    assert_eq!(from_body(sample).unwrap(), change);
    let clear = vec![("x-old".to_owned(), model::subscription::HeaderText::Clear("clear".into()))];
    let clear = Change::Subscription(Arc::new(Subscription { headers: clear, ..native() }));
    let body = to_row(&clear).unwrap().body.unwrap();
    assert!(body.contains(r#""v":1"#) && !body.contains("sealed_headers"), "{body}");
    assert_eq!(from_body(&body).unwrap(), clear);
}

/// A name, contact, description or FSC contract needs version 5.
#[test]
fn descriptions_of_version_5_are_read_and_written() {
    let sample = include_str!("../../tests/stored/v5/described.jsonl").trim_end();
    let described = Subscription {
        name: Some("Zaken naar het portaal".into()),
        contact: Some("beheer@portaal.example".into()),
        description: Some("Statussen voor inwoners".into()),
        fsc: Some(model::subscription::Fsc { grant_hash: "$1$4$abc".into() }),
        ..sample::subscription(12, &["zaken"])
    };
    let change = Change::Subscription(Arc::new(described.clone()));
    assert_eq!(to_row(&change).unwrap().body.as_deref(), Some(sample));
    assert_eq!(from_body(sample).unwrap(), change);
    let plain = || sample::subscription(12, &["zaken"]);
    for one in [
        Subscription { name: described.name, ..plain() },
        Subscription { contact: described.contact, ..plain() },
        Subscription { description: described.description, ..plain() },
        Subscription { fsc: described.fsc, ..plain() },
    ] {
        let body = to_row(&Change::Subscription(Arc::new(one))).unwrap().body.unwrap();
        assert!(body.contains(r#""v":5"#), "{body}");
    }
}

/// The moment at which a credential was set after the creation needs version 8.
#[test]
fn a_credential_that_was_set_later_is_read_and_written_in_version_8() {
    let sample = include_str!("../../tests/stored/v8/credential-changed.jsonl").trim_end();
    let changed = Some(Timestamp::from_micros(2_000_000));
    let subscription = Subscription { credential_changed: changed, ..sample::subscription(12, &["zaken"]) };
    let change = Change::Subscription(Arc::new(subscription));
    assert_eq!(to_row(&change).unwrap().body.as_deref(), Some(sample));
    assert_eq!(from_body(sample).unwrap(), change);
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
