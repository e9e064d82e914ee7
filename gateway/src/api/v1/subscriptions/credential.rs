//! `sinkcredential`: what proves to the sink that it is us. It is written and never shown (CE-SUB-14, CE-SUB-19,
//! CE-WHA-03, CE-WHA-05). `ZGW`, `OAUTH2` and `AUTHORIZATION` are kinds of ours.
//!
//! It is read here; tokens are made and got by [`crate::credentials`].

use base64::{Engine, engine::general_purpose::STANDARD};
use egress::Policy;
use http::HeaderValue;
use model::{
    Timestamp,
    credential::{
        AccessToken, ClientAuthentication, Credential, OAuth2Client, RefreshToken, TokenClient, TokenEndpoint,
        TokenPlace, ZgwClient,
    },
};
use serde_json::{Map, Value};

use crate::{
    api::v1::members::Members,
    secrets::{Error, Secrets},
};

/// Longest secret, in bytes.
const MAX_SECRET: usize = 8_192;
/// Longest other text, in bytes.
const MAX_TEXT: usize = 2_000;

/// What proves to the sink that it is us.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the member in the OpenAPI document; it is read member by member")]
pub struct SinkCredential {
    /// `ACCESSTOKEN`, `REFRESHTOKEN`, `PLAIN` (HTTP Basic), `AUTHORIZATION`, `ZGW` (a token made for each delivery) or
    /// `OAUTH2` (client credentials).
    credentialtype: String,
    /// Of ACCESSTOKEN and REFRESHTOKEN.
    accesstoken: Option<String>,
    /// Of ACCESSTOKEN (null for a token that never lapses) and REFRESHTOKEN: from when on the token is not used.
    #[schema(format = "date-time")]
    accesstokenexpiresutc: Option<String>,
    /// Of ACCESSTOKEN and REFRESHTOKEN: `bearer`.
    accesstokentype: Option<String>,
    /// Of ACCESSTOKEN and REFRESHTOKEN: `header` (default) or `query`.
    r#in: Option<String>,
    /// Of REFRESHTOKEN.
    refreshtoken: Option<String>,
    /// Of REFRESHTOKEN: where the token is renewed.
    #[schema(format = "uri")]
    refreshtokenendpoint: Option<String>,
    /// Of OAUTH2: where tokens come from.
    #[schema(format = "uri")]
    tokenendpoint: Option<String>,
    /// Of ZGW and OAUTH2; of REFRESHTOKEN when its endpoint asks for it.
    clientid: Option<String>,
    /// Of ZGW; of OAUTH2 and REFRESHTOKEN, unless the client has none.
    clientsecret: Option<String>,
    /// Of OAUTH2 and REFRESHTOKEN: `basic` (default) or `post`.
    clientauthentication: Option<String>,
    /// Of OAUTH2.
    scope: Option<String>,
    /// Of OAUTH2.
    audience: Option<String>,
    /// Of OAUTH2 and REFRESHTOKEN: the TLS profile of the endpoint.
    tls: Option<String>,
    /// Of PLAIN.
    identifier: Option<String>,
    /// Of PLAIN.
    secret: Option<String>,
    /// Of AUTHORIZATION: the header value as it is to be sent.
    authorization: Option<String>,
}

/// A credential in the clear; it lives only while its request is handled.
#[derive(Clone, PartialEq, Eq)]
pub enum CredentialInput {
    /// Nothing.
    None,
    /// The value of `Authorization`.
    Authorization(String),
    /// The query parameter `access_token`.
    QueryToken(String),
    /// A token that lapses.
    AccessToken(TokenInput),
    /// A token that is renewed.
    RefreshToken {
        /// The present token.
        access: TokenInput,
        /// What renews it.
        refresh_token: String,
        /// Where.
        endpoint: EndpointInput,
    },
    /// What ZGW tokens are made with.
    Zgw {
        /// Who makes them.
        client_id: String,
        /// What they are signed with.
        secret: String,
    },
    /// What tokens of the client credentials grant are got with.
    OAuth2 {
        /// Where, with a client.
        endpoint: EndpointInput,
        /// `scope`.
        scope: Option<String>,
        /// `audience`.
        audience: Option<String>,
    },
}

