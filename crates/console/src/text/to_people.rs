//! Messages to people, for administrators.

use model::{
    addressee::{Channel, EndReason, Language, LeftBy, Outcome, StateKind},
    mailing::Class,
};
use people::administration::SmsPreview;

/// Their texts.
pub struct Texts {
    /// The title.
    pub title: &'static str,
    /// What the pages are about.
    pub intro: &'static str,
    /// A provider fails.
    pub failing: &'static str,
    /// Nothing is sent.
    pub no_provider: &'static str,
    /// The heading of the providers.
    pub providers: &'static str,
    /// The column with a provider.
    pub provider: &'static str,
    /// The column with the channel.
    pub channel_title: &'static str,
    /// The column with the pace.
    pub pace: &'static str,
    /// The column with the most messages at a time.
    pub slots: &'static str,
    /// The column with a state.
    pub state_title: &'static str,
    /// A provider without a bound.
    pub no_limit: &'static str,
    /// Whose state it is.
    pub providers_intro: &'static str,
    /// Nothing was sent since the start.
    pub unknown: &'static str,
    /// The provider answers.
    pub working: &'static str,
    /// The provider fails.
    pub outage: &'static str,
    /// Before the moment since when.
    pub since: &'static str,
    /// The heading of what waits.
    pub outbox: &'static str,
    /// What is counted there.
    pub outbox_intro: &'static str,
    /// The number that waits.
    pub waiting: &'static str,
    /// When the oldest became due.
    pub oldest: &'static str,
    /// The number that was given up.
    pub given_up: &'static str,
    /// The heading of the numbers.
    pub addressees: &'static str,
    /// There is none.
    pub no_addressees: &'static str,
    /// The column with the unconfirmed.
    pub unconfirmed: &'static str,
    /// The column with the confirmed.
    pub confirmed: &'static str,
    /// The column with those that have ended.
    pub ended_column: &'static str,
    /// The title of the mailings.
    pub mailings: &'static str,
    /// What a mailing is.
    pub mailings_intro: &'static str,
    /// There are more.
    pub mailings_partial: &'static str,
    /// There is none.
    pub no_mailings: &'static str,
    /// The column with the number.
    pub mailing: &'static str,
    /// The column with the event.
    pub event: &'static str,
    /// The column with the moment of acceptance.
    pub accepted: &'static str,
    /// The column with the state of a mailing.
    pub progress: &'static str,
    /// The column with the addressees that were met.
    pub candidates: &'static str,
    /// The column with those that were sent.
    pub sent: &'static str,
    /// The column with addresses that refuse for good.
    pub bounced: &'static str,
    /// The column with other failures.
    pub failed: &'static str,
    /// The column with those that were skipped.
    pub skipped: &'static str,
    /// The column with those that have not ended.
    pub open: &'static str,
    /// The mailing waits for the moment of its event.
    pub scheduled: &'static str,
    /// The mailing walks.
    pub walking: &'static str,
    /// Only retries are left.
    pub finishing: &'static str,
    /// It needs somebody.
    pub suspended: &'static str,
    /// It was stopped.
    pub stopped: &'static str,
    /// It ended without failures.
    pub ended: &'static str,
    /// It ended with failures.
    pub ended_with_failures: &'static str,
    /// What sent means.
    pub sent_means: &'static str,
    /// The title of the look-up.
    pub look_up: &'static str,
    /// What it does.
    pub look_up_intro: &'static str,
    /// The field with the address.
    pub address: &'static str,
    /// It is no address.
    pub address_wrong: &'static str,
    /// The field with the reason.
    pub reason: &'static str,
    /// What to write there.
    pub reason_hint: &'static str,
    /// It is empty or too long.
    pub reason_wrong: &'static str,
    /// It has the address.
    pub reason_has_address: &'static str,
    /// The button.
    pub look_up_button: &'static str,
    /// It is recorded.
    pub recorded: &'static str,
    /// Before the masked address.
    pub found: &'static str,
    /// There is no subscription.
    pub nothing_found: &'static str,
    /// The table of subscriptions.
    pub subscriptions: &'static str,
    /// The column with the language.
    pub language_title: &'static str,
    /// The column with the client.
    pub owner: &'static str,
    /// The column with the request.
    pub requested: &'static str,
    /// The column with the confirmation or the end.
    pub changed: &'static str,
    /// The column with hard bounces.
    pub bounces: &'static str,
    /// The table of what was sent.
    pub evidence: &'static str,
    /// Nothing was sent.
    pub nothing_sent: &'static str,
    /// There is more.
    pub evidence_partial: &'static str,
    /// The column with attempts.
    pub attempts: &'static str,
    /// The column with the outcome.
    pub outcome_title: &'static str,
    /// It goes on.
    pub under_way: &'static str,
    /// The title of the texts.
    pub texts: &'static str,
    /// Where they come from.
    pub texts_intro: &'static str,
    /// There is no kanaal.
    pub no_kanalen: &'static str,
    /// The column with the languages.
    pub own_texts: &'static str,
    /// There is no own text.
    pub built_in: &'static str,
    /// The heading of the class of a message.
    pub class_title: &'static str,
    /// The class of a message.
    pub class: fn(Class) -> &'static str,
    /// What that means.
    pub class_means: fn(Class) -> &'static str,
    /// The title of a preview.
    pub preview: &'static str,
    /// What it shows.
    pub preview_intro: &'static str,
    /// The choice of language.
    pub message_language: &'static str,
    /// The button.
    pub show: &'static str,
    /// The subject.
    pub subject: &'static str,
    /// The plain text.
    pub plain: &'static str,
    /// The HTML part.
    pub html: &'static str,
    /// There is none.
    pub no_html: &'static str,
    /// The text message.
    pub sms: &'static str,
    /// Its characters, alphabet and segments.
    pub sms_size: fn(&SmsPreview) -> String,
    /// It has more segments than this.
    pub sms_too_long: fn(usize) -> String,
    /// Tokens without a value.
    pub remarks: &'static str,
    /// There is no preview.
    pub no_preview: &'static str,
    /// The button that stops a mailing, for good.
    pub stop: &'static str,
    /// The same with its number.
    pub stop_one: fn(u64) -> String,
    /// It is stopped.
    pub stopped_now: &'static str,
    /// It is stopped, and some answers are awaited.
    pub stopping: &'static str,
    /// It had ended before.
    pub had_ended: &'static str,
    /// It goes on elsewhere.
    pub not_here: &'static str,
    /// The title of the list of addresses that messages do not reach.
    pub bounced_addresses: &'static str,
    /// What is in it.
    pub bounces_intro: &'static str,
    /// There are none.
    pub no_bounces: &'static str,
    /// There are none on this page.
    pub bounces_further: &'static str,
    /// The choice of those that ended.
    pub bounces_ended: &'static str,
    /// The column with the masked address.
    pub masked: &'static str,
    /// The column with the reason.
    pub bounce_reason: &'static str,
    /// The column with the end.
    pub bounce_ended: &'static str,
    /// The column with the number.
    pub bounce_count: &'static str,
    /// The column with the last one.
    pub bounce_last: &'static str,
    /// Ended by bounces.
    pub undeliverable: &'static str,
    /// Ended by a complaint.
    pub complained: &'static str,
    /// Bounces that count.
    pub counting: &'static str,
    /// A pace.
    pub per_minute: fn(&str) -> String,
    /// How many of those that were skipped do not want the event.
    pub not_wanted: fn(&str) -> String,
    /// A channel.
    pub channel: fn(Channel) -> &'static str,
    /// A language.
    pub language: fn(Language) -> &'static str,
    /// The state of a light subscription.
    pub state: fn(StateKind) -> &'static str,
    /// Why one ended.
    pub ended_by: fn(&EndReason) -> &'static str,
    /// How a message ended.
    pub outcome: fn(Outcome) -> &'static str,
}

