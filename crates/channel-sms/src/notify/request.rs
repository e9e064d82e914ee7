//! The requests to NotifyNL: a text message, an e-mail, and what became of one.

use std::{collections::BTreeMap, fmt};

use bytes::Bytes;
use egress::Request;
use http::{HeaderMap, HeaderValue, Method, Uri, header};
use message::address::EmailAddress;
use serde_json::{Map, Value, json};

use super::key::is_uuid;
use crate::text::TextMessage;

/// Where the API is, such as `https://api.notifynl.nl`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseUrl(String);

/// A template of the organisation at NotifyNL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    id: String,
    sender: Option<String>,
}

/// A mail: the values of a template. `Debug` shows none of it (I10).
#[derive(Clone, PartialEq, Eq)]
pub struct Mail {
    /// Whom it is to.
    pub to: EmailAddress,
    /// The value of `((subject))`.
    pub subject: String,
    /// The value of `((text))`.
    pub text: String,
    /// Our reference, without personal data.
    pub reference: String,
    /// The URL with which the addressee leaves by one click (RFC 8058), for mails about events.
    pub unsubscribe: Option<String>,
}

impl BaseUrl {
    /// A URL without path; `None` for anything else.
    pub fn new(text: &str) -> Option<Self> {
        let text = text.trim_end_matches('/');
        let uri: Uri = text.parse().ok()?;
        let is_base = matches!(uri.scheme_str(), Some("http" | "https"))
            && uri.host().is_some()
            && matches!(uri.path(), "" | "/")
            && uri.query().is_none()
            && !text.contains(['@', '#']);
        is_base.then(|| Self(text.to_owned()))
    }

    fn at(&self, path: &str) -> Option<Uri> {
        format!("{}{path}", self.0).parse().ok()
    }
}

impl Template {
    /// A template by its id, and the sender or reply-to address by its id at NotifyNL; `None` if one is no UUID.
    pub fn new(id: &str, sender: Option<&str>) -> Option<Self> {
        let is_valid = is_uuid(id) && sender.is_none_or(is_uuid);
        is_valid.then(|| Self { id: id.to_owned(), sender: sender.map(str::to_owned) })
    }
}

/// The request that sends a text message with a template whose body is `((text))`. `None` for a token that is no header value.
pub fn text_request(base: &BaseUrl, token: &str, template: &Template, message: &TextMessage) -> Option<Request> {
    let mut body = Map::new();
    body.insert("phone_number".to_owned(), json!(message.to().expose()));
    if let Some(sender) = &template.sender {
        body.insert("sms_sender_id".to_owned(), json!(sender));
    }
    let values = BTreeMap::from([("text", message.text())]);
    post(base.at("/v2/notifications/sms")?, token, template, &values, message.reference(), body)
}

/// The request that sends a mail with a template whose subject is `((subject))` and whose body is `((text))`. `None` for a token that
/// is no header value.
pub fn mail_request(base: &BaseUrl, token: &str, template: &Template, mail: &Mail) -> Option<Request> {
    let mut body = Map::new();
    body.insert("email_address".to_owned(), json!(mail.to.expose()));
    if let Some(sender) = &template.sender {
        body.insert("email_reply_to_id".to_owned(), json!(sender));
    }
    if let Some(unsubscribe) = &mail.unsubscribe {
        body.insert("one_click_unsubscribe_url".to_owned(), json!(unsubscribe));
    }
    let values = BTreeMap::from([("subject", mail.subject.as_str()), ("text", mail.text.as_str())]);
    post(base.at("/v2/notifications/email")?, token, template, &values, &mail.reference, body)
}

/// The request that reads what became of a message, by the id that NotifyNL gave it.
pub fn receipt_request(base: &BaseUrl, token: &str, id: &str) -> Option<Request> {
    if !is_uuid(id) {
        return None;
    }
    let url = base.at(&format!("/v2/notifications/{id}"))?;
    Some(Request { method: Method::GET, url, headers: headers(token)?, body: Bytes::new(), tls: None })
}

