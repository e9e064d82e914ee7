//! The results of the two probes of a callback as errors of this API, in Dutch.

use management::{Probe, ProbeError};
use web::problem::Problem;

use crate::problem::{InvalidParam, invalid};

/// 400: the receiver did not pass the probes. The codes are those of Open Notificaties.
pub fn failed(error: &ProbeError) -> Problem {
    let (name, code) = match error {
        ProbeError::Unguarded { .. } => ("callbackUrl", "no-auth-on-callback-url"),
        ProbeError::Credential(_) => ("oauth2TokenUrl", "invalid"),
        ProbeError::NotAccepted { .. } | ProbeError::NoAnswer { .. } | ProbeError::Unusable(_) => {
            ("nonFieldErrors", "invalid-callback-url")
        }
    };
    invalid(&[InvalidParam::new(name, code, reason(error))])
}

fn reason(error: &ProbeError) -> String {
    match error {
        ProbeError::Unguarded { status } => format!(
            "De callback antwoordt met {status} op een POST zonder Authorization; \
             hij moet die weigeren met 401 of 403."
        ),
        ProbeError::NotAccepted { status, expected } => {
            let expected = if *expected == "204" { expected } else { "een status van 200 tot en met 209" };
            let hint = match status {
                300..=399 => " Een doorverwijzing wordt niet gevolgd: geef het uiteindelijke adres.",
                401 | 403 => " Klopt de opgegeven auth?",
                _ => "",
            };
            format!(
                "De callback antwoordt met {status} op de testnotificatie met Authorization; verwacht wordt {expected}.{hint}"
            )
        }
        ProbeError::NoAnswer { probe, label, problem } => {
            let probe = match probe {
                Probe::WithoutCredential => "de POST zonder Authorization",
                Probe::WithCredential => "de testnotificatie met Authorization",
            };
            format!("De callback geeft geen antwoord op {probe}: {} ({problem}).", why(label))
        }
        ProbeError::Credential(problem) => format!("Er is geen token voor deze callback te krijgen: {problem}."),
        ProbeError::Unusable(problem) => format!("De callback kan niet benaderd worden ({problem})."),
    }
}

/// The text for a failed request, by the label of the error of `egress`.
pub(crate) fn why(label: &str) -> &'static str {
    match label {
        "refused" => "dit adres is door de beheerder niet toegestaan",
        "dns" => "de hostnaam is onbekend",
        "connect" => "er komt geen verbinding tot stand",
        "tls" => "er komt geen beveiligde verbinding tot stand",
        "timeout" => "het duurt te lang",
        "own_resources" => "de gateway kan zelf geen verbinding maken",
        _ => "het antwoord is niet te begrijpen",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_probe_and_what_it_got_are_named() {
        let silent = |probe, label| ProbeError::NoAnswer { probe, label, problem: "x".into() };
        let expected = "200 to 209";
        for (error, parts) in [
            (ProbeError::Unguarded { status: 204 }, ["zonder Authorization", "204", "401 of 403"]),
            (ProbeError::NotAccepted { status: 500, expected }, ["testnotificatie", "500", "200 tot en met 209"]),
            (ProbeError::NotAccepted { status: 301, expected }, ["testnotificatie", "301", "doorverwijzing"]),
            (silent(Probe::WithoutCredential, "dns"), ["zonder Authorization", "hostnaam", "(x)"]),
            (silent(Probe::WithCredential, "timeout"), ["testnotificatie", "te lang", "(x)"]),
        ] {
            let text = reason(&error);
            assert!(parts.iter().all(|part| text.contains(part)), "{text}");
        }
        let only_204 = ProbeError::NotAccepted { status: 200, expected: "204" };
        assert!(reason(&only_204).contains("verwacht wordt 204"));
    }
}
