//! What a target can do, by name: what scenarios may need, and what a run may declare. Only names and what they
//! mean; a partial system declares less, and what it cannot do is not applicable rather than failed.

/// Something a target can or cannot do.
#[derive(Debug, Clone, Copy)]
pub struct Ability {
    /// The name in `needs` and on the command line.
    pub name: &'static str,
    /// What the target can do, in a few words for `--list`.
    pub what: &'static str,
    /// Whether a target has it by default; the others need a set-up, so the run must name them.
    pub usual: bool,
    /// Placeholders whose use in a request implies it.
    pub placeholders: &'static [&'static str],
}

const fn usual(name: &'static str, what: &'static str, placeholders: &'static [&'static str]) -> Ability {
    Ability { name, what, usual: true, placeholders }
}

const fn set_up(name: &'static str, what: &'static str) -> Ability {
    Ability { name, what, usual: false, placeholders: &[] }
}

/// Every ability, in the order of `--list`.
pub const ABILITIES: &[Ability] = &[
    usual("ingest", "takes CloudEvents over HTTP, structured", &["ingest", "events"]),
    usual("binary", "takes and sends CloudEvents in binary mode", &[]),
    usual("batch", "takes and sends batches", &[]),
    usual("http2", "speaks HTTP/2 without TLS to whoever knows", &[]),
    usual("delivery", "posts events to subscribers the suite can make", &[]),
    usual("handshake", "asks subscribers for consent with OPTIONS", &[]),
    usual("callback", "takes consent later, at a callback address it offers", &[]),
    usual("manual", "takes consent on the word of an administrator", &[]),
    usual("subscriptions", "Subscriptions API of CloudEvents", &["subscriptions"]),
    usual("receiver-tests", "tests selections, sends test events and checks receivers when asked", &[]),
    usual("states", "shows the state of a subscription", &[]),
    usual("kanalen", "makes kanalen through its own API", &["kanalen"]),
    usual("dead-letters", "keeps and shows what could not be delivered", &["dead-letters"]),
    usual("runs", "counts and repeats deliveries of the past, and shows how far they are", &["runs"]),
    usual("legacy", "takes notifications of ZGW", &["notifications", "cloudevents"]),
    usual("zgw", "the whole Notificaties API: kanaal, abonnement, notificaties", &["zgw", "abonnementen"]),
    usual("rules", "has kanalen with a profile, a strictness and a privacy of their own", &[]),
    usual("extensions", "knows what documented extensions ask of their attributes, where an event uses them", &[]),
    usual("clearance", "has kanalen that are cleared for some classes of data and refuse the others", &[]),
    usual("findings", "returns its findings on events when a request asks for them, also in Dutch", &[]),
    usual("types", "has a catalogue of types and serves the schemas registered for them", &[]),
    usual("operations", "shows operators its configuration, clients, nodes and figures", &[]),
    usual("target", "grants the handshake when it is itself the subscriber", &[]),
    usual("openapi", "describes its API in OpenAPI", &["openapi"]),
    usual("query-token", "takes a token in the query", &[]),
    usual("binary-records", "with kafka: writes its records in binary mode", &[]),
    usual("structured-records", "with kafka: writes a record in structured mode where binary mode would mislead", &[]),
    usual("foreign-records", "with kafka: delivers what others put on its topics", &[]),
    set_up("ingest-limit", "has a low limit on ingest"),
    set_up("people", "takes light subscriptions of people by e-mail, and has pages for them at /a/"),
    set_up("tls", "trusts the certificate of the suite's subscribers"),
    set_up("kafka", "keeps its kanalen on topics the suite can reach"),
];

/// Prefix of the ability "has a client of this name".
pub const CLIENT: &str = "client:";

/// The ability of that name.
pub fn by_name(name: &str) -> Option<&'static Ability> {
    ABILITIES.iter().find(|ability| ability.name == name)
}

/// The abilities a text with placeholders implies.
pub fn implied_by(text: &str) -> impl Iterator<Item = &'static str> {
    let uses = |ability: &&Ability| {
        ability.placeholders.iter().any(|placeholder| {
            let start = format!("{{{{{placeholder}");
            text.match_indices(&start).any(|(place, _)| text[place + start.len()..].starts_with("}}"))
        })
    };
    ABILITIES.iter().filter(uses).map(|ability| ability.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_placeholder_implies_the_ability_to_serve_it() {
        for (text, abilities) in [
            ("GET /", &[][..]),
            ("POST {{ingest}}", &["ingest"]),
            ("POST {{zgw}}/abonnement\n\n{{subscriptions}}", &["subscriptions", "zgw"]),
            ("GET {{subscription.a}} {{notificationsx}}", &[]),
        ] {
            assert_eq!(implied_by(text).collect::<Vec<_>>(), abilities, "{text}");
        }
    }
}
