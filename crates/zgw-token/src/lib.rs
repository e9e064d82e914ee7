//! One ZGW token: HS256, claims `client_id` and `iat`, valid for a bounded time after `iat`.
//!
//! The checks and their order are those of the Notificaties API as deployed; [`TokenError::code`] is the code it
//! answers with. It keeps no state and reads no clock.

use std::borrow::Cow;

use base64::{
    Engine, alphabet,
    engine::{GeneralPurpose, GeneralPurposeConfig},
    prelude::BASE64_URL_SAFE_NO_PAD,
};
use model::Timestamp;
use ring::hmac;
use serde_json::{Map, Value, json};

/// The longest token, in bytes; a longer one is [`TokenError::Decode`].
pub const MAX_TOKEN: usize = 8_192;

/// How far `iat` may lie in the future at least, in seconds: clocks of clients differ, and Open Notificaties accepts any.
pub const LEAST_AHEAD: i64 = 60;

/// How long tokens are valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Validity {
    /// How far clocks may differ, in seconds.
    pub leeway: i64,
    /// How long after `iat`, in seconds.
    pub max_age: i64,
}

/// A parsed token whose signature is not verified yet.
#[derive(Debug)]
pub struct Unverified<'a> {
    signed: &'a str,
    signature: Vec<u8>,
    claims: Map<String, Value>,
    client_id: String,
    hs256: bool,
}

/// Why a token is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// No token, or none of the scheme Bearer.
    #[error("no token: send Authorization: Bearer <token>")]
    Absent,
    /// Not a JWT, or longer than [`MAX_TOKEN`].
    #[error("the token is not a JSON Web Token")]
    Decode,
    /// The claim `client_id` is absent, null or empty.
    #[error("the token has no claim client_id")]
    NoClient,
    /// No applicatie has this `client_id`.
    #[error("the client_id of the token is unknown")]
    UnknownClient,
    /// The signature fits none of the secrets of the applicatie.
    #[error("the signature of the token does not fit the secret of its client_id")]
    Signature,
    /// Signed otherwise than with HS256.
    #[error("the token must be signed with HS256")]
    Algorithm,
    /// No claim `iat`.
    #[error("the token has no claim iat")]
    NoIat,
    /// `iat` is no number of seconds.
    #[error("the claim iat must be a whole number of seconds")]
    IatForm,
    /// `iat` is further in the future than clocks may differ.
    #[error("the claim iat lies in the future; set the clock of the client")]
    Ahead,
    /// More than [`Validity::max_age`] has passed since `iat`.
    #[error("the token is too old; make a new one")]
    Expired,
    /// The moment `exp` has passed.
    #[error("the token has expired (exp)")]
    Exp,
    /// The moment `nbf` has not come.
    #[error("the token is not valid yet (nbf)")]
    Nbf,
    /// A claim `aud`, which no receiver of ZGW tokens has.
    #[error("the token is meant for another audience (aud)")]
    Audience,
    /// A claim `sub` that is no text.
    #[error("the claim sub must be text")]
    Subject,
    /// A claim `jti` that is no text.
    #[error("the claim jti must be text")]
    Jti,
    /// A claim `exp` or `nbf` that is no number, or a critical header extension.
    #[error("the token holds a claim or header that cannot be read")]
    Claim,
}

impl TokenError {
    /// The code on the paths of the Notificaties API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Absent | Self::IatForm => "permission_denied",
            Self::Decode => "jwt-decode-error",
            Self::NoClient => "missing-client-identifier",
            Self::UnknownClient => "invalid-client-identifier",
            Self::Signature => "invalid-jwt-signature",
            Self::Algorithm => "jwt-invalidalgorithmerror",
            Self::NoIat => "jwt-missing-iat-claim",
            Self::Expired => "jwt-expired",
            Self::Exp => "jwt-expiredsignatureerror",
            Self::Nbf | Self::Ahead => "jwt-immaturesignatureerror",
            Self::Audience => "jwt-invalidaudienceerror",
            Self::Subject => "jwt-invalidsubjecterror",
            Self::Jti => "jwt-invalidjtierror",
            Self::Claim => "jwt-decodeerror",
        }
    }
}

