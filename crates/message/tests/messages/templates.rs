//! Templates from text to text: tokens, sources, escaping and remarks.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use message::template::{Kind, Language, Locale, Reason, RenderError, Rendered, StaticToken, Template, Values};
use model::{AttributeName, Event, Value as AttributeValue};
use serde_json::{Value, json};

pub fn locale() -> Locale {
    Locale { language: Language::Dutch, zone: TimeZone::get("Europe/Amsterdam").expect("a zone") }
}

fn statics() -> BTreeMap<StaticToken, String> {
    let value = |token: StaticToken| match token {
        StaticToken::HttpHost => "https://gateway.example.nl:8443".to_owned(),
        StaticToken::RestApiRoot => "/api/v1".to_owned(),
        StaticToken::ServiceName => "afval & grofvuil".to_owned(),
        StaticToken::SubscriptionConfirmationCode => "123456".to_owned(),
        StaticToken::UnsubscriptionServiceNames => "diensten afval en zaken".to_owned(),
        token if token.name().ends_with("_url") => format!("https://gateway.example.nl/a/{}?x=1&y=2", token.name()),
        token => token.name().to_owned(),
    };
    StaticToken::ALL.into_iter().map(|token| (token, value(token))).collect()
}

fn event() -> Event {
    let attribute = |name: &str, text: &str| {
        (AttributeName::new(name).expect("a name"), AttributeValue::text(text).expect("a value"))
    };
    let attributes = vec![
        attribute("specversion", "1.0"),
        attribute("id", "e-1"),
        attribute("source", "urn:nld:oin:1"),
        attribute("type", "nl.overheid.zaken.gewijzigd"),
        attribute("time", "2026-12-01T13:30:00Z"),
    ];
    Event::new(attributes, None).expect("an event")
}

fn render(kind: Kind, text: &str, notification: &Value, subscription: Option<&Value>) -> Rendered {
    let (statics, event) = (statics(), event());
    let values =
        Values { statics: Some(&statics), notification: Some(notification), subscription, event: Some(&event) };
    let template = Template::parse(kind, text).unwrap_or_else(|error| panic!("{text}: {error}"));
    template.render(&values, &locale()).expect("a text")
}

fn text(text: &str, notification: &Value) -> String {
    render(Kind::Text, text, notification, None).text
}

fn reasons(rendered: &Rendered) -> Vec<(&str, Reason)> {
    rendered.remarks.iter().map(|remark| (remark.token.as_str(), remark.reason)).collect()
}

#[test]
fn ch_75_static_tokens_in_any_case() {
    let rendered = text(
        "{subscription_confirmation_url}|{SUBSCRIPTION_CONFIRMATION_CODE}|{Service_Name}|{http_host}{rest_api_root}/x|\
         {unsubscription_service_names}|{subscription_id}",
        &json!({ "service_name": "of the event" }),
    );
    assert_eq!(
        rendered,
        "https://gateway.example.nl/a/subscription_confirmation_url?x=1&y=2|123456|afval%20%26%20grofvuil|\
         https://gateway.example.nl:8443/api/v1/x|diensten%20afval%20en%20zaken|subscription_id"
    );
    let apart = text("{Service_Name}\n{unsubscription_service_names}", &json!({}));
    assert_eq!(apart, "afval & grofvuil\ndiensten afval en zaken");
}

#[test]
fn ch_75_static_urls_in_html_keep_their_form() {
    let html = render(
        Kind::Html,
        "<a href=\"{unsubscription_url}\">{unsubscription_url}</a> <a href='{http_host}{rest_api_root}/{service_name}'>x</a>",
        &json!({}),
        None,
    );
    assert_eq!(
        html.text,
        "<a href=\"https://gateway.example.nl/a/unsubscription_url?x=1&amp;y=2\">\
         https://gateway.example.nl/a/unsubscription_url?x=1&amp;y=2</a> \
         <a href='https://gateway.example.nl:8443/api/v1/afval%20%26%20grofvuil'>x</a>"
    );
}

#[test]
fn ch_76_sources_nesting_index_and_the_order_of_an_unqualified_token() {
    let notification = json!({ "a": { "b": ["x", { "c": "deep" }] }, "both": "notification", "null": null });
    let subscription = json!({ "naam": "An", "both": "subscription", "null": "filled", "a": "hidden" });
    let rendered = |template| render(Kind::Text, template, &notification, Some(&subscription));
    for (template, expected) in [
        ("{notification::a.b[0]}", "x"),
        ("{a.b[1].c}", "deep"),
        ("{a.b.1.c}", "deep"),
        ("{naam}", "An"),
        ("{subscription::naam}", "An"),
        ("{notification::both} {subscription::both} {both}", "notification subscription notification"),
        ("{null}", "filled"),
        ("{a.b[0]}{naam}", "xAn"),
    ] {
        assert_eq!(rendered(template).text, expected, "{template}");
        assert_eq!(rendered(template).remarks, [], "{template}");
    }
    for template in
        ["{notification::naam}", "{subscription::a.b}", "{a.b[2]}", "{a.x}", "{a.b[0].c}", "{notification::null}"]
    {
        assert_eq!(rendered(template).text, template);
    }
}

#[test]
fn ch_47_a_confirmation_has_no_data_of_the_subscriber() {
    let rendered = render(Kind::Text, "{subscription::naam} {naam}", &json!({}), None);
    assert_eq!(rendered.text, "{subscription::naam} {naam}");
}