/// A token in the clear.
#[derive(Clone, PartialEq, Eq)]
pub struct TokenInput {
    /// The token.
    pub token: String,
    /// Where it goes.
    pub place: TokenPlace,
    /// Its end.
    pub expires: Timestamp,
}

/// A token endpoint with its secret in the clear.
#[derive(Clone, PartialEq, Eq)]
pub struct EndpointInput {
    /// Its URL.
    pub url: String,
    /// Who we are there.
    pub client_id: Option<String>,
    /// Our secret there.
    pub secret: Option<String>,
    /// How it is shown.
    pub authentication: ClientAuthentication,
    /// The TLS profile.
    pub tls: Option<String>,
}

impl std::fmt::Debug for CredentialInput {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CredentialInput(..)")
    }
}

impl CredentialInput {
    /// Seals it.
    pub fn seal(&self, secrets: &Secrets) -> Result<Credential, Error> {
        let seal = |text: &String| secrets.seal(text.as_bytes());
        Ok(match self {
            Self::None => Credential::None,
            Self::Authorization(text) => Credential::Authorization(seal(text)?),
            Self::QueryToken(token) => Credential::QueryToken(seal(token)?),
            Self::AccessToken(token) => Credential::AccessToken(token.seal(secrets)?),
            Self::RefreshToken { access, refresh_token, endpoint } => {
                Credential::RefreshToken(Box::new(RefreshToken {
                    access: access.seal(secrets)?,
                    refresh_token: seal(refresh_token)?,
                    endpoint: endpoint.seal(secrets)?,
                }))
            }
            Self::Zgw { client_id, secret } => {
                Credential::Zgw(ZgwClient { client_id: client_id.clone(), secret: seal(secret)? })
            }
            Self::OAuth2 { endpoint, scope, audience } => Credential::OAuth2(Box::new(OAuth2Client {
                endpoint: endpoint.seal(secrets)?,
                scope: scope.clone(),
                audience: audience.clone(),
            })),
        })
    }

    /// The TLS profile that it names for its token endpoint.
    pub fn tls(&self) -> Option<&str> {
        match self {
            Self::RefreshToken { endpoint, .. } | Self::OAuth2 { endpoint, .. } => endpoint.tls.as_deref(),
            _ => None,
        }
    }
}

impl TokenInput {
    fn seal(&self, secrets: &Secrets) -> Result<AccessToken, Error> {
        let token = secrets.seal(self.token.as_bytes())?;
        Ok(AccessToken { token, place: self.place, expires: self.expires })
    }
}

impl EndpointInput {
    fn seal(&self, secrets: &Secrets) -> Result<TokenEndpoint, Error> {
        let secret = self.secret.as_ref().map(|secret| secrets.seal(secret.as_bytes())).transpose()?;
        let authentication = self.authentication;
        let client = self.client_id.clone().map(|id| TokenClient { id, secret, authentication });
        Ok(TokenEndpoint { url: self.url.clone(), client, tls: self.tls.clone() })
    }
}

/// Gives the members of a `sinkcredential`, which the Subscriptions API of VNG spells in camel case, their CloudEvents
/// names.
pub fn rename(credential: &mut Map<String, Value>) {
    let other: Vec<String> = credential.keys().filter(|name| name.contains(char::is_uppercase)).cloned().collect();
    for name in other {
        let lower = name.to_ascii_lowercase();
        // One that is there in both spellings stays, and is refused as unknown.
        if !credential.contains_key(&lower)
            && let Some(value) = credential.remove(&name)
        {
            credential.insert(lower, value);
        }
    }
}

