//! Hands an access token to a client of librdkafka (SASL OAUTHBEARER, RFC 7628). Not where tokens come from, and not
//! when they are renewed.
//!
//! rdkafka asks for a token only while a client is polled, which those of administration never are, and takes no
//! extensions. So whoever has a token hands it over, with the one call of librdkafka for it, which rdkafka does not wrap.

use std::{
    ffi::{CStr, CString, c_char},
    ptr,
};

use rdkafka::{ClientContext, bindings::rd_kafka_oauthbearer_set_token, client::Client, types::RDKafkaRespErr};

/// When librdkafka is to ask for another one by itself, in milliseconds since the epoch: never (the year 2100).
const NEVER: i64 = 4_102_444_800_000;

/// What a client shows to brokers.
#[derive(Clone, PartialEq, Eq)]
pub struct Token {
    /// The token itself.
    pub text: String,
    /// Whose it is, for librdkafka's own messages.
    pub principal: String,
    /// Names, of letters only, and values that go along (RFC 7628 section 3.1).
    pub extensions: Vec<(String, String)>,
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Token").field("principal", &self.principal).finish_non_exhaustive()
    }
}

/// Has a client show this token from now on.
///
/// # Errors
/// When librdkafka does not take it, with its reason: the client does not use OAUTHBEARER, or a character is not allowed.
pub fn give<C: ClientContext>(client: &Client<C>, token: &Token) -> Result<(), String> {
    let owned = |text: &str| CString::new(text).map_err(|_| "a token holds a NUL".to_owned());
    let (text, principal) = (owned(&token.text)?, owned(&token.principal)?);
    let texts = token.extensions.iter().flat_map(|(name, value)| [owned(name), owned(value)]);
    let texts = texts.collect::<Result<Vec<CString>, String>>()?;
    let mut extensions: Vec<*const c_char> = texts.iter().map(|text| text.as_ptr()).collect();
    let (pairs, length) =
        if extensions.is_empty() { (ptr::null_mut(), 0) } else { (extensions.as_mut_ptr(), extensions.len()) };
    let mut reason: [c_char; 512] = [0; 512];
    #[expect(unsafe_code, reason = "rdkafka does not wrap this call")]
    // SAFETY: the client lives as long as it is borrowed, and librdkafka locks what the call changes. Every text ends with a
    // NUL, outlives the call and is copied by it; lengths are those of what they go with.
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
    let said = CStr::from_bytes_until_nul(&bytes).unwrap_or_default();
    Err(said.to_string_lossy().into_owned())
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
            let answer = give(bearer.client(), &given);
            match refused {
                None => assert_eq!(answer, Ok(())),
                Some(part) => assert!(answer.as_ref().is_err_and(|why| why.contains(part)), "{answer:?}"),
            }
        }
        let answer = give(client("plaintext").client(), &token("a.b.c", &[]));
        assert!(answer.is_err_and(|why| why.contains("not the configured")));
        assert!(!format!("{:?}", token("secret", &[])).contains("secret"));
    }
}
