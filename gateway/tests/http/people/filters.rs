//! Filters of subscribers in JMESPath over the payload, and of senders over the attributes of people, through a real relay.

use serde_json::{Value, json};
use test_relay::Relay;

use super::{PEOPLE, gateway_with, mail, press, request};
use crate::{
    openapi::check,
    support::{BEHEER, CONSUMER, Gateway, PUBLISHER, eventually},
};

fn settings() -> String {
    format!(
        "attributes = [\"postcode\", \"actief\"]\nfilter_senders = [\"{PUBLISHER}\"]\n[[people.expression]]\n\
         name = \"in_centrum\"\nparameters = [\"postcode\"]\n\
         expression = \"postcode_between(postcode, '1011', '1018')\"\n"
    )
}

/// A person with these attributes and filter, confirmed by the link in the mail.
async fn confirmed(gateway: &Gateway, relay: &mut Relay, address: &str, attributes: Value, filter: Option<&str>) {
    let mut body = request(address, "weg");
    if attributes != json!({}) {
        body["config"]["attributes"] = attributes;
    }
    if let Some(filter) = filter {
        body["filters"] = json!([{ "jmespath": filter }]);
    }
    check("LightSubscriptionInput", &body);
    let answer = gateway.client(CONSUMER).post("/v1/subscriptions", body.clone()).await.expect(202).json();
    check("LightSubscription", &answer);
    assert_eq!(
        (&answer["filters"], &answer["config"]["attributes"]),
        (&body["filters"], &body["config"]["attributes"])
    );
    let mail = relay.line().await.expect("a mail");
    press(&gateway.nobody(), &mail::path(&mail), "bevestigen").await.expect(303);
    let id = answer["id"].as_str().expect("an id");
    let shown = gateway.client(CONSUMER).get(&format!("/v1/subscriptions/{id}")).await.expect(200).json();
    assert_eq!((&shown["filters"], &shown["config"]["attributes"]), (&body["filters"], &body["config"]["attributes"]));
}

#[tokio::test]
async fn both_filters_must_hold_and_what_is_absent_matches_nothing_ch_66_ch_69_ch_71_ch_72_ch_73() {
    let mut relay = mail::relay(0).await;
    let configuration = mail::configuration(relay.port()).replace("[email]", &format!("{}[email]", settings()));
    let gateway = Gateway::with(&configuration).await;
    gateway.client(PUBLISHER).post("/v1/kanalen", json!({ "naam": "weg" })).await.expect(201);
    let (near, far) = (json!({ "postcode": "1012 AB", "actief": true }), json!({ "postcode": "9999ZZ" }));
    confirmed(&gateway, &mut relay, "an@burger.example", near.clone(), Some("n > `0`")).await;
    confirmed(&gateway, &mut relay, "bo@burger.example", far, None).await;
    confirmed(&gateway, &mut relay, "cas@burger.example", json!({}), None).await;
    confirmed(&gateway, &mut relay, "dirk@burger.example", near, Some("n > `5`")).await;

    let publisher = gateway.client(PUBLISHER);
    for (id, filter) in [
        ("near", Some("jmespath:in_centrum(postcode)")),
        ("active", Some("sql:actief = TRUE")),
        ("nobody", Some("jmespath:!wijk && !postcode")),
        ("failing", Some("jmespath:starts_with(actief, 'x')")),
        ("all", None),
    ] {
        let more = filter.map_or(json!({}), |filter| json!({ "addresseefilter": filter }));
        publisher.publish("weg", id, more).await.expect(202);
    }
    let mailings = eventually("all mailings end", || async {
        let mailings = gateway.client(BEHEER).get("/v1/people/mailings").await.expect(200).json();
        let all = mailings["results"].as_array().expect("a list");
        (all.len() == 5 && all.iter().all(|one| one["state"] == "ended")).then_some(mailings)
    });
    let mailings = mailings.await;
    assert!(!mailings.to_string().contains("burger.example"), "{mailings}");
    for (event, expected) in [
        ("near", json!([1, 1, 2, 0])),
        ("active", json!([1, 1, 1, 1])),
        ("nobody", json!([0, 1, 3, 0])),
        ("failing", json!([0, 1, 1, 2])),
        ("all", json!([3, 1, 0, 0])),
    ] {
        let mut all = mailings["results"].as_array().expect("a list").iter();
        let counts = &all.find(|one| one["event"] == event).expect("a mailing")["counts"];
        let found = ["sent", "notWanted", "notSelected", "filterFailed"].map(|name| counts[name].clone());
        assert_eq!(json!(found), expected, "{event}: {counts}");
    }
    gateway.stop().await;
    let mails = relay.accepted().await.expect("mails");
    let mut to: Vec<&str> = mails
        .iter()
        .filter(|mail| mail["fields"].get("list-id").is_some())
        .filter_map(|mail| mail["to"].as_str())
        .collect();
    to.sort_unstable();
    let an = "an@burger.example";
    assert_eq!(to, [an, an, an, "bo@burger.example", "cas@burger.example"], "near, active and all; all; all");
}

