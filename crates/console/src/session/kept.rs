//! What was typed in a form while its session lapsed. It is sealed in a cookie of the browser for 15 minutes, so that any node
//! shows it after the next log-in of the same person. Secrets are never part of it.
//!
//! Only a form that a page of the lapsed session posted is kept, and it is shown, not handled: the form that is shown then has the
//! token and a key of the new session.

use std::{sync::Arc, time::Duration};

use http::HeaderValue;
use model::Timestamp;
use serde::{Deserialize, Serialize};

use super::{LoggedInBy, Session, cookie::Cookie};
use crate::{
    Site, View,
    form::{self, Form},
    text::subscription_form::Field,
};

/// How long it is kept.
const LASTS: Duration = Duration::from_mins(15);

/// The names of fields whose values are secrets, on all pages.
const SECRETS: [&str; 7] = [
    Field::Authorization.name(),
    Field::Password.name(),
    Field::Token.name(),
    Field::RefreshToken.name(),
    Field::ClientSecret.name(),
    Field::HeaderValue.name(),
    "geheim",
];

/// Whether the value of a field is a secret.
pub(crate) fn is_secret(name: &str) -> bool {
    SECRETS.contains(&name)
}

/// The form in the cookie.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    /// The path of the page of the form.
    page: String,
    issuer: String,
    person: String,
    until: i64,
    fields: Vec<(String, String)>,
}

/// `Set-Cookie` with the fields of a form that the page at `page` posted in a session that lapsed; `None` when they do not fit.
pub(crate) fn keep(site: &Site, view: &View, lapsed: &Session, page: String, form: &Form) -> Option<HeaderValue> {
    let (issuer, person) = person(lapsed);
    let kept = Kept {
        page,
        issuer: issuer.to_owned(),
        person: person.to_owned(),
        until: (view.now + LASTS).as_micros(),
        fields: without_secrets(form),
    };
    let seconds = u32::try_from(LASTS.as_secs()).ok();
    Cookie::Form.set(&site.secrets, view.head.is_https(), &serde_json::to_vec(&kept).ok()?, seconds)
}

/// The form that is kept for the page of a view.
pub(crate) fn form(site: &Site, view: &View) -> Option<Arc<Form>> {
    let kept = read(site, view, view.session.as_deref()?)?;
    (kept.page == view.path()).then(|| Arc::new(Form::of_fields(kept.fields)))
}

/// The path of the page whose form is kept for the person of a session.
pub(crate) fn page(site: &Site, view: &View, session: &Session) -> Option<String> {
    Some(read(site, view, session)?.page)
}

fn read(site: &Site, view: &View, session: &Session) -> Option<Kept> {
    let kept: Kept = serde_json::from_slice(&Cookie::Form.read(&site.secrets, &view.head)?).ok()?;
    let is_own = (kept.issuer.as_str(), kept.person.as_str()) == person(session);
    (is_own && view.now < Timestamp::from_micros(kept.until)).then_some(kept)
}

/// Who a form is kept for. Each login link is another subject, so there the name counts.
fn person(session: &Session) -> (&str, &str) {
    let person = if session.by == LoggedInBy::Link { &session.name } else { &session.subject };
    (session.issuer.as_str(), person.as_str())
}

/// The fields without secrets, without what belongs to the session, and without those that have one empty value.
fn without_secrets(form: &Form) -> Vec<(String, String)> {
    let is_own = |name: &str| name != form::TOKEN && name != form::KEY;
    let value = |name: &str, value: &str| if is_secret(name) { String::new() } else { value.to_owned() };
    let fields = form.fields().iter().filter(|(name, _)| is_own(name));
    // Values of rows belong together by their order, so that empty ones stay.
    let is_needed = |name: &str, value: &str| {
        !value.is_empty() || name == Field::HeaderValue.name() || form.all(name).nth(1).is_some()
    };
    let fields = fields.map(|(name, own)| (name.clone(), value(name, own)));
    fields.filter(|(name, value)| is_needed(name, value)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_kept_without_secrets_and_without_the_token() {
        let form = Form::parse(
            b"token=t&sleutel=s&naam=x&leeg=&wachtwoord=hush&geheim=hush&kop=X-A&kop-waarde=hush&a=&a=1&ontvanger=https%3A%2F%2Fa",
        );
        let kept = without_secrets(&form.unwrap());
        let expected =
            [("naam", "x"), ("kop", "X-A"), ("kop-waarde", ""), ("a", ""), ("a", "1"), ("ontvanger", "https://a")];
        assert_eq!(kept, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }
}
