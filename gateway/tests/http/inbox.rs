//! The inbox of people: who sees which message, states, expiry, the stream, and what NotifyBC did wrong there.

use std::{sync::Arc, time::Duration};

use http::Method;
use model::{Clock, Timestamp, clock::ManualClock};
use serde_json::{Value, json};

use crate::{
    stream::Viewer,
    support::{Answer, BEHEER, CONSUMER, Client, Gateway, OTHER, PUBLISHER, Provider, eventually},
};

/// A gateway with an inbox on one kanaal, and the provider of its people.
struct Place {
    gateway: Gateway,
    provider: Provider,
    kanaal: &'static str,
}

fn configuration(provider: &Provider, kanaal: &str) -> String {
    format!(
        "[people]\nurl = \"https://berichten.example.nl\"\n[people.inbox]\nissuer = {:?}\naudience = \"berichten\"\n\
         [[people.inbox.kanaal]]\nnaam = {kanaal:?}\naddressee = \"/aan\"\nbroadcast = \"/iedereen\"\nattributes = [\"subject\"]\n",
        provider.issuer()
    )
}

impl Place {
    /// Each test has a kanaal of its own, since metrics are those of the process.
    async fn new(kanaal: &'static str) -> Self {
        let provider = Provider::start().await;
        let gateway = Gateway::with(&configuration(&provider, kanaal)).await;
        Self::on(gateway, provider, kanaal).await
    }

    async fn with_clock(kanaal: &'static str, clock: &Arc<ManualClock>) -> Self {
        let provider = Provider::start().await;
        let gateway = Gateway::with_clock(&configuration(&provider, kanaal), clock).await;
        Self::on(gateway, provider, kanaal).await
    }

    async fn on(gateway: Gateway, provider: Provider, kanaal: &'static str) -> Self {
        gateway.client(PUBLISHER).post("/v1/kanalen", json!({ "naam": kanaal })).await.expect(201);
        Self { gateway, provider, kanaal }
    }

    /// A token of a person with these claims beside the usual ones.
    fn token(&self, sub: &str, more: &Value) -> String {
        let now = self.gateway.now().as_micros() / 1_000_000;
        let mut claims = json!({
            "iss": self.provider.issuer(), "aud": "berichten", "sub": sub, "client_id": "portaal", "iat": now,
            "exp": now + 300,
        });
        claims.as_object_mut().expect("claims").extend(more.as_object().expect("claims").clone());
        self.provider.sign(&claims)
    }

    fn person(&self, sub: &str) -> Client {
        Client::new(self.gateway.base.clone(), Some(self.token(sub, &json!({}))))
    }

    async fn publish(&self, id: &str, data: Value, more: Value) -> Answer {
        let mut members = json!({ "data": data, "subject": "Dorpsstraat", "geheim": "niet tonen" });
        members.as_object_mut().expect("members").extend(more.as_object().expect("members").clone());
        self.gateway.client(PUBLISHER).publish(self.kanaal, id, members).await
    }

    async fn broadcast(&self, id: &str) {
        self.publish(id, json!({ "iedereen": true }), json!({})).await.expect(202);
    }

    async fn unicast(&self, id: &str, sub: &str) {
        self.publish(id, json!({ "aan": sub, "tekst": "alleen voor u" }), json!({})).await.expect(202);
    }

    /// The messages of a person once there are so many.
    async fn listed(&self, sub: &str, count: usize) -> Vec<Value> {
        let person = self.person(sub);
        eventually(&format!("{count} messages"), || async {
            let list = person.get("/v1/inbox?pageSize=100").await.expect(200).json();
            let results = list["results"].as_array().expect("a list").clone();
            (results.len() == count).then_some(results)
        })
        .await
    }

    /// The event with that id, once it is in the index.
    async fn indexed(&self, id: &str) -> Value {
        let beheer = self.gateway.client(BEHEER);
        eventually("the event is indexed", || async {
            let answer = beheer.get(&format!("/v1/events/{id}")).await;
            (answer.status == 200).then(|| answer.json())
        })
        .await
    }
}

