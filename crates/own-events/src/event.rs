//! One event of the gateway about itself, and its form as a CloudEvent.

use bytes::Bytes;
use model::{
    AttributeName, Data, Event, KanaalName, Sink, Subscription, Timestamp, Value,
    event::EventError,
    mailing::{End, MailingId, Skip},
};
use serde_json::{Map, json};
use storage::mailings::EndedMailing;

use crate::{facts::Undeliverable, kind::Kind, settings::Settings};

/// An event to publish.
#[derive(Debug, Clone, PartialEq)]
pub struct OwnEvent {
    /// Its type.
    pub kind: Kind,
    /// The subscription, the certificate, the mailing or the kanaal.
    pub subject: String,
    /// When it happened, as far as that is known.
    pub time: Timestamp,
    /// What distinguishes it from other events of its type and subject; part of its `id`.
    pub occasion: String,
    /// Its data, without what all events about subscriptions have.
    data: Map<String, serde_json::Value>,
}

impl OwnEvent {
    /// An event about a subscription. `data` is a JSON object with the members that only its type has.
    pub(crate) fn about(
        subscription: &Subscription,
        kind: Kind,
        time: Timestamp,
        occasion: impl std::fmt::Display,
        data: serde_json::Value,
    ) -> Self {
        let common = json!({
            "subscription": subscription.id.to_string(),
            "name": subscription.name,
            "owner": subscription.owner,
            "sinkHost": host(&subscription.sink),
        });
        Self {
            kind,
            subject: subscription.id.to_string(),
            time,
            occasion: occasion.to_string(),
            data: members(common).into_iter().chain(members(data)).collect(),
        }
    }

    /// An event about a certificate that ends within `days`; 0 when it has ended.
    pub(crate) fn about_certificate(item: &str, expires: Timestamp, days: u32, now: Timestamp) -> Self {
        Self {
            kind: Kind::CertificateNearEnd,
            subject: item.to_owned(),
            time: now,
            occasion: format!("{expires}:{days}"),
            data: members(json!({"item": item, "expires": expires.to_rfc3339(), "days": days})),
        }
    }

    /// The subject of events about the people of a kanaal.
    pub(crate) fn subject_of_kanaal(kanaal: &KanaalName) -> String {
        format!("kanaal:{kanaal}")
    }

    /// An event about people that messages do not reach. It has their number, and nobody (CH-113).
    pub(crate) fn about_people(one: &Undeliverable, count: usize, (since, until): (Timestamp, Timestamp)) -> Self {
        Self {
            kind: Kind::PeopleUndeliverable,
            subject: Self::subject_of_kanaal(&one.kanaal),
            time: until,
            occasion: until.to_string(),
            data: members(json!({
                "kanaal": one.kanaal.as_str(),
                "owner": one.owner,
                "count": count,
                "since": since.to_rfc3339(),
                "until": until.to_rfc3339(),
            })),
        }
    }

    /// The subject of events about a mailing.
    pub(crate) fn subject_of_mailing(id: MailingId) -> String {
        format!("mailing:{}", id.0)
    }

    /// An event about a mailing that ended. It has counts, and neither a person nor the client that published (CH-88).
    pub(crate) fn about_mailing(one: &EndedMailing) -> Self {
        let (start, counts) = (&one.start, &one.counts);
        let bounced = counts.of(End::PermanentFailure);
        let [not_wanted, not_selected, filter_failed, not_on_test_list] =
            [Skip::Filter, Skip::SenderFilter, Skip::FilterError, Skip::Trial]
                .map(|skip| counts.of(End::Skipped(skip)));
        let mut data = json!({
            "mailing": one.id.0,
            "kanaal": start.event.kanaal.as_str(),
            "channel": start.channel.label(),
            "source": start.event.source,
            "event": start.event.id,
            "accepted": start.accepted.to_rfc3339(),
            "ended": one.ended.to_rfc3339(),
            "counts": {
                "candidates": counts.candidates,
                "sent": counts.sent(),
                "bounced": bounced,
                "failed": counts.failed().saturating_sub(bounced),
                "notWanted": not_wanted,
                "notSelected": not_selected,
                "filterFailed": filter_failed,
                "skipped": counts.skipped().saturating_sub(not_wanted + not_selected + filter_failed + not_on_test_list),
            },
        });
        if not_on_test_list > 0 {
            data["counts"]["notOnTestList"] = not_on_test_list.into();
        }
        if let Some(resend) = &start.resend {
            data["resendOf"] = resend.of.0.into();
        }
        Self {
            kind: Kind::MailingEnded,
            subject: Self::subject_of_mailing(one.id),
            time: one.ended,
            occasion: one.ended.to_string(),
            data: members(data),
        }
    }

    /// Its form as a CloudEvent.
    ///
    /// # Errors
    /// The configured `source`, or the item of a certificate, is no legal value of an attribute.
    pub fn to_event(&self, settings: &Settings) -> Result<Event, EventError> {
        let Self { kind, subject, time, occasion, data } = self;
        let attributes = [
            ("id", format!("{}:{subject}:{occasion}", kind.short())),
            ("source", settings.source.clone()),
            ("type", kind.event_type()),
            ("subject", subject.clone()),
            ("time", time.to_rfc3339()),
            ("datacontenttype", "application/json".to_owned()),
            ("dataschema", format!("{}{}", settings.schemas, kind.schema_name())),
        ];
        let attribute = |(name, text): (&str, String)| -> Result<_, EventError> {
            let name =
                AttributeName::new(name).map_err(|error| EventError::new(name, model::event::Fault::Name(error)))?;
            let value = Value::text(&text)
                .map_err(|error| EventError::new(name.as_str(), model::event::Fault::Value(error)))?;
            Ok((name, value))
        };
        let attributes = attributes.into_iter().map(attribute).collect::<Result<_, EventError>>()?;
        let data = serde_json::Value::Object(data.clone()).to_string();
        Event::new(attributes, Some(Data::Json(Bytes::from(data))))
    }
}

fn members(object: serde_json::Value) -> Map<String, serde_json::Value> {
    match object {
        serde_json::Value::Object(members) => members,
        _ => Map::new(),
    }
}

/// The host of a sink, without port.
fn host(sink: &Sink) -> &str {
    let Sink::Webhook(url) = sink;
    let (_, rest) = url.split_once("://").unwrap_or(("", url));
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_host_of_a_sink_is_left() {
        for (url, expected) in [
            ("https://a.example/hook?key=secret", "a.example"),
            ("https://a.example:8443?x", "a.example"),
            ("http://[2001:db8::1]:80/", "[2001:db8::1]"),
            ("http://[2001:db8::1]/", "[2001:db8::1]"),
        ] {
            assert_eq!(host(&Sink::Webhook(url.to_owned())), expected, "{url}");
        }
    }
}
