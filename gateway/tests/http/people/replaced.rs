//! An event that waits for its moment is replaced by another one in one request (CH-98).

use std::{sync::Arc, time::Duration};

use http::Method;
use model::{Clock, Timestamp, clock::ManualClock};
use serde_json::{Value, json};

use super::{
    mail, press,
    results::{gateway_with_a_person, mailing, publish},
};
use crate::support::{Answer, BEHEER, CONSUMER, Client, Gateway, PUBLISHER};

const NEIGHBOUR: &str = "[[applicatie]]\nclient_id = \"buur\"\nsecret = \"the long enough secret of buur\"\n\
                         scopes = [\"notificaties.publiceren\"]\n";

fn path(id: &str) -> String {
    format!("/v1/events/{id}/mailings?source=urn:test&kanaal=weg")
}

/// An event with this id, due an hour from now, with these members in place of its own.
fn event(gateway: &Gateway, id: &str, more: &Value) -> Value {
    let due = (gateway.now() + Duration::from_hours(1)).to_rfc3339();
    let mut event = json!({
        "specversion": "1.0", "id": id, "source": "urn:test", "type": "nl.weg.gewijzigd", "deliverafter": due,
    });
    event.as_object_mut().expect("members").extend(more.as_object().expect("members").clone());
    event.as_object_mut().expect("members").retain(|_, value| !value.is_null());
    event
}

async fn put(client: &Client, path: &str, event: &Value) -> Answer {
    let headers = [("content-type", "application/cloudevents+json")];
    client.send(Method::PUT, path, &headers, event.to_string()).await
}

async fn replace(gateway: &Gateway, client: &str, id: &str, by: &str) -> Answer {
    put(&gateway.client(client), &path(id), &event(gateway, by, &json!({}))).await
}

async fn scheduled(gateway: &Gateway, id: &str) {
    let due = (gateway.now() + Duration::from_hours(1)).to_rfc3339();
    publish(gateway, id, "", json!({ "deliverafter": due })).await.expect(202);
    mailing(gateway, id, "scheduled").await;
}

#[tokio::test]
async fn the_publisher_replaces_what_waits_and_no_other_client_does_ch_98() {
    let mut relay = mail::relay(0).await;
    let gateway = gateway_with_a_person(&mut relay, NEIGHBOUR).await;
    scheduled(&gateway, "first").await;
    let publisher = gateway.client(PUBLISHER);
    let new = event(&gateway, "second", &json!({}));
    for (query, member) in [("", "source"), ("?source=urn:test", "kanaal"), ("?source=urn:test&kanaal=weg&x=1", "x")] {
        let answer = put(&publisher, &format!("/v1/events/first/mailings{query}"), &new).await;
        assert_eq!(answer.problem(400).1.as_deref(), Some(member), "{query}");
    }
    put(&gateway.client(CONSUMER), &path("first"), &new).await.expect(403);
    put(&gateway.client("buur"), &path("first"), &new).await.problem(404);
    for unknown in
        [path("unknown"), path("first").replace("urn:test", "urn:else"), path("first").replace("weg", "raad")]
    {
        put(&publisher, &unknown, &new).await.problem(404);
    }

    // A new event that is refused leaves the old one as it is.
    for (wrong, member) in [
        (json!({ "id": "first" }), "id"),
        (json!({ "source": "urn:else" }), "source"),
        (json!({ "deliverafter": null }), "deliverafter"),
        (json!({ "deliverafter": "2020-01-01T00:00:00Z" }), "deliverafter"),
        (json!({ "deliverafter": "2999-01-01T00:00:00Z" }), "deliverafter"),
        (json!({ "type": null }), "type"),
    ] {
        let answer = put(&publisher, &path("first"), &event(&gateway, "second", &wrong)).await;
        assert_eq!(answer.problem(400).1.as_deref(), Some(member), "{wrong}");
    }
    let batch = [("content-type", "application/cloudevents-batch+json")];
    let two = json!([event(&gateway, "a", &json!({})), event(&gateway, "b", &json!({}))]).to_string();
    assert_eq!(publisher.send(Method::PUT, &path("first"), &batch, two).await.problem(400).0, "batch-too-large");
    publisher.put(&path("first"), json!({})).await.problem(400);
    publisher.send(Method::PUT, &path("first"), &[("content-type", "text/plain")], "x").await.problem(400);
    assert_eq!(mailing(&gateway, "first", "scheduled").await["counts"]["candidates"], 0);
    gateway.client(BEHEER).get("/v1/events/second").await.expect(404);

    let answer = put(&publisher, &path("first"), &new).await.expect(200);
    assert_eq!(answer.header("gateway-kanaal"), Some("weg"));
    assert_eq!(
        (&answer.json()["events"][0]["id"], &answer.json()["events"][0]["kanaal"]),
        (&json!("second"), &json!("weg"))
    );
    assert_eq!(mailing(&gateway, "first", "ended").await["counts"]["candidates"], 0);
    assert_eq!(mailing(&gateway, "second", "scheduled").await["due"], new["deliverafter"]);
    assert_eq!(put(&publisher, &path("first"), &new).await.problem(409).0, "mailing-started");
    assert_eq!(publisher.delete(&path("first")).await.problem(409).0, "mailing-started");
    // What an administrator replaces stays the publisher's.
    replace(&gateway, BEHEER, "second", "third").await.expect(200);
    mailing(&gateway, "third", "scheduled").await;
    replace(&gateway, PUBLISHER, "third", "fourth").await.expect(200);
    mailing(&gateway, "fourth", "scheduled").await;

    // It stays so over a restart, and the last one can be cancelled.
    let gateway = gateway.restart().await;
    for id in ["first", "second", "third"] {
        assert_eq!(mailing(&gateway, id, "ended").await["counts"]["candidates"], 0);
        assert_eq!(replace(&gateway, PUBLISHER, id, "again").await.problem(409).0, "mailing-started");
    }
    mailing(&gateway, "fourth", "scheduled").await;
    gateway.client(PUBLISHER).delete(&path("fourth")).await.expect(204);
    assert_eq!(replace(&gateway, PUBLISHER, "fourth", "again").await.problem(409).0, "mailing-started");
    let trail = gateway.client(BEHEER).get("/v1/audit?action=event.replace").await.expect(200).json();
    let accepted = trail["results"].as_array().expect("entries").iter().filter(|one| one["result"] == "accepted");
    assert_eq!(accepted.count(), 3, "{trail}");
    gateway.stop().await;
    let mails = relay.accepted().await.expect("mails");
    assert_eq!(mails.iter().filter(|mail| mail["fields"].get("list-id").is_some()).count(), 0);
}