/// The ids of the events of messages.
fn events(messages: &[Value]) -> Vec<&str> {
    messages.iter().map(|message| message["event"]["id"].as_str().expect("an id")).collect()
}

fn path(message: &Value) -> String {
    format!("/v1/inbox/{}", message["id"].as_str().expect("an id"))
}

#[tokio::test]
async fn everybody_with_a_token_sees_broadcasts_and_nobody_else_ch_1_ch_119_ch_124() {
    let place = Place::new("inbox-iedereen").await;
    for path in ["/v1/inbox", "/v1/inbox/count", "/v1/inbox/stream"] {
        let answer = place.gateway.nobody().get(path).await;
        assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
        answer.problem(401);
        for client in [CONSUMER, BEHEER] {
            place.gateway.client(client).get(path).await.problem(401);
        }
    }
    let now = place.gateway.now().as_micros() / 1_000_000;
    for (what, sub, more) in [
        ("another audience", "an", json!({ "aud": "other" })),
        ("another issuer", "an", json!({ "iss": "https://other.example" })),
        ("expired", "an", json!({ "exp": now - 3_600 })),
        ("a program", "portaal", json!({})),
        ("nobody", "", json!({ "email": "an@burger.example" })),
    ] {
        let client = Client::new(place.gateway.base.clone(), Some(place.token(sub, &more)));
        assert_eq!(client.get("/v1/inbox").await.status, 401, "{what}");
    }
    place.broadcast("e1").await;
    let messages = place.listed("an", 1).await;
    assert_eq!(place.listed("bo", 1).await, messages, "the same message, without a subscription");
    let message = &messages[0];
    assert_eq!((&message["state"], &message["broadcast"]), (&json!("new"), &json!(true)));
    assert_eq!(message["event"]["subject"], "Dorpsstraat");
    assert_eq!(message["event"].get("geheim"), None, "it is not disclosed");
    // A key that is not known yet is fetched: the provider may have changed its keys.
    place.provider.rotate("second");
    place.person("cees").get("/v1/inbox").await.expect(200);
}

#[tokio::test]
async fn a_message_for_one_person_is_for_that_person_alone_ch_2_ch_10_defect_2() {
    let place = Place::new("inbox-een").await;
    place.unicast("e1", "an").await;
    place.broadcast("e2").await;
    let own = place.listed("an", 2).await;
    assert_eq!(events(&own), ["e2", "e1"]);
    assert_eq!(events(&place.listed("bo", 1).await), ["e2"]);
    let (an, bo, path) = (place.person("an"), place.person("bo"), path(&own[1]));
    // The e-mail of another person in a token is not who somebody is.
    let claims = json!({ "email": "an", "preferred_username": "an" });
    let disguised = Client::new(place.gateway.base.clone(), Some(place.token("bo", &claims)));
    for client in [&bo, &disguised] {
        client.get(&path).await.problem(404);
        client.patch(&path, json!({ "state": "read" })).await.problem(404);
        client.post(&format!("{path}/undo"), json!({})).await.problem(404);
        assert_eq!(events(client.get("/v1/inbox").await.json()["results"].as_array().expect("a list")), ["e2"]);
    }
    let kanaal = place.kanaal;
    for (query, own, others) in [
        (String::new(), 2, 1),
        ("?state=new".to_owned(), 2, 1),
        ("?state=read".to_owned(), 0, 0),
        ("?state=deleted".to_owned(), 0, 0),
        (format!("?kanaal={kanaal}&state=new"), 2, 1),
        ("?kanaal=other".to_owned(), 0, 0),
        ("?from=2000-01-01T00:00:00Z".to_owned(), 2, 1),
        ("?until=2000-01-01T00:00:00Z".to_owned(), 0, 0),
    ] {
        for (person, expected) in [(&an, own), (&bo, others)] {
            let count = person.get(&format!("/v1/inbox/count{query}")).await.expect(200).json();
            assert_eq!(count, json!({ "count": expected, "complete": true }), "{query}");
            let list = person.get(&format!("/v1/inbox{query}")).await.expect(200).json();
            assert_eq!(list["results"].as_array().map(Vec::len), Some(expected), "{query}");
        }
    }
    // Conditions of another form are refused; NotifyBC passed them to its database (defect 22).
    for query in ["?where={}", "?filter[where][userId]=an", "?aan=an", "?state=all", "?from=gisteren"] {
        assert_eq!(bo.get(&format!("/v1/inbox/count{query}")).await.status, 400, "{query}");
        assert_eq!(bo.get(&format!("/v1/inbox{query}")).await.status, 400, "{query}");
    }
    bo.get("/v1/inbox?cursor=x~y").await.problem(400);
    // No file has the person.
    let files = place.gateway.files();
    assert!(!files.is_empty());
    let metrics = place.gateway.nobody().get("/metrics").await.expect(200).body;
    let metrics = String::from_utf8(metrics.to_vec()).expect("text");
    let line = |kind| format!("gateway_people_inbox_messages_total{{kanaal=\"inbox-een\",kind=\"{kind}\"}} 1");
    assert!(metrics.contains(&line("person")) && metrics.contains(&line("broadcast")), "{metrics}");
}

