//! Properties of all values and all inputs: no value changes the form of a message, and no reader panics or grows without bound.

use message::{
    address::{Address, EmailAddress, PhoneNumber, Region},
    bounce,
    code::{LinkToken, Pattern},
    keyword::Keywords,
    mail::{Class, Mail, Mailbox, compose, smtp_data},
    segments::Count,
    template::{Kind, MAX_RENDERED, Template, Values},
};
use model::Timestamp;
use proptest::prelude::*;
use serde_json::json;

use super::{mails, templates::locale};

/// Values that try to leave their place: the characters that mean something to headers, MIME, HTML, URLs and templates, among
/// others.
fn hostile() -> impl Strategy<Value = String> {
    let pieces = prop_oneof![
        Just("\r\n"),
        Just("\n"),
        Just("\r"),
        Just("\0"),
        Just("."),
        Just("\r\n.\r\n"),
        Just("--"),
        Just("\r\n\r\n"),
        Just("Bcc: bo@example.nl"),
        Just("<"),
        Just(">"),
        Just("\""),
        Just("'"),
        Just("&"),
        Just("</script>"),
        Just("-->"),
        Just("javascript:"),
        Just("https://"),
        Just("{a}"),
        Just("{unsubscription_url}"),
        Just("\\{"),
        Just("}"),
        Just("%0d%0a"),
        Just("=?utf-8?Q?=0A?="),
        Just(" "),
        Just("\t"),
        Just("é"),
        Just("😀"),
        Just("\u{2028}"),
        Just("\u{85}"),
        Just("\u{202e}"),
        Just("`"),
        Just("="),
        Just("/"),
        Just("onerror=1"),
        Just("Content-Type: text/html"),
        Just("a"),
    ];
    prop_oneof![
        3 => prop::collection::vec(pieces, 0..12).prop_map(|pieces| pieces.concat()),
        1 => "\\PC{0,40}",
        1 => any::<String>(),
    ]
}

fn render(kind: Kind, template: &str, value: &str) -> String {
    let data = json!({ "a": value });
    let template = Template::parse(kind, template).expect("a template");
    let values = Values { notification: Some(&data), ..Values::default() };
    template.render(&values, &locale()).expect("a text").text
}

/// Undoes the escaping of text in HTML.
fn unescape(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#39;", "'").replace("&amp;", "&")
}

/// What a value without line breaks and controls of its own keeps.
fn without_controls(value: &str) -> String {
    let value = value.replace("\r\n", "\n").replace('\r', "\n");
    value.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect()
}

