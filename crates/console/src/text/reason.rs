//! Technical reasons in Dutch: why a delivery failed, or why a subscription is in its state.
//!
//! Reasons are stored as English texts, by programs of several versions. A reason whose form is not known gets the words of the
//! nearest cause; pages show the technical text beside the words.

use super::delivery;

/// A technical reason in words; `None` where the technical text is in the language of the page.
pub type Words = fn(&str) -> Option<String>;

/// Dutch.
pub const NL: Words = |reason| Some(dutch(reason));

/// English, as reasons are.
pub const EN: Words = |_| None;

fn dutch(reason: &str) -> String {
    let after = |prefix: &str| reason.strip_prefix(prefix);
    if let Some(code) = after("the sink answered ").and_then(code) {
        return format!("{}.", (delivery::NL.answered)(code));
    }
    if let Some((_, last)) = after("the sink has failed since ").and_then(|rest| rest.split_once(" hours: ")) {
        return format!("De ontvanger gaf te lang fouten. {}", dutch(last)).trim_end().to_owned();
    }
    if let Some(rest) = after("the owner of kanaal ") {
        return match rest.split_once(" rejected it: ") {
            Some((kanaal, why)) => format!("Afgekeurd voor kanaal {kanaal}: {why}"),
            None => format!("Kanaal {}", rest.split(' ').next().unwrap_or_default()),
        };
    }
    if reason.starts_with("its time was over") {
        return "De einddatum is voorbij.".to_owned();
    }
    handshake(reason).unwrap_or_else(|| (delivery::NL.failure)(reason).to_owned())
}

/// Why a receiver did not consent.
fn handshake(reason: &str) -> Option<String> {
    if let Some(status) = reason.strip_prefix("the receiver answered ").and_then(code) {
        return Some(format!("De ontvanger antwoordde {status} op de vraag om toestemming, en gaf die niet."));
    }
    if let Some((_, last)) = reason.split_once(" times without an answer; last: ") {
        return Some(format!("De vraag om toestemming kreeg geen antwoord. {}", (delivery::NL.failure)(last)));
    }
    let words = match reason {
        text if text.starts_with("the receiver answered the handshake with a redirect") => {
            "De ontvanger verwees door bij de vraag om toestemming. De gateway volgt dat nooit."
        }
        text if text.contains("WebHook-Allowed-Origin") => {
            "De ontvanger gaf geen toestemming aan deze gateway: WebHook-Allowed-Origin klopt niet."
        }
        text if text.contains("WebHook-Allowed-Rate") => {
            "De ontvanger noemde geen geldig tempo: WebHook-Allowed-Rate klopt niet of ontbreekt."
        }
        text if text.starts_with("the receiver cannot be called") => "De gateway mag of kan dit adres niet aanroepen.",
        "the receiver did not consent by callback in time" => "De ontvanger bevestigde de toestemming niet op tijd.",
        "the request for events was rejected" => "Het verzoek om events is afgekeurd.",
        _ => return None,
    };
    Some(words.to_owned())
}

/// The status that a text begins with.
fn code(text: &str) -> Option<u16> {
    let digits = text.split(|letter: char| !letter.is_ascii_digit()).next().unwrap_or_default();
    digits.parse().ok().filter(|code| (100..600).contains(code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_have_dutch_words() {
        for (reason, words) in [
            ("the sink answered 422: {\"fout\": 1}", "De ontvanger antwoordde 422."),
            ("the sink answered 503", "De ontvanger antwoordde 503."),
            ("the sink answered 410 Gone at 2026-12-01T08:00:00Z", "De ontvanger antwoordde 410."),
            (
                "the sink has failed since 2026-12-01T08:00:00Z, more than 72 hours: the sink answered 500",
                "De ontvanger gaf te lang fouten. De ontvanger antwoordde 500.",
            ),
            ("the owner of kanaal zaken rejected it: Geen doel", "Afgekeurd voor kanaal zaken: Geen doel"),
            ("the owner of kanaal zaken has not approved it yet", "Kanaal zaken"),
            ("its time was over at 2026-12-01T08:00:00Z", "De einddatum is voorbij."),
            (
                "the receiver answered 405 to OPTIONS, without WebHook-Allowed-Origin, so it did not consent; x",
                "De ontvanger antwoordde 405 op de vraag om toestemming, en gaf die niet.",
            ),
            (
                "the receiver answered the handshake with a redirect (301), which is never followed",
                "De ontvanger verwees door bij de vraag om toestemming. De gateway volgt dat nooit.",
            ),
            (
                "the handshake was tried 5 times without an answer; last: cannot connect: Connection refused",
                "De vraag om toestemming kreeg geen antwoord. De verbinding werd geweigerd: op dit adres luistert niets.",
            ),
            (
                "WebHook-Allowed-Origin is `elders` instead of `hier` or `*`",
                "De ontvanger gaf geen toestemming aan deze gateway: WebHook-Allowed-Origin klopt niet.",
            ),
            ("the name does not resolve: x", "De naam van de ontvanger is niet gevonden."),
            ("anything else", "Er kwam geen antwoord."),
        ] {
            assert_eq!(NL(reason).as_deref(), Some(words), "{reason}");
            assert_eq!(EN(reason), None);
        }
    }
}
