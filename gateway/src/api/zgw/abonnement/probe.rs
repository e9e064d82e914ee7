//! The two probes of a callback as this API tells of them: which one got what, in Dutch.

use super::credential::{Secured, header};
use crate::{
    api::zgw::problem::{InvalidParam, invalid},
    app::App,
    consent::{self, Probe, ProbeError},
    problem::Problem,
};

/// Checks the receiver with the two probes.
pub async fn probe(app: &App, callback_url: &str, secured: &Secured) -> Result<(), Problem> {
    let authorization = header(app, &secured.credential).await?;
    consent::probe(app, callback_url, authorization.as_deref(), secured.tls.as_deref()).await.map_err(|error| {
        let code = error.code();
        let name = if code == "no-auth-on-callback-url" { "callbackUrl" } else { "nonFieldErrors" };
        invalid(&[InvalidParam::new(name, code, tell(&error, app.config.notificaties.callback_must_answer_204))])
    })
}

fn tell(error: &ProbeError, only_204: bool) -> String {
    match error {
        ProbeError::Unguarded { status } => format!(
            "De callback antwoordt met {status} op een POST zonder Authorization; \
             hij moet die weigeren met 401 of 403."
        ),
        ProbeError::NotAccepted { status, .. } => {
            let expected = if only_204 { "204" } else { "een status van 200 tot en met 209" };
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
        ProbeError::Unusable(problem) => format!("De callback kan niet benaderd worden ({problem})."),
    }
}

/// What went wrong on the way, by the word that `egress` has for it.
pub(in crate::api::zgw) fn why(label: &str) -> &'static str {
    match label {
        "refused" => "dit adres is door de beheerder niet toegestaan",
        "dns" => "de hostnaam is onbekend",
        "connect" => "er komt geen verbinding tot stand",
        "tls" => "er komt geen beveiligde verbinding tot stand",
        "timeout" => "het duurt te lang",
        _ => "het antwoord is niet te begrijpen",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_probe_and_what_it_got_are_named() {
        let silent = |probe, label| ProbeError::NoAnswer { probe, label, problem: "x".into() };
        for (error, parts) in [
            (ProbeError::Unguarded { status: 204 }, ["zonder Authorization", "204", "401 of 403"]),
            (ProbeError::NotAccepted { status: 500, expected: "" }, ["testnotificatie", "500", "200 tot en met 209"]),
            (ProbeError::NotAccepted { status: 301, expected: "" }, ["testnotificatie", "301", "doorverwijzing"]),
            (silent(Probe::WithoutCredential, "dns"), ["zonder Authorization", "hostnaam", "(x)"]),
            (silent(Probe::WithCredential, "timeout"), ["testnotificatie", "te lang", "(x)"]),
        ] {
            let text = tell(&error, false);
            assert!(parts.iter().all(|part| text.contains(part)), "{text}");
        }
        assert!(tell(&ProbeError::NotAccepted { status: 200, expected: "" }, true).contains("verwacht wordt 204"));
    }
}
