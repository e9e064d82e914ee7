//! Refusals of tokens and rights in Dutch, for the Notificaties API.

use model::applicatie::Scope;

use super::{autorisaties::Unanswered, jwt::TokenError};

/// Why a token is no good.
pub const fn token(error: TokenError) -> &'static str {
    match error {
        TokenError::Absent => "Er is geen token meegegeven: stuur Authorization: Bearer <token>.",
        TokenError::Decode => "Het token is geen geldig JSON Web Token.",
        TokenError::NoClient => "Het token heeft geen claim client_id.",
        TokenError::UnknownClient => "De client_id van het token is onbekend.",
        TokenError::Signature => "De handtekening van het token past niet bij het secret van de client_id.",
        TokenError::Algorithm => "Het token moet ondertekend zijn met HS256.",
        TokenError::NoIat => "Het token heeft geen claim iat.",
        TokenError::IatForm => "De claim iat moet een geheel aantal seconden zijn.",
        TokenError::Expired => "Het token is te oud; maak een nieuw token.",
        TokenError::Exp => "Het token is verlopen (exp).",
        TokenError::Nbf => "Het token is nog niet geldig (nbf).",
        TokenError::Audience => "Het token is voor een andere ontvanger bedoeld (aud).",
        TokenError::Subject => "De claim sub moet tekst zijn.",
        TokenError::Jti => "De claim jti moet tekst zijn.",
        TokenError::Claim => "Het token bevat een claim of header die niet gelezen kan worden.",
    }
}

/// The applicatie has none of these scopes.
pub fn lacking(scopes: &[Scope]) -> String {
    let labels: Vec<&str> = scopes.iter().map(|scope| scope.label()).collect();
    format!("Je hebt geen toestemming om deze actie uit te voeren; nodig is de scope {}.", labels.join(" of "))
}

/// It is not known what the applicatie may do.
pub const fn unanswered(error: &Unanswered) -> &'static str {
    match error {
        Unanswered::Unreachable(_) => {
            "De rechten van deze applicatie zijn nu niet na te gaan: de Autorisaties API is niet bereikbaar. Probeer het later opnieuw."
        }
        Unanswered::NotAuthenticated(_) => {
            "De rechten van deze applicatie zijn niet na te gaan: de Autorisaties API accepteert het token van de gateway niet."
        }
        Unanswered::Unusable(_) => {
            "De rechten van deze applicatie zijn niet na te gaan: het antwoord van de Autorisaties API is onbruikbaar."
        }
    }
}