/// Parses a token without verifying it.
///
/// # Errors
/// [`TokenError::Decode`], [`TokenError::NoClient`], [`TokenError::UnknownClient`] or [`TokenError::Claim`].
pub fn read(token: &str) -> Result<Unverified<'_>, TokenError> {
    if token.len() > MAX_TOKEN {
        return Err(TokenError::Decode);
    }
    let (signed, signature) = token.rsplit_once('.').ok_or(TokenError::Decode)?;
    let (header, claims) = signed.split_once('.').ok_or(TokenError::Decode)?;
    let header = object(header)?;
    let claims = object(claims)?;
    let signature = decode_part(signature)?;
    let client_id = match claims.get("client_id") {
        Some(Value::String(id)) if !id.is_empty() => id.clone(),
        None | Some(Value::Null) => return Err(TokenError::NoClient),
        Some(_) => return Err(TokenError::UnknownClient),
    };
    if header.contains_key("crit") {
        return Err(TokenError::Claim);
    }
    let hs256 = header.get("alg").and_then(Value::as_str) == Some("HS256");
    Ok(Unverified { signed, signature, claims, client_id, hs256 })
}

impl Unverified<'_> {
    /// The claim `client_id`, not verified.
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// The claim `scope`, not verified; `None` when it is absent or no text.
    pub fn scope(&self) -> Option<&str> {
        self.claims.get("scope").and_then(Value::as_str)
    }

    /// Verifies signature and claims; returns the timestamp at which the token expires.
    pub fn verify(&self, secrets: &[Vec<u8>], now: Timestamp, validity: Validity) -> Result<Timestamp, TokenError> {
        if !self.hs256 {
            return Err(TokenError::Algorithm);
        }
        // Every secret is tried, also after one fits, so that the time taken does not reveal which one it was.
        let fits = secrets.iter().fold(false, |fits, secret| {
            let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
            hmac::verify(&key, self.signed.as_bytes(), &self.signature).is_ok() | fits
        });
        if !fits {
            return Err(TokenError::Signature);
        }
        let seconds = now.as_micros().div_euclid(1_000_000);
        if self.number("nbf")?.is_some_and(|nbf| nbf > seconds.saturating_add(validity.leeway)) {
            return Err(TokenError::Nbf);
        }
        let exp = self.number("exp")?;
        if exp.is_some_and(|exp| exp <= seconds.saturating_sub(validity.leeway)) {
            return Err(TokenError::Exp);
        }
        self.check_aud_sub_jti()?;
        let iat = match self.claims.get("iat") {
            None => return Err(TokenError::NoIat),
            Some(value) => whole_number(value).ok_or(TokenError::IatForm)?,
        };
        let oldest = iat.saturating_add(validity.max_age).saturating_add(validity.leeway);
        if seconds >= oldest {
            return Err(TokenError::Expired);
        }
        if iat > seconds.saturating_add(validity.leeway.max(LEAST_AHEAD)) {
            return Err(TokenError::Ahead);
        }
        // An `iat` shortly in the future does not extend the token beyond `max_age` from now.
        let latest = seconds.saturating_add(validity.max_age);
        let until = exp.map_or(oldest, |exp| exp.saturating_add(validity.leeway).min(oldest)).min(latest);
        Ok(Timestamp::from_seconds(until))
    }

    fn check_aud_sub_jti(&self) -> Result<(), TokenError> {
        let meant_for_nobody = |aud: &Value| match aud {
            Value::Null => true,
            Value::String(text) => text.is_empty(),
            Value::Array(items) => items.is_empty(),
            _ => false,
        };
        if self.claims.get("aud").is_some_and(|aud| !meant_for_nobody(aud)) {
            return Err(TokenError::Audience);
        }
        if self.claims.get("sub").is_some_and(|sub| !sub.is_string()) {
            return Err(TokenError::Subject);
        }
        if self.claims.get("jti").is_some_and(|jti| !jti.is_string()) {
            return Err(TokenError::Jti);
        }
        Ok(())
    }

    fn number(&self, claim: &str) -> Result<Option<i64>, TokenError> {
        match self.claims.get(claim) {
            None => Ok(None),
            Some(value) => whole_number(value).map(Some).ok_or(TokenError::Claim),
        }
    }
}

/// Makes a token for `client_id` with `iat` at `now`.
pub fn mint(client_id: &str, secret: &[u8], now: Timestamp) -> String {
    let claims = json!({
        "iss": client_id,
        "iat": now.as_micros().div_euclid(1_000_000),
        "client_id": client_id,
        "user_id": "",
        "user_representation": "",
    });
    sign(&json!({"typ": "JWT", "alg": "HS256"}), &claims, secret)
}

