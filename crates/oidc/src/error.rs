//! The errors of this crate. None contains a token, a code or the value of a claim.

/// Why a document, response or token is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// A document or token is longer than its bound.
    #[error("{what} is longer than {limit} bytes")]
    TooLong {
        /// The document or token.
        what: &'static str,
        /// The bound, in bytes.
        limit: usize,
    },
    /// Not JSON, or not a JSON object.
    #[error("{0} is not a JSON object")]
    NotJson(&'static str),
    /// A member of a document or a claim of a token is absent or has another form.
    #[error("{what}: `{member}` {rule}")]
    Member {
        /// The document or token.
        what: &'static str,
        /// The member or claim.
        member: &'static str,
        /// The rule that it breaks.
        rule: &'static str,
    },
    /// Not a signed JSON Web Token in compact form.
    #[error("the token is not a signed JSON Web Token")]
    NotSigned,
    /// Signed with an algorithm that is not permitted; `none` and HS256 are among them.
    #[error("the token is signed with an algorithm that is not permitted")]
    Algorithm,
    /// The provider has no key with the `kid` of the token, or none that fits its algorithm. Its keys may have changed.
    #[error("the provider has no key for the token")]
    UnknownKey,
    /// The signature does not fit.
    #[error("the signature of the token does not fit")]
    Signature,
    /// `exp` has passed.
    #[error("the token has expired")]
    Expired,
    /// `nbf` or `iat` has not come.
    #[error("the token is not valid yet")]
    NotYet,
    /// The provider refused: its `error`, when it is one of RFC 6749 or OpenID Connect.
    #[error("the provider answered {0}")]
    Refused(String),
    /// `state` is not that of this browser's log-in.
    #[error("the log-in was not started by this browser")]
    State,
    /// The private key cannot be used.
    #[error("the private key of the client is neither an RSA nor a P-256 key in PKCS #8")]
    SigningKey,
}

impl Error {
    pub(crate) const fn member(what: &'static str, member: &'static str, rule: &'static str) -> Self {
        Self::Member { what, member, rule }
    }
}
