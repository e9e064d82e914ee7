//! Sealed cookies: AES-256-GCM with the key file that all nodes share.
//!
//! Over HTTPS the name has the prefix `__Host-`, so that no other host or path can set it. Over plain HTTP there are cookies
//! on a loopback address only.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use http::{HeaderMap, HeaderValue, header};
use model::sealed::Sealed;
use secrets::{Purpose, Secrets};
use web::face::PageHead;

use super::{Session, stored};

/// The longest cookie, in bytes. Browsers keep 4,096 for name, value and attributes.
const MAX_VALUE: usize = 3_900;

/// A cookie of the console.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cookie {
    /// The session.
    Session,
    /// A log-in that is under way.
    Login,
    /// What was typed in a form while the session lapsed.
    Form,
}

impl Cookie {
    /// Its name for a client that uses HTTPS or not.
    pub const fn name(self, https: bool) -> &'static str {
        match (self, https) {
            (Self::Session, true) => "__Host-gw-beheer",
            (Self::Session, false) => "gw-beheer",
            (Self::Login, true) => "__Host-gw-beheer-login",
            (Self::Login, false) => "gw-beheer-login",
            (Self::Form, true) => "__Host-gw-beheer-formulier",
            (Self::Form, false) => "gw-beheer-formulier",
        }
    }

    const fn purpose(self) -> Purpose {
        match self {
            Self::Session => Purpose::Session,
            Self::Login => Purpose::Login,
            Self::Form => Purpose::Form,
        }
    }

    /// `Set-Cookie` with these bytes, sealed; `None` when they do not fit or cannot be sealed. `seconds` is how long the
    /// browser keeps it; `None`: until it is closed.
    pub fn set(self, secrets: &Secrets, https: bool, bytes: &[u8], seconds: Option<u32>) -> Option<HeaderValue> {
        let value = seal(secrets, self.purpose(), bytes)?;
        if value.len() > MAX_VALUE {
            return None;
        }
        let age = seconds.map(|seconds| format!("; Max-Age={seconds}")).unwrap_or_default();
        let secure = if https { "; Secure" } else { "" };
        let text = format!("{}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{age}", self.name(https));
        HeaderValue::try_from(text).ok()
    }

    /// `Set-Cookie` that removes it.
    pub fn removal(self, https: bool) -> HeaderValue {
        let secure = if https { "; Secure" } else { "" };
        let text = format!("{}=; Path=/; HttpOnly; SameSite=Lax{secure}; Max-Age=0", self.name(https));
        HeaderValue::try_from(text).unwrap_or_else(|_| HeaderValue::from_static(""))
    }

    /// The bytes in the cookie of a request. One that is there twice counts as absent.
    pub fn read(self, secrets: &Secrets, head: &PageHead) -> Option<Vec<u8>> {
        let value = only(&head.headers, self.name(head.is_https()))?;
        open(secrets, self.purpose(), value)
    }
}

/// The session of a request, whether it still holds or not.
pub(crate) fn session(secrets: &Secrets, head: &PageHead) -> Option<Session> {
    stored::read(&Cookie::Session.read(secrets, head)?)
}

/// `Set-Cookie` with a session.
pub(crate) fn set_session(secrets: &Secrets, https: bool, session: &Session) -> Option<HeaderValue> {
    Cookie::Session.set(secrets, https, &stored::write(session), None)
}

/// Bytes, sealed, as text of letters, digits, `-`, `_` and a dot.
pub fn seal(secrets: &Secrets, purpose: Purpose, bytes: &[u8]) -> Option<String> {
    let sealed = secrets.seal_for(purpose, bytes).inspect_err(|error| tracing::error!(%error, "nothing was sealed"));
    let Sealed { key_id, ciphertext } = sealed.ok()?;
    Some(format!("{key_id}.{}", BASE64_URL_SAFE_NO_PAD.encode(ciphertext)))
}

/// The bytes of a text that [`seal`] made for this purpose.
pub fn open(secrets: &Secrets, purpose: Purpose, text: &str) -> Option<Vec<u8>> {
    let (key_id, ciphertext) = text.split_once('.')?;
    let ciphertext = BASE64_URL_SAFE_NO_PAD.decode(ciphertext).ok()?;
    secrets.open_for(purpose, &Sealed { key_id: key_id.to_owned(), ciphertext }).ok()
}

fn only<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let mut values = pairs.filter(|(own, _)| *own == name).map(|(_, value)| value);
    let value = values.next()?;
    values.next().is_none().then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_found_once_or_not() {
        for (lines, found) in [
            (&["a=1; gw-beheer=x.y; b=2"][..], Some("x.y")),
            (&["a=1", "gw-beheer=x.y"], Some("x.y")),
            (&["gw-beheer=x", "gw-beheer=x"], None),
            (&["gw-beheerder=x"], None),
            (&["a"], None),
            (&[], None),
        ] {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(header::COOKIE, HeaderValue::from_static(line));
            }
            assert_eq!(only(&headers, "gw-beheer"), found, "{lines:?}");
        }
    }
}
