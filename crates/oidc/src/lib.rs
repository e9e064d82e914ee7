//! The protocol of OpenID Connect, for a relying party (people log in with the authorization code flow) and for an API
//! (clients present access tokens).
//!
//! It sends nothing and reads no clock: functions make requests and judge responses, and the caller sends them through
//! `egress`. It keeps no sessions and knows no rights.
//!
//! A log-in, from both sides:
//!
//! 1. [`Provider::parse`] reads the discovery document, [`KeySet::parse`] the keys that it names.
//! 2. [`Login::start`] makes `state`, `nonce` and the PKCE verifier; [`Login::url`] is where the browser goes. The caller
//!    keeps the [`Login`], sealed, in a cookie of this browser.
//! 3. The provider sends the browser back; [`Login::code`] checks the query and returns the code.
//! 4. [`Client::token_request`] makes the request that exchanges the code; [`id_token_of`] reads its response.
//! 5. [`Login::identity`] checks the ID token and returns who logged in, as [`Claims`].
//!
//! An API checks an access token with [`access_token`], a back-channel logout with [`logout_token`], and what an ID token of another
//! client says of an e-mail address with [`verified_email`].
//!
//! Sources: OpenID Connect Core 1.0, Discovery 1.0, RP-Initiated Logout 1.0, Back-Channel Logout 1.0; RFC 6749, 7515, 7517,
//! 7518, 7523, 7636 (PKCE), 7800 (`cnf`), 8705 (tokens bound to a client certificate), 8725 (best practice for JWTs), 9068 (JWT
//! access tokens), 9207 (`iss` in the response).

mod access;
mod algorithm;
mod claims;
mod client;
mod confirmation;
mod error;
mod id_token;
mod keys;
mod login;
mod logout;
mod provider;
mod signed;

#[cfg(test)]
mod tests;

pub use self::{
    access::access_token,
    algorithm::Algorithm,
    claims::{Claims, Expected},
    client::{Authentication, Client, SigningKey, id_token_of},
    confirmation::Confirmation,
    error::Error,
    id_token::{VerifiedEmail, verified_email},
    keys::KeySet,
    login::{Login, LoginTerms},
    logout::{LoggedOut, end_session_url, logout_token},
    provider::Provider,
    signed::algorithm_of,
};
