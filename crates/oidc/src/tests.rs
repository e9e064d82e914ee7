//! The attacks that a relying party and an API must withstand, each refused with the error that names it.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use http::StatusCode;
use model::{Timestamp, clock::SystemRandom};
use ring::{
    hmac,
    rand::SystemRandom as Entropy,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
};
use serde_json::{Value, json};

use crate::*;

const ISSUER: &str = "https://login.example.nl";
const NOW: i64 = 1_800_000_000;

/// A key of a provider with its `kid`.
struct Signer {
    id: &'static str,
    algorithm: &'static str,
    pair: EcdsaKeyPair,
    pkcs8: Vec<u8>,
}

impl Signer {
    fn new(id: &'static str) -> Self {
        Self::with(id, "ES256")
    }

    fn with(id: &'static str, algorithm: &'static str) -> Self {
        let signing = match algorithm {
            "ES384" => &ECDSA_P384_SHA384_FIXED_SIGNING,
            _ => &ECDSA_P256_SHA256_FIXED_SIGNING,
        };
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(signing, &Entropy::new()).unwrap();
        let pair = EcdsaKeyPair::from_pkcs8(signing, pkcs8.as_ref(), &Entropy::new()).unwrap();
        Self { id, algorithm, pair, pkcs8: pkcs8.as_ref().to_vec() }
    }

    fn jwk(&self) -> Value {
        let point = &self.pair.public_key().as_ref()[1..];
        let (x, y) = point.split_at(point.len() / 2);
        let curve = if self.algorithm == "ES384" { "P-384" } else { "P-256" };
        json!({"kty": "EC", "use": "sig", "crv": curve, "kid": self.id, "alg": self.algorithm, "x": encode(x), "y": encode(y)})
    }

    fn keys(&self) -> KeySet {
        KeySet::parse(json!({"keys": [self.jwk()]}).to_string().as_bytes()).unwrap()
    }

    fn sign(&self, header: &Value, claims: &Value) -> String {
        let signed = format!("{}.{}", encode(header.to_string()), encode(claims.to_string()));
        let signature = self.pair.sign(&Entropy::new(), signed.as_bytes()).unwrap();
        format!("{signed}.{}", encode(signature.as_ref()))
    }

    fn token(&self, kind: &str, claims: &Value) -> String {
        self.sign(&json!({"alg": self.algorithm, "kid": self.id, "typ": kind}), claims)
    }
}

fn encode(bytes: impl AsRef<[u8]>) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

fn now() -> Timestamp {
    Timestamp::from_seconds(NOW)
}

fn metadata() -> Value {
    json!({
        "issuer": ISSUER,
        "authorization_endpoint": "https://login.example.nl/auth",
        "token_endpoint": "https://login.example.nl/token",
        "jwks_uri": "https://login.example.nl/jwks",
        "end_session_endpoint": "https://login.example.nl/logout",
        "id_token_signing_alg_values_supported": ["RS256", "ES256", "HS256", "none"],
    })
}

fn provider() -> Provider {
    Provider::parse(metadata().to_string().as_bytes(), ISSUER).unwrap()
}

const TERMS: LoginTerms<'_> = LoginTerms {
    client_id: "gateway",
    redirect_uri: "https://gateway.example.nl/beheer/oidc/terug",
    scope: "profile email",
    acr: None,
};

/// The value of a parameter of a URL.
fn parameter(url: &str, name: &str) -> String {
    let query = url.split_once('?').unwrap().1;
    form_urlencoded::parse(query.as_bytes()).find(|(own, _)| own == name).unwrap().1.into_owned()
}

struct Fixture {
    signer: Signer,
    provider: Provider,
    login: Login,
    state: String,
    nonce: String,
}

impl Fixture {
    fn new() -> Self {
        let (provider, login) = (provider(), Login::start(&SystemRandom));
        let url = login.url(&provider, &TERMS).unwrap();
        let (state, nonce) = (parameter(&url, "state"), parameter(&url, "nonce"));
        Self { signer: Signer::new("one"), provider, login, state, nonce }
    }

