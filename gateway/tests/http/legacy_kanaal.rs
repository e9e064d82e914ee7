//! `/api/v1/kanaal` as deployed publishers use it.

use http::Method;
use serde_json::{Value, json};

use crate::support::{Answer, CONSUMER, Gateway, PUBLISHER};

/// Name and code of every entry of `invalidParams`.
#[track_caller]
pub fn invalid_params(answer: Answer) -> Vec<(String, String)> {
    let document = answer.expect(400).json();
    assert_eq!((&document["code"], &document["title"]), (&json!("invalid"), &json!("Ongeldige invoerwaarde.")));
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let params = document["invalidParams"].as_array().cloned().unwrap_or_default();
    params.iter().map(|param| (text(&param["name"]), text(&param["code"]))).collect()
}

#[tokio::test]
async fn a_publisher_registers_its_kanaal_and_registers_it_again() {
    let gateway = Gateway::start().await;
    let publisher = gateway.client(PUBLISHER);
    let body =
        json!({"naam": "zaken", "documentatie_link": "https://z.example/#zaken", "filters": ["zaaktype", "a.b"]});
    let made = publisher.post("/api/v1/kanaal", body).await.expect(201);
    let kanaal = made.json();
    let url = kanaal["url"].as_str().unwrap().to_owned();
    assert!(url.starts_with(&format!("{}/api/v1/kanaal/", gateway.base)));
    assert_eq!(made.header("location"), Some(url.as_str()));
    assert_eq!(kanaal["documentatieLink"], "https://z.example/#zaken");

    let found = publisher.get("/api/v1/kanaal?naam=zaken").await.expect(200).json();
    assert_eq!(found, json!([kanaal]));
    assert_eq!(publisher.get("/api/v1/kanaal?naam=nope").await.expect(200).json(), json!([]));
    assert_eq!(publisher.get("/api/v1/kanaal?naam=").await.json().as_array().unwrap().len(), 2);
    assert_eq!(publisher.get(&url).await.expect(200).json(), kanaal);

    let changed = publisher.put(&url, json!({"naam": "zaken", "filters": ["zaaktype"]})).await.expect(200).json();
    assert_eq!(
        (&changed["filters"], &changed["documentatieLink"]),
        (&json!(["zaaktype"]), &kanaal["documentatieLink"])
    );
    let patched = publisher.patch(&url, json!({"documentatieLink": ""})).await.expect(200).json();
    assert_eq!((&patched["filters"], &patched["documentatieLink"]), (&json!(["zaaktype"]), &json!("")));
    let head = publisher.send(Method::HEAD, &url, &[], "").await.expect(200);
    assert!(head.body.is_empty());
}

#[tokio::test]
async fn what_is_wrong_has_its_code() {
    let gateway = Gateway::start().await;
    let publisher = gateway.client(PUBLISHER);
    let url = publisher.post("/api/v1/kanaal", json!({"naam": 5})).await.expect(201).json()["url"].clone();
    let url = url.as_str().unwrap();
    for (body, expected) in [
        (json!({}), ("naam", "required")),
        (json!({"naam": ""}), ("naam", "blank")),
        (json!({"naam": null}), ("naam", "null")),
        (json!({"naam": "x".repeat(51)}), ("naam", "max_length")),
        (json!({"naam": "5"}), ("naam", "unique")),
        (json!({"naam": "a", "documentatieLink": "geen url"}), ("documentatieLink", "invalid")),
        (
            json!({"naam": "a", "documentatieLink": format!("https://a.nl/{}", "x".repeat(200))}),
            ("documentatieLink", "max_length"),
        ),
        (json!({"naam": "a", "filters": "x"}), ("filters", "not_a_list")),
        (json!({"naam": "a", "filters": null}), ("filters", "null")),
        (json!({"naam": "a", "filters": [[]]}), ("filters.", "invalid")),
        (json!([]), ("nonFieldErrors", "invalid")),
    ] {
        let found = invalid_params(publisher.post("/api/v1/kanaal", body.clone()).await);
        assert_eq!(found, [(expected.0.to_owned(), expected.1.to_owned())], "{body}");
    }
    let renamed = publisher.put(url, json!({"naam": "anders"})).await;
    assert_eq!(invalid_params(renamed), [("naam".to_owned(), "wijzigen-niet-toegelaten".to_owned())]);
    for path in [format!("{url}?x=1"), "/api/v1/kanaal?Naam=x".to_owned()] {
        let found = invalid_params(publisher.get(&path).await);
        assert_eq!(found, [("nonFieldErrors".to_owned(), "unknown-parameters".to_owned())]);
    }
    let broken = publisher.send(Method::POST, "/api/v1/kanaal", &[("content-type", "application/json")], "{").await;
    assert_eq!(broken.expect(400).json()["code"], "parse_error");
    let other = publisher.send(Method::POST, "/api/v1/kanaal", &[("content-type", "text/plain")], "{}").await;
    assert_eq!(other.expect(415).json()["code"], "unsupported_media_type");
    let empty = publisher.send(Method::POST, "/api/v1/kanaal", &[], "").await;
    assert_eq!(invalid_params(empty), [("naam".to_owned(), "required".to_owned())]);
    publisher.get("/api/v1/kanaal/geen-uuid").await.expect(404);
    gateway.client(CONSUMER).post("/api/v1/kanaal", json!({"naam": "a"})).await.expect(403);
}
