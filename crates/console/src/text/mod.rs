//! The texts of the pages, in Dutch and English: a table of fields and functions, complete at compile time.
//!
//! One file per page; texts of all pages are in [`common`].

pub mod about;
pub mod alerts;
pub mod applicaties;
pub mod approvals;
pub mod audit;
pub mod audit_words;
pub mod chain_problem;
pub mod charts;
pub mod common;
pub mod configuration;
pub mod conflict;
pub mod dead_letters;
pub mod delivery;
pub mod event;
pub mod event_content;
pub mod event_test;
pub mod events;
pub mod filter_guide;
pub mod kanaal;
pub mod kanaal_form;
pub mod kanalen;
pub mod lag;
pub mod live;
pub mod log_in;
pub mod mailing_resend;
pub mod nav;
pub mod overview;
pub mod paging;
pub mod portal;
pub mod problem;
pub mod publish;
pub mod reason;
pub mod receiver;
pub mod redeliver;
pub mod refusal;
pub mod runs;
pub mod schemas;
pub mod search;
pub mod selection;
pub mod sending;
pub mod session_over;
pub mod sessions;
pub mod states;
pub mod subscription;
pub mod subscription_form;
pub mod subscriptions;
pub mod subscriptions_bulk;
pub mod system;
pub mod to_people;
pub mod types;

use web::language::Language;

/// All texts of one language.
pub struct Texts {
    /// Texts of all pages.
    pub common: common::Texts,
    /// The main navigation.
    pub nav: nav::Texts,
    /// Pages of refusals.
    pub refusal: refusal::Texts,
    /// States of subscriptions.
    pub states: states::Texts,
    /// Log-in and log-out.
    pub log_in: log_in::Texts,
    /// The overview.
    pub overview: overview::Texts,
    /// The applicaties.
    pub applicaties: applicaties::Texts,
    /// The checks of the configuration.
    pub configuration: configuration::Texts,
    /// The nodes.
    pub system: system::Texts,
    /// About the gateway.
    pub about: about::Texts,
    /// The catalogue of types.
    pub types: types::Texts,
    /// The audit trail.
    pub audit: audit::Texts,
    /// Words for the codes of the audit trail.
    pub audit_words: audit_words::Words,
    /// The charts.
    pub charts: charts::Texts,
    /// How far a node is behind.
    pub lag: lag::Texts,
    /// Who changed something last.
    pub conflict: conflict::Texts,
    /// The live view.
    pub live: live::Texts,
    /// Publishing by hand.
    pub publish: publish::Texts,
    /// The sessions of people.
    pub sessions: sessions::Texts,
    /// The list of subscriptions.
    pub subscriptions: subscriptions::Texts,
    /// One subscription.
    pub subscription: subscription::Texts,
    /// Who is alerted of an outage.
    pub alerts: alerts::Texts,
    /// The form of a subscription.
    pub subscription_form: subscription_form::Texts,
    /// The guide to filters.
    pub filter_guide: filter_guide::Texts,
    /// A test or check of a receiver.
    pub receiver: receiver::Texts,
    /// An action on several subscriptions.
    pub subscriptions_bulk: subscriptions_bulk::Texts,
    /// Technical reasons in words.
    pub reason: reason::Words,
    /// Refusals in a sentence.
    pub problem: problem::Words,
    /// What is wrong with a chain of the audit trail.
    pub chain_problem: chain_problem::Words,
    /// Which events a subscription wants.
    pub selection: selection::Words,
    /// Deliveries.
    pub delivery: delivery::Texts,
    /// Dead letters.
    pub dead_letters: dead_letters::Texts,
    /// The parts of a list.
    pub paging: paging::Texts,
    /// Chosen rows that are delivered again.
    pub redeliver: redeliver::Texts,
    /// A form that was sent after its session had ended.
    pub session_over: session_over::Texts,
    /// The form of a schema, and its withdrawal.
    pub schemas: schemas::Texts,
    /// The runs.
    pub runs: runs::Texts,
    /// The list of kanalen.
    pub kanalen: kanalen::Texts,
    /// One kanaal.
    pub kanaal: kanaal::Texts,
    /// The form of a kanaal.
    pub kanaal_form: kanaal_form::Texts,
    /// The search.
    pub search: search::Texts,
    /// Requests for approval.
    pub approvals: approvals::Texts,
    /// The list of events.
    pub events: events::Texts,
    /// One event.
    pub event: event::Texts,
    /// The payload of an event.
    pub event_content: event_content::Texts,
    /// The test of a choice of events on one event.
    pub event_test: event_test::Texts,
    /// Messages to people.
    pub to_people: to_people::Texts,
    /// Sending a mailing again.
    pub mailing_resend: mailing_resend::Texts,
    /// Pausing what a kanaal sends to people.
    pub sending: sending::Texts,
    /// The pages of the portal.
    pub portal: portal::Texts,
    /// Notices after a change, by the code in the address of the page that shows them.
    pub notices: &'static [(&'static str, &'static str)],
}

