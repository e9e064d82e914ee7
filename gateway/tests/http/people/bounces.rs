//! The list of addresses that messages do not reach, in the API.

use http::Method;
use model::addressee::{AddresseeId, Basis, Confirmation, EndReason, HardBounces, State};
use serde_json::json;
use storage::audience::Put;

use super::{confirmed, gateway, gateway_with};
use crate::{
    openapi::check,
    subscriptions::granted,
    support::{BEHEER, CONSUMER, Gateway, ReceivedRequest, Sink, eventually},
};

/// Changes the state of an addressee in the store.
pub async fn set(gateway: &Gateway, id: AddresseeId, state: State) {
    let stored = gateway.audience().get(id).await.expect("read").expect("there");
    let changed = model::addressee::Addressee { state, ..stored.addressee.clone() };
    let put: Put = stored.change(changed);
    gateway.audience().put(vec![put]).await.expect("stored");
}

/// A confirmed state with hard bounces.
fn with_bounces(gateway: &Gateway, number: usize) -> State {
    let confirmation = Confirmation { at: gateway.now(), by: Basis::Code };
    State::Confirmed { confirmation, change: None, bounces: HardBounces::new(vec![gateway.now(); number]) }
}

#[tokio::test]
async fn bounces_are_listed_masked_by_state_and_kanaal_and_for_administrators_ch_118() {
    let gateway = gateway().await;
    let at = gateway.now();
    for (address, kanaal, reason) in [
        ("geheim-an@example.nl", "weg", Some(EndReason::Undeliverable)),
        ("geheim-bo@example.nl", "weg", Some(EndReason::Complaint)),
        ("geheim-cas@example.nl", "raad", Some(EndReason::Undeliverable)),
        ("geheim-dirk@example.nl", "weg", Some(EndReason::Expired)),
        ("geheim-els@example.nl", "weg", None),
    ] {
        let id = confirmed(&gateway, CONSUMER, address, kanaal).await;
        let state = match reason {
            Some(reason) => State::Ended { at, reason },
            None => with_bounces(&gateway, 2),
        };
        set(&gateway, id, state).await;
    }
    confirmed(&gateway, CONSUMER, "geheim-fem@example.nl", "weg").await;
    let beheer = gateway.client(BEHEER);
    let list = async |query: &str| {
        let page = beheer.get(&format!("/v1/people/bounces{query}")).await.expect(200).json();
        assert!(!page.to_string().contains("geheim"), "{page}");
        let rows = page["results"].as_array().expect("rows").clone();
        for row in &rows {
            check("Bounce", row);
        }
        rows
    };
    let ended = list("").await;
    let mut reasons: Vec<_> = ended.iter().map(|row| (row["kanaal"].as_str(), row["reason"].as_str())).collect();
    reasons.sort_unstable();
    let (weg, raad) = (Some("weg"), Some("raad"));
    assert_eq!(reasons, [(raad, Some("undeliverable")), (weg, Some("complaint")), (weg, Some("undeliverable"))]);
    assert!(ended.iter().all(|row| row["sink"] == "mailto:g…@e…" && row["ended"].is_string()), "{ended:?}");
    assert_eq!(list("?kanaal=raad").await.len(), 1);
    let counting = list("?state=counting").await;
    assert_eq!(counting.len(), 1);
    assert_eq!((&counting[0]["bounces"], &counting[0]["ended"]), (&json!(2), &json!(null)));
    assert!(list("?channel=sms").await.is_empty());

    // Pages follow each other without gap or repetition.
    let (mut seen, mut next) = (Vec::new(), Some("/v1/people/bounces?pageSize=1".to_owned()));
    while let Some(path) = next {
        let page = beheer.get(&path).await.expect(200).json();
        seen.extend(page["results"].as_array().expect("rows").iter().map(|row| row["id"].clone()));
        next = page["next"].as_str().map(|url| url.strip_prefix(gateway.base.as_str()).expect("ours").to_owned());
    }
    let mut all: Vec<_> = ended.iter().map(|row| row["id"].clone()).collect();
    all.sort_by_key(ToString::to_string);
    seen.sort_by_key(ToString::to_string);
    assert_eq!(seen, all);
    for (query, member) in
        [("?state=x", "state"), ("?channel=inbox", "channel"), ("?cursor=x", "cursor"), ("?kanaal=", "kanaal")]
    {
        let answer = beheer.get(&format!("/v1/people/bounces{query}")).await;
        assert_eq!(answer.problem(400).1.as_deref(), Some(member), "{query}");
    }
    gateway.client(CONSUMER).get("/v1/people/bounces").await.expect(403);
}

#[tokio::test]
async fn a_webhook_gets_the_number_of_undeliverable_people_of_a_kanaal_and_nobody_ch_113() {
    let gateway = gateway_with("[own_events]\ncheck_seconds = 1\nundeliverable_quiet_seconds = 0\n").await;
    let alerts = Sink::start().await;
    let config = json!({ "kanalen": ["gateway"] });
    granted(&gateway.client(BEHEER), json!({ "sink": alerts.url("/alerts"), "config": config })).await;
    let id = confirmed(&gateway, CONSUMER, "geheim@example.nl", "weg").await;
    set(&gateway, id, State::Ended { at: gateway.now(), reason: EndReason::Undeliverable }).await;
    let event = eventually("the event", || async {
        let seen = alerts.seen(&Method::POST);
        seen.iter().map(ReceivedRequest::json).find(|one| one["type"] == "nl.gov.eventgateway.people.undeliverable")
    });
    let event = event.await;
    assert_eq!((&event["subject"], &event["data"]["count"]), (&json!("kanaal:weg"), &json!(1)));
    assert!(!event.to_string().contains("example.nl"), "{event}");
}