proptest! {
    #[test]
    fn ch_80_a_value_opens_no_tag_and_leaves_no_attribute(value in hostile()) {
        let html = render(Kind::Html, "<p title=\"{a}\" id='{a}'>{a}</p><a href=\"{a}\"><a href='https://x.nl/{a}?{a}'>", &value);
        let count = |c: char| html.matches(c).count();
        prop_assert_eq!((count('<'), count('>')), (4, 4), "{}", html);
        prop_assert_eq!((count('"'), count('\'')), (4, 4), "{}", html);
        let between = html.split_once("'>").and_then(|(_, rest)| rest.split_once("</p>")).map(|(text, _)| unescape(text));
        prop_assert_eq!(between, Some(without_controls(&value)));
        let link = html.split_once("<a href=\"").and_then(|(_, rest)| rest.split_once('"')).map(|(url, _)| url).unwrap_or_default();
        let is_safe = ["https://", "http://", "mailto:", "tel:", "sms:"].iter().any(|start| {
            link.get(..start.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(start))
        });
        prop_assert!(link == "#" || is_safe, "{}", link);
    }

    #[test]
    fn ch_79_a_value_is_inserted_once(value in hostile()) {
        prop_assert_eq!(render(Kind::Text, "[{a}] \\{a\\}", &value), format!("[{}] {{a}}", shown(&value)));
    }

    #[test]
    fn ch_80_a_value_in_a_url_stays_one_part(value in hostile()) {
        let text = render(Kind::Text, "https://x.nl/?q={a}&r=1", &value);
        let part = text.strip_prefix("https://x.nl/?q=").and_then(|rest| rest.strip_suffix("&r=1")).unwrap_or("lost");
        prop_assert!(part.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~%".contains(&b)), "{}", part);
        let decoded = percent_encoding::percent_decode_str(part).decode_utf8_lossy().into_owned();
        prop_assert_eq!(decoded, value);
    }

    #[test]
    fn ch_19_a_line_break_in_a_value_starts_no_header(value in hostile(), html in any::<bool>()) {
        let subject = render(Kind::Header, "Zaak {a}", &value);
        let text = render(Kind::Text, "Beste {a}\n\nGroet", &value);
        let body = render(Kind::Html, "<p>{a}</p>", &value);
        let senders = mails::senders(&value);
        let (from, to, id, list) =
            (mails::address("noreply@example.nl"), mails::address("an@example.nl"), mails::message_id(), mails::list());
        let bytes = compose(&Mail {
            from: senders.sender(&from).expect("allowed"),
            reply_to: None,
            to: &to,
            subject: &subject,
            text: &text,
            html: html.then_some(body.as_str()),
            date: Timestamp::from_seconds(1_800_000_000),
            id: &id,
            class: Class::Broadcast(&list),
        }).expect("a mail");
        mails::check_lines(&bytes);
        let message = mails::parse(&bytes);
        let mut names = vec![
            "From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Auto-Submitted", "List-ID", "List-Unsubscribe",
            "List-Unsubscribe-Post", "Content-Type",
        ];
        if !html {
            names.push("Content-Transfer-Encoding");
        }
        prop_assert_eq!(mails::header_names(&message), names);
        prop_assert_eq!(message.parts.len(), if html { 3 } else { 1 });
        prop_assert_eq!(message.body_text(0).map(String::from), Some(mails::crlf(&text)));
        if html {
            prop_assert_eq!(message.body_html(0).map(String::from), Some(mails::crlf(&body)));
        }
        prop_assert_eq!(message.subject(), Some(subject.trim()));
        let name = Mailbox::new(&value, from.clone()).name().to_owned();
        let found = message.from().and_then(|from| from.first());
        prop_assert_eq!(found.and_then(|from| from.address()), Some("noreply@example.nl"));
        prop_assert_eq!(found.and_then(|from| from.name()).unwrap_or_default(), name);
        prop_assert!(smtp_data(&bytes).windows(5).filter(|end| end == b"\r\n.\r\n").count() == 1);
    }

    #[test]
    fn no_text_makes_a_reader_panic(text in hostile()) {
        let _ = EmailAddress::parse(&text);
        let _ = PhoneNumber::parse(&text, Region::Netherlands);
        for scheme in ["", "mailto:", "sms:", "tel:", "MAILTO:an%40"] {
            let _ = Address::parse_sink(&format!("{scheme}{text}"), Region::Netherlands);
        }
        for kind in [Kind::Header, Kind::Text, Kind::Html] {
            let _ = Template::parse(kind, &text);
        }
        let _ = Pattern::parse(&text);
        let _ = LinkToken::parse(&text);
        let _ = Count::new(&text);
        let _ = Keywords::default().is_unsubscribe(&text);
        let _ = bounce::read(text.as_bytes());
    }

    #[test]
    fn ch_76_any_template_renders_within_its_bound(template in "(\\{[a.\\[\\]0:]{0,8}\\}|[a<>\"'= /!-]|\\\\){0,60}", value in hostile()) {
        let data = json!({ "a": value });
        for kind in [Kind::Header, Kind::Text, Kind::Html] {
            if let Ok(parsed) = Template::parse(kind, &template) {
                let values = Values { notification: Some(&data), subscription: Some(&data), ..Values::default() };
                let rendered = parsed.render(&values, &locale()).expect("a text");
                prop_assert!(rendered.text.len() <= MAX_RENDERED);
            }
        }
    }

    #[test]
    fn ch_14_an_address_that_is_accepted_is_accepted_again(text in "[a-zA-Z0-9.é+_-]{1,20}@[a-zA-Z0-9.é-]{1,30}") {
        if let Ok(address) = EmailAddress::parse(&text) {
            let again = EmailAddress::parse(address.expose()).expect("accepted");
            prop_assert_eq!(again.expose(), address.expose());
            prop_assert!(address.expose().len() <= 254 && address.expose().is_ascii());
        }
    }

    #[test]
    fn ch_31_a_number_that_is_accepted_is_accepted_again(text in "(\\+|00|0)?[0-9 ()-]{0,20}") {
        if let Ok(number) = PhoneNumber::parse(&text, Region::Netherlands) {
            prop_assert_eq!(PhoneNumber::parse(number.expose(), Region::International), Ok(number.clone()));
            prop_assert!((9..=16).contains(&number.expose().len()));
        }
    }
}

/// A value as a text shows it; the hostile ones hold no date.
fn shown(value: &str) -> String {
    without_controls(value)
}
