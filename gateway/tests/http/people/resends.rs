//! An event that is sent again, through a real relay (aiosmtpd), to those whom it refused.

use model::addressee::{AddresseeId, Outcome};
use serde_json::{Value, json};
use storage::audience::EvidencePage;
use test_relay::{Protection, Relay};

use super::{
    mail::{configuration, path, subscribe},
    press,
};
use crate::support::{BEHEER, Gateway, PUBLISHER, eventually};

/// A relay that takes the confirmation of these addresses, and refuses so many mails after it.
pub async fn relay(refused: &[(&str, usize)]) -> Relay {
    let answers: serde_json::Map<String, Value> = refused
        .iter()
        .map(|(address, times)| {
            let refusals = std::iter::repeat_n("550 5.7.1 refused", *times);
            ((*address).to_owned(), std::iter::once("accept").chain(refusals).collect())
        })
        .collect();
    let settings = json!({ "contents": true, "rcpt": answers });
    Relay::start_at(0, Protection::None, settings).await.expect("a relay")
}

/// Confirmed people on kanaal `weg`.
pub async fn confirmed(gateway: &Gateway, relay: &mut Relay, addresses: &[&str]) -> Vec<AddresseeId> {
    gateway.client(PUBLISHER).post("/v1/kanalen", json!({ "naam": "weg" })).await.expect(201);
    let mut ids = Vec::new();
    for address in addresses {
        ids.push(subscribe(gateway, address).await);
        let confirmation = relay.line().await.expect("a mail");
        press(&gateway.nobody(), &path(&confirmation), "bevestigen").await.expect(303);
    }
    ids
}

/// A mailing that has ended, among those of which this holds.
pub async fn ended(gateway: &Gateway, is_wanted: impl Fn(&Value) -> bool) -> Value {
    eventually("a mailing has ended", || async {
        let list = gateway.client(BEHEER).get("/v1/people/mailings?kanaal=weg").await.expect(200).json();
        let all = list["results"].as_array().expect("a list").clone();
        all.into_iter().find(|one| one["state"] == "ended" && is_wanted(one))
    })
    .await
}

async fn outcomes(gateway: &Gateway, id: AddresseeId) -> Vec<Outcome> {
    let digest = gateway.audience().get(id).await.expect("read").expect("there").addressee.digest;
    let page = EvidencePage { offset: 0, limit: 10 };
    let found = gateway.audience().evidence(digest, page).await.expect("evidence");
    found.into_iter().filter_map(|one| one.outcome.map(|(outcome, _)| outcome)).collect()
}