    fn claims(&self) -> Value {
        json!({"iss": ISSUER, "aud": "gateway", "sub": "p-1", "exp": NOW + 300, "iat": NOW, "nonce": self.nonce,
               "realm_access": {"roles": ["beheerder"]}})
    }

    fn identity(&self, token: &str) -> Result<Claims, Error> {
        self.login.identity(token, &self.provider, &self.signer.keys(), &TERMS, now())
    }

    fn with(&self, member: &str, value: Value) -> Result<Claims, Error> {
        let mut claims = self.claims();
        match value {
            Value::Null => drop(claims.as_object_mut().unwrap().remove(member)),
            value => claims[member] = value,
        }
        self.identity(&self.signer.token("JWT", &claims))
    }
}

#[test]
fn a_log_in_from_the_first_redirect_to_the_identity() {
    let scene = Fixture::new();
    let url = scene.login.url(&scene.provider, &TERMS).unwrap();
    assert!(url.starts_with("https://login.example.nl/auth?response_type=code&client_id=gateway&"));
    assert_eq!(parameter(&url, "scope"), "openid profile email");
    assert_eq!(parameter(&url, "code_challenge_method"), "S256");
    let code = scene.login.code(&format!("state={}&code=abc", scene.state), &scene.provider).unwrap();
    assert_eq!(code, "abc");
    let claims = scene.identity(&scene.signer.token("JWT", &scene.claims())).unwrap();
    assert_eq!((claims.text("sub"), claims.texts(&["realm_access", "roles"])), (Some("p-1"), vec!["beheerder"]));
    assert!(claims.texts(&["realm_access", "nothing"]).is_empty());
}

#[test]
fn a_log_in_is_kept_by_the_browser_that_started_it() {
    let login = Login::start(&SystemRandom);
    assert_eq!(Login::from_bytes(&login.to_bytes()), Some(login.clone()));
    assert_eq!(Login::from_bytes(b"{}"), None);
    assert_eq!(format!("{login:?}"), "Login(..)");
    assert_ne!(Login::start(&SystemRandom), login);
}

#[test]
fn a_response_that_is_not_of_this_log_in_is_refused() {
    let scene = Fixture::new();
    let code = |query: String| scene.login.code(&query, &scene.provider);
    assert_eq!(code("state=other&code=abc".into()), Err(Error::State));
    assert_eq!(code("code=abc".into()), Err(Error::State));
    let state = &scene.state;
    assert_eq!(code(format!("state={state}&error=access_denied")), Err(Error::Refused("access_denied".into())));
    let refused = code(format!("state={state}&error=%3Cscript%3E"));
    assert_eq!(refused, Err(Error::Refused("an unknown error".into())), "a text of the browser is not repeated");
    for query in ["code=a&code=b", "iss=https://other.example&code=a", ""] {
        assert!(matches!(code(format!("state={state}&{query}")), Err(Error::Member { .. })), "{query}");
    }
    let mut named = scene.provider.clone();
    named.names_itself = true;
    assert!(matches!(
        scene.login.code(&format!("state={state}&code=a"), &named),
        Err(Error::Member { member: "iss", .. })
    ));
    assert!(matches!(code(format!("state={state}&code={}", "a".repeat(9_000))), Err(Error::TooLong { .. })));
}

