//! Tests of a receiver.

/// Its texts.
pub struct Texts {
    /// The title.
    pub title: &'static str,
    /// The heading of the consent.
    pub handshake: &'static str,
    /// The heading of the example event.
    pub example: &'static str,
    /// What that does.
    pub example_hint: &'static str,
    /// There is no consent.
    pub no_consent: &'static str,
    /// The type.
    pub kind: &'static str,
    /// The test event of the gateway.
    pub test_event: &'static str,
    /// The id of the event.
    pub id: &'static str,
    /// The status of the answer.
    pub status: &'static str,
    /// The button that sends.
    pub send: &'static str,
    /// The check of the receiver.
    pub check: &'static str,
    /// What that does.
    pub check_hint: &'static str,
    /// The receiver passed.
    pub passed: &'static str,
    /// The receiver did not pass.
    pub not_passed: &'static str,
    /// The table of verdicts.
    pub findings: &'static str,
    /// The column with the requirement.
    pub clause: &'static str,
    /// The column with the verdict.
    pub verdict: &'static str,
    /// The column with the rule.
    pub rule: &'static str,
    /// The column with what was observed.
    pub seen: &'static str,
    /// It is met.
    pub pass: &'static str,
    /// It is not advisable.
    pub warn: &'static str,
    /// It is not met.
    pub fail: &'static str,
    /// It was not observed.
    pub not_observed: &'static str,
    /// The event was accepted: a word and its meaning.
    pub accepted: (&'static str, &'static str),
    /// The receiver does not exist any more.
    pub gone: (&'static str, &'static str),
    /// The receiver asks to wait.
    pub paced: (&'static str, &'static str),
    /// The receiver refuses the event.
    pub refused: (&'static str, &'static str),
    /// The receiver refuses the format.
    pub format: (&'static str, &'static str),
    /// The receiver fails.
    pub failed: (&'static str, &'static str),
    /// There was no answer.
    pub no_answer: (&'static str, &'static str),
    /// Nothing was sent.
    pub not_sent: (&'static str, &'static str),
}

/// Dutch.
pub const NL: Texts = Texts {
    title: "Testen",
    handshake: "Toestemming van de ontvanger",
    example: "Voorbeeld-event sturen",
    example_hint: "De gateway stuurt één event naar uw ontvanger, met het voorbeeld uit de catalogus. Het event heeft het kenmerk gatewaytest. Mislukt het, dan probeert de gateway het niet opnieuw.",
    no_consent: "Een event sturen kan pas als de ontvanger toestemming gaf.",
    kind: "Type",
    test_event: "Testevent van de gateway",
    id: "Event",
    status: "HTTP-status",
    send: "Stuur event",
    check: "Ontvanger controleren",
    check_hint: "De gateway loopt de regels voor ontvangers na en laat per regel zien wat er gebeurde. Dit duurt hooguit een minuut.",
    passed: "De ontvanger voldoet aan alle verplichte regels die te zien waren.",
    not_passed: "De ontvanger voldoet nog niet aan alle verplichte regels.",
    findings: "Bevindingen per regel",
    clause: "Regel",
    verdict: "Oordeel",
    rule: "Wat de regel vraagt",
    seen: "Wat er gebeurde",
    pass: "Goed",
    warn: "Let op",
    fail: "Fout",
    not_observed: "Niet gezien",
    accepted: ("Aangenomen", "De ontvanger nam het event aan."),
    gone: ("Opgeheven", "De ontvanger antwoordde dat hij niet meer bestaat. Het abonnement eindigt."),
    paced: ("Wacht", "De ontvanger vroeg om even te wachten."),
    refused: ("Geweigerd", "De ontvanger weigerde het event."),
    format: ("Vorm geweigerd", "De ontvanger kan niet omgaan met de vorm van het event."),
    failed: ("Fout", "De ontvanger antwoordde met een fout."),
    no_answer: ("Geen antwoord", "De ontvanger antwoordde niet."),
    not_sent: ("Niet verstuurd", "De gateway kon het event niet versturen."),
};

/// English.
pub const EN: Texts = Texts {
    title: "Test",
    handshake: "Consent of the receiver",
    example: "Send an example event",
    example_hint: "The gateway sends one event to your receiver, with the example of the catalogue. The event has the attribute gatewaytest. When it fails, the gateway does not try again.",
    no_consent: "An event can be sent only after the receiver consented.",
    kind: "Type",
    test_event: "Test event of the gateway",
    id: "Event",
    status: "HTTP status",
    send: "Send event",
    check: "Check the receiver",
    check_hint: "The gateway goes through the rules for receivers and shows what happened for each. This takes at most a minute.",
    passed: "The receiver meets all obligatory rules that could be observed.",
    not_passed: "The receiver does not meet all obligatory rules yet.",
    findings: "Findings by rule",
    clause: "Clause",
    verdict: "Verdict",
    rule: "What the rule asks",
    seen: "What happened",
    pass: "Pass",
    warn: "Warning",
    fail: "Fail",
    not_observed: "Not observed",
    accepted: ("Accepted", "The receiver accepted the event."),
    gone: ("Gone", "The receiver answered that it no longer exists. The subscription ends."),
    paced: ("Wait", "The receiver asked to wait."),
    refused: ("Refused", "The receiver refused the event."),
    format: ("Format refused", "The receiver cannot handle the format of the event."),
    failed: ("Error", "The receiver answered with an error."),
    no_answer: ("No answer", "The receiver did not answer."),
    not_sent: ("Not sent", "The gateway could not send the event."),
};