/// Dutch.
pub const NL: Texts = Texts {
    title: "Berichten aan mensen",
    intro: "Mensen krijgen berichten van een kanaal nadat ze hun adres hebben bevestigd. Deze pagina toont geen adressen.",
    failing: "Een aanbieder heeft een storing. Berichten wachten en gaan uit zodra die weer werkt.",
    no_provider: "Er is geen mailserver ingesteld. Er worden geen berichten verstuurd.",
    providers: "Aanbieders",
    provider: "Aanbieder",
    channel_title: "Soort",
    pace: "Tempo",
    slots: "Hoogste aantal tegelijk",
    state_title: "Toestand",
    no_limit: "Geen grens",
    providers_intro: "De toestand is wat deze node ervan weet. Zijn er meer nodes? Dan kent alleen de node die de berichten verstuurt de toestand.",
    unknown: "Deze node heeft nog niets verstuurd sinds de start",
    working: "Werkt",
    outage: "Storing",
    since: "sinds",
    outbox: "Berichten die wachten",
    outbox_intro: "Vragen om bevestiging, mededelingen en ontvangstbevestigingen. Mailings staan op een eigen pagina.",
    waiting: "Wachten",
    oldest: "Oudste",
    given_up: "Opgegeven",
    addressees: "Geadresseerden",
    no_addressees: "Er zijn nog geen geadresseerden. Een applicatie meldt mensen aan via de API.",
    unconfirmed: "Niet bevestigd",
    confirmed: "Bevestigd",
    ended_column: "Beëindigd",
    mailings: "Mailings",
    mailings_intro: "Een mailing is één event aan iedereen die berichten van het kanaal krijgt. Wat nog loopt staat bovenaan.",
    mailings_partial: "Er zijn meer mailings dan hier staan: hoogstens 100 die nog lopen en de nieuwste 400 die zijn geëindigd.",
    no_mailings: "Er zijn geen mailings.",
    mailing: "Mailing",
    event: "Event",
    accepted: "Aangenomen",
    progress: "Voortgang",
    candidates: "Bekeken",
    sent: "Verstuurd",
    bounced: "Onbestelbaar",
    failed: "Anders mislukt",
    skipped: "Overgeslagen",
    open: "Nog bezig",
    scheduled: "Wacht op het moment van het event",
    walking: "Gaat de geadresseerden langs",
    finishing: "Bijna klaar: alleen nog nieuwe pogingen",
    suspended: "Stilgelegd: de aanbieder weigert de berichten",
    stopped: "Gestopt",
    ended: "Klaar",
    ended_with_failures: "Klaar, met mislukte berichten",
    sent_means: "Verstuurd betekent dat de aanbieder het bericht aannam. Of iemand het las, weet de gateway niet.",
    look_up: "Een adres opzoeken",
    look_up_intro: "Zoek op wat er van een adres is, bijvoorbeeld als iemand daarnaar vraagt. Uw reden komt met uw naam in het logboek. Het adres niet.",
    address: "E-mailadres",
    address_wrong: "Vul één e-mailadres in, zoals naam@example.nl",
    reason: "Reden",
    reason_hint: "Bijvoorbeeld het nummer van de melding. Schrijf hier geen persoonsgegevens.",
    reason_wrong: "Geef een reden van 1 tot 500 tekens",
    reason_has_address: "Laat het adres weg uit de reden: die komt in het logboek",
    look_up_button: "Opzoeken",
    recorded: "In het logboek staat dat u dit adres hebt opgezocht, met uw reden.",
    found: "Gevonden voor",
    nothing_found: "Er is geen abonnement van dit adres.",
    subscriptions: "Abonnementen van dit adres",
    language_title: "Taal",
    owner: "Aangemeld door",
    requested: "Aangevraagd",
    changed: "Bevestigd of beëindigd",
    bounces: "Blijvende weigeringen",
    evidence: "Wat aan dit adres is gestuurd",
    nothing_sent: "Er is niets over events aan dit adres gestuurd.",
    evidence_partial: "Alleen de nieuwste 400 berichten staan hier.",
    attempts: "Pogingen",
    outcome_title: "Uitkomst",
    under_way: "Onderweg",
    texts: "Teksten van mailings",
    stop: "Stoppen",
    stop_one: |number| format!("Stop mailing {number}; dit kan niet ongedaan worden gemaakt"),
    stopped_now: "De mailing is gestopt. Wie nog niets had, krijgt niets meer.",
    stopping: "De mailing is gestopt. Van de laatste berichten is nog niet bekend hoe ze aankwamen.",
    had_ended: "De mailing was al klaar.",
    not_here: "De mailing loopt hier niet: het kanaal voor berichten is niet ingesteld, of een andere node verstuurt.",
    texts_intro: "Teksten staan in de configuratie ([[people.template]]). Een kanaal zonder eigen tekst stuurt een ingebouwde tekst met type, onderwerp en tijd van het event.",
    no_kanalen: "Er zijn nog geen kanalen.",
    own_texts: "Eigen teksten",
    built_in: "Geen: ingebouwde tekst",
    class_title: "Verplicht bericht",
    class: |class| match class {
        Class::Normal => "Nee",
        Class::Obligatory => "Ja",
        Class::Wmebv => "Ja, volgens de Wmebv",
    },
    class_means: |class| match class {
        Class::Normal => "Wie zich afmeldt, krijgt het niet meer.",
        Class::Obligatory => "Het gaat ook naar mensen die zich hebben afgemeld, en heeft geen link om af te melden.",
        Class::Wmebv => {
            "Het gaat ook naar mensen die zich hebben afgemeld. Elk event moet hebben: de aard van het bericht, het rechtsgevolg, of een antwoord nodig is, en de termijn. Anders wordt het niet verstuurd."
        }
    },
    preview: "Voorbeeld van een mailing",
    preview_intro: "Dit krijgt iemand bij een voorbeeldevent. Het onderwerp van dat event heeft tekens die in HTML een betekenis hebben: < > & en \". Ze moeten hieronder als tekst staan, en in het HTML-deel als &lt; &gt; &amp;.",
    message_language: "Taal van het bericht",
    show: "Toon",
    subject: "Onderwerp",
    plain: "Platte tekst",
    html: "HTML-deel, als bron",
    no_html: "Dit bericht heeft geen HTML-deel.",
    sms: "Sms",
    sms_size: |sms| {
        let SmsPreview { characters, alphabet, segments, most, .. } = sms;
        let parts = if *segments == 1 { "1 sms-deel".to_owned() } else { format!("{segments} sms-delen") };
        format!("{characters} tekens in alfabet {alphabet}, verstuurd als {parts}. Ten hoogste mag: {most}.")
    },
    sms_too_long: |most| format!("Dit bericht wordt niet verstuurd: het heeft meer dan {most} sms-delen."),
    remarks: "Deze tokens kregen geen waarde en blijven staan, of wijzen nergens heen:",
    no_preview: "Van deze tekst is geen bericht te maken.",
    bounced_addresses: "Onbestelbare adressen",
    bounces_intro: "Deze adressen bereiken wij niet, of de persoon heeft geklaagd. Adressen zijn gemaskeerd. Een aanmelding die daardoor is gestopt, blijft hier een maand staan. De persoon kan zich opnieuw aanmelden.",
    no_bounces: "Er zijn geen onbestelbare adressen.",
    bounces_further: "Op deze pagina staat niets. Kijk op de volgende pagina.",
    bounces_ended: "Gestopt",
    masked: "Adres",
    bounce_reason: "Reden",
    bounce_ended: "Gestopt op",
    bounce_count: "Mislukt",
    bounce_last: "Laatste keer",
    undeliverable: "Berichten komen niet aan",
    complained: "Klacht over een bericht",
    counting: "Telt nog mee",
    per_minute: |number| format!("Hoogstens {number} per minuut"),
    not_wanted: |number| format!("waarvan {number} door een eigen filter"),
    channel: |channel| match channel {
        Channel::Email => "E-mail",
        Channel::Sms => "Sms",
        Channel::Inbox => "Berichtenbox van de gateway",
    },
    language: |language| match language {
        Language::Dutch => "Nederlands",
        Language::English => "Engels",
    },
    state: |state| match state {
        StateKind::Unconfirmed => "Niet bevestigd",
        StateKind::Confirmed => "Bevestigd",
        StateKind::Ended => "Beëindigd",
    },
    ended_by: |reason| match reason {
        EndReason::Unsubscribed { by, .. } => match by {
            LeftBy::OneClick => "Afgemeld met de knop van het mailprogramma",
            LeftBy::Page => "Afgemeld op de pagina",
            LeftBy::Mail => "Afgemeld met een mail",
            LeftBy::Keyword => "Afgemeld met een sms",
            LeftBy::Owner => "Afgemeld door de persoon, ingelogd",
            LeftBy::Client => "Afgemeld door een applicatie",
        },
        EndReason::Undeliverable => "Onbestelbaar",
        EndReason::Complaint => "Klacht bij de mailaanbieder",
        EndReason::Expired => "Verlopen, of niet op tijd bevestigd",
        EndReason::Replaced { .. } => "Vervangen door een ander abonnement",
        EndReason::Erased => "Gewist",
    },
    outcome: |outcome| match outcome {
        Outcome::Sent => "Verstuurd",
        Outcome::Delivered => "Bezorgd",
        Outcome::PermanentFailure => "Onbestelbaar",
        Outcome::TemporaryFailure => "Niet op tijd gelukt",
        Outcome::TechnicalFailure => "Door de aanbieder geweigerd",
        Outcome::InDoubt => "Onzeker, niet opnieuw verstuurd",
        Outcome::Expired => "Event was verlopen",
        Outcome::Ended => "Abonnement was beëindigd",
    },
};

