//! Refusals of tokens, certificates and rights in Dutch, for the Notificaties API.

use model::applicatie::Scope;

use crate::auth::{
    access_tokens::AccessTokenError,
    autorisaties::LookupError,
    certificates::{CertificateError, NotValid},
    jwt::TokenError,
};

/// Why a token is not valid.
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
        TokenError::Ahead => "De claim iat ligt in de toekomst; zet de klok van de client gelijk.",
        TokenError::Expired => "Het token is te oud; maak een nieuw token.",
        TokenError::Exp => "Het token is verlopen (exp).",
        TokenError::Nbf => "Het token is nog niet geldig (nbf).",
        TokenError::Audience => "Het token is voor een andere ontvanger bedoeld (aud).",
        TokenError::Subject => "De claim sub moet tekst zijn.",
        TokenError::Jti => "De claim jti moet tekst zijn.",
        TokenError::Claim => "Het token bevat een claim of header die niet gelezen kan worden.",
    }
}

/// Why an access token is refused, and the code for it.
pub fn access_token(error: &AccessTokenError) -> (String, &'static str) {
    use oidc::Error;
    let (text, code) = match error {
        AccessTokenError::UnknownClient => {
            ("De client van het access token is hier onbekend.", "invalid-client-identifier")
        }
        AccessTokenError::NoPerson => ("Het access token is niet van een persoon.", "permission_denied"),
        AccessTokenError::NoKeys => {
            ("Het access token is nu niet te controleren. Probeer het later opnieuw.", "permission_denied")
        }
        AccessTokenError::OtherCertificate => (
            "Het access token hoort bij een clientcertificaat (cnf.x5t#S256), en dit verzoek heeft er geen of een ander.",
            "permission_denied",
        ),
        AccessTokenError::Dpop => (
            "Het access token is met DPoP aan een sleutel gebonden (cnf.jkt). Dat wordt hier niet ondersteund: vraag een token \
             zonder DPoP aan, of een dat aan een clientcertificaat is gebonden.",
            "permission_denied",
        ),
        AccessTokenError::OtherConfirmation => (
            "Het access token is aan een sleutel gebonden (cnf) op een manier die hier niet wordt ondersteund.",
            "permission_denied",
        ),
        AccessTokenError::Invalid(Error::Signature | Error::UnknownKey) => {
            ("De handtekening van het access token klopt niet.", "invalid-jwt-signature")
        }
        AccessTokenError::Invalid(Error::Expired) => {
            ("Het access token is verlopen (exp).", "jwt-expiredsignatureerror")
        }
        AccessTokenError::Invalid(Error::NotYet) => {
            ("Het access token is nog niet geldig (nbf of iat).", "jwt-immaturesignatureerror")
        }
        AccessTokenError::Invalid(Error::Member { member: "aud", .. }) => {
            ("Het access token is voor een andere ontvanger bedoeld (aud).", "jwt-invalidaudienceerror")
        }
        AccessTokenError::Invalid(_) => ("Het access token is niet geldig.", "jwt-decode-error"),
    };
    (text.to_owned(), code)
}

/// The applicatie has none of these scopes.
pub fn missing_scopes(scopes: &[Scope]) -> String {
    let labels: Vec<&str> = scopes.iter().map(|scope| scope.label()).collect();
    format!("Je hebt geen toestemming om deze actie uit te voeren; nodig is de scope {}.", labels.join(" of "))
}

/// Why the rights of the applicatie are not known.
pub const fn lookup_error(error: &LookupError) -> &'static str {
    match error {
        LookupError::Unreachable(_) => {
            "De rechten van deze applicatie zijn nu niet na te gaan: de Autorisaties API is niet bereikbaar. Probeer het later opnieuw."
        }
        LookupError::NotAuthenticated(_) => {
            "De rechten van deze applicatie zijn niet na te gaan: de Autorisaties API accepteert het token van de gateway niet."
        }
        LookupError::Unusable(_) => {
            "De rechten van deze applicatie zijn niet na te gaan: het antwoord van de Autorisaties API is onbruikbaar."
        }
    }
}

/// Why a client certificate is refused, and the code for it.
pub const fn certificate(error: CertificateError) -> (&'static str, &'static str) {
    const REFUSED: &str = "permission_denied";
    const UNKNOWN: &str = "invalid-client-identifier";
    match error {
        CertificateError::Header => ("De header met het clientcertificaat is niet te lezen.", REFUSED),
        CertificateError::Unknown => ("Het clientcertificaat hoort hier bij geen applicatie.", UNKNOWN),
        CertificateError::Ambiguous => {
            ("Het clientcertificaat hoort bij meer dan één applicatie: stuur ook een token van een daarvan.", UNKNOWN)
        }
        CertificateError::OtherClient => ("Het token is van een andere client dan het certificaat.", UNKNOWN),
        CertificateError::NotValid(NotValid::Expired) => ("Het clientcertificaat is verlopen.", REFUSED),
        CertificateError::NotValid(NotValid::NotYet) => ("Het clientcertificaat is nog niet geldig.", REFUSED),
        CertificateError::NotValid(NotValid::Revoked) => ("Het clientcertificaat is ingetrokken.", REFUSED),
        CertificateError::NotValid(NotValid::UnknownStatus) => {
            ("Van de uitgever van het clientcertificaat is hier geen intrekkingslijst.", REFUSED)
        }
        CertificateError::NotValid(NotValid::UnknownAuthority) => {
            ("De uitgever van het clientcertificaat wordt hier niet vertrouwd.", REFUSED)
        }
        CertificateError::NotValid(NotValid::Usage) => {
            ("Het clientcertificaat is niet bedoeld voor clients (extended key usage).", REFUSED)
        }
        CertificateError::NotValid(NotValid::Other) => ("Het clientcertificaat is niet te controleren.", REFUSED),
    }
}