#[test]
fn an_id_token_for_somebody_else_or_another_time_is_refused_ch_124() {
    let scene = Fixture::new();
    let member = |result: Result<Claims, Error>| match result {
        Err(Error::Member { member, .. }) => member,
        other => panic!("{other:?}"),
    };
    assert_eq!(member(scene.with("iss", json!("https://other.example"))), "iss");
    assert_eq!(member(scene.with("aud", json!("other"))), "aud");
    assert_eq!(member(scene.with("aud", Value::Null)), "aud");
    assert_eq!(member(scene.with("aud", json!(["gateway", "other"]))), "azp");
    assert_eq!(member(scene.with("azp", json!("other"))), "azp");
    assert_eq!(member(scene.with("nonce", json!("other"))), "nonce");
    assert_eq!(member(scene.with("nonce", Value::Null)), "nonce");
    assert_eq!(member(scene.with("sub", Value::Null)), "sub");
    assert_eq!(member(scene.with("iat", Value::Null)), "iat");
    assert_eq!(member(scene.with("exp", Value::Null)), "exp");
    assert_eq!(member(scene.with("exp", json!("soon"))), "exp");
    assert_eq!(scene.with("exp", json!(NOW - 61)), Err(Error::Expired));
    assert!(scene.with("exp", json!(NOW - 59)).is_ok(), "clocks may differ by a minute");
    assert_eq!(scene.with("nbf", json!(NOW + 61)), Err(Error::NotYet));
    assert_eq!(scene.with("iat", json!(1e300)), Err(Error::member("the token", "iat", "must be a number of seconds")));
}

#[test]
fn an_id_token_verifies_an_address_only_with_email_verified_true_ch_54() {
    let scene = Fixture::new();
    let expected = Expected { issuer: ISSUER, audience: "gateway", now: now(), leeway: 60 };
    let verify = |kind: &str, claims: &Value| {
        verified_email(&scene.signer.token(kind, claims), &scene.provider, &scene.signer.keys(), &expected)
    };
    let with = |member: &str, value: Value| {
        let mut claims = scene.claims();
        (claims["email"], claims["email_verified"]) = (json!("an@burger.example"), json!(true));
        claims[member] = value;
        verify("JWT", &claims)
    };
    let good = with("nonce", json!("of another log-in")).unwrap();
    assert_eq!((good.address.as_str(), good.at), ("an@burger.example", now()));
    assert!(!format!("{good:?}").contains("burger"));
    for (member, value) in [
        ("email_verified", json!(false)),
        ("email_verified", json!("true")),
        ("email_verified", json!(1)),
        ("email_verified", json!(null)),
        ("email", json!("")),
        ("email", json!(["an@burger.example"])),
        ("iss", json!("https://other.example")),
        ("aud", json!("other")),
        ("azp", json!("other")),
        ("iat", json!("now")),
    ] {
        let refused = with(member, value.clone());
        assert!(matches!(refused, Err(Error::Member { member: named, .. }) if named == member), "{member} {value}");
    }
    assert_eq!(with("exp", json!(NOW - 61)), Err(Error::Expired));
    assert_eq!(with("iat", json!(NOW + 61)), Err(Error::NotYet));
    assert!(matches!(with("events", json!({})), Err(Error::Member { member: "typ", .. })));
    let mut claims = scene.claims();
    (claims["email"], claims["email_verified"]) = (json!("an@burger.example"), json!(true));
    assert!(matches!(verify("at+jwt", &claims), Err(Error::Member { member: "typ", .. })));
    let impostor = Signer::new("one").token("JWT", &claims);
    let forged = verified_email(&impostor, &scene.provider, &scene.signer.keys(), &expected);
    assert_eq!(forged, Err(Error::Signature));
}

#[test]
fn a_demanded_authentication_context_must_be_there() {
    let scene = Fixture::new();
    let terms = LoginTerms { acr: Some("mfa"), ..TERMS };
    let url = scene.login.url(&scene.provider, &terms).unwrap();
    assert_eq!(parameter(&url, "acr_values"), "mfa");
    let identity = |claims: &Value| {
        scene.login.identity(&scene.signer.token("JWT", claims), &scene.provider, &scene.signer.keys(), &terms, now())
    };
    assert!(matches!(identity(&scene.claims()), Err(Error::Member { member: "acr", .. })));
    let mut claims = scene.claims();
    claims["acr"] = json!("mfa");
    assert!(identity(&claims).is_ok());
}

