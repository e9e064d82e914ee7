//! A kanaal that is paused and tried on a test list, through a real relay (CH-132).

use serde_json::json;

use super::{
    mail::configuration,
    resends::{confirmed, ended, relay},
};
use crate::support::{BEHEER, Gateway, PUBLISHER};

const SENDING: &str = "/v1/people/kanalen/weg/sending";

#[tokio::test]
async fn a_kanaal_is_paused_tried_and_resumed_over_a_restart_ch_132() {
    let (tester, other) = ("an@burger.example", "bo@burger.example");
    let mut relay = relay(&[]).await;
    let gateway = Gateway::with(&configuration(relay.port())).await;
    confirmed(&gateway, &mut relay, &[tester, other]).await;
    let admin = gateway.client(BEHEER);
    let open = json!({ "kanaal": "weg", "state": "open", "since": null });
    assert_eq!(admin.get(SENDING).await.expect(200).json(), open);
    for (wrong, member) in [
        (json!({}), "state"),
        (json!({ "state": "closed" }), "state"),
        (json!({ "state": "trial" }), "addresses"),
        (json!({ "state": "trial", "addresses": ["an@burger.example", "geheim"] }), "addresses"),
        (json!({ "state": "paused", "addresses": ["an@burger.example"] }), "addresses"),
        (json!({ "state": "open", "more": 1 }), "more"),
    ] {
        let answer = admin.put(SENDING, wrong.clone()).await;
        assert!(!answer.json().to_string().contains("geheim"), "{wrong}");
        assert_eq!(answer.problem(400).1.as_deref(), Some(member), "{wrong}");
    }
    admin.put("/v1/people/kanalen/nergens/sending", json!({ "state": "paused" })).await.expect(404);
    gateway.client(PUBLISHER).put(SENDING, json!({ "state": "paused" })).await.expect(403);

    let paused = admin.put(SENDING, json!({ "state": "paused" })).await.expect(200).json();
    assert_eq!((&paused["state"], paused["since"].is_string()), (&json!("paused"), true));
    gateway.client(PUBLISHER).publish("weg", "before", json!({ "type": "nl.weg" })).await.expect(202);
    let gateway = gateway.restart().await;
    let admin = gateway.client(BEHEER);
    assert_eq!(admin.get(SENDING).await.expect(200).json()["state"], "paused");
    let trial = json!({ "state": "trial", "addresses": [tester, "06 12345678"] });
    let tried = admin.put(SENDING, trial).await.expect(200).json();
    assert_eq!((&tried["state"], &tried["addresses"]), (&json!("trial"), &json!(2)));
    assert!(!tried.to_string().contains("burger"));
    gateway.client(PUBLISHER).publish("weg", "e1", json!({ "type": "nl.weg" })).await.expect(202);
    // The other is not sent to, and that is said.
    let first = ended(&gateway, |one| one["event"] == "e1").await;
    assert_eq!((&first["counts"]["sent"], &first["counts"]["notOnTestList"]), (&json!(1), &json!(1)));
    assert_eq!(relay.line().await.expect("a mail")["to"], tester);
    let list = admin.get("/v1/people/mailings?kanaal=weg").await.expect(200).json();
    let before = list["results"].as_array().expect("a list").iter().find(|one| one["event"] == "before").cloned();
    assert_eq!(before.expect("it waits")["state"], "held");

    // What waited is sent to both; the event of the trial stays one of the trial.
    admin.put(SENDING, json!({ "state": "open" })).await.expect(200);
    let before = ended(&gateway, |one| one["event"] == "before").await;
    assert_eq!(before["counts"]["sent"], 2);
    let trail = admin.get("/v1/audit?action=kanaal.sending").await.expect(200).json();
    let accepted = trail["results"].as_array().expect("entries").iter().filter(|one| one["result"] == "accepted");
    assert_eq!(accepted.map(|one| &one["object"]["id"]).collect::<Vec<_>>(), ["weg"; 3]);
    assert!(!trail.to_string().contains("burger"), "{trail}");
    gateway.stop().await;
    assert_eq!(relay.accepted().await.expect("mails").len(), 2, "nobody gets more");
}
