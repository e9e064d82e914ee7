//! Mints ZGW tokens: JWT with HMAC over the claims `client_id` and `iat`, as the Notificaties API of ZGW asks, and the
//! ones that are wrong in a way a scenario names.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use ring::hmac;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::json::overlay;

/// How a token differs from the usual one of a client.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TokenOptions {
    /// Name of the client the token is for; the main client when absent.
    pub client: Option<String>,
    /// Signed with this secret instead of the client's.
    pub secret: Option<String>,
    /// Seconds from now for the claim `iat` (default 0).
    pub iat: i64,
    /// Seconds from now for the claim `exp`; no such claim when absent.
    pub exp: Option<i64>,
    /// Seconds from now for the claim `nbf`; no such claim when absent.
    pub nbf: Option<i64>,
    /// Claims (JSON) to lay over the usual ones; null takes a claim away.
    pub claims: Option<String>,
    /// Algorithm: `HS256` (default), `HS384`, `HS512`, `none`, or any other name, which is signed like HS256.
    pub alg: Option<String>,
}

/// The token of a client at `now` (seconds since 1970).
pub fn mint(client_id: &str, secret: &str, now: u64, options: &TokenOptions) -> Result<String, serde_json::Error> {
    let moment = |offset: i64| now.saturating_add_signed(offset);
    let mut claims = json!({ "iss": client_id, "client_id": client_id, "iat": moment(options.iat) });
    for (name, offset) in [("exp", options.exp), ("nbf", options.nbf)] {
        if let Some(offset) = offset {
            claims[name] = moment(offset).into();
        }
    }
    if let Some(over) = &options.claims {
        overlay(&mut claims, &serde_json::from_str(over)?);
    }
    if let Some(claims) = claims.as_object_mut() {
        claims.retain(|_, value| *value != Value::Null);
    }
    let alg = options.alg.as_deref().unwrap_or("HS256");
    let header = json!({ "typ": "JWT", "alg": alg });
    let coded = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", coded(&header), coded(&claims));
    let algorithm = match alg {
        "none" => return Ok(format!("{signed}.")),
        "HS384" => hmac::HMAC_SHA384,
        "HS512" => hmac::HMAC_SHA512,
        _ => hmac::HMAC_SHA256,
    };
    let key = hmac::Key::new(algorithm, options.secret.as_deref().unwrap_or(secret).as_bytes());
    let signature = hmac::sign(&key, signed.as_bytes());
    Ok(format!("{signed}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_700_000_000;

    fn part(token: &str, place: usize) -> Value {
        let part = token.split('.').nth(place).unwrap();
        serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
    }

    #[test]
    fn a_token_has_three_parts_and_depends_on_the_secret() {
        let one = mint("open-zaak", "geheim", NOW, &TokenOptions::default()).unwrap();
        let other = mint("open-zaak", "anders", NOW, &TokenOptions::default()).unwrap();
        assert_eq!(one.split('.').count(), 3);
        assert_eq!(part(&one, 1), json!({ "iss": "open-zaak", "client_id": "open-zaak", "iat": NOW }));
        assert_ne!(one.rsplit('.').next(), other.rsplit('.').next());
    }

    #[test]
    fn a_recipe_changes_claims_algorithm_and_secret() {
        let options: TokenOptions = toml::from_str(
            r#"
            iat = -3700
            exp = 60
            claims = '{"client_id":null,"user_id":"x"}'
            alg = "HS512"
            "#,
        )
        .unwrap();
        let token = mint("a", "geheim", NOW, &options).unwrap();
        assert_eq!(part(&token, 0)["alg"], "HS512");
        assert_eq!(part(&token, 1), json!({ "iss": "a", "user_id": "x", "iat": NOW - 3700, "exp": NOW + 60 }));
        let unsigned = TokenOptions { alg: Some("none".to_owned()), ..TokenOptions::default() };
        assert!(mint("a", "geheim", NOW, &unsigned).unwrap().ends_with('.'));
        let wrong = TokenOptions { secret: Some("fout".to_owned()), ..TokenOptions::default() };
        let right = mint("a", "geheim", NOW, &TokenOptions::default()).unwrap();
        assert_ne!(mint("a", "geheim", NOW, &wrong).unwrap(), right);
        assert!(
            mint("a", "geheim", NOW, &TokenOptions { claims: Some("{".to_owned()), ..TokenOptions::default() })
                .is_err()
        );
    }
}