#[tokio::test]
async fn an_event_for_nobody_is_refused_and_never_widened_ch_3() {
    let place = Place::new("inbox-niemand").await;
    for (data, pointer) in [
        (json!({}), "/data/aan"),
        (json!({ "aan": "" }), "/data/aan"),
        (json!({ "aan": null }), "/data/aan"),
        (json!({ "aan": 7 }), "/data/aan"),
        (json!({ "aan": "", "iedereen": true }), "/data/iedereen"),
        (json!({ "aan": "an", "iedereen": true }), "/data/iedereen"),
        (json!({ "iedereen": "ja" }), "/data/iedereen"),
        (json!([]), "/data/aan"),
    ] {
        let answer = place.publish("e1", data.clone(), json!({})).await.expect(400).json();
        assert_eq!(answer["errors"][0]["pointer"], pointer, "{data}");
        assert!(!answer.to_string().contains("\"an\""), "{answer}");
    }
    let notification = json!({
        "kanaal": place.kanaal, "hoofdObject": "https://x.example/1", "resource": "x", "resourceUrl": "https://x.example/1",
        "actie": "create", "aanmaakdatum": "2024-01-01T00:00:00Z", "kenmerken": {},
    });
    place.gateway.client(PUBLISHER).post("/api/v1/notificaties", notification).await.expect(400);
    place.broadcast("e2").await;
    assert_eq!(events(&place.listed("an", 1).await), ["e2"]);
}