#[tokio::test]
async fn failed_people_are_counted_and_sent_to_again_and_nobody_else_i9_ch_94() {
    let (sent, refused, leaves) = ("an@burger.example", "bo@burger.example", "cor@burger.example");
    let mut relay = relay(&[(refused, 1), (leaves, 1)]).await;
    let gateway = Gateway::with(&configuration(relay.port())).await;
    let ids = confirmed(&gateway, &mut relay, &[sent, refused, leaves]).await;
    gateway.client(PUBLISHER).publish("weg", "e1", json!({ "type": "nl.weg" })).await.expect(202);
    let first = ended(&gateway, |one| one["event"] == "e1").await;
    assert_eq!((&first["counts"]["sent"], &first["counts"]["bounced"]), (&json!(1), &json!(2)));
    assert_eq!(first.get("resendOf"), None);
    assert_eq!(relay.line().await.expect("a mail")["to"], sent);

    let path = format!("/v1/people/mailings/{}/resends", first["id"]);
    let admin = gateway.client(BEHEER);
    let all = ["permanent-failure", "temporary-failure", "technical-failure", "in-doubt"];
    let counted = admin.post(&path, json!({ "outcomes": all, "dryRun": true })).await.expect(200).json();
    assert_eq!(counted, json!({ "count": 2, "outcomes": { "permanent-failure": 2 } }));
    let none = admin.post(&path, json!({ "outcomes": ["in-doubt"], "dryRun": true })).await.expect(200).json();
    assert_eq!(none, json!({ "count": 0, "outcomes": { "permanent-failure": 2 } }));
    for (wrong, member) in [
        (json!({}), "outcomes"),
        (json!({ "outcomes": [] }), "outcomes"),
        (json!({ "outcomes": ["sent"] }), "outcomes"),
        (json!({ "outcomes": ["in-doubt"], "count": 0 }), "count"),
        (json!({ "outcomes": ["in-doubt"], "more": 1 }), "more"),
    ] {
        assert_eq!(admin.post(&path, wrong.clone()).await.problem(400).1.as_deref(), Some(member), "{wrong}");
    }
    let permanent = |count: u64| json!({ "outcomes": ["permanent-failure"], "count": count });
    gateway.client(PUBLISHER).post(&path, permanent(2)).await.expect(403);
    for unknown in ["4711", "x"] {
        admin.post(&format!("/v1/people/mailings/{unknown}/resends"), permanent(2)).await.expect(404);
    }
    for nothing in [permanent(1), json!({ "outcomes": ["temporary-failure"] })] {
        assert_eq!(admin.post(&path, nothing).await.problem(409).0, "mailing-not-resent");
    }

    // One leaves after it was counted: the count does not hold any more.
    let leave = super::path(&gateway.people().links().leave(ids[2]));
    press(&gateway.nobody(), &leave, "afmelden").await.expect(303);
    relay.line().await.expect("the acknowledgement");
    assert_eq!(admin.post(&path, permanent(2)).await.problem(409).0, "mailing-not-resent");
    let started = admin.post(&path, permanent(1)).await.expect(202).json();
    assert_eq!((&started["count"], &started["mailing"]["resendOf"]), (&json!(1), &first["id"]));
    let again = relay.line().await.expect("a mail");
    assert_eq!((&again["to"], &again["fields"]["subject"]), (&json!(refused), &json!("Nieuw bericht over weg")));
    let second = ended(&gateway, |one| one["id"] == started["mailing"]["id"]).await;
    assert_eq!((&second["counts"]["candidates"], &second["counts"]["sent"]), (&json!(1), &json!(1)));
    assert_eq!(outcomes(&gateway, ids[0]).await, [Outcome::Sent]);
    assert_eq!(outcomes(&gateway, ids[1]).await, [Outcome::PermanentFailure, Outcome::Sent]);

    // The same request again finds nobody, also of the resend, and also after a restart.
    let gateway = gateway.restart().await;
    for mailing in [&first, &second] {
        let path = format!("/v1/people/mailings/{}/resends", mailing["id"]);
        let answer = gateway.client(BEHEER).post(&path, json!({ "outcomes": all })).await;
        assert_eq!(answer.problem(409).0, "mailing-not-resent");
    }
    let trail = gateway.client(BEHEER).get("/v1/audit?action=mailing.resend").await.expect(200).json();
    let accepted = trail["results"].as_array().expect("entries").iter().filter(|one| one["result"] == "accepted");
    let objects: Vec<_> = accepted.map(|one| one["object"]["id"].clone()).collect();
    assert_eq!(objects, [json!(first["id"].to_string())], "{trail}");
    assert!(!trail.to_string().contains("burger"), "{trail}");
    gateway.stop().await;
    assert!(relay.accepted().await.expect("mails").is_empty(), "nobody gets more");
}

#[tokio::test]
async fn a_mailing_that_goes_on_is_not_sent_again_ch_94() {
    let refused = "bo@burger.example";
    let mut relay = relay(&[(refused, 1)]).await;
    let gateway = Gateway::with(&configuration(relay.port())).await;
    confirmed(&gateway, &mut relay, &[refused]).await;
    let later = (gateway.now() + std::time::Duration::from_hours(1)).to_rfc3339();
    let due = json!({ "type": "nl.weg", "deliverafter": later });
    gateway.client(PUBLISHER).publish("weg", "later", due).await.expect(202);
    let open = eventually("it waits", || async {
        let list = gateway.client(BEHEER).get("/v1/people/mailings").await.expect(200).json();
        list["results"].as_array()?.iter().find(|one| one["event"] == "later").cloned()
    })
    .await;
    let path = format!("/v1/people/mailings/{}/resends", open["id"]);
    let answer = gateway.client(BEHEER).post(&path, json!({ "outcomes": ["permanent-failure"] })).await;
    assert_eq!(answer.problem(409).0, "mailing-not-resent");
    gateway.stop().await;
}
