//! The charts: what they show, in words.

/// Their texts.
pub struct Texts {
    /// The heading of the figures by answer.
    pub by_answer: &'static str,
    /// What they count.
    pub by_answer_intro: &'static str,
    /// The column with the period.
    pub period: &'static str,
    /// The column with the part that failed.
    pub failed_share: &'static str,
    /// The column with requests without an answer.
    pub no_answer: &'static str,
    /// Before the links to the periods that types and statuses are shown of.
    pub details_of: &'static str,
    /// The heading of the figures by type, with the period.
    pub by_type: fn(&str) -> String,
    /// The heading of the figures by status, with the period.
    pub by_status: fn(&str) -> String,
    /// The type is not known, or has no name because there are too many.
    pub other_types: &'static str,
    /// There were no deliveries in the period.
    pub no_types: &'static str,
    /// Some of the last minutes are missing.
    pub lacks_types: &'static str,
    /// The column with the type of events.
    pub kind: &'static str,
    /// The column with the status.
    pub status: &'static str,
    /// The column with the number of requests.
    pub requests: &'static str,
    /// Why there are no statuses of the last hour.
    pub statuses_later: &'static str,
    /// The heading.
    pub title: &'static str,
    /// That figures are approximate.
    pub approximate: &'static str,
    /// Why figures are not complete yet.
    pub counted_by_node: &'static str,
    /// Before the moment from which on figures are complete.
    pub complete_since: &'static str,
    /// The last hour.
    pub hour: &'static str,
    /// The last 24 hours.
    pub day: &'static str,
    /// The series of accepted events.
    pub accepted: &'static str,
    /// The series of deliveries that succeeded.
    pub delivered: &'static str,
    /// The series of deliveries that failed.
    pub failed: &'static str,
    /// A bar that is filled.
    pub filled: &'static str,
    /// A bar that is outlined.
    pub outlined: &'static str,
    /// The chart in words: the sum and name of the first series, of the second, and the highest bar.
    pub summary: fn([&str; 2], [&str; 2], &str) -> String,
    /// Opens the table.
    pub as_table: &'static str,
    /// The column with the start of a period.
    pub from: &'static str,
    /// The column with failures of the last 24 hours.
    pub failures: &'static str,
    /// How many of how many failed.
    pub failed_of: fn(&str, &str, Option<&str>) -> String,
    /// The line of failures in words: the most in an hour.
    pub most_in_an_hour: fn(&str) -> String,
    /// The column with the lag of a kanaal.
    pub lag: &'static str,
    /// Of so many subscriptions it is not known.
    pub lag_unknown: fn(usize) -> String,
}

/// Dutch.
pub const NL: Texts = Texts {
    by_answer: "Cijfers per antwoord",
    by_answer_intro: "Bezorgingen, en verzoeken naar het antwoord van de ontvanger. De cijfers zijn bij benadering: langere perioden beginnen op een heel uur.",
    period: "Periode",
    failed_share: "Deel mislukt",
    no_answer: "Geen antwoord",
    details_of: "Per type en statuscode over:",
    by_type: |period| format!("Per type event: {period}"),
    by_status: |period| format!("Per statuscode: {period}"),
    other_types: "Overige en onbekende typen",
    no_types: "In deze periode is niets bezorgd of mislukt.",
    lacks_types: "Het waren er de laatste minuten te veel om allemaal te lezen: alleen de nieuwste 2.000 bezorgingen daarvan tellen hier mee.",
    kind: "Type event",
    status: "Statuscode",
    requests: "Verzoeken",
    statuses_later: "De laatste 5 tot 10 minuten tellen hier nog niet mee.",
    title: "Verkeer",
    approximate: "De cijfers zijn bij benadering.",
    counted_by_node: "De node die deze pagina maakt, telt wat er op alle nodes gebeurt sinds hij startte. Een andere node die langer draait, kan meer geteld hebben.",
    complete_since: "Ze zijn compleet vanaf",
    hour: "Het laatste uur, per 5 minuten",
    day: "De laatste 24 uur, per uur",
    accepted: "aangenomen",
    delivered: "bezorgd",
    failed: "mislukt",
    filled: "gevulde balk",
    outlined: "open balk",
    summary: |first, second, highest| {
        format!("{} {}, {} {}. De hoogste balk is {highest}.", first[0], first[1], second[0], second[1])
    },
    as_table: "Toon als tabel",
    from: "Vanaf",
    failures: "Mislukt in 24 uur",
    failed_of: |failed, all, percent| match percent {
        Some(percent) => format!("{failed} van {all} ({percent} %)"),
        None => format!("{failed} van {all}"),
    },
    most_in_an_hour: |most| format!("Het meest in een uur: {most}"),
    lag: "Nog te bezorgen",
    lag_unknown: |number| match number {
        1 => "Van 1 abonnement is de bezorging niet bekeken; de wachtende events daarvan ontbreken.".to_owned(),
        number => {
            format!("Van {number} abonnementen is de bezorging niet bekeken; de wachtende events daarvan ontbreken.")
        }
    },
};

/// English.
pub const EN: Texts = Texts {
    by_answer: "Figures by answer",
    by_answer_intro: "Deliveries, and requests by the answer of the receiver. The figures are approximate: longer periods begin at a whole hour.",
    period: "Period",
    failed_share: "Part failed",
    no_answer: "No answer",
    details_of: "By type and status code over:",
    by_type: |period| format!("By type of event: {period}"),
    by_status: |period| format!("By status code: {period}"),
    other_types: "Other and unknown types",
    no_types: "Nothing was delivered or failed in this period.",
    lacks_types: "There were too many in the last minutes to read them all: only the newest 2,000 deliveries of those count here.",
    kind: "Type of event",
    status: "Status code",
    requests: "Requests",
    statuses_later: "The last 5 to 10 minutes do not count here yet.",
    title: "Traffic",
    approximate: "The figures are approximate.",
    counted_by_node: "The node that makes this page counts what happens on all nodes since it started. Another node that runs longer may have counted more.",
    complete_since: "They are complete since",
    hour: "The last hour, by 5 minutes",
    day: "The last 24 hours, by hour",
    accepted: "accepted",
    delivered: "delivered",
    failed: "failed",
    filled: "filled bar",
    outlined: "open bar",
    summary: |first, second, highest| {
        format!("{} {}, {} {}. The highest bar is {highest}.", first[0], first[1], second[0], second[1])
    },
    as_table: "Show as a table",
    from: "From",
    failures: "Failed in 24 hours",
    failed_of: |failed, all, percent| match percent {
        Some(percent) => format!("{failed} of {all} ({percent} %)"),
        None => format!("{failed} of {all}"),
    },
    most_in_an_hour: |most| format!("Most in an hour: {most}"),
    lag: "Still to deliver",
    lag_unknown: |number| match number {
        1 => "The deliveries of 1 subscription were not looked at; its waiting events are missing.".to_owned(),
        number => {
            format!("The deliveries of {number} subscriptions were not looked at; their waiting events are missing.")
        }
    },
};