#[test]
fn ch_77_unknown_tokens_stay_and_are_listed_once() {
    let rendered = render(Kind::Text, "{x} {y.z} { x } {x}", &json!({}), None);
    assert_eq!(rendered.text, "{x} {y.z} { x } {x}");
    assert_eq!(reasons(&rendered), [("x", Reason::Unknown), ("y.z", Reason::Unknown), (" x ", Reason::Unknown)]);
}

#[test]
fn ch_78_a_backslash_before_a_brace_makes_text() {
    let data = json!({ "a": "value" });
    assert_eq!(text("\\{a\\}", &data), "{a}");
    assert_eq!(text("\\{a} {a} \\{{a}\\}", &data), "{a} value {value}");
    assert_eq!(text("a\\b \\", &data), "a\\b \\");
}

#[test]
fn ch_79_scalars_are_inserted_and_objects_are_refused() {
    let data = json!({ "zero": 0, "no": false, "empty": "", "object": {}, "list": [1], "dollar": "$& $1 \\1" });
    let rendered = render(Kind::Text, "[{zero}{no}{empty}{dollar}]{object}{list}", &data, None);
    assert_eq!(rendered.text, "[0false$& $1 \\1]{object}{list}");
    assert_eq!(reasons(&rendered), [("object", Reason::NotScalar), ("list", Reason::NotScalar)]);
}

#[test]
fn ch_79_inserted_text_is_not_scanned_again() {
    let data = json!({ "a": "{unsubscription_url}", "b": "{", "c": "\\{a\\}", "d": "$& $1 $$" });
    assert_eq!(text("{d}", &data), "$& $1 $$");
    assert_eq!(text("{a}", &data), "{unsubscription_url}");
    assert_eq!(text("{b}a}", &data), "{a}");
    assert_eq!(text("{c}", &data), "\\{a\\}");
}

#[test]
fn ch_80_a_value_with_markup_arrives_as_text() {
    let data = json!({ "v": "<img src=x onerror=1>", "q": "\" onmouseover=\"x", "s": "' x='" });
    let html = |template| render(Kind::Html, template, &data, None).text;
    assert_eq!(html("<p>{v}</p>"), "<p>&lt;img src=x onerror=1&gt;</p>");
    assert_eq!(html("<p title=\"{q}\" id='{s}'>"), "<p title=\"&quot; onmouseover=&quot;x\" id='&#39; x=&#39;'>");
    assert_eq!(html("<a href='https://x.nl/{v}'>"), "<a href='https://x.nl/%3Cimg%20src%3Dx%20onerror%3D1%3E'>");
    assert_eq!(
        text("https://x.nl/?q={v} {v}", &data),
        "https://x.nl/?q=%3Cimg%20src%3Dx%20onerror%3D1%3E <img src=x onerror=1>"
    );
}

#[test]
fn ch_80_a_link_gets_no_script() {
    let data = json!({ "good": "https://x.nl/?a=1&b=\"", "bad": "javascript:alert(1)" });
    let rendered = render(Kind::Html, "<a href=\"{good}\"><a href=\"{bad}\">", &data, None);
    assert_eq!(rendered.text, "<a href=\"https://x.nl/?a=1&amp;b=%22\"><a href=\"#\">");
    assert_eq!(reasons(&rendered), [("bad", Reason::UnsafeUrl)]);
}

#[test]
fn ch_80_no_token_where_no_escaping_is_safe() {
    for template in [
        "<script>{a}</script>",
        "<style>{a}</style>",
        "<p onclick=\"{a}\">",
        "<p style=\"color: {a}\">",
        "<p class={a}>",
        "<{a}>",
        "<p {a}>",
        "<!-- {a} -->",
    ] {
        assert!(Template::parse(Kind::Html, template).is_err(), "{template}");
    }
}

#[test]
fn ch_82_attributes_of_the_event_dates_and_numbers() {
    let data = json!({ "datum": "2026-12-24", "bedrag": 12.5, "jaar": 2026 });
    assert_eq!(text("{event::type} {event::ID}", &data), "nl.overheid.zaken.gewijzigd e-1");
    assert_eq!(text("{event::time}", &data), "1 december 2026 om 14:30 uur");
    assert_eq!(text("{datum}, {bedrag} in {jaar}", &data), "24 december 2026, 12,5 in 2026");
    // A machine reads a URL.
    assert_eq!(text("https://x.nl/{datum}?b={bedrag}", &data), "https://x.nl/2026-12-24?b=12.5");
    assert_eq!(text("{event::subject} {event::data}", &data), "{event::subject} {event::data}");
}

#[test]
fn ch_19_a_subject_is_one_line() {
    let data = json!({ "v": "x\r\nBcc: bo@example.nl\r\n\r\nbody" });
    assert_eq!(render(Kind::Header, "Uw zaak {v}", &data, None).text, "Uw zaak x Bcc: bo@example.nl body");
}

#[test]
fn ch_76_the_result_is_bounded() {
    let data = json!({ "v": "x".repeat(600_000) });
    let template = Template::parse(Kind::Text, "{v}{v}").expect("a template");
    let values = Values { notification: Some(&data), ..Values::default() };
    assert_eq!(template.render(&values, &locale()).err(), Some(RenderError::TooLong));
}

#[test]
fn ch_134_debug_of_a_rendered_text_has_no_value() {
    let rendered = render(Kind::Text, "{v}{x}", &json!({ "v": "geheim" }), None);
    let shown = format!("{rendered:?}");
    assert!(shown.contains("bytes: 9") && !shown.contains("geheim"), "{shown}");
}
