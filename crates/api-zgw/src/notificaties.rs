//! `POST /api/v1/notificaties`: publishes a notification. 201 with the message as it was read, once it is durable.
//!
//! Broken rules are answered with a bare map of texts by field, not with a problem document.

use axum::{
    extract::{Request, State},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http::{StatusCode, header};
use publishing::{notification::Error, via};
use serde_json::{Map, Value, json};
use translator::notificatie::{self, FieldError};
use web::{auth::Caller, problem::Problem};

use super::{body::receive, fields::expect_json, problem};
use crate::Api;

/// Publish a notification.
pub async fn publish(State(api): State<Api>, caller: Caller, request: Request) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    api.web.admit(&caller)?;
    let mut body = receive(&api, &parts.headers, body).await?;
    if body.is_empty() {
        body = Bytes::from_static(b"{}");
    } else {
        expect_json(&parts.headers)?;
    }
    let via = parts.headers.get_all(via::HEADER).iter().map(http::HeaderValue::as_bytes);
    match api.publishing.publish_notification(&caller.client_id, via, &body).await {
        Ok(taken) => {
            // The gateway is the subscriber of its own Autorisaties API.
            if let Some(autorisaties) = api.web.autorisaties.as_ref().filter(|own| own.is_kanaal(&taken.kanaal)) {
                autorisaties.notify(&taken.actie, &taken.resource_url);
            }
            let echo = notificatie::echo(&taken);
            Ok((StatusCode::CREATED, [(header::CONTENT_TYPE, "application/json")], echo).into_response())
        }
        Err(Error::Fields(errors)) => match errors.as_slice() {
            [error] if error.code == "parse_error" => Err(problem::parse_error(&error.reason)),
            errors => Ok(problem::bare_map(by_field(errors))),
        },
        Err(other) => Err(other.into()),
    }
}

/// `{"veld": ["tekst"], "kenmerken": {"sleutel": ["tekst"]}}`.
fn by_field(errors: &[FieldError]) -> Map<String, Value> {
    let mut fields = Map::new();
    for error in errors {
        match &error.key {
            None => push(&mut fields, error.field, &error.reason),
            Some(key) => {
                let nested = fields.entry(error.field).or_insert_with(|| json!({}));
                match nested {
                    Value::Object(keys) => push(keys, key, &error.reason),
                    _ => push(&mut fields, error.field, &error.reason),
                }
            }
        }
    }
    fields
}

fn push(fields: &mut Map<String, Value>, name: &str, reason: &str) {
    if let Value::Array(texts) = fields.entry(name).or_insert_with(|| json!([])) {
        texts.push(reason.into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_a_bare_map_by_field() {
        let error = |field, key: Option<&str>, reason: &'static str| FieldError {
            field,
            key: key.map(str::to_owned),
            code: "x",
            reason: reason.into(),
        };
        let fields = by_field(&[
            error("kanaal", None, "een"),
            error("kanaal", None, "twee"),
            error("kenmerken", Some("zaaktype"), "drie"),
        ]);
        let expected = json!({"kanaal": ["een", "twee"], "kenmerken": {"zaaktype": ["drie"]}});
        assert_eq!(Value::Object(fields), expected);
    }
}
