//! Descriptions of common providers (CH-32), from their public documentation. They are a start: what a contract changes, such as
//! routes, is a description of its own.

use serde_json::json;

use crate::{
    answer::AnswerRules,
    class::Class,
    provider::{Authorization, Body, Description},
};

/// A provider that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Preset {
    /// Spryng: a bearer token.
    Spryng,
    /// Bird (MessageBird): an access key.
    Bird,
    /// Twilio: Basic with account and token.
    Twilio,
    /// Vonage: account and secret in the form. It answers 200 with an error inside.
    Vonage,
    /// CM.com: a product token in a header field of its own.
    Cm,
}

impl Preset {
    /// All.
    pub const ALL: [Self; 5] = [Self::Spryng, Self::Bird, Self::Twilio, Self::Vonage, Self::Cm];

    /// The word for it in configuration.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Spryng => "spryng",
            Self::Bird => "bird",
            Self::Twilio => "twilio",
            Self::Vonage => "vonage",
            Self::Cm => "cm",
        }
    }

    /// The description for an account and a sender. `user` is empty where the provider has only a secret.
    pub fn description(self, user: &str, from: &str) -> Description {
        let (url, body, authorization, rules) = match self {
            Self::Spryng => (
                "https://rest.spryngsms.com/v1/messages",
                Body::Json(json!({
                    "originator": "{from}",
                    "recipients": ["{to_digits}"],
                    "body": "{text}",
                    "encoding": "auto",
                    "route": "business",
                    "reference": "{reference}",
                })),
                Authorization::Scheme("Bearer".to_owned()),
                id_at("/id"),
            ),
            Self::Bird => (
                "https://rest.messagebird.com/messages",
                Body::Json(json!({
                    "originator": "{from}",
                    "recipients": ["{to_digits}"],
                    "body": "{text}",
                    "datacoding": "auto",
                    "reference": "{reference}",
                })),
                Authorization::Scheme("AccessKey".to_owned()),
                AnswerRules { code: Some("/errors/0/code".to_owned()), codes: classes(BIRD), ..id_at("/id") },
            ),
            Self::Twilio => (
                "https://api.twilio.com/2010-04-01/Accounts/{user}/Messages.json",
                form(&[("From", "{from}"), ("To", "{to}"), ("Body", "{text}")]),
                Authorization::Basic,
                AnswerRules { code: Some("/code".to_owned()), codes: classes(TWILIO), ..id_at("/sid") },
            ),
            Self::Vonage => (
                "https://rest.nexmo.com/sms/json",
                form(&[
                    ("api_key", "{user}"),
                    ("api_secret", "{secret}"),
                    ("from", "{from}"),
                    ("to", "{to_digits}"),
                    ("text", "{text}"),
                    ("client-ref", "{reference}"),
                ]),
                Authorization::None,
                AnswerRules {
                    code: Some("/messages/0/status".to_owned()),
                    accepted_codes: vec!["0".to_owned()],
                    codes: classes(VONAGE),
                    ..id_at("/messages/0/message-id")
                },
            ),
            Self::Cm => (
                "https://gw.messaging.cm.com/v1.0/message",
                Body::Json(json!({"messages": {"msg": [{
                    "allowedChannels": ["SMS"],
                    "from": "{from}",
                    "to": [{"number": "{to_zeros}"}],
                    "body": {"type": "auto", "content": "{text}"},
                    "minimumNumberOfMessageParts": 1,
                    "maximumNumberOfMessageParts": 8,
                    "reference": "{reference}",
                }]}})),
                Authorization::Header("X-CM-PRODUCTTOKEN".to_owned()),
                AnswerRules {
                    code: Some("/messages/0/messageErrorCode".to_owned()),
                    accepted_codes: vec!["0".to_owned()],
                    codes: classes(CM),
                    // A request that is refused as a whole has no message in its answer: the token, the balance or the form is wrong.
                    statuses: vec![((400, 400), Class::Provider)],
                    ..id_at("/messages/0/reference")
                },
            ),
        };
        Description {
            url: url.to_owned(),
            method: "POST".to_owned(),
            body,
            headers: Vec::new(),
            authorization,
            user: user.to_owned(),
            from: from.to_owned(),
            rules,
        }
    }
}

