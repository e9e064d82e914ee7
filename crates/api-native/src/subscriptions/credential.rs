//! `sinkcredential`: the credential that authenticates the gateway at the sink. It is write-only (CE-SUB-14, CE-SUB-19,
//! CE-WHA-03, CE-WHA-05). `ZGW`, `OAUTH2` and `AUTHORIZATION` are kinds of ours.
//!
//! It is only read here: `management` seals it, `channel-webhook` obtains and signs tokens with it.

use base64::{Engine, engine::general_purpose::STANDARD};
use management::subscriptions::{
    CredentialRequest, EndpointRequest, TokenRequest,
    rules::{CLIENT_AUTHENTICATIONS, CheckUrl, HEADER_TEXT, MAX_SECRET, MAX_TEXT, check_length, is_header_text},
};
use model::{Timestamp, credential::TokenPlace};
use serde_json::{Map, Value};

use crate::members::Members;

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

type Read = fn(&Members<'_>, CheckUrl<'_>) -> Option<CredentialRequest>;

/// Reads `sinkcredential`; `None` when the body does not name it, [`CredentialRequest::None`] when it is null.
pub fn read(top: &Members<'_>, check_url: CheckUrl<'_>) -> Option<CredentialRequest> {
    if !top.names("sinkcredential") {
        return None;
    }
    if top.value("sinkcredential").is_none() {
        return Some(CredentialRequest::None);
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
    credential.word("credentialtype", &kinds)?(&credential, check_url)
}

fn plain(credential: &Members<'_>, _: CheckUrl<'_>) -> Option<CredentialRequest> {
    credential.only(&["credentialtype", "identifier", "secret"]);
    let (identifier, secret) = (secret(credential, "identifier"), secret(credential, "secret"));
    let identifier = identifier?;
    if identifier.contains(':') {
        credential.fault("identifier", "must not hold a colon");
    }
    let pair = STANDARD.encode(format!("{identifier}:{}", secret?));
    Some(CredentialRequest::Authorization(format!("Basic {pair}")))
}

fn authorization(credential: &Members<'_>, _: CheckUrl<'_>) -> Option<CredentialRequest> {
    credential.only(&["credentialtype", "authorization"]);
    header(credential, "authorization", secret(credential, "authorization")?.to_owned())
}

fn zgw(credential: &Members<'_>, _: CheckUrl<'_>) -> Option<CredentialRequest> {
    credential.only(&["credentialtype", "clientid", "clientsecret"]);
    let (client_id, secret) = (secret(credential, "clientid"), secret(credential, "clientsecret"));
    Some(CredentialRequest::Zgw { client_id: client_id?.to_owned(), secret: secret?.to_owned() })
}

fn oauth2(credential: &Members<'_>, check_url: CheckUrl<'_>) -> Option<CredentialRequest> {
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
    let endpoint = endpoint(credential, "tokenendpoint", check_url)?;
    let (scope, audience) = (text(credential, "scope"), text(credential, "audience"));
    Some(CredentialRequest::OAuth2 { endpoint, scope, audience })
}

const TOKEN: [&str; 5] = ["credentialtype", "accesstoken", "accesstokenexpiresutc", "accesstokentype", "in"];

fn access_token(credential: &Members<'_>, _: CheckUrl<'_>) -> Option<CredentialRequest> {
    credential.only(&TOKEN);
    let named = credential.names("accesstokenexpiresutc");
    if !named {
        credential.fault("accesstokenexpiresutc", "is required; null for a token that never lapses");
    }
    let never = named && credential.value("accesstokenexpiresutc").is_none();
    let (token, place, expires) = token(credential);
    let token = token?;
    match (expires, place) {
        (Some(expires), place) => Some(CredentialRequest::AccessToken(TokenRequest { token, place, expires })),
        (None, TokenPlace::Query) if never => Some(CredentialRequest::QueryToken(token)),
        (None, TokenPlace::Header) if never => Some(CredentialRequest::Authorization(format!("Bearer {token}"))),
        (None, _) => None,
    }
}

fn refresh_token(credential: &Members<'_>, check_url: CheckUrl<'_>) -> Option<CredentialRequest> {
    let more = ["refreshtoken", "refreshtokenendpoint", "clientid", "clientsecret", "clientauthentication", "tls"];
    credential.only(&[&TOKEN[..], &more].concat());
    if credential.value("accesstokenexpiresutc").is_none() {
        credential.fault("accesstokenexpiresutc", "is required");
    }
    let (token, place, expires) = token(credential);
    let refresh_token = secret(credential, "refreshtoken").map(str::to_owned);
    let endpoint = endpoint(credential, "refreshtokenendpoint", check_url);
    let access = TokenRequest { token: token?, place, expires: expires? };
    Some(CredentialRequest::RefreshToken { access, refresh_token: refresh_token?, endpoint: endpoint? })
}

fn token(credential: &Members<'_>) -> (Option<String>, TokenPlace, Option<Timestamp>) {
    if credential.required("accesstokentype").is_some_and(|kind| !kind.eq_ignore_ascii_case("bearer")) {
        credential.fault("accesstokentype", "must be bearer");
    }
    let place = credential.word("in", &[("header", TokenPlace::Header), ("query", TokenPlace::Query)]);
    let token = secret(credential, "accesstoken").and_then(|token| visible(credential, "accesstoken", token));
    (token.map(str::to_owned), place.unwrap_or_default(), credential.timestamp("accesstokenexpiresutc"))
}

fn endpoint(credential: &Members<'_>, name: &str, check_url: CheckUrl<'_>) -> Option<EndpointRequest> {
    let url = credential.required(name);
    if let Some(Err(rule)) = url.map(|url| check_length(url, MAX_TEXT).and_then(|()| check_url(url))) {
        credential.fault(name, rule);
    }
    let client_id = text(credential, "clientid");
    let given = credential.value("clientsecret").is_some();
    let secret = if given { secret(credential, "clientsecret") } else { None };
    if given && client_id.is_none() {
        credential.fault("clientid", "is required beside clientsecret");
    }
    Some(EndpointRequest {
        url: url?.to_owned(),
        client_id,
        secret: secret.map(str::to_owned),
        authentication: credential.word("clientauthentication", &CLIENT_AUTHENTICATIONS).unwrap_or_default(),
        tls: text(credential, "tls"),
    })
}

fn text(credential: &Members<'_>, name: &str) -> Option<String> {
    let text = credential.text(name)?;
    if let Err(rule) = check_length(text, MAX_TEXT) {
        credential.fault(name, rule);
    }
    Some(text.to_owned())
}

fn secret<'a>(credential: &Members<'a>, name: &str) -> Option<&'a str> {
    let text = credential.required(name)?;
    if let Err(rule) = check_length(text, MAX_SECRET) {
        credential.fault(name, rule);
        return None;
    }
    Some(text)
}