/// English.
pub const EN: Texts = Texts {
    title: "Messages to people",
    intro: "People get messages of a kanaal after they confirmed their address. This page shows no addresses.",
    failing: "A provider fails. Messages wait, and are sent when it works again.",
    no_provider: "No mail relay is configured. No messages are sent.",
    providers: "Providers",
    provider: "Provider",
    channel_title: "Channel",
    pace: "Pace",
    slots: "Most at a time",
    state_title: "State",
    no_limit: "No limit",
    providers_intro: "The state is what this node knows of it. Are there more nodes? Then only the node that sends the messages knows it.",
    unknown: "This node has sent nothing since it started",
    working: "Working",
    outage: "Outage",
    since: "since",
    outbox: "Messages that wait",
    outbox_intro: "Confirmations, notices and acknowledgements. Mailings have a page of their own.",
    waiting: "Waiting",
    oldest: "Oldest",
    given_up: "Given up",
    addressees: "Addressees",
    no_addressees: "There are no addressees yet. An applicatie subscribes people through the API.",
    unconfirmed: "Not confirmed",
    confirmed: "Confirmed",
    ended_column: "Ended",
    mailings: "Mailings",
    mailings_intro: "A mailing is one event to everybody who gets messages of the kanaal. Those that go on come first.",
    mailings_partial: "There are more mailings than are shown: at most 100 that go on, and the newest 400 that have ended.",
    no_mailings: "There are no mailings.",
    mailing: "Mailing",
    event: "Event",
    accepted: "Accepted",
    progress: "Progress",
    candidates: "Met",
    sent: "Sent",
    bounced: "Bounced",
    failed: "Failed otherwise",
    skipped: "Skipped",
    open: "Open",
    scheduled: "Waits for the moment of the event",
    walking: "Walks over the addressees",
    finishing: "Nearly done: only retries are left",
    suspended: "Suspended: the provider refuses the messages",
    stopped: "Stopped",
    ended: "Done",
    ended_with_failures: "Done, with failed messages",
    sent_means: "Sent means that the provider took the message. Whether somebody read it is not known to the gateway.",
    look_up: "Look up an address",
    look_up_intro: "Look up what there is of an address, for example when somebody asks for it. Your reason is recorded with your name in the audit trail. The address is not.",
    address: "E-mail address",
    address_wrong: "Enter one e-mail address, such as name@example.nl",
    reason: "Reason",
    reason_hint: "For example the number of the report. Do not write personal data here.",
    reason_wrong: "Enter a reason of 1 to 500 characters",
    reason_has_address: "Leave the address out of the reason: that is recorded in the audit trail",
    look_up_button: "Look up",
    recorded: "The audit trail has that you looked up this address, with your reason.",
    found: "Found for",
    nothing_found: "There is no subscription of this address.",
    subscriptions: "Subscriptions of this address",
    language_title: "Language",
    owner: "Subscribed by",
    requested: "Requested",
    changed: "Confirmed or ended",
    bounces: "Hard bounces",
    evidence: "What was sent to this address",
    nothing_sent: "Nothing about events was sent to this address.",
    evidence_partial: "Only the newest 400 messages are shown.",
    attempts: "Attempts",
    outcome_title: "Outcome",
    under_way: "Under way",
    texts: "Texts of mailings",
    stop: "Stop",
    stop_one: |number| format!("Stop mailing {number}; this cannot be undone"),
    stopped_now: "The mailing is stopped. Who had nothing yet gets nothing any more.",
    stopping: "The mailing is stopped. Of the last messages it is not known yet how they ended.",
    had_ended: "The mailing had ended already.",
    not_here: "The mailing does not go on here: its channel is not configured, or another node sends.",
    texts_intro: "Texts are in the configuration ([[people.template]]). A kanaal without texts of its own sends a built-in text with type, subject and time of the event.",
    no_kanalen: "There are no kanalen yet.",
    own_texts: "Own texts",
    built_in: "None: built-in text",
    class_title: "Message that must be sent",
    class: |class| match class {
        Class::Normal => "No",
        Class::Obligatory => "Yes",
        Class::Wmebv => "Yes, under the Wmebv",
    },
    class_means: |class| match class {
        Class::Normal => "Who unsubscribes does not get it any more.",
        Class::Obligatory => "It goes to people who unsubscribed as well, and has no link to unsubscribe.",
        Class::Wmebv => {
            "It goes to people who unsubscribed as well. Every event must have the nature of the message, its legal effect, whether an answer is needed, and the term. Otherwise it is not sent."
        }
    },
    preview: "Preview of a mailing",
    preview_intro: "This is what a person gets about a sample event. The subject of that event has characters that HTML gives a meaning: < > & and \". They must be shown below as text, and in the HTML part as &lt; &gt; &amp;.",
    message_language: "Language of the message",
    show: "Show",
    subject: "Subject",
    plain: "Plain text",
    html: "HTML part, as source",
    no_html: "This message has no HTML part.",
    sms: "Text message",
    sms_size: |sms| {
        let SmsPreview { characters, alphabet, segments, most, .. } = sms;
        let parts = if *segments == 1 { "1 segment".to_owned() } else { format!("{segments} segments") };
        format!("{characters} characters in alphabet {alphabet}, sent as {parts}. At most allowed: {most}.")
    },
    sms_too_long: |most| format!("This message is not sent: it has more than {most} segments."),
    remarks: "These tokens got no value and stay as they are, or lead nowhere:",
    no_preview: "No message can be made of this text.",
    bounced_addresses: "Undeliverable addresses",
    bounces_intro: "Messages do not reach these addresses, or the person complained. Addresses are masked. A subscription that ended because of it stays here for a month. The person can subscribe again.",
    no_bounces: "There are no undeliverable addresses.",
    bounces_further: "There is nothing on this page. Look at the next page.",
    bounces_ended: "Ended",
    masked: "Address",
    bounce_reason: "Reason",
    bounce_ended: "Ended on",
    bounce_count: "Failed",
    bounce_last: "Last time",
    undeliverable: "Messages do not arrive",
    complained: "Complaint about a message",
    counting: "Still counts",
    per_minute: |number| format!("At most {number} a minute"),
    not_wanted: |number| format!("{number} of them by a filter of their own"),
    channel: |channel| match channel {
        Channel::Email => "E-mail",
        Channel::Sms => "SMS",
        Channel::Inbox => "Inbox of the gateway",
    },
    language: |language| match language {
        Language::Dutch => "Dutch",
        Language::English => "English",
    },
    state: |state| match state {
        StateKind::Unconfirmed => "Not confirmed",
        StateKind::Confirmed => "Confirmed",
        StateKind::Ended => "Ended",
    },
    ended_by: |reason| match reason {
        EndReason::Unsubscribed { by, .. } => match by {
            LeftBy::OneClick => "Left by the button of the mail program",
            LeftBy::Page => "Left on the page",
            LeftBy::Mail => "Left by a mail",
            LeftBy::Keyword => "Left by an SMS",
            LeftBy::Owner => "Left by the person, logged in",
            LeftBy::Client => "Ended by an applicatie",
        },
        EndReason::Undeliverable => "Undeliverable",
        EndReason::Complaint => "Complaint at the mail provider",
        EndReason::Expired => "Expired, or not confirmed in time",
        EndReason::Replaced { .. } => "Replaced by another subscription",
        EndReason::Erased => "Erased",
    },
    outcome: |outcome| match outcome {
        Outcome::Sent => "Sent",
        Outcome::Delivered => "Delivered",
        Outcome::PermanentFailure => "Bounced",
        Outcome::TemporaryFailure => "Did not succeed in time",
        Outcome::TechnicalFailure => "Refused by the provider",
        Outcome::InDoubt => "In doubt, not sent again",
        Outcome::Expired => "The event had expired",
        Outcome::Ended => "The subscription had ended",
    },
};