/// Dutch.
pub static NL: Texts = Texts {
    common: common::NL,
    nav: nav::NL,
    refusal: refusal::NL,
    states: states::NL,
    log_in: log_in::NL,
    overview: overview::NL,
    kanalen: kanalen::NL,
    kanaal: kanaal::NL,
    kanaal_form: kanaal_form::NL,
    search: search::NL,
    approvals: approvals::NL,
    events: events::NL,
    event: event::NL,
    event_content: event_content::NL,
    event_test: event_test::NL,
    subscriptions: subscriptions::NL,
    subscription: subscription::NL,
    alerts: alerts::NL,
    subscription_form: subscription_form::NL,
    filter_guide: filter_guide::NL,
    receiver: receiver::NL,
    subscriptions_bulk: subscriptions_bulk::NL,
    reason: reason::NL,
    problem: problem::NL,
    chain_problem: chain_problem::NL,
    selection: selection::NL,
    delivery: delivery::NL,
    dead_letters: dead_letters::NL,
    redeliver: redeliver::NL,
    paging: paging::NL,
    session_over: session_over::NL,
    schemas: schemas::NL,
    runs: runs::NL,
    to_people: to_people::NL,
    mailing_resend: mailing_resend::NL,
    sending: sending::NL,
    portal: portal::NL,
    notices: &[
        ("gecontroleerd", configuration::NL.rechecked),
        ("gepubliceerd", publish::NL.published),
        ("rechten-opgevraagd", applicaties::NL.asked_again),
        ("schema-vastgelegd", schemas::NL.registered),
        ("schema-ingetrokken", schemas::NL.withdrawn),
        ("mailing-gestopt", to_people::NL.stopped_now),
        ("mailing-stopt", to_people::NL.stopping),
        ("mailing-was-klaar", to_people::NL.had_ended),
        ("mailing-elders", to_people::NL.not_here),
        ("mailing-opnieuw", mailing_resend::NL.started),
        ("versturen-open", sending::NL.opened),
        ("versturen-pauze", sending::NL.paused),
        ("versturen-proef", sending::NL.tried),
        ("sessie-beeindigd", sessions::NL.ended),
        ("sessies-beeindigd", sessions::NL.all_ended),
        ("goedgekeurd", "Het abonnement is goedgekeurd."),
        ("afgekeurd", "Het abonnement is afgekeurd."),
        ("event-opnieuw", "Het event wordt opnieuw bezorgd."),
        ("event-niets-te-bezorgen", "Er was niets meer te bezorgen."),
        ("kanaal-aangemaakt", "Het kanaal is aangemaakt."),
        ("kanaal-gewijzigd", "Het kanaal is gewijzigd."),
        ("kanaal-verwijderd", "Het kanaal is verwijderd."),
        ("abonnement-aangemaakt", "Het abonnement is aangemaakt."),
        ("abonnement-gewijzigd", "Het abonnement is gewijzigd."),
        ("gepauzeerd", "De bezorging is gepauzeerd."),
        ("hervat", "De bezorging is hervat."),
        ("toestemming-gevraagd", "De gateway vraagt de ontvanger opnieuw om toestemming."),
        ("abonnementen-gedaan", "De handeling is bij alle gekozen abonnementen gelukt."),
        ("abonnement-verwijderd", "Het abonnement is verwijderd."),
        ("abonnement-gemaakt", "Het abonnement is gemaakt. De gateway vraagt de ontvanger om toestemming."),
        ("inloggegevens-vervangen", "De inloggegevens zijn vervangen."),
        ("opnieuw-bezorgd", "Het event wordt opnieuw bezorgd."),
        ("run-gestart", "De events worden opnieuw bezorgd."),
        ("run-gestopt", "De run is gestopt."),
        ("dead-letters-verwijderd", "De dead letters zijn verwijderd."),
    ],
    applicaties: applicaties::NL,
    configuration: configuration::NL,
    system: system::NL,
    about: about::NL,
    types: types::NL,
    audit: audit::NL,
    audit_words: audit_words::NL,
    charts: charts::NL,
    lag: lag::NL,
    conflict: conflict::NL,
    live: live::NL,
    publish: publish::NL,
    sessions: sessions::NL,
};

