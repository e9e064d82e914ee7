//! Mails that come back, in the forms of several mail systems; each is read with LF and with CRLF.

use message::{
    bounce::{ComplaintKind, MAX_MAIL, ReadError, Report, Status, Verdict, read},
    digest::DigestKey,
    verp::{Delivery, EnvelopeSenders, Mailbox},
};
use model::SubscriptionId;
use uuid::Uuid;

/// A report in parts, each with its header.
fn report(header: &str, kind: &str, parts: &[&str]) -> String {
    let parts = parts.iter().map(|part| format!("--=_b1\n{part}\n")).collect::<Vec<_>>().concat();
    format!(
        "Return-Path: <>\nFrom: Mail Delivery System <MAILER-DAEMON@mx.example.com>\nTo: b-token@bounces.example.nl\n\
         Subject: Undelivered Mail Returned to Sender\n{header}MIME-Version: 1.0\n\
         Content-Type: multipart/report; report-type={kind};\n\tboundary=\"=_b1\"\n\nThis is a MIME message.\n\n{parts}--=_b1--\n"
    )
}

const NOTICE: &str = "Content-Type: text/plain; charset=us-ascii\n\nThe mail system says 550 5.1.1 no such user.\n";
const ORIGINAL: &str = "Content-Type: message/rfc822\n\nReturn-Path: <b-token@bounces.example.nl>\nFrom: noreply@example.nl\n\
                        To: an@example.com\nSubject: Afval\n\nBeste An\n";

fn delivery_status(fields: &str) -> String {
    format!("Content-Description: Delivery report\nContent-Type: message/delivery-status\n\n{fields}")
}

fn read_both(mail: &str) -> Report {
    let report = read(mail.as_bytes()).expect("small enough");
    let crlf = mail.replace('\n', "\r\n");
    assert_eq!(read(crlf.as_bytes()), Ok(report.clone()), "with CRLF");
    report
}

fn dsn(fields: &str) -> Report {
    read_both(&report(
        "Auto-Submitted: auto-replied\n",
        "delivery-status",
        &[NOTICE, &delivery_status(fields), ORIGINAL],
    ))
}

#[test]
fn ch_111_notifications_of_several_mail_systems() {
    let postfix = "Reporting-MTA: dns; mx.example.com\nX-Postfix-Queue-ID: 4F1\nArrival-Date: Tue, 1 Dec 2026 10:00:00 +0100\n\n\
                   Final-Recipient: rfc822; an@example.com\nOriginal-Recipient: rfc822;an@example.com\nAction: failed\n\
                   Status: 5.1.1\nRemote-MTA: dns; mx2.example.com\nDiagnostic-Code: smtp; 550 5.1.1 <an@example.com>:\n    \
                   user unknown\n";
    let exchange = "Reporting-MTA: dns;mail.example.com\nReceived-From-MTA: dns;relay.example.nl\n\n\
                    Final-recipient: RFC822; an@example.com\nAction: failed\nStatus: 5.2.2\nX-Display-Name: An\n";
    let sendmail_late = "Reporting-MTA: dns; mx.example.com\n\nFinal-Recipient: RFC822; an@example.com\nAction: delayed\n\
                         Status: 4.4.7\nDiagnostic-Code: SMTP; connect to 10.5.1.20: 5.1.1 timed out\n\
                         Will-Retry-Until: Sun, 6 Dec 2026 10:00:00 +0100\n";
    let exim =
        "Reporting-MTA: dns; mx.example.com\n\nAction: failed\nFinal-Recipient: rfc822;an@example.com\nStatus: 5.0.0\n";
    let full = "Reporting-MTA: dns; mx.example.com\n\nAction: failed\nStatus: 4.2.2 (mailbox full)\n";
    let delivered = "Reporting-MTA: dns; mx.example.com\n\nAction: relayed\nStatus: 2.1.9\n";
    for (fields, verdict, status) in [
        (postfix, Verdict::Hard, (5, 1, 1)),
        (exchange, Verdict::Hard, (5, 2, 2)),
        (sendmail_late, Verdict::Soft, (4, 4, 7)),
        (exim, Verdict::Hard, (5, 0, 0)),
        (full, Verdict::Soft, (4, 2, 2)),
        (delivered, Verdict::Passed, (2, 1, 9)),
    ] {
        let report = dsn(fields);
        assert_eq!(report.verdict(), verdict, "{fields}");
        let Report::Delivery(recipients) = report else { panic!("{fields}") };
        let (class, subject, detail) = status;
        assert_eq!(recipients[0].status, Some(Status { class, subject, detail }));
    }
}

