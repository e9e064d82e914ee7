//! The fields of a credential in a form: they are read, and never shown again.

use base64::{Engine, engine::general_purpose::STANDARD};
use management::subscriptions::{
    CredentialRequest, EndpointRequest,
    rules::{CheckUrl, MAX_SECRET, MAX_TEXT, check_length, is_header_text},
};
use model::credential::ClientAuthentication;

use crate::{View, choice::Choice, form::Form};

/// No credential.
const NONE: &str = "geen";
/// The value of the header `Authorization`.
const HEADER: &str = "kopregel";
/// Name and password (HTTP Basic).
const BASIC: &str = "basic";
/// A ZGW token, made for each delivery.
const ZGW: &str = "zgw";
/// OAuth 2.0 with client credentials.
const OAUTH2: &str = "oauth2";

/// The fields, without secrets.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CredentialFields {
    /// The kinds of a credential.
    pub kinds: Vec<Choice>,
    /// The client or the name.
    pub client: String,
    /// Where tokens come from.
    pub endpoint: String,
    /// The scope that tokens are asked for.
    pub scope: String,
}

impl CredentialFields {
    /// The fields as a form sent them.
    pub(super) fn of(view: &View, form: &Form) -> Self {
        let text = &view.text.portal.credential;
        let kinds =
            [(NONE, text.none), (HEADER, text.header), (BASIC, text.basic), (ZGW, text.zgw), (OAUTH2, text.oauth2)];
        Self {
            kinds: Choice::list(kinds, form.filled("soort").unwrap_or(NONE)),
            client: form.text("client").to_owned(),
            endpoint: form.text("tokenadres").to_owned(),
            scope: form.text("scope").to_owned(),
        }
    }
}

/// The credential that a form asks for, or the faults by field.
pub(super) fn read(
    view: &View,
    form: &Form,
    check_url: CheckUrl<'_>,
) -> Result<CredentialRequest, Vec<(&'static str, String)>> {
    let text = &view.text.portal.credential;
    let mut faults = Vec::new();
    let mut needed = |name: &'static str, value: &str, most: usize| {
        if value.is_empty() {
            faults.push((name, text.needed.to_owned()));
        } else if check_length(value, most).is_err() {
            faults.push((name, text.too_long.to_owned()));
        }
        value.to_owned()
    };
    let (client, secret) = (form.text("client"), form.text("geheim"));
    let request = match form.text("soort") {
        HEADER => {
            let value = needed("geheim", secret, MAX_SECRET);
            if !is_header_text(&value) {
                faults.push(("geheim", text.not_visible.to_owned()));
            }
            CredentialRequest::Authorization(value)
        }
        BASIC => {
            let (name, password) = (needed("client", client, MAX_TEXT), needed("geheim", secret, MAX_SECRET));
            if name.contains(':') {
                faults.push(("client", text.colon.to_owned()));
            }
            CredentialRequest::Authorization(format!("Basic {}", STANDARD.encode(format!("{name}:{password}"))))
        }
        ZGW => CredentialRequest::Zgw {
            client_id: needed("client", client, MAX_TEXT),
            secret: needed("geheim", secret, MAX_SECRET),
        },
        OAUTH2 => {
            let client_id = Some(needed("client", client, MAX_TEXT));
            let secret = Some(needed("geheim", secret, MAX_SECRET));
            let url = needed("tokenadres", form.text("tokenadres"), MAX_TEXT);
            let scope = form.filled("scope").map(str::to_owned);
            if !url.is_empty()
                && let Err(rule) = check_url(&url)
            {
                faults.push(("tokenadres", (view.text.portal.create.address_wrong)(&rule)));
            }
            if scope.as_ref().is_some_and(|scope| check_length(scope, MAX_TEXT).is_err()) {
                faults.push(("scope", text.too_long.to_owned()));
            }
            let authentication = ClientAuthentication::Basic;
            let endpoint = EndpointRequest { url, client_id, secret, authentication, tls: None };
            CredentialRequest::OAuth2 { endpoint, scope, audience: None }
        }
        _ => CredentialRequest::None,
    };
    if faults.is_empty() { Ok(request) } else { Err(faults) }
}
