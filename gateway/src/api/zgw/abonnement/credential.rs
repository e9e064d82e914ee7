//! How a delivery to an abonnement proves that it is us. The Notificaties API knows only `auth`, the text of the header;
//! `authType` and what goes with it are ours, under the names that Open Notificaties uses in its administration. They
//! are written and never shown.

use delivery::Authorization;
use egress::Policy;
use model::{
    Subscription,
    credential::{ClientAuthentication, Credential},
};

use super::super::{
    fields::Fields,
    problem::{InvalidParam, invalid},
};
use crate::{
    api::v1::subscriptions::credential::{CredentialInput, EndpointInput},
    app::App,
    auth::Caller,
    problem::Problem,
};

const MAX_TEXT: usize = 1_000;
const REQUIRED: &str = "Dit veld is vereist bij deze waarde van authType.";

/// What a body says of the credential; `None` for what it does not mention.
#[derive(Debug, Default)]
pub struct Wanted {
    /// Instead of `auth`.
    pub credential: Option<CredentialInput>,
    /// `tlsProfiel`; empty takes it away.
    pub tls: Option<String>,
}

impl Wanted {
    /// Whether the body says anything.
    pub fn mentions(&self) -> bool {
        self.credential.is_some() || self.tls.is_some()
    }
}

/// Whether a body names another way than `auth`, which it then need not bring.
pub fn replaces_auth(fields: &Fields) -> bool {
    fields.peek("authType").is_some_and(|kind| kind != "api_key")
}

/// Reads `authType` and what goes with it, and `tlsProfiel`.
pub fn read(fields: &mut Fields, policy: &Policy) -> Wanted {
    let tls = fields.text("tlsProfiel", MAX_TEXT, true);
    let kind = fields.text("authType", MAX_TEXT, false);
    let credential = match kind.as_deref() {
        None | Some("api_key") => None,
        Some("no_auth") => Some(CredentialInput::None),
        Some("zgw") => zgw(fields),
        Some("oauth2_client_credentials") => oauth2(fields, policy),
        Some(other) => {
            let reason =
                format!("{other:?} is geen geldige keuze: kies api_key, no_auth, zgw of oauth2_client_credentials.");
            fields.fail("authType", "invalid_choice", reason)
        }
    };
    Wanted { credential, tls }
}

fn zgw(fields: &mut Fields) -> Option<CredentialInput> {
    let (client_id, secret) = (required(fields, "authClientId"), required(fields, "secret"));
    Some(CredentialInput::Zgw { client_id: client_id?, secret: secret? })
}

fn oauth2(fields: &mut Fields, policy: &Policy) -> Option<CredentialInput> {
    let (url, client_id) = (required(fields, "oauth2TokenUrl"), required(fields, "authClientId"));
    if let Some(Err(error)) = url.as_ref().map(|url| policy.check_url(url)) {
        let reason = format!("Deze URL kan niet gebruikt worden: {error}.");
        fields.fail::<()>("oauth2TokenUrl", "invalid", reason);
    }
    let authentication = match fields.text("oauth2Authentication", MAX_TEXT, false).as_deref() {
        None | Some("basic") => ClientAuthentication::Basic,
        Some("post") => ClientAuthentication::Post,
        Some(_) => {
            let reason = "Dit is geen geldige keuze: kies basic of post.";
            fields.fail("oauth2Authentication", "invalid_choice", reason).unwrap_or_default()
        }
    };
    let some = |text: Option<String>| text.filter(|text| !text.is_empty());
    let endpoint = EndpointInput {
        url: url?,
        client_id,
        secret: some(fields.text("secret", MAX_TEXT, true)),
        authentication,
        tls: some(fields.text("oauth2TlsProfiel", MAX_TEXT, true)),
    };
    let scope = some(fields.text("oauth2Scope", MAX_TEXT, true));
    let audience = some(fields.text("oauth2Audience", MAX_TEXT, true));
    Some(CredentialInput::OAuth2 { endpoint, scope, audience })
}

fn required(fields: &mut Fields, name: &str) -> Option<String> {
    if fields.has(name) { fields.text(name, MAX_TEXT, false) } else { fields.fail(name, "required", REQUIRED) }
}

/// How deliveries to an abonnement are secured.
pub struct Secured {
    /// What proves that it is us.
    pub credential: Credential,
    /// The TLS profile.
    pub tls: Option<String>,
}

/// What a body and, for what it does not mention, the present abonnement come down to.
///
/// An empty `auth` leaves a credential of another kind as it is: clients that do not know `authType` send one.
pub fn secured(
    app: &App,
    caller: &Caller,
    wanted: Wanted,
    auth: Option<String>,
    present: Option<&Subscription>,
) -> Result<Secured, Problem> {
    let tls = match wanted.tls.map(|tls| Some(tls).filter(|tls| !tls.is_empty())) {
        Some(tls) => {
            check(app, caller, "tlsProfiel", tls.as_deref())?;
            tls
        }
        None => present.and_then(|present| present.tls.clone()),
    };
    let stored = present.map(|present| &present.credential);
    let input = match (wanted.credential, auth, stored) {
        (Some(credential), _, _) => credential,
        (None, Some(auth), _) if !auth.is_empty() => CredentialInput::Authorization(auth),
        (None, None, Some(stored)) | (None, Some(_), Some(stored @ (Credential::Zgw(_) | Credential::OAuth2(_)))) => {
            return Ok(Secured { credential: stored.clone(), tls });
        }
        (None, _, _) => CredentialInput::None,
    };
    check(app, caller, "oauth2TlsProfiel", input.tls())?;
    Ok(Secured { credential: input.seal(&app.secrets)?, tls })
}

fn check(app: &App, caller: &Caller, name: &str, profile: Option<&str>) -> Result<(), Problem> {
    crate::api::v1::subscriptions::tls::check(app, caller, name, profile).map_err(|_| {
        let reason = "Er is geen TLS-profiel met deze naam dat deze applicatie mag gebruiken.";
        invalid(&[InvalidParam::new(name, "does_not_exist", reason)])
    })
}

/// The value of `Authorization` for the probe of a receiver; a token endpoint is asked for it.
pub async fn header(app: &App, credential: &Credential) -> Result<Option<String>, Problem> {
    match app.credentials.open(credential).await {
        Ok(opened) => Ok(match opened.authorization {
            Authorization::Header(text) => Some(text),
            Authorization::None | Authorization::QueryToken(_) => None,
        }),
        Err(error) => {
            let reason = format!("Er is geen token voor deze callback te krijgen: {}.", error.0);
            Err(invalid(&[InvalidParam::new("oauth2TokenUrl", "invalid", reason)]))
        }
    }
}