/// Not enough balance.
const BIRD: &[(&str, Class)] = &[("25", Class::Provider)];

/// A number that is none, or that gets no text messages; one that has opted out or cannot be reached from here; too many requests; a
/// sender that sends none.
const TWILIO: &[(&str, Class)] = &[
    ("21211", Class::AddresseeFailed),
    ("21614", Class::AddresseeFailed),
    ("21610", Class::AddresseeRefused),
    ("21612", Class::AddresseeRefused),
    ("20003", Class::Provider),
    ("20429", Class::Provider),
    ("21611", Class::Provider),
    ("21606", Class::Message),
];

/// Throttled; credentials, internal error, account and credit; an unknown prefix and a barred number. The others are about the
/// message.
const VONAGE: &[(&str, Class)] = &[
    ("1", Class::Provider),
    ("4", Class::Provider),
    ("5", Class::Provider),
    ("6", Class::AddresseeRefused),
    ("7", Class::AddresseeRefused),
    ("8", Class::Provider),
    ("9", Class::Provider),
    ("10", Class::Provider),
    ("11", Class::Provider),
    ("14", Class::Provider),
];

/// A recipient or a number that is none; a sender, text or member that is wrong; filtered as spam; on a list of blocked numbers; rejected.
const CM: &[(&str, Class)] = &[
    ("302", Class::AddresseeFailed),
    ("303", Class::AddresseeFailed),
    ("301", Class::Message),
    ("304", Class::Message),
    ("305", Class::Message),
    ("401", Class::Message),
    ("402", Class::AddresseeRefused),
    ("403", Class::Message),
    ("500", Class::Provider),
    ("999", Class::Provider),
];

fn id_at(place: &str) -> AnswerRules {
    AnswerRules { id: Some(place.to_owned()), ..AnswerRules::default() }
}

fn classes(codes: &[(&str, Class)]) -> Vec<(String, Class)> {
    codes.iter().map(|(code, class)| ((*code).to_owned(), *class)).collect()
}