#[test]
fn a_token_that_the_provider_did_not_sign_is_refused() {
    let scene = Fixture::new();
    let claims = scene.claims();
    let body = encode(claims.to_string());
    let none = format!("{}.{body}.", encode(r#"{"alg":"none"}"#));
    assert_eq!(scene.identity(&none), Err(Error::Algorithm));
    // The public key, used as the secret of HS256.
    let header = encode(r#"{"alg":"HS256","kid":"one"}"#);
    let secret = hmac::Key::new(hmac::HMAC_SHA256, scene.signer.pair.public_key().as_ref());
    let signature = encode(hmac::sign(&secret, format!("{header}.{body}").as_bytes()));
    assert_eq!(scene.identity(&format!("{header}.{body}.{signature}")), Err(Error::Algorithm));
    let impostor = Signer::new("one");
    assert_eq!(scene.identity(&impostor.token("JWT", &claims)), Err(Error::Signature));
    let rotated = Signer::new("two");
    assert_eq!(scene.identity(&rotated.token("JWT", &claims)), Err(Error::UnknownKey));
    assert!(!scene.signer.keys().has("two") && scene.signer.keys().has("one"));
    let strong = Signer::with("one", "ES384");
    assert_eq!(
        scene.identity(&strong.token("JWT", &claims)),
        Err(Error::Algorithm),
        "the provider does not name ES384"
    );
    let critical = json!({"alg": "ES256", "kid": "one", "crit": ["b64"]});
    assert!(matches!(
        scene.identity(&scene.signer.sign(&critical, &claims)),
        Err(Error::Member { member: "crit", .. })
    ));
    for text in ["", "a.b", "a.b.c", "..", "a.b.c.d"] {
        assert!(scene.identity(text).is_err(), "{text:?}");
    }
    let long = format!("{}.{}.a", encode("{}"), "a".repeat(40_000));
    assert!(matches!(scene.identity(&long), Err(Error::TooLong { .. })));
    let good = scene.signer.token("JWT", &claims);
    let mut changed = claims;
    changed["sub"] = json!("p-2");
    let parts: Vec<&str> = good.split('.').collect();
    let forged = format!("{}.{}.{}", parts[0], encode(changed.to_string()), parts[2]);
    assert_eq!(scene.identity(&forged), Err(Error::Signature));
}

/// RFC 7515, appendix A.2: a token signed with RS256, and the key that verifies it.
#[test]
fn the_example_of_rfc_7515_verifies_with_rs256() {
    let n = "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ";
    let token = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";
    let keys = KeySet::parse(json!({"keys": [{"kty": "RSA", "n": n, "e": "AQAB"}]}).to_string().as_bytes()).unwrap();
    let claims = signed::verify(token, &keys, &Algorithm::ALL).unwrap().claims;
    assert_eq!((claims.text("iss"), claims.seconds("exp")), (Some("joe"), Ok(Some(1_300_819_380))));
    assert_eq!(signed::verify(&token.replacen("cC4", "cC5", 1), &keys, &Algorithm::ALL).unwrap_err(), Error::Signature);
}

#[test]
fn keys_for_other_purposes_are_passed_over_and_their_number_is_bounded() {
    let mut other = Signer::new("one").jwk();
    other["use"] = json!("enc");
    let keys = json!({"keys": [{"kty": "oct", "k": "AA"}, {"kty": "EC", "crv": "secp256k1"}, other, "text"]});
    assert!(!KeySet::parse(keys.to_string().as_bytes()).unwrap().has("one"));
    let many = json!({"keys": vec![json!({}); 65]});
    assert!(matches!(KeySet::parse(many.to_string().as_bytes()), Err(Error::Member { member: "keys", .. })));
    assert!(matches!(KeySet::parse(b"{}"), Err(Error::Member { member: "keys", .. })));
    assert!(matches!(KeySet::parse(b"[]"), Err(Error::NotJson(_))));
    assert!(matches!(KeySet::parse(&vec![b' '; 300_000]), Err(Error::TooLong { .. })));
}

#[test]
fn a_discovery_document_must_be_that_of_the_issuer_and_keep_secrets_on_https() {
    assert_eq!(
        Provider::discovery_url("https://a.nl/realms/x/"),
        "https://a.nl/realms/x/.well-known/openid-configuration"
    );
    assert_eq!(provider().algorithms, [Algorithm::Rs256, Algorithm::Es256]);
    let refused = |member: &str, value: Value| {
        let mut document = metadata();
        document[member] = value;
        match Provider::parse(document.to_string().as_bytes(), ISSUER) {
            Err(Error::Member { member: named, .. }) => named == member,
            _ => false,
        }
    };
    assert!(refused("issuer", json!("https://login.example.nl/")));
    assert!(refused("token_endpoint", json!("http://login.example.nl/token")));
    assert!(refused("jwks_uri", json!("file:///etc/passwd")));
    assert!(refused("jwks_uri", Value::Null));
    assert!(refused("id_token_signing_alg_values_supported", json!(["HS256", "none"])));
    let mut local = metadata();
    local["token_endpoint"] = json!("http://127.0.0.1:4000/token");
    assert!(Provider::parse(local.to_string().as_bytes(), ISSUER).is_ok());
}

fn exchange(authentication: Authentication) -> http::Request<String> {
    let scene = Fixture::new();
    let client = Client { id: "gate way".into(), authentication };
    client.token_request(&scene.provider, &scene.login, "abc", TERMS.redirect_uri, now(), &SystemRandom).unwrap()
}

#[test]
fn the_code_is_exchanged_with_each_authentication_of_a_client() {
    let basic = exchange(Authentication::SecretBasic("s:1".into()));
    let expected = format!("Basic {}", base64::prelude::BASE64_STANDARD.encode("gate+way:s%3A1"));
    assert_eq!(basic.headers()[http::header::AUTHORIZATION], expected);
    assert!(basic.headers()[http::header::AUTHORIZATION].is_sensitive());
    assert!(!basic.body().contains("client_secret") && basic.body().contains("code_verifier="));
    let post = exchange(Authentication::SecretPost("s1".into()));
    assert!(post.body().ends_with("client_id=gate+way&client_secret=s1"));
    assert!(exchange(Authentication::None).body().ends_with("client_id=gate+way"));
    assert_eq!(format!("{:?}", Authentication::SecretPost("s1".into())), "SecretPost(..)");
}

#[test]
fn a_client_signs_its_assertion_with_its_own_key() {
    let signer = Signer::new("client-key");
    let key = SigningKey::from_pkcs8(&signer.pkcs8, Some("client-key".into())).unwrap();
    let request = exchange(Authentication::PrivateKeyJwt(key.into()));
    let form: Vec<_> = form_urlencoded::parse(request.body().as_bytes()).collect();
    let assertion = &form.iter().find(|(name, _)| name == "client_assertion").unwrap().1;
    let claims = signed::verify(assertion, &signer.keys(), &[Algorithm::Es256]).unwrap().claims;
    assert_eq!(
        (claims.text("iss"), claims.text("sub"), claims.text("aud")),
        (Some("gate way"), Some("gate way"), Some(ISSUER))
    );
    assert_eq!(claims.seconds("exp"), Ok(Some(NOW + 60)));
    assert!(claims.text("jti").is_some());
    assert!(matches!(SigningKey::from_pkcs8(b"no key", None), Err(Error::SigningKey)));
}

#[test]
fn the_response_of_the_token_endpoint_holds_an_id_token_or_a_known_error() {
    assert_eq!(id_token_of(StatusCode::OK, br#"{"id_token": "a.b.c"}"#).unwrap(), "a.b.c");
    let refused = |body: &[u8]| id_token_of(StatusCode::BAD_REQUEST, body).unwrap_err();
    assert_eq!(refused(br#"{"error": "invalid_grant"}"#), Error::Refused("invalid_grant".into()));
    assert_eq!(refused(br#"{"error": "secret-42"}"#), Error::Refused("an unknown error".into()));
    assert_eq!(refused(b"<html>"), Error::Refused("an unknown error".into()));
    assert!(matches!(id_token_of(StatusCode::OK, b"{}"), Err(Error::Member { member: "id_token", .. })));
    assert!(matches!(id_token_of(StatusCode::OK, &vec![b'a'; 200_000]), Err(Error::TooLong { .. })));
}

#[test]
fn an_access_token_is_for_this_api_and_no_token_of_another_kind() {
    let signer = Signer::with("one", "ES384");
    let expected = Expected { issuer: ISSUER, audience: "eventgateway", now: now(), leeway: 60 };
    let claims = json!({"iss": ISSUER, "aud": ["eventgateway", "account"], "exp": NOW + 60, "client_id": "zaaksysteem", "scope": "publiceren lezen"});
    let check = |kind: &str, claims: &Value| access_token(&signer.token(kind, claims), &signer.keys(), &expected);
    let read = check("at+jwt", &claims).unwrap();
    assert_eq!((read.client(), read.texts(&["scope"])), (Some("zaaksysteem"), vec!["publiceren", "lezen"]));
    assert!(check("JWT", &claims).is_ok());
    let changed = |member: &str, value: Value| {
        let mut changed = claims.clone();
        changed[member] = value;
        changed
    };
    assert!(
        matches!(check("JWT", &changed("nonce", json!("n"))), Err(Error::Member { member: "typ", .. })),
        "an ID token"
    );
    assert!(matches!(check("logout+jwt", &claims), Err(Error::Member { member: "typ", .. })));
    assert!(matches!(check("at+jwt", &changed("aud", json!("other"))), Err(Error::Member { member: "aud", .. })));
    assert!(matches!(
        check("at+jwt", &changed("client_id", Value::Null)),
        Err(Error::Member { member: "client_id", .. })
    ));
    let mut party = changed("client_id", Value::Null);
    party["azp"] = json!("zaaksysteem");
    assert_eq!(check("JWT", &party).unwrap().client(), Some("zaaksysteem"));
    assert_eq!(check("at+jwt", &changed("exp", json!(NOW - 60))), Err(Error::Expired));
    assert_eq!(algorithm_of(&signer.token("at+jwt", &claims)), Some(Algorithm::Es384));
    assert_eq!(algorithm_of(&format!("{}.a.b", encode(r#"{"alg":"HS256"}"#))), None);
    assert_eq!((algorithm_of(""), algorithm_of("a.b.c")), (None, None));
}

#[test]
fn a_logout_token_names_whom_to_log_out() {
    let signer = Signer::new("one");
    let event = json!({"http://schemas.openid.net/event/backchannel-logout": {}});
    let claims = json!({"iss": ISSUER, "aud": "gateway", "iat": NOW, "exp": NOW + 60, "jti": "1", "sub": "p-1", "events": event});
    let check = |claims: &Value| {
        logout_token(&signer.token("logout+jwt", claims), &provider(), &signer.keys(), "gateway", now())
    };
    let out = check(&claims).unwrap();
    assert_eq!((out.subject.as_deref(), out.session, out.id.as_str()), (Some("p-1"), None, "1"));
    for (member, value) in [("nonce", json!("n")), ("events", json!({})), ("jti", Value::Null), ("sub", Value::Null)] {
        let mut changed = claims.clone();
        changed[member] = value;
        assert!(matches!(check(&changed), Err(Error::Member { member: named, .. }) if named == member), "{member}");
    }
    let url = end_session_url(&provider(), "gateway", "https://gateway.example.nl/beheer").unwrap();
    assert_eq!(parameter(&url, "post_logout_redirect_uri"), "https://gateway.example.nl/beheer");
}