fn header(credential: &Members<'_>, name: &str, value: String) -> Option<CredentialRequest> {
    visible(credential, name, &value)?;
    Some(CredentialRequest::Authorization(value))
}

/// What a header value can hold.
fn visible<'a>(credential: &Members<'_>, name: &str, value: &'a str) -> Option<&'a str> {
    if !is_header_text(value) {
        credential.fault(name, HEADER_TEXT);
        return None;
    }
    Some(value)
}

#[cfg(test)]
mod tests {
    use egress::Policy;
    use model::credential::ClientAuthentication;
    use serde_json::{Value, json};

    use super::*;
    use crate::members::Faults;
    use web::problem::Problem;

    fn parse(credential: Value) -> Result<Option<CredentialRequest>, Problem> {
        let body = json!({ "sinkcredential": credential });
        let faults = Faults::default();
        let check_url = |url: &str| Policy::default().check_url(url).map(drop).map_err(|error| error.to_string());
        let read = read(&Members::new(body.as_object().unwrap(), &faults), &check_url);
        faults.check(read)
    }

    #[test]
    fn credentials_become_headers_ce_wha_03_05_06() {
        let header = |text: &str| Some(CredentialRequest::Authorization(text.to_owned()));
        for (credential, expected) in [
            (json!(null), Some(CredentialRequest::None)),
            (
                json!({"credentialtype": "ACCESSTOKEN", "accesstoken": "t", "accesstokenexpiresutc": null, "accesstokentype": "bearer"}),
                header("Bearer t"),
            ),
            (
                json!({"credentialtype": "ACCESSTOKEN", "accesstoken": "t", "accesstokenexpiresutc": null, "accesstokentype": "Bearer", "in": "query"}),
                Some(CredentialRequest::QueryToken("t".into())),
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
        let access = TokenRequest { token: "t".into(), place: TokenPlace::Header, expires };
        let end = "2030-01-01T01:00:00+01:00";
        let body = json!({
            "credentialtype": "ACCESSTOKEN", "accesstoken": "t", "accesstokenexpiresutc": end, "accesstokentype": "bearer",
        });
        assert_eq!(parse(body).unwrap(), Some(CredentialRequest::AccessToken(access.clone())));
        let mut body = json!({
            "credentialType": "REFRESHTOKEN", "accessToken": "t", "accessTokenExpiresUtc": end, "accessTokenType": "bearer",
            "refreshToken": "r", "refreshTokenEndpoint": "https://token.example/",
        });
        rename(body.as_object_mut().unwrap());
        let endpoint = EndpointRequest {
            url: "https://token.example/".into(),
            client_id: None,
            secret: None,
            authentication: ClientAuthentication::Basic,
            tls: None,
        };
        let refresh = CredentialRequest::RefreshToken { access, refresh_token: "r".into(), endpoint };
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