fn sign(header: &Value, claims: &Value, secret: &[u8]) -> String {
    let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", part(header), part(claims));
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), signed.as_bytes());
    format!("{signed}.{}", BASE64_URL_SAFE_NO_PAD.encode(tag))
}

fn object(part: &str) -> Result<Map<String, Value>, TokenError> {
    serde_json::from_slice(&decode_part(part)?).map_err(|_| TokenError::Decode)
}

/// Decodes as PyJWT does, which Open Notificaties uses: with padding or without, in either alphabet of RFC 4648, and with any
/// bits at the end that make no byte.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::URL_SAFE,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(base64::engine::DecodePaddingMode::RequireNone),
);

/// The bytes of a part of a token. Characters outside the alphabets, which PyJWT drops in part, are refused.
fn decode_part(part: &str) -> Result<Vec<u8>, TokenError> {
    let part = part.trim_end_matches('=');
    let part =
        if part.contains(['+', '/']) { Cow::Owned(part.replace('+', "-").replace('/', "_")) } else { part.into() };
    LENIENT.decode(part.as_bytes()).map_err(|_| TokenError::Decode)
}

/// Seconds from a JSON number, whose fraction is dropped, or from a text with a whole number.
fn whole_number(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64().or_else(|| number.as_f64().map(|number| number as i64)),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_800_000_000;
    const VALIDITY: Validity = Validity { leeway: 0, max_age: 3_600 };

    fn judge(header: &Value, claims: &Value, secret: &str, validity: Validity) -> Result<i64, TokenError> {
        let token = sign(header, claims, secret.as_bytes());
        let verdict =
            read(&token)?.verify(&[b"old".to_vec(), b"geheim".to_vec()], Timestamp::from_seconds(NOW), validity)?;
        Ok(verdict.as_micros() / 1_000_000 - NOW)
    }

    fn claims(more: Value) -> Value {
        let mut claims = json!({"client_id": "zaken", "iat": NOW - 10});
        for (name, value) in more.as_object().unwrap() {
            claims[name] = value.clone();
        }
        claims
    }

    #[test]
    fn claims_are_judged_as_deployed() {
        let hs256 = json!({"alg": "HS256", "typ": "JWT"});
        for (more, verdict) in [
            (json!({}), Ok(3_590)),
            (json!({"iat": NOW - 3_599}), Ok(1)),
            (json!({"iat": NOW - 3_600}), Err(TokenError::Expired)),
            (json!({"iat": NOW + 60}), Ok(3_600)),
            (json!({"iat": NOW + 61}), Err(TokenError::Ahead)),
            (json!({"iat": (NOW - 10).to_string()}), Ok(3_590)),
            (json!({"iat": "x"}), Err(TokenError::IatForm)),
            (json!({"iat": null}), Err(TokenError::IatForm)),
            (json!({"iat": []}), Err(TokenError::IatForm)),
            (json!({"iss": 5, "user_id": null}), Ok(3_590)),
            (json!({"exp": NOW + 60}), Ok(60)),
            (json!({"exp": NOW}), Err(TokenError::Exp)),
            (json!({"exp": "soon"}), Err(TokenError::Claim)),
            (json!({"nbf": NOW}), Ok(3_590)),
            (json!({"nbf": NOW + 1}), Err(TokenError::Nbf)),
            (json!({"aud": "x"}), Err(TokenError::Audience)),
            (json!({"aud": ""}), Ok(3_590)),
            (json!({"sub": 5}), Err(TokenError::Subject)),
            (json!({"jti": 5}), Err(TokenError::Jti)),
            (json!({"client_id": null}), Err(TokenError::NoClient)),
            (json!({"client_id": ["zaken"]}), Err(TokenError::UnknownClient)),
        ] {
            assert_eq!(judge(&hs256, &claims(more.clone()), "geheim", VALIDITY), verdict, "{more}");
        }
    }

    #[test]
    fn d11_a_token_of_the_future_is_refused() {
        let hs256 = json!({"alg": "HS256"});
        let leeway = Validity { leeway: 300, max_age: 3_600 };
        for (iat, validity, good) in [
            (json!(NOW + 59), VALIDITY, true),
            (json!(NOW + 315_360_000), VALIDITY, false),
            (json!(1e300), VALIDITY, false),
            (json!(i64::MAX), VALIDITY, false),
            (json!(u64::MAX), VALIDITY, false),
            (json!(i64::MAX.to_string()), VALIDITY, false),
            (json!(NOW + 300), leeway, true),
            (json!(NOW + 301), leeway, false),
        ] {
            let claims = claims(json!({ "iat": iat }));
            let verdict = judge(&hs256, &claims, "geheim", validity);
            assert_eq!(verdict.is_ok(), good, "{claims} {verdict:?}");
        }
    }

    #[test]
    fn leeway_stretches_every_bound() {
        let hs256 = json!({"alg": "HS256"});
        let leeway = Validity { leeway: 5, max_age: 3_600 };
        for (more, good) in [
            (json!({"iat": NOW - 3_601}), true),
            (json!({"iat": NOW - 3_605}), false),
            (json!({"nbf": NOW + 5}), true),
            (json!({"exp": NOW - 4}), true),
            (json!({"exp": NOW - 5}), false),
        ] {
            assert_eq!(judge(&hs256, &claims(more.clone()), "geheim", leeway).is_ok(), good, "{more}");
        }
    }

    #[test]
    fn signature_and_algorithm_are_checked() {
        let good = claims(json!({}));
        for (header, secret, verdict) in [
            (json!({"alg": "HS256"}), "old", Ok(3_590)),
            (json!({"alg": "HS256"}), "other", Err(TokenError::Signature)),
            (json!({"alg": "HS512"}), "geheim", Err(TokenError::Algorithm)),
            (json!({"alg": "none"}), "geheim", Err(TokenError::Algorithm)),
            (json!({}), "geheim", Err(TokenError::Algorithm)),
            (json!({"alg": "HS256", "crit": ["x"]}), "geheim", Err(TokenError::Claim)),
        ] {
            assert_eq!(judge(&header, &good, secret, VALIDITY), verdict, "{header}");
        }
        let mut missing = claims(json!({}));
        missing.as_object_mut().unwrap().remove("iat");
        assert_eq!(judge(&json!({"alg": "HS256"}), &missing, "geheim", VALIDITY), Err(TokenError::NoIat));
    }

    #[test]
    fn f9_a_token_is_read_as_pyjwt_reads_it() {
        let now = Timestamp::from_seconds(NOW);
        let payload = claims(json!({"user_id": "ÿÿ?>>>~~"})).to_string();
        let signed_by = |header: &str, payload: &str| {
            let signed = format!("{header}.{payload}");
            let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, b"geheim"), signed.as_bytes());
            (signed, BASE64_URL_SAFE_NO_PAD.encode(tag))
        };
        let header = BASE64_URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256"}"#);
        let plain = BASE64_URL_SAFE_NO_PAD.encode(&payload);
        let standard = base64::prelude::BASE64_STANDARD.encode(&payload);
        assert!(standard.contains(['+', '/']), "{standard}");
        let padded = format!("{header}{}", "=".repeat(4 - header.len() % 4));
        for (header, payload, end, good) in [
            (&header, plain.as_str(), "", true),
            (&padded, standard.as_str(), "=", true),
            (&header, &format!("{plain}===="), "==", true),
            (&header, &format!("{plain}\n"), "", false),
            (&header, &format!("{plain}!"), "", false),
            (&header, &plain, "!", false),
        ] {
            let (signed, tag) = signed_by(header, payload);
            let token = format!("{signed}.{tag}{end}");
            let verdict = read(&token).and_then(|read| read.verify(&[b"geheim".to_vec()], now, VALIDITY));
            assert_eq!(verdict.is_ok(), good, "{token} {verdict:?}");
        }
        let (signed, tag) = signed_by(&header, &plain);
        let other = signed_by(&header, &format!("{plain}=")).1;
        assert!(read(&format!("{signed}.{other}")).unwrap().verify(&[b"geheim".to_vec()], now, VALIDITY).is_err());
        assert!(read(&format!("{signed}.{tag}")).is_ok());
    }

    #[test]
    fn what_is_no_token_is_refused() {
        let header = BASE64_URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256"}"#);
        for bad in ["", "x", "a.b.c", &format!("{header}.e30"), &format!("{header}.W10.AA"), &"x".repeat(9_000)] {
            assert_eq!(read(bad).unwrap_err(), TokenError::Decode, "{bad}");
        }
        assert_eq!(read(&format!("{header}.e30.AA")).unwrap_err(), TokenError::NoClient);
    }

    #[test]
    fn a_minted_token_is_good() {
        let now = Timestamp::from_seconds(NOW);
        let token = mint("zaken", b"geheim", now);
        let read = read(&token).unwrap();
        assert_eq!(read.client_id(), "zaken");
        assert!(read.verify(&[b"geheim".to_vec()], now, VALIDITY).is_ok());
    }
}