#[test]
fn ch_111_a_status_in_base64_is_read() {
    // "Reporting-MTA: dns; a\n\nAction: failed\nStatus: 5.1.1\n"
    let part = "Content-Type: message/delivery-status\nContent-Transfer-Encoding: base64\n\n\
                UmVwb3J0aW5nLU1UQTogZG5zOyBhCgpBY3Rpb246IGZhaWxlZApTdGF0dXM6IDUuMS4xCg==\n";
    assert_eq!(read_both(&report("", "delivery-status", &[NOTICE, part])).verdict(), Verdict::Hard);
}

#[test]
fn ch_111_a_notification_inside_another_mail_does_not_count() {
    let inner = report("", "delivery-status", &[NOTICE, &delivery_status("Action: failed\nStatus: 5.1.1\n")]);
    let forwarded = inner.replace("=_b1", "=_b2");
    let part = format!("Content-Type: message/rfc822\n\n{forwarded}");
    let outer = report("", "delivery-status", &[NOTICE, &part]).replace("multipart/report", "multipart/mixed");
    assert_eq!(read_both(&outer), Report::Unclear);
    let text = "From: an@example.com\nContent-Type: text/plain\n\nAction: failed\nStatus: 5.1.1\n";
    assert_eq!(read_both(text), Report::Unclear);
}

#[test]
fn ch_111_a_report_in_another_multipart_is_read() {
    let inner = report("", "delivery-status", &[NOTICE, &delivery_status("Action: failed\nStatus: 5.1.1\n")]);
    let (_, inner) = inner.split_once("MIME-Version: 1.0\n").expect("a header");
    let outer = report("", "x", &[&inner.replace("=_b1", "=_b2")]).replacen("multipart/report", "multipart/mixed", 1);
    assert_eq!(read_both(&outer).verdict(), Verdict::Hard);
}

#[test]
fn ch_112_automatic_replies_are_not_bounces() {
    for header in [
        "Auto-Submitted: auto-replied\n",
        "Auto-Submitted: auto-replied (vacation)\n",
        "auto-submitted: Auto-Generated\n",
        "X-Autoreply: yes\n",
        "Precedence: auto_reply\n",
    ] {
        let mail = format!("From: An <an@example.com>\nSubject: Afwezig\n{header}\nIk ben er niet. 5.1.1\n");
        assert_eq!(read_both(&mail), Report::AutomaticReply, "{header}");
    }
    for mail in [
        "From: An <an@example.com>\nSubject: Re: Afval\n\nDank u\n",
        "From: An <an@example.com>\nAuto-Submitted: no\n\nDank u\n",
        "From: an@example.com\nPrecedence: bulk\n\nDank u\n",
        "From: MAILER-DAEMON@mx.example.com\nAuto-Submitted: auto-replied\n\nHi. This is the qmail-send program. 5.1.1\n",
        "From: Mail <postmaster@mx.example.com>\nAuto-Submitted: auto-generated\n\nno such user\n",
        "From: x@example.com\nAuto-Submitted: auto-replied\nX-Failed-Recipients: an@example.com\n\nno such user\n",
        "Auto-Submitted: auto-replied\n\nfrom nobody\n",
        "",
        "\n\n",
        "no header at all",
    ] {
        assert_eq!(read_both(mail), Report::Unclear, "{mail}");
    }
    let empty =
        report("Auto-Submitted: auto-replied\n", "delivery-status", &[NOTICE, &delivery_status("Reporting-MTA: a\n")]);
    assert_eq!(read_both(&empty), Report::Unclear, "a report about no recipient");
}

