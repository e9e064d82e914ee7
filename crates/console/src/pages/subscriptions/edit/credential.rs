//! Reads the credential of a form. Its secrets are in the posted form only, and in no page.

use base64::{Engine, prelude::BASE64_STANDARD};
use management::subscriptions::{
    CredentialRequest, EndpointRequest, TokenRequest,
    rules::{self, MAX_SECRET, is_header_text},
};
use model::credential::{ClientAuthentication, Credential, TokenPlace};

use super::read::Reading;
use crate::text::subscription_form::Field;

/// The words of the kinds, in the order of their texts.
pub const KINDS: [&str; 8] = ["houden", "geen", "authorization", "basic", "token", "refresh", "zgw", "oauth2"];

/// The fields of a kind.
pub fn fields(kind: &str) -> &'static [Field] {
    match kind {
        "authorization" => &[Field::Authorization],
        "basic" => &[Field::User, Field::Password],
        "token" => &[Field::Token, Field::TokenPlace, Field::TokenEnd],
        "refresh" => &[
            Field::Token,
            Field::TokenPlace,
            Field::TokenEnd,
            Field::RefreshToken,
            Field::TokenUrl,
            Field::Client,
            Field::ClientSecret,
            Field::ClientWay,
            Field::TokenTls,
        ],
        "zgw" => &[Field::Client, Field::ClientSecret],
        "oauth2" => &[
            Field::TokenUrl,
            Field::Client,
            Field::ClientSecret,
            Field::ClientWay,
            Field::Scope,
            Field::Audience,
            Field::TokenTls,
        ],
        _ => &[],
    }
}

/// Reads the credential; `None` keeps the present one. A credential of before is for the same receiver only.
pub fn read(reading: &Reading<'_>, is_other_sink: bool) -> Option<CredentialRequest> {
    let kind = reading.typed.get(Field::Kind);
    match kind {
        "houden" => {
            let present = reading.present?;
            if is_other_sink && present.credential != Credential::None {
                let text = reading.text().credential_other_sink.to_owned();
                reading.faults.add(Field::Kind.name().to_owned(), text);
            }
            None
        }
        "geen" => Some(CredentialRequest::None),
        "authorization" => header_text(reading, Field::Authorization).map(CredentialRequest::Authorization),
        "basic" => basic(reading),
        "token" => token(reading),
        "refresh" => refresh(reading),
        "zgw" => {
            let (client_id, secret) = (required(reading, Field::Client), secret(reading, Field::ClientSecret));
            Some(CredentialRequest::Zgw { client_id: client_id?, secret: secret? })
        }
        "oauth2" => {
            let client = required(reading, Field::Client);
            let (endpoint, scope) = (endpoint(reading), reading.bounded(Field::Scope));
            let audience = reading.bounded(Field::Audience);
            client?;
            Some(CredentialRequest::OAuth2 { endpoint: endpoint?, scope, audience })
        }
        _ => {
            reading.faults.wrong(reading.text(), Field::Kind);
            None
        }
    }
}

fn basic(reading: &Reading<'_>) -> Option<CredentialRequest> {
    let (user, password) = (required(reading, Field::User), secret(reading, Field::Password));
    let user = user?;
    if user.contains(':') {
        reading.faults.wrong(reading.text(), Field::User);
    }
    let pair = BASE64_STANDARD.encode(format!("{user}:{}", password?));
    Some(CredentialRequest::Authorization(format!("Basic {pair}")))
}

fn token(reading: &Reading<'_>) -> Option<CredentialRequest> {
    let (token, place, expires) = (header_text(reading, Field::Token), place(reading), reading.moment(Field::TokenEnd));
    let token = token?;
    Some(match (expires, place) {
        (Some(expires), place) => CredentialRequest::AccessToken(TokenRequest { token, place, expires }),
        (None, TokenPlace::Query) => CredentialRequest::QueryToken(token),
        (None, TokenPlace::Header) => CredentialRequest::Authorization(format!("Bearer {token}")),
    })
}

fn refresh(reading: &Reading<'_>) -> Option<CredentialRequest> {
    let (token, place) = (header_text(reading, Field::Token), place(reading));
    if reading.filled(Field::TokenEnd).is_none() {
        missing(reading, Field::TokenEnd);
    }
    let expires = reading.moment(Field::TokenEnd);
    let (refresh_token, endpoint) = (secret(reading, Field::RefreshToken), endpoint(reading));
    let access = TokenRequest { token: token?, place, expires: expires? };
    Some(CredentialRequest::RefreshToken { access, refresh_token: refresh_token?, endpoint: endpoint? })
}

fn place(reading: &Reading<'_>) -> TokenPlace {
    match reading.typed.get(Field::TokenPlace) {
        "" | "header" => TokenPlace::Header,
        "query" => TokenPlace::Query,
        _ => reading.wrong(Field::TokenPlace),
    }
}

fn endpoint(reading: &Reading<'_>) -> Option<EndpointRequest> {
    let url = required(reading, Field::TokenUrl);
    if let Some(url) = &url {
        reading.check_url(Field::TokenUrl, url);
    }
    let client_id = reading.bounded(Field::Client);
    let typed = Some(reading.form.text(Field::ClientSecret.name())).filter(|text| !text.is_empty());
    let secret = typed.and_then(|_| secret(reading, Field::ClientSecret));
    if secret.is_some() && client_id.is_none() {
        missing(reading, Field::Client);
    }
    Some(EndpointRequest {
        url: url?,
        client_id,
        secret,
        authentication: match reading.typed.get(Field::ClientWay) {
            "" | "basic" => ClientAuthentication::Basic,
            "post" => ClientAuthentication::Post,
            _ => reading.wrong(Field::ClientWay),
        },
        tls: reading.bounded(Field::TokenTls),
    })
}

fn required(reading: &Reading<'_>, field: Field) -> Option<String> {
    let text = reading.bounded(field);
    if text.is_none() {
        missing(reading, field);
    }
    text
}

/// A secret, of which white space is a part.
fn secret(reading: &Reading<'_>, field: Field) -> Option<String> {
    let text = reading.form.all(field.name()).next().unwrap_or_default();
    if text.is_empty() {
        missing(reading, field);
        return None;
    }
    if rules::check_length(text, MAX_SECRET).is_err() {
        reading.faults.wrong(reading.text(), field);
        return None;
    }
    Some(text.to_owned())
}

/// A secret that a header can have.
fn header_text(reading: &Reading<'_>, field: Field) -> Option<String> {
    let text = secret(reading, field)?;
    if !is_header_text(&text) {
        reading.faults.wrong(reading.text(), field);
        return None;
    }
    Some(text)
}

fn missing(reading: &Reading<'_>, field: Field) {
    reading.faults.add(field.name().to_owned(), reading.text().missing.to_owned());
}