#[tokio::test]
async fn states_are_per_person_and_nothing_else_changes_ch_4_ch_6_ch_11() {
    let place = Place::new("inbox-staat").await;
    place.broadcast("e1").await;
    place.unicast("e2", "cees").await;
    let message = place.listed("an", 1).await.remove(0);
    let path = path(&message);
    let (an, bo, cees) = (place.person("an"), place.person("bo"), place.person("cees"));
    for body in [
        json!({}),
        json!({ "state": null }),
        json!({ "state": "gone" }),
        json!({ "state": "read", "message": "other" }),
        json!({ "event": {} }),
        json!([]),
    ] {
        an.patch(&path, body).await.problem(400);
    }
    assert_eq!(an.get(&path).await.expect(200).json(), message, "nothing changed");
    assert_eq!(an.patch(&path, json!({ "state": "read" })).await.expect(200).json()["state"], "read");
    assert_eq!(cees.patch(&path, json!({ "state": "deleted" })).await.expect(200).json()["state"], "deleted");
    assert_eq!(cees.patch(&path, json!({ "state": "read" })).await.expect(200).json()["state"], "deleted");
    assert_eq!(bo.get(&path).await.expect(200).json()["state"], "new");
    assert_eq!(events(&place.listed("cees", 1).await), ["e2"]);
    for (state, count) in [("new", 0), ("read", 1), ("deleted", 0)] {
        let found = an.get(&format!("/v1/inbox/count?state={state}")).await.expect(200).json();
        assert_eq!(found["count"], count, "{state}");
    }
    let totals = format!("/v1/kanalen/{}/inbox?source=urn:test&id=", place.kanaal);
    let sender = place.gateway.client(PUBLISHER);
    let found = sender.get(&format!("{totals}e1")).await.expect(200).json();
    let numbers = (&found["read"], &found["deleted"], &found["addressed"], &found["state"]);
    assert_eq!(numbers, (&json!(1), &json!(1), &Value::Null, &json!("visible")));
    assert_eq!(sender.get(&format!("{totals}e2")).await.expect(200).json()["addressed"], 1);
    assert_eq!(found.as_object().map(serde_json::Map::len), Some(8), "nobody sees who: {found}");
    sender.get(&format!("{totals}e3")).await.problem(404);
    place.gateway.client(OTHER).get(&format!("{totals}e1")).await.problem(403);
    an.get(&format!("{totals}e1")).await.problem(401);
    assert_eq!(an.patch(&path, json!({ "state": "new" })).await.expect(200).json()["readAt"], Value::Null);
}

#[tokio::test]
async fn a_deletion_can_be_undone_until_its_window_ends_ch_5_defect_19() {
    let clock = Arc::new(ManualClock::new(Timestamp::from_seconds(1_900_000_000)));
    let place = Place::with_clock("inbox-terug", &clock).await;
    place.broadcast("e1").await;
    let path = path(&place.listed("an", 1).await[0]);
    let undo = format!("{path}/undo");
    place.person("an").patch(&path, json!({ "state": "read" })).await.expect(200);
    place.person("an").patch(&path, json!({ "state": "deleted" })).await.expect(200);
    assert_eq!(place.listed("an", 0).await, [] as [Value; 0]);
    let deleted = place.person("an").get("/v1/inbox?state=deleted").await.expect(200).json();
    assert_eq!(events(deleted["results"].as_array().expect("a list")), ["e1"]);
    clock.advance(Duration::from_hours(24 * 30 - 1));
    assert_eq!(place.person("an").post(&undo, json!({})).await.expect(200).json()["state"], "read");
    assert_eq!(events(&place.listed("an", 1).await), ["e1"]);
    place.person("an").patch(&path, json!({ "state": "deleted" })).await.expect(200);
    clock.advance(Duration::from_hours(24 * 30));
    let an = place.person("an");
    an.post(&undo, json!({})).await.problem(410);
    an.get(&path).await.problem(404);
    an.patch(&path, json!({ "state": "new" })).await.problem(404);
    assert_eq!(an.get("/v1/inbox/count?state=deleted").await.expect(200).json()["count"], 0);
    let event = place.indexed("e1").await;
    assert_eq!(event["id"], "e1", "the event stays");
}

