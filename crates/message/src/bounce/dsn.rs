//! The machine-readable part of a delivery status notification: Action and Status decide (RFC 3464 2.3, RFC 3463; CH-111). Not
//! the text of the diagnosis, in which an IP address can look like a status.

use super::{
    MAX_RECIPIENTS, Report,
    fields::{self, Group},
};

/// What a notification reports about one recipient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recipient {
    /// What follows for the addressee.
    pub verdict: Verdict,
    /// The status code, such as 5.1.1.
    pub status: Option<Status>,
    /// Whether the mail system has given up; false while it goes on trying (`delayed`).
    pub is_final: bool,
}

/// What follows for the addressee.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It failed for good.
    Hard,
    /// It could not be delivered in time, or is late.
    Soft,
    /// It was delivered, passed on or distributed.
    Passed,
    /// Action and status contradict each other or are missing.
    Unclear,
}

/// An enhanced status code: class, subject and detail (RFC 3463 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Status {
    /// 2, 4 or 5.
    pub class: u8,
    /// 0 to 999.
    pub subject: u16,
    /// 0 to 999.
    pub detail: u16,
}

impl Report {
    /// Whether the mail systems have given up on every recipient of a notification.
    pub fn is_final(&self) -> bool {
        matches!(self, Self::Delivery(recipients) if recipients.iter().all(|recipient| recipient.is_final))
    }

    /// What a notification means for the one addressee that was mailed to. A notification about several recipients comes from a
    /// list behind the address: then it is hard only if all of them are.
    pub fn verdict(&self) -> Verdict {
        let Self::Delivery(recipients) = self else { return Verdict::Unclear };
        let any = |verdict| recipients.iter().any(|recipient| recipient.verdict == verdict);
        if recipients.iter().all(|recipient| recipient.verdict == Verdict::Hard) {
            Verdict::Hard
        } else if any(Verdict::Hard) || any(Verdict::Soft) {
            Verdict::Soft
        } else if any(Verdict::Unclear) {
            Verdict::Unclear
        } else {
            Verdict::Passed
        }
    }
}

/// The recipients of a part `message/delivery-status`; none when it has no field about one.
pub(super) fn recipients(content: &[u8]) -> Vec<Recipient> {
    let groups = fields::groups(content, MAX_RECIPIENTS + 1);
    groups.iter().filter_map(recipient).take(MAX_RECIPIENTS).collect()
}

/// `None` for the group about the message.
fn recipient(group: &Group) -> Option<Recipient> {
    let action = fields::value(group, "action");
    let status = fields::value(group, "status");
    if action.is_none() && status.is_none() && fields::value(group, "final-recipient").is_none() {
        return None;
    }
    let status = status.and_then(Status::parse);
    // A comment may follow the word.
    let action = action.unwrap_or_default().split(['(', ' ', ';']).next().unwrap_or_default().to_ascii_lowercase();
    let verdict = match (action.as_str(), status.map(|status| status.class)) {
        // OpenSMTPD writes `error`.
        ("failed" | "error", Some(5)) => Verdict::Hard,
        ("failed" | "error", Some(4)) | ("delayed", Some(4 | 5) | None) => Verdict::Soft,
        ("delivered" | "relayed" | "expanded", Some(2) | None) => Verdict::Passed,
        _ => Verdict::Unclear,
    };
    Some(Recipient { verdict, status, is_final: action != "delayed" })
}

impl Status {
    /// Reads `5.1.1`, also with a comment after it.
    fn parse(text: &str) -> Option<Self> {
        let code = text.trim_start().split(|c: char| !c.is_ascii_digit() && c != '.').next()?;
        let mut numbers = code.split('.').map(|number| {
            let is_number = (1..=3).contains(&number.len());
            number.parse::<u16>().ok().filter(|_| is_number)
        });
        let class =
            numbers.next()?.and_then(|class| u8::try_from(class).ok()).filter(|class| matches!(class, 2 | 4 | 5))?;
        let (subject, detail) = (numbers.next()??, numbers.next()??);
        numbers.next().is_none().then_some(Self { class, subject, detail })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ch_111_action_and_status_decide() {
        use Verdict::{Hard, Passed, Soft, Unclear};
        for (action, status, verdict) in [
            ("failed", "5.1.1", Hard),
            ("Failed", "5.1.1 (no such user)", Hard),
            ("failed (gave up)", "5.0.0", Hard),
            ("error", "5.0.0", Hard),
            ("failed", "4.4.7", Soft),
            ("delayed", "4.4.1", Soft),
            ("delayed", "5.1.1", Soft),
            ("delivered", "2.1.5", Passed),
            ("relayed", "2.0.0", Passed),
            ("expanded", "2.0.0", Passed),
            ("failed", "2.0.0", Unclear),
            ("delivered", "5.1.1", Unclear),
            ("failed", "", Unclear),
            ("failed", "x5.1.1", Unclear),
            ("failed", "5.1", Unclear),
            ("failed", "5.1.1.1", Unclear),
            ("failed", "3.1.1", Unclear),
            ("failed", "5.1.1000", Unclear),
            ("failed", "192.0.2.1", Unclear),
            ("", "5.1.1", Unclear),
            ("exploded", "5.1.1", Unclear),
        ] {
            let content =
                format!("Reporting-MTA: dns; a\n\nFinal-Recipient: rfc822; x\nAction: {action}\nStatus: {status}\n");
            let found = recipients(content.as_bytes());
            assert_eq!(found.iter().map(|one| one.verdict).collect::<Vec<_>>(), [verdict], "{action} {status}");
        }
        assert_eq!(Status::parse("5.1.10"), Some(Status { class: 5, subject: 1, detail: 10 }));
    }

    #[test]
    fn ch_111_the_text_of_the_diagnosis_does_not_count() {
        let content =
            "Reporting-MTA: dns; a\n\nAction: delayed\nStatus: 4.4.7\nDiagnostic-Code: smtp; 10.5.1.20 said 5.1.1\n";
        let report = Report::Delivery(recipients(content.as_bytes()));
        assert_eq!((report.verdict(), report.is_final()), (Verdict::Soft, false));
        let given_up = content.replace("delayed", "failed");
        let report = Report::Delivery(recipients(given_up.as_bytes()));
        assert_eq!((report.verdict(), report.is_final()), (Verdict::Soft, true));
    }

    #[test]
    fn ch_111_a_list_behind_an_address_is_hard_only_if_all_fail() {
        use Verdict::{Hard, Passed, Soft, Unclear};
        for (verdicts, expected) in [
            (&[Hard][..], Hard),
            (&[Hard, Hard], Hard),
            (&[Hard, Passed], Soft),
            (&[Hard, Unclear], Soft),
            (&[Passed, Soft], Soft),
            (&[Passed, Unclear], Unclear),
            (&[Passed], Passed),
        ] {
            let recipients =
                verdicts.iter().map(|verdict| Recipient { verdict: *verdict, status: None, is_final: true }).collect();
            assert_eq!(Report::Delivery(recipients).verdict(), expected, "{verdicts:?}");
        }
        assert_eq!(Report::Unclear.verdict(), Unclear);
    }

    #[test]
    fn ch_115_recipients_are_bounded() {
        let content = "Action: failed\nStatus: 5.1.1\n\n".repeat(10_000);
        assert_eq!(recipients(content.as_bytes()).len(), MAX_RECIPIENTS);
    }
}
