//! What a description may have, and what becomes of the values in a request.

use message::address::{PhoneNumber, Region};
use serde_json::json;

use super::*;

type Change = fn(&mut Description);

fn description() -> Description {
    Description {
        url: "https://sms.example/v1/send".to_owned(),
        method: "POST".to_owned(),
        body: Body::Json(json!({ "to": "{to}", "text": "{text}" })),
        headers: Vec::new(),
        authorization: Authorization::Header("X-Token".to_owned()),
        user: String::new(),
        from: String::new(),
        rules: AnswerRules::default(),
    }
}

fn message(text: &str) -> TextMessage {
    let to = PhoneNumber::parse("+31612345678", Region::International).unwrap();
    TextMessage::new(to, text, "r-1", 5).unwrap()
}

#[test]
fn ch_32_a_description_that_cannot_work_is_refused_by_member() {
    let form = |fields: &[(&str, &str)]| {
        Body::Form(fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    };
    let changes: [(Change, &str); 12] = [
        (|own| own.url = "https://sms.example/{to}".to_owned(), "url:"),
        (|own| own.url = "https://sms.example/?to={to_digits}".to_owned(), "url:"),
        (|own| own.url = "/send".to_owned(), "url:"),
        (|own| own.url = "ftp://sms.example/".to_owned(), "url:"),
        (|own| own.url = "https://sms.example/{account}".to_owned(), "url: has the unknown placeholder `account`"),
        (|own| own.url = "https://sms.example/{user}".to_owned(), "user:"),
        (|own| own.method = "GET".to_owned(), "method:"),
        (|own| own.body = Body::Json(json!({ "to": "{to}" })), "body: must have"),
        (|own| own.body = Body::Json(json!({ "text": ["{text}", "{to"] })), "body: has a brace"),
        (|own| own.body = Body::Json(json!({ "to": "{to}", "text": "{text}", "from": "{from}" })), "from:"),
        (|own| own.headers = vec![("a b".to_owned(), "x".to_owned())], "headers: `a b`"),
        (|own| own.rules.id = Some("id".to_owned()), "answer:"),
    ];
    for (change, expected) in changes {
        let mut own = description();
        change(&mut own);
        let error = HttpProvider::new(own).unwrap_err().to_string();
        assert!(error.starts_with(expected), "{expected}: {error}");
    }
    assert!(HttpProvider::new(description()).is_ok());
    let by_form = Description { body: form(&[("n", "{to_zeros}"), ("t", "{text}")]), ..description() };
    assert!(HttpProvider::new(by_form).is_ok());
}

#[test]
fn ch_32_a_value_changes_the_form_of_no_body() {
    let text = "\"},\"to\":\"+31687654321\"&to=x\n{to}";
    let secret = Secret::new("geheim");
    let provider = HttpProvider::new(description()).unwrap();
    let request = provider.request(&message(text), &secret).unwrap();
    let body: Value = serde_json::from_slice(&request.body).unwrap();
    assert_eq!(body, json!({ "to": "+31612345678", "text": text }));
    assert_eq!((request.headers["x-token"].to_str().unwrap(), request.url.path()), ("geheim", "/v1/send"));

    let fields = [("to", "{to_zeros}"), ("text", "{text}")];
    let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let provider = HttpProvider::new(Description { body: Body::Form(fields), ..description() }).unwrap();
    let request = provider.request(&message(text), &secret).unwrap();
    let read: Vec<(String, String)> = form_urlencoded::parse(&request.body).into_owned().collect();
    assert_eq!(read, [("to".to_owned(), "0031612345678".to_owned()), ("text".to_owned(), text.to_owned())]);
}

#[test]
fn nothing_shows_the_secret() {
    let provider = HttpProvider::new(description()).unwrap();
    let request = provider.request(&message("a"), &Secret::new("geheim")).unwrap();
    assert!(!format!("{:?} {provider:?}", request.headers).contains("geheim"));
    let error = provider.request(&message("a"), &Secret::new("ge\nheim")).unwrap_err();
    assert_eq!(error.to_string(), "secret: is missing, and the provider needs it");
}