#[tokio::test]
async fn a_message_is_seen_from_deliverafter_until_expirytime_ch_7_ch_8() {
    let clock = Arc::new(ManualClock::new(Timestamp::from_seconds(1_900_000_000)));
    let place = Place::with_clock("inbox-tijd", &clock).await;
    let at = |seconds: u64| (clock.now() + Duration::from_secs(seconds)).to_rfc3339();
    let (due, end) = (at(60), at(120));
    let moments = json!({ "deliverafter": due, "expirytime": end });
    place.publish("later", json!({ "iedereen": true }), moments).await.expect(202);
    place.broadcast("now").await;
    assert_eq!(events(&place.listed("an", 1).await), ["now"]);
    let totals = format!("/v1/kanalen/{}/inbox?source=urn:test&id=later", place.kanaal);
    let state = async |place: &Place| {
        let found = place.gateway.client(BEHEER).get(&totals).await.expect(200).json();
        found["state"].as_str().expect("a state").to_owned()
    };
    assert_eq!(state(&place).await, "waiting");
    let Place { gateway, provider, kanaal } = place;
    let place = Place { gateway: gateway.restart().await, provider, kanaal };
    assert_eq!(events(&place.listed("an", 1).await), ["now"]);
    clock.advance(Duration::from_mins(1));
    let messages = place.listed("an", 2).await;
    assert_eq!(events(&messages), ["later", "now"], "newest first is in the order of appearance");
    assert_eq!(state(&place).await, "visible");
    clock.advance(Duration::from_secs(59));
    place.person("an").get(&path(&messages[0])).await.expect(200);
    clock.advance(Duration::from_secs(1));
    let an = place.person("an");
    assert_eq!(events(an.get("/v1/inbox").await.json()["results"].as_array().expect("a list")), ["now"]);
    an.get(&path(&messages[0])).await.problem(404);
    an.patch(&path(&messages[0]), json!({ "state": "read" })).await.problem(404);
    assert_eq!(an.get("/v1/inbox/count").await.expect(200).json()["count"], 1);
    assert_eq!(state(&place).await, "expired");
    place.indexed("later").await;
}

#[tokio::test]
async fn pages_have_no_gap_and_no_double_ch_9() {
    let place = Place::new("inbox-paginas").await;
    let publisher = place.gateway.client(PUBLISHER);
    for first in [0, 25] {
        let batch: Vec<Value> = (first..first + 25)
            .map(|number| {
                let sub = ["an", "bo"][number % 2];
                let data = if number % 3 == 0 { json!({ "iedereen": true }) } else { json!({ "aan": sub }) };
                json!({ "specversion": "1.0", "id": number.to_string(), "source": "urn:test", "type": "t", "data": data })
            })
            .collect();
        let headers = [("content-type", "application/cloudevents-batch+json")];
        let path = format!("/v1/events?kanaal={}", place.kanaal);
        publisher.send(Method::POST, &path, &headers, json!(batch).to_string()).await.expect(202);
    }
    let expected: Vec<usize> = (0..50).rev().filter(|number| number % 3 == 0 || number % 2 == 0).collect();
    place.listed("an", expected.len()).await;
    let (an, mut met, mut next) = (place.person("an"), Vec::new(), Some("/v1/inbox?pageSize=7".to_owned()));
    while let Some(path) = next.take() {
        let page = an.get(&path).await.expect(200).json();
        assert!(!page.to_string().contains("readBy"), "{page}");
        let results = page["results"].as_array().expect("a list").clone();
        met.extend(events(&results).iter().map(|id| id.parse::<usize>().expect("a number")));
        next = page["next"].as_str().map(str::to_owned);
        place.broadcast(&format!("{}", 1_000 + met.len())).await;
    }
    assert_eq!(met, expected);
}

/// How often a stream is cut.
const CUTS: usize = 50;

