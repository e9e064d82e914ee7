//! The request that exchanges a code for tokens, and how the client authenticates itself in it.

use std::sync::Arc;

use base64::{
    Engine,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use http::{HeaderValue, Method, Request, StatusCode, header};
use model::{Random, Timestamp};
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, RSA_PKCS1_SHA256, RsaKeyPair},
};
use serde_json::{Value, json};

use crate::{Error, Login, Provider, login::refusal, provider::object, signed::MAX_TOKEN};

/// How long the assertion of a client is valid, in seconds.
const ASSERTION_LIFETIME: i64 = 60;
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// The longest response of a token endpoint, in bytes.
const MAX_RESPONSE: usize = 128 << 10;
const WHAT: &str = "the response of the token endpoint";

/// The gateway as a client of the provider.
#[derive(Debug, Clone)]
pub struct Client {
    /// The `client_id`.
    pub id: String,
    /// The method by which the client authenticates itself.
    pub authentication: Authentication,
}

/// How a client authenticates itself at the token endpoint (OpenID Connect Core, section 9).
#[derive(Clone)]
pub enum Authentication {
    /// `client_secret_basic`.
    SecretBasic(String),
    /// `client_secret_post`.
    SecretPost(String),
    /// `private_key_jwt`: an assertion signed with a key of its own (RFC 7523).
    PrivateKeyJwt(Arc<SigningKey>),
    /// A client certificate of the connection (RFC 8705), or none at all.
    None,
}

impl std::fmt::Debug for Authentication {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::SecretBasic(_) => "SecretBasic(..)",
            Self::SecretPost(_) => "SecretPost(..)",
            Self::PrivateKeyJwt(_) => "PrivateKeyJwt(..)",
            Self::None => "None",
        })
    }
}

/// The private key of a client.
pub struct SigningKey {
    id: Option<String>,
    pair: Pair,
}

enum Pair {
    Rsa(Box<RsaKeyPair>),
    P256(Box<EcdsaKeyPair>),
}

impl SigningKey {
    /// A key in PKCS #8 (DER) with the `kid` under which the provider knows it. RSA keys sign with RS256, P-256 keys with
    /// ES256.
    ///
    /// # Errors
    /// [`Error::SigningKey`] for any other key.
    pub fn from_pkcs8(der: &[u8], id: Option<String>) -> Result<Self, Error> {
        let ecdsa = || EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der, &SystemRandom::new());
        let pair = match RsaKeyPair::from_pkcs8(der) {
            Ok(pair) => Pair::Rsa(Box::new(pair)),
            Err(_) => Pair::P256(Box::new(ecdsa().map_err(|_| Error::SigningKey)?)),
        };
        Ok(Self { id, pair })
    }

    /// Signs claims into a token.
    fn sign(&self, claims: &Value) -> Result<String, Error> {
        let algorithm = match self.pair {
            Pair::Rsa(_) => "RS256",
            Pair::P256(_) => "ES256",
        };
        let mut header = json!({"alg": algorithm, "typ": "JWT"});
        if let Some(id) = &self.id {
            header["kid"] = json!(id);
        }
        let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(&header), part(claims));
        let random = SystemRandom::new();
        let signature = match &self.pair {
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                let made = pair.sign(&RSA_PKCS1_SHA256, &random, signed.as_bytes(), &mut signature);
                made.map(|()| signature)
            }
            Pair::P256(pair) => pair.sign(&random, signed.as_bytes()).map(|signature| signature.as_ref().to_vec()),
        };
        let signature = signature.map_err(|_| Error::SigningKey)?;
        Ok(format!("{signed}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature)))
    }
}

impl Client {
    /// The request that exchanges the code of a log-in (OpenID Connect Core, 3.1.3.1).
    ///
    /// # Errors
    /// When the provider has no token endpoint or the request cannot be made with what is configured.
    pub fn token_request(
        &self,
        provider: &Provider,
        login: &Login,
        code: &str,
        redirect_uri: &str,
        now: Timestamp,
        random: &dyn Random,
    ) -> Result<Request<String>, Error> {
        let endpoint = provider.token_endpoint.as_deref();
        let endpoint = endpoint.ok_or(Error::member("the discovery document", "token_endpoint", "must be there"))?;
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("grant_type", "authorization_code")
            .append_pair("code", code)
            .append_pair("redirect_uri", redirect_uri)
            .append_pair("code_verifier", login.verifier());
        let mut authorization = None;
        match &self.authentication {
            Authentication::SecretBasic(secret) => {
                // Both parts are encoded as in a form first (RFC 6749, 2.3.1).
                let encoded = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
                let pair = format!("{}:{}", encoded(&self.id), encoded(secret));
                authorization = Some(format!("Basic {}", BASE64_STANDARD.encode(pair)));
            }
            Authentication::SecretPost(secret) => {
                form.append_pair("client_id", &self.id).append_pair("client_secret", secret);
            }
            Authentication::PrivateKeyJwt(key) => {
                let now = now.as_micros() / 1_000_000;
                let claims = json!({
                    "iss": self.id, "sub": self.id, "aud": provider.issuer, "jti": random.uuid().to_string(),
                    "iat": now, "exp": now + ASSERTION_LIFETIME,
                });
                form.append_pair("client_id", &self.id)
                    .append_pair("client_assertion_type", ASSERTION_TYPE)
                    .append_pair("client_assertion", &key.sign(&claims)?);
            }
            Authentication::None => {
                form.append_pair("client_id", &self.id);
            }
        }
        let rule = "must be a URL, and the client id and secret text that a header can hold";
        let unusable = |_| Error::member("the discovery document", "token_endpoint", rule);
        let mut request = Request::builder()
            .method(Method::POST)
            .uri(endpoint)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::ACCEPT, "application/json")
            .body(form.finish())
            .map_err(unusable)?;
        if let Some(authorization) = authorization {
            let mut value = HeaderValue::try_from(authorization).map_err(|error| unusable(error.into()))?;
            value.set_sensitive(true);
            request.headers_mut().insert(header::AUTHORIZATION, value);
        }
        Ok(request)
    }
}

/// The ID token in the response of the token endpoint.
///
/// # Errors
/// [`Error::Refused`] for another status than 200, with the error that the provider names; [`Error::Member`] when there is
/// no ID token.
pub fn id_token_of(status: StatusCode, body: &[u8]) -> Result<String, Error> {
    if status != StatusCode::OK {
        return Err(refusal(body));
    }
    let body = object(body, WHAT, MAX_RESPONSE)?;
    match body.get("id_token").and_then(Value::as_str) {
        Some(token) if token.len() <= MAX_TOKEN => Ok(token.to_owned()),
        Some(_) => Err(Error::TooLong { what: "the ID token", limit: MAX_TOKEN }),
        None => Err(Error::member(WHAT, "id_token", "must be there")),
    }
}