#[tokio::test]
async fn a_filter_of_a_sender_needs_its_right_and_is_checked_before_anything_is_stored_ch_68_ch_71() {
    let gateway = gateway_with(&settings()).await;
    for (client, filter, status) in [
        (PUBLISHER, "jmespath:in_centrum(postcode)", 202),
        (PUBLISHER, "in_centrum(postcode)", 400),
        (PUBLISHER, "jmespath:in_centrum(postcode, wijk)", 400),
        (PUBLISHER, "jmespath:postcode == 'a'] || @ | [?`true`", 400),
        (PUBLISHER, "sql:postcode =", 400),
        (BEHEER, "jmespath:in_centrum(postcode)", 403),
    ] {
        let answer = gateway.client(client).publish("weg", filter, json!({ "addresseefilter": filter })).await;
        let answer = answer.expect(status);
        if status != 202 {
            assert_eq!(answer.json()["errors"][0]["member"], "addresseefilter", "{filter}");
        }
    }
    // Without people it is an attribute like any other.
    let without = Gateway::start().await;
    without.client(PUBLISHER).post("/v1/kanalen", json!({ "naam": "weg" })).await.expect(201);
    without.client(PUBLISHER).publish("weg", "1", json!({ "addresseefilter": "x" })).await.expect(202);
}

#[tokio::test]
async fn attributes_and_filters_that_break_a_rule_are_refused_with_their_member_ch_66_ch_68_ch_72() {
    let gateway = gateway_with(&settings()).await;
    let with = |name: &str, value: Value| {
        let mut body = request("geheim@example.nl", "weg");
        match name {
            "attributes" => body["config"]["attributes"] = value,
            _ => body[name] = value,
        }
        body
    };
    for (body, member) in [
        (with("attributes", json!({ "inkomen": 1 })), "config.attributes.inkomen"),
        (with("attributes", json!({ "postcode": ["1012AB"] })), "config.attributes.postcode"),
        (with("attributes", json!({ "postcode": null })), "config.attributes.postcode"),
        (with("attributes", json!({ "postcode": "x".repeat(3_000) })), "config.attributes"),
        (with("attributes", json!("1012AB")), "config.attributes"),
        (with("filters", json!([{ "jmespath": "a === 'b'" }])), "filters[0].jmespath"),
        (with("filters", json!([{ "jmespath": "a == 'b'] || @ | [?`true`" }])), "filters[0].jmespath"),
        (with("filters", json!([{ "jmespath": format!("'{}'", "x".repeat(4_100)) }])), "filters[0].jmespath"),
        (with("filters", json!([{ "jmespath": "onbekend(a)" }])), "filters[0].jmespath"),
        (with("filters", json!([{ "jmespath": "a", "sql": "type = 'x'" }])), "filters[0].jmespath"),
    ] {
        let answer = gateway.client(CONSUMER).post("/v1/subscriptions", body.clone()).await.expect(400);
        let document = answer.json();
        let members: Vec<_> = document["errors"].as_array().expect("errors").iter().map(|own| &own["member"]).collect();
        assert!(members.contains(&&json!(member)), "{body}: {document}");
        assert!(!document.to_string().contains("geheim"), "{document}");
    }
    assert!(gateway.audience().outbox(gateway.now(), 100).await.expect("the outbox").is_empty());
    // Nobody may set attributes where none are configured.
    let without = Gateway::with(PEOPLE).await;
    without.client(PUBLISHER).post("/v1/kanalen", json!({ "naam": "weg" })).await.expect(201);
    let answer =
        without.client(CONSUMER).post("/v1/subscriptions", with("attributes", json!({ "postcode": "1012AB" }))).await;
    assert_eq!(answer.problem(400).1.as_deref(), Some("config.attributes.postcode"));
}