#[tokio::test]
async fn a_stream_continues_without_gap_or_double_ch_12() {
    let place = Place::new("inbox-stroom").await;
    place.broadcast("e0").await;
    place.listed("an", 1).await;
    let position = place.person("an").get("/v1/inbox").await.expect(200).json()["position"].clone();
    let mut position = position.as_str().expect("a position").to_owned();
    let headers = |sub: &str, last: &str| {
        format!("Authorization: Bearer {}\r\nLast-Event-ID: {last}\r\n", place.token(sub, &json!({})))
    };
    let open =
        async |sub: &str, last: &str| Viewer::open_at(&place.gateway, "/v1/inbox/stream", &headers(sub, last)).await;
    let mut met = Vec::new();
    for number in 1..=CUTS {
        let id = format!("e{number}");
        let mut viewer = open("an", &position).await;
        place.unicast(&format!("bo{number}"), "bo").await;
        if number % 2 == 0 {
            place.broadcast(&id).await;
        } else {
            place.unicast(&id, "an").await;
        }
        // Cut after one message; the next connection goes on behind it.
        let (last, kind, data) = viewer.next().await.expect("a message");
        assert_eq!(kind, "message");
        met.push(data["event"]["id"].as_str().expect("an id").to_owned());
        position = last;
    }
    let messages = place.listed("an", 1 + CUTS).await;
    let mut listed: Vec<String> = events(&messages).into_iter().map(str::to_owned).collect();
    listed.reverse();
    assert_eq!(met, listed[1..]);
    let path = path(&messages[0]);
    let mut viewer = open("an", &position).await;
    let mut others = open("bo", &position).await;
    let an = place.person("an");
    for (state, kind) in [("read", "message"), ("deleted", "deleted")] {
        an.patch(&path, json!({ "state": state })).await.expect(200);
        let (last, found, data) = viewer.next().await.expect("a message");
        assert_eq!(
            (found.as_str(), format!("/v1/inbox/{}", data["id"].as_str().expect("an id"))),
            (kind, path.clone())
        );
        position = last;
    }
    // What another person did is in nobody's stream, nor what is for that person.
    place.broadcast("last").await;
    let (_, _, data) = others.next().await.expect("a message");
    assert_eq!((&data["event"]["id"], &data["state"]), (&json!("last"), &json!("new")));
    assert_eq!(open("an", &position).await.next().await.expect("a message").2["event"]["id"], "last");
    let foreign = place.person("an");
    let wrong = foreign.send(Method::GET, "/v1/inbox/stream", &[("last-event-id", "7")], "").await;
    assert_eq!(wrong.status, 400);
    // A stop ends the streams.
    place.gateway.stop().await;
    while viewer.next().await.is_some() {}
}

#[tokio::test]
async fn a_person_has_few_streams_at_a_time() {
    let place = Place::new("inbox-veel").await;
    let headers = || format!("Authorization: Bearer {}\r\n", place.token("an", &json!({})));
    let mut viewers = Vec::new();
    for _ in 0..inbox::MAX_STREAMS_OF_PERSON {
        viewers.push(Viewer::open_at(&place.gateway, "/v1/inbox/stream", &headers()).await);
    }
    place.person("an").get("/v1/inbox/stream").await.problem(409);
    let other = format!("Authorization: Bearer {}\r\n", place.token("bo", &json!({})));
    let viewer = Viewer::open_at(&place.gateway, "/v1/inbox/stream", &other).await;
    assert!(viewer.head.starts_with("HTTP/1.1 200"), "{}", viewer.head);
}

#[tokio::test]
async fn an_erased_person_has_nothing_left_ch_135() {
    let place = Place::new("inbox-wissen").await;
    place.broadcast("e1").await;
    place.unicast("e2", "an").await;
    let messages = place.listed("an", 2).await;
    let an = place.person("an");
    an.patch(&path(&messages[1]), json!({ "state": "deleted" })).await.expect(200);
    place.gateway.nobody().delete("/v1/inbox").await.problem(401);
    an.delete("/v1/inbox").await.expect(204);
    let left = place.listed("an", 1).await;
    assert_eq!((events(&left), &left[0]["state"]), (vec!["e1"], &json!("new")));
    an.get(&path(&messages[0])).await.problem(404);
    let trail = place.gateway.client(BEHEER).get("/v1/audit?action=addressee.erase").await.expect(200).json();
    let entry = &trail["results"][0];
    assert_eq!(entry["action"], "addressee.erase");
    assert!(!entry.to_string().contains("127.0.0.1"), "{entry}");
}

#[tokio::test]
async fn a_gateway_without_an_inbox_has_none() {
    let gateway = Gateway::start().await;
    gateway.nobody().get("/v1/inbox").await.problem(401);
    gateway.client(BEHEER).get("/v1/inbox").await.problem(404);
}