#[tokio::test]
async fn of_requests_at_the_same_time_one_succeeds_ch_98() {
    let mut relay = mail::relay(0).await;
    let gateway = gateway_with_a_person(&mut relay, "").await;
    for round in 0..5 {
        let ids = ["old", "one", "two"].map(|id| format!("{id}-{round}"));
        let [old, one, two] = &ids;
        scheduled(&gateway, old).await;
        let publisher = gateway.client(PUBLISHER);
        let (first, second, cancelled) =
            tokio::join!(replace(&gateway, PUBLISHER, old, one), replace(&gateway, PUBLISHER, old, two), async {
                publisher.delete(&path(old)).await
            },);
        let statuses = [first.status.as_u16(), second.status.as_u16(), cancelled.status.as_u16()];
        let expected = [[200, 409, 409], [409, 200, 409], [409, 409, 204]];
        assert!(expected.contains(&statuses), "{statuses:?}");
        mailing(&gateway, old, "ended").await;
        let winner = [one, two].into_iter().zip(statuses).find(|(_, status)| *status == 200).map(|(id, _)| id);
        if let Some(winner) = winner {
            mailing(&gateway, winner, "scheduled").await;
        }
        let list = gateway.client(BEHEER).get("/v1/people/mailings?kanaal=weg").await.expect(200).json();
        let others = list["results"].as_array().expect("a list").iter();
        let of_round = others.filter(|mailing| ids.iter().any(|id| mailing["event"] == **id));
        assert_eq!(of_round.count(), 1 + usize::from(winner.is_some()), "{list}");
    }
    gateway.stop().await;
}

#[tokio::test]
async fn people_get_the_new_event_at_its_moment_and_nothing_of_the_other_ch_98() {
    let clock = Arc::new(ManualClock::new(Timestamp::from_seconds(1_900_000_000)));
    let mut relay = mail::relay(0).await;
    let gateway = Gateway::with_clock(&mail::configuration(relay.port()), &clock).await;
    gateway.client(PUBLISHER).post("/v1/kanalen", json!({ "naam": "weg" })).await.expect(201);
    mail::subscribe(&gateway, "an@burger.example").await;
    let confirmation = relay.line().await.expect("a mail");
    press(&gateway.nobody(), &mail::path(&confirmation), "bevestigen").await.expect(303);
    scheduled(&gateway, "old").await;
    let later = (clock.now() + Duration::from_hours(2)).to_rfc3339();
    let new = event(&gateway, "new", &json!({ "deliverafter": later }));
    put(&gateway.client(PUBLISHER), &path("old"), &new).await.expect(200);
    mailing(&gateway, "new", "scheduled").await;
    clock.advance(Duration::from_hours(1));
    // On the other side of the moment of the old one, and before that of the new one.
    assert_eq!(mailing(&gateway, "old", "ended").await["counts"]["candidates"], 0);
    assert_eq!(mailing(&gateway, "new", "scheduled").await["due"], later);
    clock.advance(Duration::from_hours(1));
    assert_eq!(mailing(&gateway, "new", "ended").await["counts"]["sent"], 1);
    assert_eq!(replace(&gateway, PUBLISHER, "new", "last").await.problem(409).0, "mailing-started");
    assert_eq!(gateway.client(PUBLISHER).delete(&path("new")).await.problem(409).0, "mailing-started");
    gateway.stop().await;
    let mails = relay.accepted().await.expect("mails");
    assert_eq!(mails.iter().filter(|mail| mail["fields"].get("list-id").is_some()).count(), 1);
}
