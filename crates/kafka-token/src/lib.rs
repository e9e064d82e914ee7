//! Sets the access token of a librdkafka client (SASL OAUTHBEARER, RFC 7628). Obtaining and renewing tokens is not part
//! of this crate.
//!
//! rdkafka requests a token only while a client is polled, which admin clients never are, and it does not support
//! extensions. This crate calls `rd_kafka_oauthbearer_set_token` of librdkafka instead, which rdkafka does not wrap.

use std::{
    ffi::{CStr, CString, c_char},
    ptr,
};

use rdkafka::{ClientContext, bindings::rd_kafka_oauthbearer_set_token, client::Client, types::RDKafkaRespErr};

/// When librdkafka requests the next token by itself, in milliseconds since 1970: never (the year 2100).
const NEVER: i64 = 4_102_444_800_000;

/// A token that a client presents to brokers.
#[derive(Clone, PartialEq, Eq)]
pub struct Token {
    /// The access token, as the provider issued it.
    pub text: String,
    /// The owner of the token, for librdkafka's messages.
    pub principal: String,
    /// Names (letters only) and values of SASL extensions (RFC 7628 section 3.1).
    pub extensions: Vec<(String, String)>,
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Token").field("principal", &self.principal).finish_non_exhaustive()
    }
}

/// Makes a client present this token from now on.
///
/// # Errors
/// The reason of librdkafka: the client does not use OAUTHBEARER, or a character is not allowed.
pub fn set_token<C: ClientContext>(client: &Client<C>, token: &Token) -> Result<(), String> {
    let owned = |text: &str| CString::new(text).map_err(|_| "a token holds a NUL".to_owned());
    let (text, principal) = (owned(&token.text)?, owned(&token.principal)?);
    let texts = token.extensions.iter().flat_map(|(name, value)| [owned(name), owned(value)]);
    let texts = texts.collect::<Result<Vec<CString>, String>>()?;
    let mut extensions: Vec<*const c_char> = texts.iter().map(|text| text.as_ptr()).collect();
    let (pairs, length) =
        if extensions.is_empty() { (ptr::null_mut(), 0) } else { (extensions.as_mut_ptr(), extensions.len()) };
    let mut reason: [c_char; 512] = [0; 512];
    #[expect(unsafe_code, reason = "rdkafka does not wrap this call")]
    // SAFETY: the client is borrowed and so alive, and librdkafka locks what the call changes. Every text ends with a
    // NUL, outlives the call and is copied by it; each length is that of its array.
    let code = unsafe {
        rd_kafka_oauthbearer_set_token(
            client.native_ptr(),
            text.as_ptr(),
            NEVER,
            principal.as_ptr(),
            pairs,
            length,
            reason.as_mut_ptr(),
            reason.len(),
        )
    };
    if code == RDKafkaRespErr::RD_KAFKA_RESP_ERR_NO_ERROR {
        return Ok(());
    }
    let bytes: Vec<u8> = reason.iter().map(|byte| byte.to_ne_bytes()[0]).collect();
    let message = CStr::from_bytes_until_nul(&bytes).unwrap_or_default();
    Err(message.to_string_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use rdkafka::{
        ClientConfig,
        consumer::{BaseConsumer, Consumer},
    };

    use super::*;

    fn token(text: &str, extensions: &[(&str, &str)]) -> Token {
        let extensions = extensions.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        Token { text: text.into(), principal: "gateway".into(), extensions }
    }

    #[test]
    fn a_client_takes_what_librdkafka_allows() {
        let client = |protocol: &str| {
            let mut config = ClientConfig::new();
            config.set("bootstrap.servers", "127.0.0.1:1").set("security.protocol", protocol);
            config.set("sasl.mechanism", "OAUTHBEARER").create::<BaseConsumer>().expect("a client")
        };
        let bearer = client("sasl_plaintext");
        for (given, refused) in [
            (token("a.b.c", &[]), None),
            (token("a.b.c", &[("logicalCluster", "lkc-1"), ("identityPoolId", "pool-1")]), None),
            (token("a.b.c", &[("logical_cluster", "lkc-1")]), Some("extension keys")),
            (token("a\0b", &[]), Some("NUL")),
            (token("\u{e9}", &[]), Some("visible characters")),
        ] {
            let answer = set_token(bearer.client(), &given);
            match refused {
                None => assert_eq!(answer, Ok(())),
                Some(part) => assert!(answer.as_ref().is_err_and(|why| why.contains(part)), "{answer:?}"),
            }
        }
        let answer = set_token(client("plaintext").client(), &token("a.b.c", &[]));
        assert!(answer.is_err_and(|why| why.contains("not the configured")));
        assert!(!format!("{:?}", token("secret", &[])).contains("secret"));
    }
}