#[tokio::test]
async fn a_message_that_waits_is_cancelled_by_its_publisher_over_a_restart_ch_98() {
    let clock = Arc::new(ManualClock::new(Timestamp::from_seconds(1_900_000_000)));
    let place = Place::with_clock("inbox-annuleren", &clock).await;
    let due = (clock.now() + Duration::from_mins(1)).to_rfc3339();
    for id in ["gone", "later"] {
        place.publish(id, json!({ "aan": "an" }), json!({ "deliverafter": due })).await.expect(202);
    }
    place.broadcast("now").await;
    assert_eq!(events(&place.listed("an", 1).await), ["now"]);
    let path = |id: &str| format!("/v1/events/{id}/mailings?source=urn:test&kanaal={}", place.kanaal);
    let publisher = place.gateway.client(PUBLISHER);
    publisher.delete(&path("unknown")).await.problem(404);
    publisher.delete(&path("gone")).await.expect(204);
    publisher.delete(&path("gone")).await.expect(204);
    assert_eq!(publisher.delete(&path("now")).await.problem(409).0, "mailing-started");
    let Place { gateway, provider, kanaal } = place;
    let place = Place { gateway: gateway.restart().await, provider, kanaal };
    clock.advance(Duration::from_mins(1));
    assert_eq!(events(&place.listed("an", 2).await), ["later", "now"]);
    let late = format!("/v1/events/later/mailings?source=urn:test&kanaal={kanaal}");
    assert_eq!(place.gateway.client(PUBLISHER).delete(&late).await.problem(409).0, "mailing-started");
    assert_eq!(events(&place.listed("an", 2).await), ["later", "now"]);
}

#[tokio::test]
async fn a_message_that_waits_is_replaced_once_ch_98() {
    let clock = Arc::new(ManualClock::new(Timestamp::from_seconds(1_900_000_000)));
    let place = Place::with_clock("inbox-vervangen", &clock).await;
    let [due, later] = [1, 2].map(|minutes| (clock.now() + Duration::from_mins(minutes)).to_rfc3339());
    for id in ["old", "cancelled"] {
        place.publish(id, json!({ "aan": "an" }), json!({ "deliverafter": due })).await.expect(202);
    }
    place.broadcast("now").await;
    assert_eq!(events(&place.listed("an", 1).await), ["now"]);
    let publisher = place.gateway.client(PUBLISHER);
    let path = |id: &str| format!("/v1/events/{id}/mailings?source=urn:test&kanaal={}", place.kanaal);
    let put = async |old: &str, new: &str, data: Value| {
        let event = json!({
            "specversion": "1.0", "id": new, "source": "urn:test", "type": "nl.berichten", "data": data,
            "deliverafter": later,
        });
        let headers = [("content-type", "application/cloudevents+json")];
        publisher.send(Method::PUT, &path(old), &headers, event.to_string()).await
    };
    let an = json!({ "aan": "an" });
    put("unknown", "new", an.clone()).await.problem(404);
    put("old", "new", json!({ "nobody": 1 })).await.problem(400);
    let (one, two) = tokio::join!(put("old", "new", an.clone()), put("old", "new", an.clone()));
    let mut statuses = [one.status.as_u16(), two.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
    assert_eq!(publisher.delete(&path("old")).await.problem(409).0, "mailing-started");
    publisher.delete(&path("cancelled")).await.expect(204);
    assert_eq!(put("cancelled", "other", an.clone()).await.problem(409).0, "mailing-started");
    assert_eq!(put("now", "other", an).await.problem(409).0, "mailing-started");
    let Place { gateway, provider, kanaal } = place;
    let place = Place { gateway: gateway.restart().await, provider, kanaal };
    clock.advance(Duration::from_mins(1));
    assert_eq!(events(&place.listed("an", 1).await), ["now"], "at the moment of the old one");
    clock.advance(Duration::from_mins(1));
    assert_eq!(events(&place.listed("an", 2).await), ["new", "now"]);
}