fn form(fields: &[(&str, &str)]) -> Body {
    Body::Form(fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
}

#[cfg(test)]
mod tests {
    use message::address::{PhoneNumber, Region};

    use super::*;
    use crate::{answer::Answer, provider::HttpProvider, secret::Secret, text::TextMessage};

    /// The URL, credential and body of the request of a preset.
    fn request(preset: Preset) -> (String, String, String) {
        let to = PhoneNumber::parse("+31612345678", Region::International).unwrap();
        let message = TextMessage::new(to, "Code & \"1\"", "r-1", 1).unwrap();
        let provider = HttpProvider::new(preset.description("ac/1", "Gemeente")).unwrap();
        let request = provider.request(&message, &Secret::new("geheim")).unwrap();
        let credential = request.headers.get("authorization").map(|value| value.to_str().unwrap().to_owned());
        let body = String::from_utf8(request.body.to_vec()).unwrap();
        (request.url.to_string(), credential.unwrap_or_default(), body)
    }

    #[test]
    fn ch_32_each_preset_makes_the_request_that_its_provider_documents() {
        let json = |text: &str| text.parse::<serde_json::Value>().unwrap();
        let (url, credential, body) = request(Preset::Spryng);
        assert_eq!((url.as_str(), credential.as_str()), ("https://rest.spryngsms.com/v1/messages", "Bearer geheim"));
        let expected = json!({
            "originator": "Gemeente", "recipients": ["31612345678"], "body": "Code & \"1\"",
            "encoding": "auto", "route": "business", "reference": "r-1",
        });
        assert_eq!(json(&body), expected);

        let (url, credential, body) = request(Preset::Bird);
        assert_eq!((url.as_str(), credential.as_str()), ("https://rest.messagebird.com/messages", "AccessKey geheim"));
        let expected = json!({
            "originator": "Gemeente", "recipients": ["31612345678"], "body": "Code & \"1\"",
            "datacoding": "auto", "reference": "r-1",
        });
        assert_eq!(json(&body), expected);

        let (url, credential, body) = request(Preset::Twilio);
        assert_eq!(url, "https://api.twilio.com/2010-04-01/Accounts/ac%2F1/Messages.json");
        assert_eq!(credential, "Basic YWMvMTpnZWhlaW0=");
        assert_eq!(body, "From=Gemeente&To=%2B31612345678&Body=Code+%26+%221%22");

        let (url, credential, body) = request(Preset::Vonage);
        assert_eq!((url.as_str(), credential.as_str()), ("https://rest.nexmo.com/sms/json", ""));
        let expected =
            "api_key=ac%2F1&api_secret=geheim&from=Gemeente&to=31612345678&text=Code+%26+%221%22&client-ref=r-1";
        assert_eq!(body, expected);

        let (url, credential, body) = request(Preset::Cm);
        assert_eq!((url.as_str(), credential.as_str()), ("https://gw.messaging.cm.com/v1.0/message", ""));
        let own = &json(&body)["messages"]["msg"][0];
        let (to, expected) = (json!([{"number": "0031612345678"}]), json!({"type": "auto", "content": "Code & \"1\""}));
        assert_eq!((&own["to"], &own["body"], &own["reference"]), (&to, &expected, &json!("r-1")));
    }

    #[test]
    fn ch_32_ch_33_each_preset_reads_the_answers_that_its_provider_documents() {
        use Class as C;
        for (preset, status, body, class, id) in [
            (Preset::Spryng, 200, r#"{"id":"a-1","reference":"r-1"}"#, C::Accepted, Some("a-1")),
            (Preset::Spryng, 401, "{}", C::Provider, None),
            (
                Preset::Bird,
                201,
                r#"{"id":"e8077d80","recipients":{"totalSentCount":1}}"#,
                C::Accepted,
                Some("e8077d80"),
            ),
            (Preset::Bird, 422, r#"{"errors":[{"code":25,"description":"Not enough balance"}]}"#, C::Provider, None),
            (Preset::Bird, 422, r#"{"errors":[{"code":9,"parameter":"originator"}]}"#, C::Message, None),
            (Preset::Twilio, 201, r#"{"sid":"SM1","status":"queued","error_code":null}"#, C::Accepted, Some("SM1")),
            (Preset::Twilio, 400, r#"{"code":21211,"status":400}"#, C::AddresseeFailed, None),
            (Preset::Twilio, 400, r#"{"code":21610,"status":400}"#, C::AddresseeRefused, None),
            (Preset::Twilio, 429, r#"{"code":20429,"status":429}"#, C::Provider, None),
            (Preset::Vonage, 200, r#"{"messages":[{"status":"0","message-id":"0C1"}]}"#, C::Accepted, Some("0C1")),
            (Preset::Vonage, 200, r#"{"messages":[{"status":"4","error-text":"Bad Credentials"}]}"#, C::Provider, None),
            (Preset::Vonage, 200, r#"{"messages":[{"status":"7"}]}"#, C::AddresseeRefused, None),
            (Preset::Vonage, 200, r#"{"messages":[{"status":"15"}]}"#, C::Message, None),
            (Preset::Vonage, 200, "", C::Unknown, None),
            (
                Preset::Cm,
                200,
                r#"{"errorCode":0,"messages":[{"status":"Accepted","reference":"r-1","messageErrorCode":0}]}"#,
                C::Accepted,
                Some("r-1"),
            ),
            (Preset::Cm, 400, r#"{"errorCode":101,"messages":[]}"#, C::Provider, None),
            (Preset::Cm, 400, r#"{"errorCode":201,"messages":[{"messageErrorCode":303}]}"#, C::AddresseeFailed, None),
            (Preset::Cm, 400, r#"{"errorCode":201,"messages":[{"messageErrorCode":304}]}"#, C::Message, None),
            (Preset::Cm, 200, "", C::Unknown, None),
        ] {
            let rules = preset.description("a", "b").rules;
            let answer = Answer { status, body: body.as_bytes(), is_complete: true, retry_after: None };
            let outcome = rules.outcome(answer);
            assert_eq!((outcome.class, outcome.id.as_deref()), (class, id), "{preset:?} {status} {body}");
        }
    }

    #[test]
    fn every_preset_is_complete() {
        for preset in Preset::ALL {
            assert!(HttpProvider::new(preset.description("a", "b")).is_ok(), "{preset:?}");
        }
    }
}