fn post(
    url: Uri,
    token: &str,
    template: &Template,
    values: &BTreeMap<&str, &str>,
    reference: &str,
    mut body: Map<String, Value>,
) -> Option<Request> {
    body.insert("template_id".to_owned(), json!(template.id));
    body.insert("personalisation".to_owned(), json!(values));
    body.insert("reference".to_owned(), json!(reference));
    let mut headers = headers(token)?;
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let body = Bytes::from(Value::Object(body).to_string());
    Some(Request { method: Method::POST, url, headers, body, tls: None })
}

fn headers(token: &str) -> Option<HeaderMap> {
    let mut value = HeaderValue::from_str(&format!("Bearer {token}")).ok()?;
    value.set_sensitive(true);
    let mut headers = HeaderMap::new();
    headers.insert(header::AUTHORIZATION, value);
    headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    Some(headers)
}

impl fmt::Debug for Mail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Mail({})", self.reference)
    }
}

#[cfg(test)]
mod tests {
    use message::address::{PhoneNumber, Region};

    use super::*;

    const ID: &str = "f33517ff-2a88-4f6e-b855-c550268ce08a";

    fn body(request: &Request) -> Value {
        serde_json::from_slice(&request.body).unwrap()
    }

    #[test]
    fn ch_146_a_text_message_is_a_template_with_one_value() {
        let base = BaseUrl::new("https://api.notifynl.nl/").unwrap();
        let to = PhoneNumber::parse("0612345678", Region::Netherlands).unwrap();
        let message = TextMessage::new(to, "Uw code is \"1\"", "r-1", 1).unwrap();
        let template = Template::new(ID, None).unwrap();
        let request = text_request(&base, "a.b.c", &template, &message).unwrap();
        assert_eq!(request.url.to_string(), "https://api.notifynl.nl/v2/notifications/sms");
        assert_eq!(request.method, Method::POST);
        assert_eq!(request.headers["authorization"], "Bearer a.b.c");
        assert_eq!(request.headers["content-type"], "application/json");
        let expected = json!({
            "phone_number": "+31612345678",
            "template_id": ID,
            "personalisation": { "text": "Uw code is \"1\"" },
            "reference": "r-1",
        });
        assert_eq!(body(&request), expected);
        let with_sender = Template::new(ID, Some(ID)).unwrap();
        assert_eq!(body(&text_request(&base, "t", &with_sender, &message).unwrap())["sms_sender_id"], ID);
        assert!(!format!("{request:?}").contains("a.b.c"), "the token is marked as a secret");
    }

    #[test]
    fn ch_146_a_mail_is_a_template_with_subject_and_text() {
        let base = BaseUrl::new("https://api.notifynl.nl").unwrap();
        let mail = Mail {
            to: EmailAddress::parse("an@burger.example").unwrap(),
            subject: "Afval".to_owned(),
            text: "Morgen.".to_owned(),
            reference: "r-2".to_owned(),
            unsubscribe: Some("https://b.example/a/x".to_owned()),
        };
        let template = Template::new(ID, Some(ID)).unwrap();
        let request = mail_request(&base, "t", &template, &mail).unwrap();
        assert_eq!(request.url.path(), "/v2/notifications/email");
        let expected = json!({
            "email_address": "an@burger.example",
            "template_id": ID,
            "email_reply_to_id": ID,
            "personalisation": { "subject": "Afval", "text": "Morgen." },
            "reference": "r-2",
            "one_click_unsubscribe_url": "https://b.example/a/x",
        });
        assert_eq!(body(&request), expected);
        assert_eq!(format!("{mail:?}"), "Mail(r-2)");
    }

    #[test]
    fn ids_and_urls_are_checked() {
        for url in
            ["", "api.notifynl.nl", "ftp://a.example", "https://a.example/v2", "https://u@a.example", "https://a?b"]
        {
            assert_eq!(BaseUrl::new(url), None, "{url}");
        }
        assert_eq!(Template::new("1", None), None);
        assert_eq!(Template::new(ID, Some("1")), None);
        let base = BaseUrl::new("http://127.0.0.1:8080").unwrap();
        assert!(receipt_request(&base, "t", "../templates").is_none());
        let request = receipt_request(&base, "t", ID).unwrap();
        assert_eq!(request.url.path(), format!("/v2/notifications/{ID}"));
        assert!(receipt_request(&base, "t\n", ID).is_none());
    }
}