#[test]
fn ch_116_a_complaint_names_its_mail_by_the_envelope_sender() {
    let senders = EnvelopeSenders::new(DigestKey::new(&[9; 32]), "bounces.example.nl").unwrap();
    let delivery = Delivery { subscription: SubscriptionId(Uuid::from_u128(7)), event: [1, 2, 3, 4] };
    let sender = senders.address(Mailbox::Bounce, &delivery).unwrap();
    let original = ORIGINAL.replace("b-token@bounces.example.nl", sender.expose());
    let headers = original.replace("message/rfc822", "text/rfc822-headers");
    let feedback = |fields: &str| format!("Content-Type: message/feedback-report\n\n{fields}");
    let named = format!("Feedback-Type: abuse\nVersion: 1\nOriginal-Mail-From: <{}>\n", sender.expose());
    for (fields, original, kind) in [
        (named.as_str(), ORIGINAL, ComplaintKind::Abuse),
        ("Feedback-Type: abuse\nUser-Agent: x/1\nVersion: 1\n", &original, ComplaintKind::Abuse),
        ("Feedback-Type: Fraud\n", &headers, ComplaintKind::Fraud),
        ("Feedback-Type: virus\n", &headers, ComplaintKind::Virus),
        ("Feedback-Type: other\n", &headers, ComplaintKind::Other),
        ("Feedback-Type: something-new\n", &headers, ComplaintKind::Abuse),
        ("Feedback-Type: not-spam\n", &headers, ComplaintKind::NotSpam),
    ] {
        let report = read_both(&report("", "feedback-report", &[NOTICE, &feedback(fields), original]));
        let Report::Complaint(complaint) = report else { panic!("{fields}: {report:?}") };
        assert_eq!(complaint.kind, kind, "{fields}");
        assert_eq!(complaint.kind.ends_subscription(), kind != ComplaintKind::NotSpam);
        let envelope_sender = complaint.envelope_sender.expect("a sender");
        assert_eq!(senders.read(&envelope_sender), Some((Mailbox::Bounce, delivery)), "{fields}");
    }
    let nameless = report("", "feedback-report", &[NOTICE, &feedback("Version: 1\n")]);
    assert_eq!(read_both(&nameless), Report::Unclear);
}

#[test]
fn ch_115_a_mail_that_is_too_large_is_refused() {
    assert_eq!(read(&vec![b'a'; MAX_MAIL + 1]), Err(ReadError::TooLarge));
}

#[test]
fn ch_115_many_parts_headers_and_levels_are_bounded() {
    let size = |mail: String| mail.get(..MAX_MAIL).unwrap_or(&mail).to_owned();
    let nested_message = size("Content-Type: message/rfc822\n\n".repeat(40_000));
    let nested_multipart = size(
        (0..20_000)
            .map(|level| format!("Content-Type: multipart/mixed; boundary=b{level}\n\n--b{level}\n"))
            .collect::<Vec<_>>()
            .concat(),
    );
    let many_parts =
        size(format!("Content-Type: multipart/mixed; boundary=b\n\n{}", "--b\na: b\n\nx\n".repeat(100_000)));
    let many_headers = size("a: b\n".repeat(300_000));
    let one_header = size(format!("Subject: {}", "x\n ".repeat(400_000)));
    let many_recipients =
        report("", "delivery-status", &[&delivery_status(&"Action: failed\nStatus: 5.1.1\n\n".repeat(30_000))]);
    for mail in [nested_message, nested_multipart, many_parts, many_headers, one_header] {
        assert_eq!(read(mail.as_bytes()), Ok(Report::Unclear));
    }
    assert_eq!(read(many_recipients.as_bytes()).map(|report| report.verdict()), Ok(Verdict::Hard));
}

#[test]
fn ch_111_a_mail_that_is_cut_off_anywhere_is_read() {
    let fields = "Reporting-MTA: dns; a\n\nAction: failed\nStatus: 5.1.1\n";
    let mail = report("", "delivery-status", &[NOTICE, &delivery_status(fields), ORIGINAL]);
    for end in 0..=mail.len() {
        let report = read(&mail.as_bytes()[..end]).expect("small enough");
        assert!(matches!(report, Report::Unclear | Report::Delivery(_)), "{end}");
    }
}

#[test]
fn ch_134_debug_of_a_report_has_no_address() {
    let fields = "Action: failed\nStatus: 5.1.1\nFinal-Recipient: rfc822; geheim@example.com\n";
    let complaint =
        "Content-Type: message/feedback-report\n\nFeedback-Type: abuse\nOriginal-Mail-From: geheim@example.com\n";
    for mail in [
        report("", "delivery-status", &[NOTICE, &delivery_status(fields)]),
        report("", "feedback-report", &[NOTICE, complaint]),
    ] {
        let shown = format!("{:?}", read(mail.as_bytes()));
        assert!(!shown.contains("geheim"), "{shown}");
    }
}