/// English.
pub static EN: Texts = Texts {
    common: common::EN,
    nav: nav::EN,
    refusal: refusal::EN,
    states: states::EN,
    log_in: log_in::EN,
    overview: overview::EN,
    kanalen: kanalen::EN,
    kanaal: kanaal::EN,
    kanaal_form: kanaal_form::EN,
    search: search::EN,
    approvals: approvals::EN,
    events: events::EN,
    event: event::EN,
    event_content: event_content::EN,
    event_test: event_test::EN,
    subscriptions: subscriptions::EN,
    subscription: subscription::EN,
    alerts: alerts::EN,
    subscription_form: subscription_form::EN,
    filter_guide: filter_guide::EN,
    receiver: receiver::EN,
    subscriptions_bulk: subscriptions_bulk::EN,
    reason: reason::EN,
    problem: problem::EN,
    chain_problem: chain_problem::EN,
    selection: selection::EN,
    delivery: delivery::EN,
    dead_letters: dead_letters::EN,
    redeliver: redeliver::EN,
    paging: paging::EN,
    session_over: session_over::EN,
    schemas: schemas::EN,
    runs: runs::EN,
    to_people: to_people::EN,
    mailing_resend: mailing_resend::EN,
    sending: sending::EN,
    portal: portal::EN,
    notices: &[
        ("gecontroleerd", configuration::EN.rechecked),
        ("gepubliceerd", publish::EN.published),
        ("rechten-opgevraagd", applicaties::EN.asked_again),
        ("schema-vastgelegd", schemas::EN.registered),
        ("schema-ingetrokken", schemas::EN.withdrawn),
        ("mailing-gestopt", to_people::EN.stopped_now),
        ("mailing-stopt", to_people::EN.stopping),
        ("mailing-was-klaar", to_people::EN.had_ended),
        ("mailing-elders", to_people::EN.not_here),
        ("mailing-opnieuw", mailing_resend::EN.started),
        ("versturen-open", sending::EN.opened),
        ("versturen-pauze", sending::EN.paused),
        ("versturen-proef", sending::EN.tried),
        ("sessie-beeindigd", sessions::EN.ended),
        ("sessies-beeindigd", sessions::EN.all_ended),
        ("goedgekeurd", "The subscription is approved."),
        ("afgekeurd", "The subscription is rejected."),
        ("event-opnieuw", "The event is delivered again."),
        ("event-niets-te-bezorgen", "There was nothing left to deliver."),
        ("kanaal-aangemaakt", "The kanaal is created."),
        ("kanaal-gewijzigd", "The kanaal is changed."),
        ("kanaal-verwijderd", "The kanaal is deleted."),
        ("abonnement-aangemaakt", "The subscription is created."),
        ("abonnement-gewijzigd", "The subscription is changed."),
        ("gepauzeerd", "Deliveries are paused."),
        ("hervat", "Deliveries are resumed."),
        ("toestemming-gevraagd", "The gateway asks the receiver for consent again."),
        ("abonnementen-gedaan", "The action succeeded for all selected subscriptions."),
        ("abonnement-verwijderd", "The subscription is deleted."),
        ("abonnement-gemaakt", "The subscription is created. The gateway asks the receiver for consent."),
        ("inloggegevens-vervangen", "The credentials are replaced."),
        ("opnieuw-bezorgd", "The event is delivered again."),
        ("run-gestart", "The events are delivered again."),
        ("run-gestopt", "The run is stopped."),
        ("dead-letters-verwijderd", "The dead letters are deleted."),
    ],
    applicaties: applicaties::EN,
    configuration: configuration::EN,
    system: system::EN,
    about: about::EN,
    types: types::EN,
    audit: audit::EN,
    audit_words: audit_words::EN,
    charts: charts::EN,
    lag: lag::EN,
    conflict: conflict::EN,
    live: live::EN,
    publish: publish::EN,
    sessions: sessions::EN,
};

/// The texts of a language.
pub fn of(language: Language) -> &'static Texts {
    match language {
        Language::Dutch => &NL,
        Language::English => &EN,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notices_have_the_same_codes_in_each_language() {
        let codes = |texts: &Texts| texts.notices.iter().map(|(code, _)| *code).collect::<Vec<_>>();
        assert_eq!(codes(&NL), codes(&EN));
    }

    /// What a page shows in English on purpose: names that programs use, and texts of licences and commands.
    const IN_ENGLISH: [&str; 8] = [
        "{{ licence }}",
        "{{ shown.checked.rules.label() }}",
        "{{ rule }}",
        "({{ row.rule }})",
        "{{ command }}",
        "{% for name in claims %}",
        // Words are `None` on English pages only.
        "{% else %}<span class=\"utrecht-url-data\" lang=\"en\" translate=\"no\">{{ technical }}</span>{% endif %}",
        "{{ technical }}</p></details>",
    ];

    /// Texts of use cases and of the system are English; a page shows them folded, beside words in its own language.
    #[test]
    fn templates_show_english_text_only_folded() {
        let directory = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
        let mut found = 0;
        for entry in std::fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            let template = std::fs::read_to_string(&path).unwrap();
            for (at, _) in template.match_indices("lang=\"en\"") {
                found += 1;
                let (before, after) = template.split_at(at);
                let is_folded = before.matches("<details>").count() > before.matches("</details>").count();
                let end = after.char_indices().nth(160).map_or(after.len(), |(end, _)| end);
                let start = before.len() - before.len().min(60);
                let start = (start..=before.len()).find(|at| before.is_char_boundary(*at)).unwrap_or(0);
                let near = format!("{}{}", &before[start..], &after[..end]);
                let is_name = IN_ENGLISH.iter().any(|text| near.contains(text));
                assert!(is_folded || is_name, "{}: {near}", path.display());
            }
        }
        assert!(found > 5, "{found}");
    }
}
