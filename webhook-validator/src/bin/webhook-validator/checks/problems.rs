//! Why there is nothing to report, in both languages: a URL that cannot be used, or a receiver that does not answer.

use egress::{Refusal, SendError, UrlError};

use crate::text::Said;

/// The error of a URL that cannot be used.
pub fn url(error: &UrlError) -> Said {
    let dutch = match error {
        UrlError::Malformed => "de URL is geen absolute URL".to_owned(),
        UrlError::Scheme => "de URL heeft een ander schema dan https".to_owned(),
        UrlError::UserInformation => "de URL mag geen gebruiker bevatten (gebruiker@)".to_owned(),
        UrlError::Fragment => "de URL mag geen fragment hebben (#)".to_owned(),
        UrlError::Host => "de URL heeft geen host".to_owned(),
        UrlError::Port => "de URL heeft een onmogelijke poort".to_owned(),
        UrlError::Refused(refusal) => refused(refusal),
    };
    match error {
        UrlError::Refused(refusal) => Said::new(
            format!("{refusal}. For a receiver on your own network, add --allow with its address."),
            format!("{dutch}. Voeg voor een ontvanger in uw eigen netwerk --allow toe met het adres."),
        ),
        _ => Said::new(format!("the URL {error}"), dutch),
    }
}

/// The error of a receiver that does not answer.
pub fn unreachable(error: &SendError) -> Said {
    let dutch = match error {
        SendError::Refused(refusal) => refused(refusal),
        SendError::Dns(_) => "de naam is niet te vinden".to_owned(),
        SendError::Connect(_) => "er komt geen verbinding".to_owned(),
        SendError::Tls(_) => "er komt geen veilige verbinding (certificaat of TLS)".to_owned(),
        SendError::Timeout(_) => "het duurt te lang".to_owned(),
        SendError::Url(_) | SendError::UnknownProfile(_) | SendError::Protocol(_) => {
            "het antwoord is geen geldig HTTP".to_owned()
        }
    };
    Said::new(
        format!("the receiver does not answer: {error}"),
        format!("de ontvanger antwoordt niet: {dutch} ({error})"),
    )
}

fn refused(refusal: &Refusal) -> String {
    match refusal {
        Refusal::Address { address, class } => format!("{address} is geen openbaar adres ({class})"),
        Refusal::PlainHttp { .. } | Refusal::PlainHttpNowhere => {
            "http:// wordt niet geaccepteerd: gebruik https://".to_owned()
        }
    }
}
