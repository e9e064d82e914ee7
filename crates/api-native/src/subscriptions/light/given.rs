//! What takes the place of a confirmation in a request: an agreement that the client names (`config.agreement`, CH-42), or a source
//! that verified the address (`config.verified`, CH-54). Both need a right of the client.

use std::time::Duration;

use model::{Timestamp, addressee::Basis};
use people::{EmailAddress, People, Source};
use serde::Serialize;
use utoipa::ToSchema;
use web::{
    auth::{Caller, identity_tokens::IdentityTokenError},
    problem::{Fault, Problem},
};

use crate::{Api, members::Members};

/// Most characters of an agreement.
const MAX_AGREEMENT: usize = 500;
/// Most characters of the name of a source.
const MAX_SOURCE: usize = 100;
/// Most characters of an ID token, which has at most so many bytes.
const MAX_TOKEN: usize = 32 << 10;
/// When to ask again after the provider of ID tokens did not answer.
const RETRY_AFTER: Duration = Duration::from_secs(30);

const AT: &str = "config.verified.at";
const ID_TOKEN: &str = "config.verified.idToken";

/// The evidence that a source verified the address.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct VerifiedAddress {
    /// The name of the source, as it is configured.
    #[schema(min_length = 1, max_length = 100)]
    pub source: String,
    /// When it verified the address; not for a source with ID tokens.
    #[schema(format = "date-time")]
    pub at: Option<String>,
    /// An ID token with `email_verified` true and exactly this address in `email`, for a source with ID tokens.
    #[schema(max_length = 32768)]
    pub id_token: Option<String>,
}

/// What a request gives.
pub enum Given {
    /// Nothing: the person confirms.
    Nothing,
    /// An agreement.
    Agreement(String),
    /// A source that verified the address.
    Source {
        /// Its name.
        name: String,
        /// The moment or the token.
        evidence: Evidence,
    },
}

/// The evidence of a source.
pub enum Evidence {
    /// When the client states that it verified the address.
    At(Timestamp),
    /// An ID token.
    Token(String),
}

/// A basis of consent that was checked, and what the audit trail has of it.
pub struct Checked {
    /// The basis.
    pub basis: Basis,
    /// The agreement, or the source and the moment.
    pub reason: String,
}

/// Reads it.
pub fn read(config: &Members<'_>) -> Given {
    let agreement = config.bounded("agreement", MAX_AGREEMENT);
    let Some(verified) = config.object("verified") else {
        return agreement.map_or(Given::Nothing, |agreement| Given::Agreement(agreement.to_owned()));
    };
    if agreement.is_some() {
        config.fault("agreement", "must not be given beside verified");
    }
    verified.only(&["source", "at", "idToken"]);
    let source = verified.bounded("source", MAX_SOURCE);
    if verified.value("source").is_none() {
        verified.fault("source", "is required");
    }
    let (at, token) = (verified.timestamp("at"), verified.bounded("idToken", MAX_TOKEN));
    let evidence = match (at, token) {
        (Some(at), None) => Some(Evidence::At(at)),
        (None, Some(token)) => Some(Evidence::Token(token.to_owned())),
        (Some(_), Some(_)) => {
            verified.fault("at", "must not be given beside idToken");
            None
        }
        (None, None) => {
            // A value that is wrong is noted already.
            if verified.value("at").is_none() && verified.value("idToken").is_none() {
                verified.fault("at", "is required: when the source verified the address");
            }
            None
        }
    };
    match (source, evidence) {
        (Some(name), Some(evidence)) => Given::Source { name: name.to_owned(), evidence },
        // The fault is noted.
        _ => Given::Nothing,
    }
}

/// Checks that the client has the right to give it and that it counts, for an e-mail address if it is one.
///
/// # Errors
/// 403 without the right; 400 for a verification in the future or too long ago, and for a token that does not verify exactly this
/// address; 503 when the provider of tokens does not answer.
pub async fn check(
    (api, people): (&Api, &People),
    caller: &Caller,
    given: Given,
    address: Option<&EmailAddress>,
) -> Result<Option<Checked>, Problem> {
    let (name, evidence) = match given {
        Given::Nothing => return Ok(None),
        Given::Agreement(agreement) if people.may_confirm(&caller.client_id) => {
            return Ok(Some(Checked { basis: Basis::Client { agreement: agreement.clone() }, reason: agreement }));
        }
        Given::Agreement(_) => {
            let why = "config.agreement: this client may not make a light subscription confirmed.";
            return Err(Problem::forbidden(why));
        }
        Given::Source { name, evidence } => (name, evidence),
    };
    let Some(source) = people.source(&name, &caller.client_id) else {
        return Err(Problem::forbidden("config.verified: this client may not name this source."));
    };
    let now = api.management.clock.now();
    let (verified, member) = match (evidence, source.has_tokens) {
        (Evidence::At(at), false) => (at, AT),
        (Evidence::Token(token), true) => (token_moment(api, source, &token, address, now).await?, ID_TOKEN),
        (Evidence::At(_), true) => return Err(refused(ID_TOKEN, "is required by this source")),
        (Evidence::Token(_), false) => return Err(refused(AT, "is required by this source")),
    };
    let basis = source.basis(verified, now).map_err(|why| refused(member, why.to_string()))?;
    Ok(Some(Checked { basis, reason: format!("{name}, {verified}") }))
}

/// When the token states that exactly this address is verified.
async fn token_moment(
    api: &Api,
    source: &Source,
    token: &str,
    address: Option<&EmailAddress>,
    now: Timestamp,
) -> Result<Timestamp, Problem> {
    let Some(address) = address else { return Err(refused(ID_TOKEN, "verifies e-mail addresses only")) };
    let verified = api.identity_tokens.verified_email(&source.name, token, now).await;
    let verified = verified.map_err(|error| match error {
        IdentityTokenError::Invalid(error) => refused(ID_TOKEN, format!("is refused: {error}")),
        IdentityTokenError::NoKeys => {
            Problem::unavailable("The keys of the provider of ID tokens are not known now.", RETRY_AFTER)
        }
    })?;
    if people::is_same_address(address, &verified.address) {
        Ok(verified.at)
    } else {
        Err(refused(ID_TOKEN, "must verify exactly this address"))
    }
}

fn refused(member: &str, rule: impl Into<String>) -> Problem {
    Problem::invalid(vec![Fault::new(member, rule).at(format!("/{}", member.replace('.', "/")))])
}
