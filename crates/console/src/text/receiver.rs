//! What a test or a check of a receiver found.

use management::ReceiverVerdict;

/// Its texts.
pub struct Texts {
    /// The title of a test.
    pub test_title: &'static str,
    /// What a test event is.
    pub test_hint: &'static str,
    /// The label of what came of it.
    pub outcome: &'static str,
    /// The label of the status of the answer.
    pub status: &'static str,
    /// The label of why there was no answer.
    pub failure: &'static str,
    /// The label of the start of the answer.
    pub excerpt: &'static str,
    /// The label of the duration.
    pub duration: &'static str,
    /// The label of the id of the test event.
    pub event: &'static str,
    /// The label of the moment.
    pub at: &'static str,
    /// The label of the transaction id of FSC.
    pub fsc: &'static str,
    /// The title of a check.
    pub check_title: &'static str,
    /// Every obligation that was observed is met.
    pub passed: &'static str,
    /// An obligation is not met, or there is no report.
    pub not_passed: &'static str,
    /// The table of findings.
    pub findings: &'static str,
    /// The column with the verdict.
    pub verdict: &'static str,
    /// The column with the rule.
    pub rule: &'static str,
    /// The column with what was observed.
    pub seen: &'static str,
    /// The column with what to do.
    pub remedy: &'static str,
    /// The column with the requirement.
    pub requirement: &'static str,
    /// A rule that is no obligation.
    pub advice: &'static str,
    /// A verdict in words.
    pub verdict_of: fn(ReceiverVerdict) -> &'static str,
}

/// Dutch.
pub const NL: Texts = Texts {
    test_title: "Testbericht",
    test_hint: "De gateway stuurde één testbericht naar deze ontvanger. Het staat in geen kanaal en telt niet mee als bezorging.",
    outcome: "Uitkomst",
    status: "Status van het antwoord",
    failure: "Oorzaak",
    excerpt: "Begin van het antwoord",
    duration: "Duur",
    event: "Nummer van het testbericht",
    at: "Verstuurd",
    fsc: "Transactienummer van FSC",
    check_title: "Controle van de ontvanger",
    passed: "De ontvanger voldoet aan elke verplichting die de gateway kon controleren.",
    not_passed: "De ontvanger voldoet niet aan alle verplichtingen, of kon niet worden gecontroleerd.",
    findings: "Bevindingen",
    verdict: "Oordeel",
    rule: "Regel",
    seen: "Gezien",
    remedy: "Wat u kunt doen",
    requirement: "Eis",
    advice: "advies",
    verdict_of: |verdict| match verdict {
        ReceiverVerdict::Pass => "Goed",
        ReceiverVerdict::Warn => "Let op",
        ReceiverVerdict::Fail => "Fout",
        ReceiverVerdict::NotObserved => "Niet gezien",
    },
};

/// English.
pub const EN: Texts = Texts {
    test_title: "Test event",
    test_hint: "The gateway sent one test event to this receiver. It is in no kanaal and does not count as a delivery.",
    outcome: "Outcome",
    status: "Status of the answer",
    failure: "Cause",
    excerpt: "Start of the answer",
    duration: "Duration",
    event: "Id of the test event",
    at: "Sent",
    fsc: "Transaction id of FSC",
    check_title: "Check of the receiver",
    passed: "The receiver meets every obligation that the gateway could check.",
    not_passed: "The receiver does not meet all obligations, or could not be checked.",
    findings: "Findings",
    verdict: "Verdict",
    rule: "Rule",
    seen: "Observed",
    remedy: "What you can do",
    requirement: "Requirement",
    advice: "advice",
    verdict_of: |verdict| match verdict {
        ReceiverVerdict::Pass => "Good",
        ReceiverVerdict::Warn => "Warning",
        ReceiverVerdict::Fail => "Wrong",
        ReceiverVerdict::NotObserved => "Not observed",
    },
};