type Read = fn(&Members<'_>, &Policy) -> Option<CredentialInput>;

/// Reads `sinkcredential`; `None` when the body does not name it, [`CredentialInput::None`] when it is null.
pub fn read(top: &Members<'_>, policy: &Policy) -> Option<CredentialInput> {
    if !top.names("sinkcredential") {
        return None;
    }
    if top.value("sinkcredential").is_none() {
        return Some(CredentialInput::None);
    }
    let credential = top.object("sinkcredential")?;
    if credential.value("credentialtype").is_none() {
        credential.fault("credentialtype", "is required");
        return None;
    }
    let kinds: [(&str, Read); 6] = [
        ("ACCESSTOKEN", access_token),
        ("REFRESHTOKEN", refresh_token),
        ("PLAIN", plain),
        ("AUTHORIZATION", authorization),
        ("ZGW", zgw),
        ("OAUTH2", oauth2),
    ];
    credential.word("credentialtype", &kinds)?(&credential, policy)
}

fn plain(credential: &Members<'_>, _: &Policy) -> Option<CredentialInput> {
    credential.only(&["credentialtype", "identifier", "secret"]);
    let (identifier, secret) = (secret(credential, "identifier"), secret(credential, "secret"));
    let identifier = identifier?;
    if identifier.contains(':') {
        credential.fault("identifier", "must not hold a colon");
    }
    let pair = STANDARD.encode(format!("{identifier}:{}", secret?));
    Some(CredentialInput::Authorization(format!("Basic {pair}")))
}

fn authorization(credential: &Members<'_>, _: &Policy) -> Option<CredentialInput> {
    credential.only(&["credentialtype", "authorization"]);
    header(credential, "authorization", secret(credential, "authorization")?.to_owned())
}

fn zgw(credential: &Members<'_>, _: &Policy) -> Option<CredentialInput> {
    credential.only(&["credentialtype", "clientid", "clientsecret"]);
    let (client_id, secret) = (secret(credential, "clientid"), secret(credential, "clientsecret"));
    Some(CredentialInput::Zgw { client_id: client_id?.to_owned(), secret: secret?.to_owned() })
}

fn oauth2(credential: &Members<'_>, policy: &Policy) -> Option<CredentialInput> {
    credential.only(&[
        "credentialtype",
        "tokenendpoint",
        "clientid",
        "clientsecret",
        "clientauthentication",
        "scope",
        "audience",
        "tls",
    ]);
    if credential.value("clientid").is_none() {
        credential.fault("clientid", "is required");
    }
    let endpoint = endpoint(credential, "tokenendpoint", policy)?;
    let (scope, audience) = (text(credential, "scope"), text(credential, "audience"));
    Some(CredentialInput::OAuth2 { endpoint, scope, audience })
}

const TOKEN: [&str; 5] = ["credentialtype", "accesstoken", "accesstokenexpiresutc", "accesstokentype", "in"];

fn access_token(credential: &Members<'_>, _: &Policy) -> Option<CredentialInput> {
    credential.only(&TOKEN);
    let named = credential.names("accesstokenexpiresutc");
    if !named {
        credential.fault("accesstokenexpiresutc", "is required; null for a token that never lapses");
    }
    let never = named && credential.value("accesstokenexpiresutc").is_none();
    let (token, place, expires) = token(credential);
    let token = token?;
    match (expires, place) {
        (Some(expires), place) => Some(CredentialInput::AccessToken(TokenInput { token, place, expires })),
        (None, TokenPlace::Query) if never => Some(CredentialInput::QueryToken(token)),
        (None, TokenPlace::Header) if never => Some(CredentialInput::Authorization(format!("Bearer {token}"))),
        (None, _) => None,
    }
}

fn refresh_token(credential: &Members<'_>, policy: &Policy) -> Option<CredentialInput> {
    let more = ["refreshtoken", "refreshtokenendpoint", "clientid", "clientsecret", "clientauthentication", "tls"];
    credential.only(&[&TOKEN[..], &more].concat());
    if credential.value("accesstokenexpiresutc").is_none() {
        credential.fault("accesstokenexpiresutc", "is required");
    }
    let (token, place, expires) = token(credential);
    let refresh_token = secret(credential, "refreshtoken").map(str::to_owned);
    let endpoint = endpoint(credential, "refreshtokenendpoint", policy);
    let access = TokenInput { token: token?, place, expires: expires? };
    Some(CredentialInput::RefreshToken { access, refresh_token: refresh_token?, endpoint: endpoint? })
}

fn token(credential: &Members<'_>) -> (Option<String>, TokenPlace, Option<Timestamp>) {
    if credential.required("accesstokentype").is_some_and(|kind| !kind.eq_ignore_ascii_case("bearer")) {
        credential.fault("accesstokentype", "must be bearer");
    }
    let place = credential.word("in", &[("header", TokenPlace::Header), ("query", TokenPlace::Query)]);
    let token = secret(credential, "accesstoken").and_then(|token| visible(credential, "accesstoken", token));
    (token.map(str::to_owned), place.unwrap_or_default(), credential.moment("accesstokenexpiresutc"))
}

fn endpoint(credential: &Members<'_>, name: &str, policy: &Policy) -> Option<EndpointInput> {
    let url = credential.required(name);
    if let Some(url) = url {
        if url.len() > MAX_TEXT {
            credential.fault(name, format!("has more than {MAX_TEXT} characters"));
        } else if let Err(error) = policy.check_url(url) {
            credential.fault(name, error.to_string());
        }
    }
    let client_id = text(credential, "clientid");
    let given = credential.value("clientsecret").is_some();
    let secret = if given { secret(credential, "clientsecret") } else { None };
    if given && client_id.is_none() {
        credential.fault("clientid", "is required beside clientsecret");
    }
    let ways = [("basic", ClientAuthentication::Basic), ("post", ClientAuthentication::Post)];
    Some(EndpointInput {
        url: url?.to_owned(),
        client_id,
        secret: secret.map(str::to_owned),
        authentication: credential.word("clientauthentication", &ways).unwrap_or_default(),
        tls: text(credential, "tls"),
    })
}

fn text(credential: &Members<'_>, name: &str) -> Option<String> {
    let text = credential.text(name)?;
    if text.len() > MAX_TEXT {
        credential.fault(name, format!("has more than {MAX_TEXT} characters"));
    }
    Some(text.to_owned())
}

fn secret<'a>(credential: &Members<'a>, name: &str) -> Option<&'a str> {
    let text = credential.required(name)?;
    if text.len() > MAX_SECRET {
        credential.fault(name, format!("has more than {MAX_SECRET} characters"));
        return None;
    }
    Some(text)
}

