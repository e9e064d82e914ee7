//! The dialogue of AUTH (RFC 4954): which mechanism, and what is sent for each challenge. Pure; the session sends it, and only
//! over TLS.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::capabilities::Capabilities;
use crate::credential::Credential;

/// The lines of an authentication, in order: the command, then the answer to each challenge (334).
#[derive(PartialEq, Eq)]
pub(crate) struct Dialogue(pub Vec<String>);

impl Dialogue {
    /// The dialogue for a credential; `None` when the relay offers no mechanism for it.
    pub fn new(credential: &Credential, offered: Capabilities) -> Option<Self> {
        let encode = |text: &str| STANDARD.encode(text);
        Some(Self(match credential {
            Credential::Password { user, password } if offered.plain => {
                vec![format!("AUTH PLAIN {}\r\n", encode(&format!("\0{user}\0{password}")))]
            }
            Credential::Password { user, password } if offered.login => {
                vec!["AUTH LOGIN\r\n".to_owned(), format!("{}\r\n", encode(user)), format!("{}\r\n", encode(password))]
            }
            Credential::Token { user, token } if offered.xoauth2 => {
                let response = format!("user={user}\u{1}auth=Bearer {token}\u{1}\u{1}");
                // A challenge is the description of a refusal; after an empty answer the relay refuses with its code.
                vec![format!("AUTH XOAUTH2 {}\r\n", encode(&response)), "\r\n".to_owned()]
            }
            Credential::Password { .. } | Credential::Token { .. } => return None,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mechanism_fits_credential_and_relay_ch_25() {
        let password = Credential::Password { user: "tim".to_owned(), password: "tanstaaftanstaaf".to_owned() };
        let token =
            Credential::Token { user: "someuser@example.com".to_owned(), token: "ya29.vF9dft4qmTc2".to_owned() };
        let offered = |plain, login, xoauth2| Capabilities { plain, login, xoauth2, ..Capabilities::default() };
        // The examples of RFC 4954 and of the description of XOAUTH2.
        for (credential, offered, expected) in [
            (&password, offered(true, true, true), Some(&["AUTH PLAIN AHRpbQB0YW5zdGFhZnRhbnN0YWFm\r\n"][..])),
            (
                &password,
                offered(false, true, true),
                Some(&["AUTH LOGIN\r\n", "dGlt\r\n", "dGFuc3RhYWZ0YW5zdGFhZg==\r\n"]),
            ),
            (&password, offered(false, false, true), None),
            (
                &token,
                offered(true, true, true),
                Some(&[
                    "AUTH XOAUTH2 dXNlcj1zb21ldXNlckBleGFtcGxlLmNvbQFhdXRoPUJlYXJlciB5YTI5LnZGOWRmdDRxbVRjMgEB\r\n",
                    "\r\n",
                ]),
            ),
            (&token, offered(true, true, false), None),
        ] {
            let found = Dialogue::new(credential, offered).map(|dialogue| dialogue.0);
            assert_eq!(
                found.as_deref(),
                expected.map(|lines| lines.iter().map(|l| (*l).to_owned()).collect::<Vec<_>>()).as_deref()
            );
        }
    }
}
