//! The credential of deliveries to an abonnement. The Notificaties API has only `auth`, the text of the header; `authType`
//! and its members are an extension, under the names that Open Notificaties uses in its administration. They
//! are write-only.

use management::subscriptions::{CredentialRequest, EndpointRequest, rules::CheckUrl};
use model::credential::{ClientAuthentication, Credential};
use web::problem::Problem;

use super::super::{
    fields::Fields,
    problem::{InvalidParam, invalid},
};

const MAX_TEXT: usize = 1_000;
const REQUIRED: &str = "Dit veld is vereist bij deze waarde van authType.";

/// The credential in a body; `None` for members that are absent.
#[derive(Debug, Default)]
pub struct CredentialInput {
    /// The credential of `authType`, instead of `auth`.
    pub credential: Option<CredentialRequest>,
    /// `tlsProfiel`; empty takes it away.
    pub tls: Option<String>,
}

impl CredentialInput {
    /// Whether the body has any of these members.
    pub fn mentions(&self) -> bool {
        self.credential.is_some() || self.tls.is_some()
    }

    /// The TLS profile that it asks for, `present` when it does not mention one.
    pub fn tls_instead_of(&self, present: Option<&str>) -> Option<String> {
        self.tls.as_deref().map_or(present, |tls| Some(tls).filter(|tls| !tls.is_empty())).map(str::to_owned)
    }
}

/// Whether a body names another way than `auth`, which it then need not bring.
pub fn replaces_auth(fields: &Fields) -> bool {
    fields.peek("authType").is_some_and(|kind| kind != "api_key")
}

/// Reads `authType` and what goes with it, and `tlsProfiel`.
pub fn read(fields: &mut Fields, check_url: CheckUrl<'_>) -> CredentialInput {
    let tls = fields.text("tlsProfiel", MAX_TEXT, true);
    let kind = fields.text("authType", MAX_TEXT, false);
    let credential = match kind.as_deref() {
        None | Some("api_key") => None,
        Some("no_auth") => Some(CredentialRequest::None),
        Some("zgw") => zgw(fields),
        Some("oauth2_client_credentials") => oauth2(fields, check_url),
        Some(other) => {
            let reason =
                format!("{other:?} is geen geldige keuze: kies api_key, no_auth, zgw of oauth2_client_credentials.");
            fields.fail("authType", "invalid_choice", reason)
        }
    };
    CredentialInput { credential, tls }
}

fn zgw(fields: &mut Fields) -> Option<CredentialRequest> {
    let (client_id, secret) = (required(fields, "authClientId"), required(fields, "secret"));
    Some(CredentialRequest::Zgw { client_id: client_id?, secret: secret? })
}

fn oauth2(fields: &mut Fields, check_url: CheckUrl<'_>) -> Option<CredentialRequest> {
    let (url, client_id) = (required(fields, "oauth2TokenUrl"), required(fields, "authClientId"));
    if let Some(Err(rule)) = url.as_deref().map(check_url) {
        let reason = format!("Deze URL kan niet gebruikt worden. De reden, in het Engels: the URL {rule}.");
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
    let endpoint = EndpointRequest {
        url: url?,
        client_id,
        secret: some(fields.text("secret", MAX_TEXT, true)),
        authentication,
        tls: some(fields.text("oauth2TlsProfiel", MAX_TEXT, true)),
    };
    let scope = some(fields.text("oauth2Scope", MAX_TEXT, true));
    let audience = some(fields.text("oauth2Audience", MAX_TEXT, true));
    Some(CredentialRequest::OAuth2 { endpoint, scope, audience })
}

fn required(fields: &mut Fields, name: &str) -> Option<String> {
    if fields.has(name) { fields.text(name, MAX_TEXT, false) } else { fields.fail(name, "required", REQUIRED) }
}

/// The credential that a body asks for; `None` keeps the `present` one.
///
/// An empty `auth` leaves a credential of another kind as it is: clients that do not know `authType` send one.
pub fn requested(
    input: CredentialInput,
    auth: Option<String>,
    present: Option<&Credential>,
) -> Option<CredentialRequest> {
    match (input.credential, auth, present) {
        (Some(credential), _, _) => Some(credential),
        (None, Some(auth), _) if !auth.is_empty() => Some(CredentialRequest::Authorization(auth)),
        (None, None, Some(_)) | (None, Some(_), Some(Credential::Zgw(_) | Credential::OAuth2(_))) => None,
        (None, _, _) => Some(CredentialRequest::None),
    }
}

/// 400: there is no TLS profile with the name in the field `name` that the caller may use.
pub fn unknown_profile(name: &str) -> Problem {
    let reason = "Er is geen TLS-profiel met deze naam dat deze applicatie mag gebruiken.";
    invalid(&[InvalidParam::new(name, "does_not_exist", reason)])
}