fn header(credential: &Members<'_>, name: &str, value: String) -> Option<CredentialInput> {
    visible(credential, name, &value)?;
    Some(CredentialInput::Authorization(value))
}

/// What a header value can hold.
fn visible<'a>(credential: &Members<'_>, name: &str, value: &'a str) -> Option<&'a str> {
    let visible = value.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic());
    if !visible || HeaderValue::from_str(value).is_err() || value.trim() != value {
        credential.fault(name, "must hold only visible ASCII characters");
        return None;
    }
    Some(value)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::{api::v1::members::Faults, problem::Problem};

    fn parse(credential: Value) -> Result<Option<CredentialInput>, Problem> {
        let body = json!({ "sinkcredential": credential });
        let faults = Faults::default();
        let read = read(&Members::new(body.as_object().unwrap(), &faults), &Policy::default());
        faults.check(read)
    }

    #[test]
    fn credentials_become_headers_ce_wha_03_05_06() {
        let header = |text: &str| Some(CredentialInput::Authorization(text.to_owned()));
        for (credential, expected) in [
            (json!(null), Some(CredentialInput::None)),
            (
                json!({"credentialtype": "ACCESSTOKEN", "accesstoken": "t", "accesstokenexpiresutc": null, "accesstokentype": "bearer"}),
                header("Bearer t"),
            ),
            (
                json!({"credentialtype": "ACCESSTOKEN", "accesstoken": "t", "accesstokenexpiresutc": null, "accesstokentype": "Bearer", "in": "query"}),
                Some(CredentialInput::QueryToken("t".into())),
            ),
            (json!({"credentialtype": "PLAIN", "identifier": "me", "secret": "pw"}), header("Basic bWU6cHc=")),
            (json!({"credentialtype": "AUTHORIZATION", "authorization": "Token abc"}), header("Token abc")),
        ] {
            assert_eq!(parse(credential.clone()).unwrap(), expected, "{credential}");
        }
    }

    #[test]
    fn tokens_with_an_end_keep_it_ce_sub_20() {
        let expires = Timestamp::parse_rfc3339("2030-01-01T00:00:00Z").unwrap();
        let access = TokenInput { token: "t".into(), place: TokenPlace::Header, expires };
        let end = "2030-01-01T01:00:00+01:00";
        let body = json!({
            "credentialtype": "ACCESSTOKEN", "accesstoken": "t", "accesstokenexpiresutc": end, "accesstokentype": "bearer",
        });
        assert_eq!(parse(body).unwrap(), Some(CredentialInput::AccessToken(access.clone())));
        let mut body = json!({
            "credentialType": "REFRESHTOKEN", "accessToken": "t", "accessTokenExpiresUtc": end, "accessTokenType": "bearer",
            "refreshToken": "r", "refreshTokenEndpoint": "https://token.example/",
        });
        rename(body.as_object_mut().unwrap());
        let endpoint = EndpointInput {
            url: "https://token.example/".into(),
            client_id: None,
            secret: None,
            authentication: ClientAuthentication::Basic,
            tls: None,
        };
        let refresh = CredentialInput::RefreshToken { access, refresh_token: "r".into(), endpoint };
        assert_eq!(parse(body).unwrap(), Some(refresh));
    }

    #[test]
    fn what_is_missing_or_wrong_is_named_ce_sub_19() {
        let with = |whole: &Value, member: &str, value: Option<Value>| {
            let mut changed = whole.clone();
            match value {
                Some(value) => changed[member] = value,
                None => drop(changed.as_object_mut().unwrap().remove(member)),
            }
            changed
        };
        let access = json!({
            "credentialtype": "ACCESSTOKEN", "accesstoken": "t", "accesstokenexpiresutc": "2030-01-01T00:00:00Z",
            "accesstokentype": "bearer",
        });
        let mut refresh = access.clone();
        refresh["credentialtype"] = "REFRESHTOKEN".into();
        refresh["refreshtoken"] = "r".into();
        refresh["refreshtokenendpoint"] = "https://token.example/".into();
        let plain = json!({"credentialtype": "PLAIN", "identifier": "x", "secret": "x"});
        let authorization = json!({"credentialtype": "AUTHORIZATION", "authorization": "x"});
        let zgw = json!({"credentialtype": "ZGW", "clientid": "x", "clientsecret": "x"});
        let oauth2 = json!({"credentialtype": "OAUTH2", "tokenendpoint": "https://token.example/", "clientid": "x"});
        let told = |credential: &Value, member: &str| {
            let problem = parse(credential.clone()).expect_err(&credential.to_string());
            assert_eq!(problem.errors[0].member, format!("sinkcredential.{member}"), "{credential}");
        };
        for whole in [&access, &refresh, &plain, &authorization, &zgw, &oauth2] {
            assert!(parse(whole.clone()).unwrap().is_some(), "{whole}");
            for member in whole.as_object().unwrap().keys() {
                told(&with(whole, member, None), member);
                told(&with(whole, member, Some(json!(5))), member);
            }
            told(&with(whole, "more", Some(json!(5))), "more");
        }
        for (whole, member, value) in [
            (&access, "credentialtype", json!("x")),
            (&access, "in", json!("body")),
            (&access, "accesstoken", json!("t\n")),
            (&access, "accesstokentype", json!("mac")),
            (&access, "accesstokenexpiresutc", json!("soon")),
            (&refresh, "accesstokenexpiresutc", json!(null)),
            (&refresh, "refreshtokenendpoint", json!("https://10.0.0.1/")),
            (&plain, "identifier", json!("a:b")),
            (&oauth2, "tokenendpoint", json!("http://token.example/")),
            (&oauth2, "clientauthentication", json!("jwt")),
            (&oauth2, "scope", json!("x".repeat(3_000))),
        ] {
            told(&with(whole, member, Some(value)), member);
        }
        told(&json!({}), "credentialtype");
        told(&with(&with(&refresh, "clientsecret", Some(json!("x"))), "clientid", None), "clientid");
    }
}
