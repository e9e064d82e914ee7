//! The first page of the portal.

/// Its texts.
pub struct Texts {
    /// The title.
    pub title: &'static str,
    /// The person acts for no client.
    pub no_client: &'static str,
    /// What to do then.
    pub no_client_remedy: &'static str,
    /// A publisher without subscriptions.
    pub publisher: &'static str,
    /// There is no subscription yet.
    pub nothing: &'static str,
    /// What to do then.
    pub nothing_remedy: &'static str,
    /// So many of so many subscriptions need attention.
    pub need_attention: fn(usize, usize) -> String,
    /// What to do then.
    pub attention_remedy: &'static str,
    /// So many deliveries failed.
    pub some_failed: fn(&str) -> String,
    /// What to do then.
    pub failed_remedy: &'static str,
    /// Everything is well.
    pub all_well: &'static str,
    /// The heading of the subscriptions that need attention.
    pub attention: &'static str,
    /// The column with the subscription.
    pub subscription: &'static str,
    /// The column with what can be done.
    pub action: &'static str,
    /// The link to recover.
    pub recover: &'static str,
    /// The name of that link.
    pub recover_of: fn(&str) -> String,
    /// The own subscriptions.
    pub subscriptions: &'static str,
    /// The number of failed deliveries.
    pub failed: &'static str,
    /// The number of requests for approval.
    pub approvals: &'static str,
}

/// Dutch.
pub const NL: Texts = Texts {
    title: "Mijn overzicht",
    no_client: "Uw account hoort nog bij geen applicatie.",
    no_client_remedy: "Vraag de beheerder om de client-id's van uw applicaties aan uw account te koppelen.",
    publisher: "U beheert kanalen in dit portaal.",
    nothing: "U heeft nog geen abonnementen.",
    nothing_remedy: "Kijk in de catalogus welke events er zijn, en abonneer u daar.",
    need_attention: |number, total| match number {
        1 => format!("1 van uw {total} abonnementen vraagt aandacht."),
        number => format!("{number} van uw {total} abonnementen vragen aandacht."),
    },
    attention_remedy: "Hieronder staat per abonnement wat er is en wat u kunt doen.",
    some_failed: |number| format!("Uw ontvangers krijgen events, maar {number} bezorgingen mislukten."),
    failed_remedy: "Haal ze op met Herstellen na een storing.",
    all_well: "Al uw ontvangers gaven toestemming en krijgen events.",
    attention: "Abonnementen die aandacht vragen",
    subscription: "Abonnement",
    action: "Doen",
    recover: "Herstellen",
    recover_of: |name| format!("Herstellen: {name}"),
    subscriptions: "Mijn abonnementen",
    failed: "Mislukte bezorgingen",
    approvals: "Verzoeken om goedkeuring",
};

/// English.
pub const EN: Texts = Texts {
    title: "My overview",
    no_client: "Your account does not belong to an application yet.",
    no_client_remedy: "Ask the administrator to link the client ids of your applications to your account.",
    publisher: "You manage kanalen in this portal.",
    nothing: "You have no subscriptions yet.",
    nothing_remedy: "Look in the catalogue which events there are, and subscribe there.",
    need_attention: |number, total| match number {
        1 => format!("1 of your {total} subscriptions needs attention."),
        number => format!("{number} of your {total} subscriptions need attention."),
    },
    attention_remedy: "Below is what each subscription needs, and what you can do.",
    some_failed: |number| format!("Your receivers get events, but {number} deliveries failed."),
    failed_remedy: "Recover them with Recover after an outage.",
    all_well: "All your receivers consented and get events.",
    attention: "Subscriptions that need attention",
    subscription: "Subscription",
    action: "Action",
    recover: "Recover",
    recover_of: |name| format!("Recover: {name}"),
    subscriptions: "My subscriptions",
    failed: "Failed deliveries",
    approvals: "Requests for approval",
};
