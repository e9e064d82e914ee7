//! Recovery after an outage.

/// Its texts.
pub struct Texts {
    /// The title.
    pub title: &'static str,
    /// What it is for.
    pub intro: &'static str,
    /// The subscription.
    pub subscription: &'static str,
    /// The start.
    pub since: &'static str,
    /// The end.
    pub until: &'static str,
    /// What is delivered again.
    pub what: &'static str,
    /// Only what failed.
    pub failed: &'static str,
    /// What that is.
    pub failed_hint: &'static str,
    /// Everything.
    pub all: &'static str,
    /// What that is.
    pub all_hint: &'static str,
    /// The button that counts.
    pub count: &'static str,
    /// The heading of the count.
    pub check: &'static str,
    /// There is nothing to deliver again.
    pub nothing: &'static str,
    /// What to do when nothing failed.
    pub nothing_failed: &'static str,
    /// The subscription has ended.
    pub has_ended: &'static str,
    /// The choice to resume the subscription.
    pub resume: &'static str,
    /// Why.
    pub resume_hint: &'static str,
    /// The button that starts.
    pub start: &'static str,
    /// The link back to the form.
    pub other: &'static str,
    /// No subscription was chosen.
    pub no_subscription: &'static str,
    /// The start is not in the past.
    pub in_future: &'static str,
    /// There are too many.
    pub too_many: &'static str,
}

/// Dutch.
pub const NL: Texts = Texts {
    title: "Herstellen na een storing",
    intro: "Heeft uw ontvanger een tijd niet gewerkt? Haal hier op wat u miste. U ziet eerst hoeveel events het zijn.",
    subscription: "Abonnement",
    since: "Sinds",
    until: "Tot",
    what: "Wat wilt u opnieuw ontvangen?",
    failed: "Alleen wat mislukte",
    failed_hint: "Events waarvan de bezorging sinds dat moment is opgegeven. Niets komt dubbel.",
    all: "Alles opnieuw sinds dat moment",
    all_hint: "Ook events die al zijn bezorgd. Die krijgt u dan nog een keer.",
    count: "Tel de events",
    check: "Controleer",
    nothing: "Er is niets om opnieuw te bezorgen.",
    nothing_failed: "Events die nog wachten, worden vanzelf bezorgd zodra uw ontvanger weer werkt. Mist u toch iets, kies dan alles opnieuw.",
    has_ended: "Dit abonnement is beëindigd. Maak een nieuw abonnement.",
    resume: "Hervat ook het abonnement",
    resume_hint: "De bezorging staat stil. Zonder hervatten komt er niets aan.",
    start: "Bezorg opnieuw",
    other: "Kies iets anders",
    no_subscription: "Kies een abonnement.",
    in_future: "Kies een moment in het verleden.",
    too_many: "Dit zijn te veel events voor één keer. Kies een later moment.",
};

/// English.
pub const EN: Texts = Texts {
    title: "Recover after an outage",
    intro: "Did your receiver fail for a while? Recover here what you missed. You first see how many events it is.",
    subscription: "Subscription",
    since: "Since",
    until: "Until",
    what: "What do you want to receive again?",
    failed: "Only what failed",
    failed_hint: "Events whose delivery was given up since that moment. Nothing arrives twice.",
    all: "Everything again since that moment",
    all_hint: "Also events that were delivered already. You get those once more.",
    count: "Count the events",
    check: "Check",
    nothing: "There is nothing to deliver again.",
    nothing_failed: "Events that still wait are delivered by themselves once your receiver works again. If you still miss something, choose everything again.",
    has_ended: "This subscription has ended. Create a new one.",
    resume: "Also resume the subscription",
    resume_hint: "Deliveries have stopped. Without resuming, nothing arrives.",
    start: "Deliver again",
    other: "Choose something else",
    no_subscription: "Choose a subscription.",
    in_future: "Choose a moment in the past.",
    too_many: "These are too many events for one time. Choose a later moment.",
};
