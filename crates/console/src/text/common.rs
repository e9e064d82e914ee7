//! Texts of all pages.

use model::Role;

/// Texts of all pages.
pub struct Texts {
    /// Before the links to usual periods.
    pub periods: &'static str,
    /// The session ends within two minutes.
    pub session_soon: &'static str,
    /// The session has ended.
    pub session_over: &'static str,
    /// Prolongs the session.
    pub session_stay: &'static str,
    /// The button that copies a text; the name of the text follows it for screen readers.
    pub copy: &'static str,
    /// A command of the command line.
    pub command: &'static str,
    /// A text was copied.
    pub copied: &'static str,
    /// A text was not copied.
    pub not_copied: &'static str,
    /// The last hour.
    pub last_hour: &'static str,
    /// The last 24 hours.
    pub last_day: &'static str,
    /// This day.
    pub today: &'static str,
    /// The day before.
    pub yesterday: &'static str,
    /// The last seven days, this one included.
    pub last_week: &'static str,
    /// The last thirty days, this one included.
    pub last_month: &'static str,
    /// The first link of a page.
    pub skip_to_content: &'static str,
    /// The link past the navigation to the filter of a list.
    pub skip_to_filter: &'static str,
    /// The link past the filter to the rows of a list.
    pub skip_to_rows: &'static str,
    /// The name of the product after that of the organisation.
    pub product: &'static str,
    /// The name of the main navigation.
    pub main_navigation: &'static str,
    /// The name of the list of pages above this one.
    pub breadcrumb: &'static str,
    /// The name of the choice of a language.
    pub language: &'static str,
    /// Who is logged in.
    pub logged_in_as: &'static str,
    /// The button that ends the session.
    pub log_out: &'static str,
    /// The link to log in.
    pub log_in: &'static str,
    /// The link to the accessibility statement.
    pub accessibility: &'static str,
    /// The version in the footer.
    pub version: &'static str,
    /// When a list was read.
    pub read_at: &'static str,
    /// The word before a title with a fault.
    pub fault: &'static str,
    /// The heading of a list of faults.
    pub faults: &'static str,
    /// Beside the label of a field that may stay empty.
    pub optional: &'static str,
    /// The link to the page before.
    pub previous: &'static str,
    /// The link to the page after.
    pub next: &'static str,
    /// The name of the links between pages of a list.
    pub pagination: &'static str,
    /// A page of a list.
    pub page_number: fn(u64) -> String,
    /// An empty cell.
    pub none: &'static str,
    /// The answer to a question.
    pub yes: &'static str,
    /// The answer to a question.
    pub no: &'static str,
    /// How many seconds ago, or from now when negative.
    pub relative: fn(i64) -> String,
    /// The name of a role.
    pub role: fn(Role) -> &'static str,
}

/// Dutch.
pub const NL: Texts = Texts {
    periods: "Kies een periode:",
    session_soon: "Uw sessie eindigt binnen 2 minuten. Wat u nog niet hebt opgeslagen, gaat dan verloren.",
    session_over: "Uw sessie is verlopen. Kopieer wat u nog wilt bewaren, en log opnieuw in.",
    session_stay: "Ingelogd blijven",
    copy: "Kopieer",
    command: "opdracht",
    copied: "Gekopieerd",
    not_copied: "Niet gekopieerd",
    last_hour: "Laatste uur",
    last_day: "Laatste 24 uur",
    today: "Vandaag",
    yesterday: "Gisteren",
    last_week: "Afgelopen 7 dagen",
    last_month: "Afgelopen 30 dagen",
    skip_to_content: "Ga direct naar de inhoud",
    skip_to_filter: "Ga direct naar het filter",
    skip_to_rows: "Ga direct naar de resultaten",
    product: "eventgateway",
    main_navigation: "Hoofdmenu",
    breadcrumb: "Kruimelpad",
    language: "Taal",
    logged_in_as: "Ingelogd als",
    log_out: "Uitloggen",
    log_in: "Inloggen",
    accessibility: "Toegankelijkheidsverklaring",
    version: "Versie",
    read_at: "Opgehaald op",
    fault: "Fout:",
    faults: "Niet alles is goed ingevuld",
    optional: "(niet verplicht)",
    previous: "Vorige",
    next: "Volgende",
    pagination: "Bladeren",
    page_number: |number| format!("Pagina {number}"),
    none: "–",
    yes: "Ja",
    no: "Nee",
    relative: relative_nl,
    role: role_nl,
};

/// English.
pub const EN: Texts = Texts {
    periods: "Choose a period:",
    session_soon: "Your session ends within 2 minutes. What you have not saved is lost then.",
    session_over: "Your session has ended. Copy what you want to keep, and log in again.",
    session_stay: "Stay logged in",
    copy: "Copy",
    command: "command",
    copied: "Copied",
    not_copied: "Not copied",
    last_hour: "Last hour",
    last_day: "Last 24 hours",
    today: "Today",
    yesterday: "Yesterday",
    last_week: "Last 7 days",
    last_month: "Last 30 days",
    skip_to_content: "Skip to the content",
    skip_to_filter: "Skip to the filter",
    skip_to_rows: "Skip to the results",
    product: "event gateway",
    main_navigation: "Main menu",
    breadcrumb: "Breadcrumb",
    language: "Language",
    logged_in_as: "Logged in as",
    log_out: "Log out",
    log_in: "Log in",
    accessibility: "Accessibility statement",
    version: "Version",
    read_at: "Read at",
    fault: "Error:",
    faults: "Not everything is filled in correctly",
    optional: "(optional)",
    previous: "Previous",
    next: "Next",
    pagination: "Pages",
    page_number: |number| format!("Page {number}"),
    none: "–",
    yes: "Yes",
    no: "No",
    relative: relative_en,
    role: role_en,
};

fn role_nl(role: Role) -> &'static str {
    match role {
        Role::Lezer => "lezer",
        Role::Beheerder => "beheerder",
        Role::Platform => "platformbeheerder",
        Role::Kanaaleigenaar => "kanaaleigenaar",
        Role::Afnemer => "afnemer",
        Role::Auditor => "auditor",
    }
}

fn role_en(role: Role) -> &'static str {
    match role {
        Role::Lezer => "reader",
        Role::Beheerder => "administrator",
        Role::Platform => "platform engineer",
        Role::Kanaaleigenaar => "owner of kanalen",
        Role::Afnemer => "subscriber",
        Role::Auditor => "auditor",
    }
}

/// A number and its unit: seconds, minutes, hours, days.
fn unit(seconds: i64) -> (u64, usize) {
    let seconds = seconds.unsigned_abs();
    match seconds {
        0..60 => (seconds, 0),
        60..3_600 => (seconds / 60, 1),
        3_600..86_400 => (seconds / 3_600, 2),
        _ => (seconds / 86_400, 3),
    }
}

fn relative_nl(seconds: i64) -> String {
    let (number, unit) = unit(seconds);
    let unit = match (number, unit) {
        (1, 0) => "seconde",
        (_, 0) => "seconden",
        (1, 1) => "minuut",
        (_, 1) => "minuten",
        (_, 2) => "uur",
        (1, _) => "dag",
        _ => "dagen",
    };
    if seconds < 0 { format!("over {number} {unit}") } else { format!("{number} {unit} geleden") }
}

fn relative_en(seconds: i64) -> String {
    let (number, unit) = unit(seconds);
    let unit = ["second", "minute", "hour", "day"][unit];
    let plural = if number == 1 { "" } else { "s" };
    if seconds < 0 { format!("in {number} {unit}{plural}") } else { format!("{number} {unit}{plural} ago") }
}
