//! Messages in both languages for runs without a report: an unusable URL, or a receiver that does not respond.

use egress::{Refusal, SendError, UrlError};

use crate::check::text::Said;

/// The message for an unusable URL.
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
            format!(
                "{}. For a receiver on your own network, add --allow with its address.",
                without_key(&refusal.to_string())
            ),
            format!("{dutch}. Voeg voor een ontvanger in uw eigen netwerk --allow toe met het adres."),
        ),
        _ => Said::new(format!("the URL {error}"), dutch),
    }
}

/// A refusal without the key of the gateway's configuration: here the option is `--allow`.
fn without_key(refusal: &str) -> String {
    refusal.replace(" (egress.allow)", "").replace(" (egress.allow_http)", "")
}

/// The message for a receiver that does not respond.
pub fn unreachable(error: &SendError) -> Said {
    let dutch = match error {
        SendError::Refused(refusal) => refused(refusal),
        SendError::Own(_) => "deze machine kan zelf geen verbinding maken".to_owned(),
        SendError::Dns(_) => "de naam is niet te vinden".to_owned(),
        SendError::Connect(_) => "er komt geen verbinding".to_owned(),
        SendError::Tls(_) => "er komt geen veilige verbinding (certificaat of TLS)".to_owned(),
        SendError::Timeout(_) => "het duurt te lang".to_owned(),
        SendError::Url(_) | SendError::UnknownProfile(_) | SendError::Protocol(_) => {
            "het antwoord is geen geldig HTTP".to_owned()
        }
    };
    Said::new(
        format!("the receiver does not answer: {}", without_key(&error.to_string())),
        format!("de ontvanger antwoordt niet: {dutch} ({error})"),
    )
}

fn refused(refusal: &Refusal) -> String {
    match refusal {
        Refusal::Address { address, class } => format!("{address} is geen openbaar adres ({class})"),
        Refusal::PlainHttp { .. } | Refusal::PlainHttpNowhere | Refusal::Plain { .. } => {
            "http:// wordt niet geaccepteerd: gebruik https://".to_owned()
        }
    }
}
