//! The state machine of the handshake, transition by transition: every state with every input that has a meaning in it.

use std::num::NonZeroU32;
use std::time::Duration;

use http::Method;
use proptest::prelude::*;
use webhook_validator::{Action, Answer, CallbackReply, Field, Input, Micros, Origin, Rate, State, Step, Terms, step};

const NOW: Micros = 1_700_000_000_000_000;
const SECOND: Micros = 1_000_000;
const DAY: Micros = 24 * 3600 * SECOND;

fn origin() -> Origin {
    "eventemitter.example.com".parse().expect("a name")
}

fn per_minute(number: u32) -> Rate {
    Rate::PerMinute(NonZeroU32::new(number).expect("positive"))
}

/// Requests 120 per minute, offers no callback, and waits 10, 20 and 25 seconds.
fn terms() -> Terms {
    Terms {
        request_rate: NonZeroU32::new(120),
        max_attempts: 4,
        first_wait: Duration::from_secs(10),
        longest_wait: Duration::from_secs(25),
        ..Terms::new(origin())
    }
}

fn with_callback() -> Terms {
    Terms { callback: true, ..terms() }
}

fn asking() -> State {
    State::Validating { attempts: 0, not_before: NOW, last: None }
}

fn pending() -> State {
    State::PendingCallback { until: NOW + 7 * DAY, last: None }
}

fn granted(rate: Rate) -> State {
    State::Granted { origin: origin(), rate, at: NOW }
}

fn answer(status: u16, origins: &[&str], rates: &[&str]) -> Answer {
    let field = |lines: &[&str]| match lines {
        [] => Field::Absent,
        [one] => Field::One((*one).to_owned()),
        _ => Field::Several,
    };
    Answer { status, origin: field(origins), rate: field(rates), retry_after: None }
}

fn answered(terms: &Terms, status: u16, origins: &[&str], rates: &[&str]) -> Step {
    step(asking(), Input::Answered(answer(status, origins, rates)), terms, NOW)
}

fn called(state: State, method: Method, rate: Field) -> Step {
    step(state, Input::CalledBack { method, rate }, &with_callback(), NOW + SECOND)
}

fn reason(state: &State) -> &str {
    match state {
        State::Refused { reason, .. } => reason,
        other => panic!("refused was expected, not {other:?}"),
    }
}

#[test]
fn it_starts_by_asking_or_by_waiting_for_approval_ce_whv_04_nlg_wh_06() {
    assert_eq!(State::start(true, NOW), State::AwaitingApproval);
    assert_eq!(State::start(false, NOW), asking());
    let first = step(asking(), Input::Timer, &terms(), NOW);
    assert_eq!(first, Step { state: asking(), action: Action::SendOptions });

    let approved = step(State::AwaitingApproval, Input::Approved, &terms(), NOW);
    assert_eq!(approved, Step { state: asking(), action: Action::SendOptions });
    let rejected = step(State::AwaitingApproval, Input::Rejected, &terms(), NOW);
    assert!(reason(&rejected.state).contains("rejected"));
    for input in [Input::Timer, Input::Revalidate] {
        assert_eq!(step(State::AwaitingApproval, input, &terms(), NOW).state, State::AwaitingApproval);
    }
}

#[test]
fn consent_is_the_header_and_not_the_status_ce_whv_13_ce_whv_14_nlg_wh_08() {
    for status in [200, 201, 202, 204, 299, 400, 401, 404, 405, 418, 410] {
        let with = answered(&terms(), status, &["eventemitter.example.com"], &["120"]);
        assert_eq!(with.state, granted(per_minute(120)), "{status}");
        let without = answered(&terms(), status, &[], &["120"]);
        assert!(reason(&without.state).contains(&status.to_string()), "{status}");
        assert_eq!(without.action, Action::Nothing);
    }
    for status in [300, 301, 302, 303, 304, 307, 308] {
        let redirect = answered(&with_callback(), status, &["*"], &["*"]);
        assert!(reason(&redirect.state).contains("redirect"), "{status}");
    }
    for status in [429, 500, 502, 503, 504] {
        let later = answered(&with_callback(), status, &["*"], &["*"]);
        assert!(matches!(later.state, State::Validating { attempts: 1, .. }), "{status}");
    }
}

#[test]
fn the_allowed_origin_is_ours_or_an_asterisk_ce_whv_15_ce_whv_16() {
    for good in ["eventemitter.example.com", "*", "EventEmitter.Example.Com", " eventemitter.example.com "] {
        assert_eq!(answered(&terms(), 200, &[good], &["*"]).state, granted(Rate::Unlimited), "{good}");
    }
    for bad in [
        "other.example.com",
        "*.example.com",
        "https://eventemitter.example.com",
        "eventemitter.example.com:443",
        "eventemitter.example.com, other.example.com",
        "eventemitter.example.com.",
        "* *",
        "null",
        "",
    ] {
        for terms in [terms(), with_callback()] {
            let refused = answered(&terms, 200, &[bad], &["*"]);
            assert!(reason(&refused.state).contains(&format!("`{bad}`")), "{bad}");
        }
    }
    let twice = answered(&terms(), 200, &["*", "*"], &["*"]);
    assert!(reason(&twice.state).contains("more than one"));
}

#[test]
fn the_allowed_rate_must_fit_what_was_asked_ce_whv_17_ce_whv_18_ce_whv_19() {
    let strict = terms();
    let lenient = Terms { lenient_rate: true, ..terms() };
    let unasked = Terms { request_rate: None, default_rate: per_minute(600), ..terms() };
    for (terms, rates, rate) in [
        (&strict, &["*"][..], Ok(Rate::Unlimited)),
        (&strict, &["100"], Ok(per_minute(100))),
        (&strict, &["240"], Ok(per_minute(240))),
        (&strict, &[], Err("no WebHook-Allowed-Rate")),
        (&lenient, &[], Ok(per_minute(120))),
        (&lenient, &["30"], Ok(per_minute(30))),
        (&unasked, &[], Ok(per_minute(600))),
        (&unasked, &["30"], Ok(per_minute(30))),
        (&strict, &["0"], Err("`0`")),
        (&strict, &["-5"], Err("`-5`")),
        (&strict, &["1.5"], Err("`1.5`")),
        (&lenient, &["abc"], Err("`abc`")),
        (&unasked, &["100/min"], Err("`100/min`")),
        (&lenient, &["1", "2"], Err("more than one WebHook-Allowed-Rate")),
    ] {
        let state = answered(terms, 200, &["*"], rates).state;
        match rate {
            Ok(rate) => assert_eq!(state, granted(rate), "{rates:?}"),
            Err(says) => assert!(reason(&state).contains(says), "{rates:?}"),
        }
    }
}

#[test]
fn a_withheld_answer_is_pending_when_a_callback_was_offered_ce_whv_21_ce_whv_02() {
    for status in [200, 202, 204] {
        let offered = answered(&with_callback(), status, &[], &[]);
        assert_eq!(offered, Step { state: pending(), action: Action::WaitUntil(NOW + 7 * DAY) });
        assert!(reason(&answered(&terms(), status, &[], &[]).state).contains("did not consent"));
    }
    let early = step(pending(), Input::Timer, &with_callback(), NOW + 7 * DAY - 1);
    assert_eq!(early, Step { state: pending(), action: Action::WaitUntil(NOW + 7 * DAY) });
    let over = step(pending(), Input::Timer, &with_callback(), NOW + 7 * DAY);
    assert!(reason(&over.state).contains("callback"));
}

#[test]
fn b8_a_pending_consent_says_what_was_answered_and_what_to_do() {
    for (status, says) in [
        (401, "without one"),
        (403, "without one"),
        (404, "check the path"),
        (405, "must support OPTIONS"),
        (418, "must answer OPTIONS with 200"),
    ] {
        let Step { state, action } = answered(&with_callback(), status, &[], &[]);
        assert_eq!(action, Action::WaitUntil(NOW + 7 * DAY));
        let State::PendingCallback { last: Some(last), .. } = state else { panic!("{status}: {state:?}") };
        assert!(last.contains(&status.to_string()) && last.contains(says), "{last}");
        assert!(last.contains("WebHook-Request-Callback"), "{last}");
        let refused = answered(&terms(), status, &[], &[]).state;
        let refused = reason(&refused);
        assert!(refused.contains(&status.to_string()) && refused.contains(says), "{refused}");
    }
}

#[test]
fn b6_our_own_trouble_counts_as_no_attempt() {
    let mut state = asking();
    for number in 0..100 {
        let now = NOW + number * 10 * SECOND;
        let input = Input::NotSent { problem: "no file descriptor is free".to_owned() };
        let Step { state: next, action } = step(state, input, &terms(), now);
        assert_eq!(action, Action::WaitUntil(now + 10 * SECOND));
        let State::Validating { attempts: 0, last: Some(last), .. } = &next else { panic!("{next:?}") };
        assert!(last.contains("descriptor"));
        state = next;
    }
    let input = Input::NotSent { problem: "x".to_owned() };
    assert_eq!(step(pending(), input, &terms(), NOW).state, pending());
}

#[test]
fn a_request_without_answer_is_tried_again_until_patience_ends() {
    let failed = |retry| Input::Failed { problem: "timeout while connecting".to_owned(), retry };
    let mut state = asking();
    let mut now = NOW;
    for (attempts, wait) in [(1, 10), (2, 20), (3, 25)] {
        let failure = step(state, failed(true), &terms(), now);
        let not_before = now + wait * SECOND;
        assert_eq!(failure.action, Action::WaitUntil(not_before));
        let early = step(failure.state.clone(), Input::Timer, &terms(), not_before - 1);
        assert_eq!(early, failure, "a timer that comes early changes nothing");
        let last = Some("timeout while connecting".to_owned());
        assert_eq!(failure.state, State::Validating { attempts, not_before, last });
        let due = step(failure.state, Input::Timer, &terms(), not_before);
        assert_eq!(due.action, Action::SendOptions);
        state = due.state;
        now = not_before;
    }
    let end = step(state, failed(true), &terms(), now);
    assert!(reason(&end.state).contains("4 times") && reason(&end.state).contains("timeout"));

    let hopeless = step(asking(), failed(false), &terms(), NOW);
    assert!(reason(&hopeless.state).contains("cannot be called"));
}

#[test]
fn retry_after_of_the_answer_is_respected_ce_wh_16_ce_wh_19() {
    for (status, asked, wait) in [(429, 3600, 3600), (503, 7, 10), (503, 11, 11), (429, 0, 10)] {
        let retry_after = (asked > 0).then(|| Duration::from_secs(asked));
        let busy = Answer { retry_after, ..answer(status, &["*"], &["*"]) };
        let later = step(asking(), Input::Answered(busy), &terms(), NOW);
        assert_eq!(later.action, Action::WaitUntil(NOW + wait * SECOND), "{status} {asked}");
        assert_eq!(later.state.allows(&origin()), None);
    }
}

#[test]
fn get_and_post_on_the_callback_grant_ce_whv_07_ce_whv_10() {
    for method in [Method::GET, Method::POST] {
        for (rate, granted_rate) in [
            (Field::Absent, per_minute(120)),
            (Field::One("30".to_owned()), per_minute(30)),
            (Field::One("*".to_owned()), Rate::Unlimited),
        ] {
            // The callback may overtake the answer to the question that offered it.
            for state in [pending(), asking()] {
                let called = called(state, method.clone(), rate.clone());
                assert_eq!(called.action, Action::Reply(CallbackReply::Granted));
                assert_eq!(called.state.allows(&origin()), Some(granted_rate));
                let late = answer(200, &["stranger.example"], &[]);
                let after = step(called.state.clone(), Input::Answered(late), &with_callback(), NOW + 2 * SECOND);
                assert_eq!(after.state, called.state, "the late answer changes nothing");
            }
        }
    }
    let unasked = Terms { request_rate: None, default_rate: per_minute(7), ..with_callback() };
    let input = Input::CalledBack { method: Method::GET, rate: Field::Absent };
    assert_eq!(step(pending(), input, &unasked, NOW).state.allows(&origin()), Some(per_minute(7)));
}

#[test]
fn nothing_else_on_the_callback_grants_ce_whv_09() {
    for method in [Method::HEAD, Method::OPTIONS, Method::PUT, Method::DELETE, Method::PATCH] {
        let other = called(pending(), method, Field::Absent);
        assert_eq!(other, Step { state: pending(), action: Action::Reply(CallbackReply::MethodNotAllowed) });
    }
    for rate in [Field::One("0".to_owned()), Field::One("fast".to_owned()), Field::Several] {
        let bad = called(pending(), Method::POST, rate);
        assert_eq!(bad, Step { state: pending(), action: Action::Reply(CallbackReply::BadRate) });
    }
    let input = Input::CalledBack { method: Method::GET, rate: Field::Absent };
    let over = step(pending(), input, &with_callback(), NOW + 7 * DAY);
    assert_eq!(over.action, Action::Reply(CallbackReply::Gone));
    assert!(reason(&over.state).contains("in time"));

    let manual = State::Manual { agreement: "convenant 12".to_owned(), at: NOW };
    let refused = State::Refused { reason: "no".to_owned(), at: NOW };
    for state in [State::AwaitingApproval, manual, refused] {
        let gone = called(state.clone(), Method::GET, Field::Absent);
        assert_eq!(gone, Step { state, action: Action::Reply(CallbackReply::Gone) });
    }
}

#[test]
fn a_second_call_is_idempotent_and_may_change_the_rate_ce_whv_09_ce_whv_10() {
    for (rate, expected) in
        [(Field::Absent, 30), (Field::One("10".to_owned()), 10), (Field::One("500".to_owned()), 500)]
    {
        let again = called(granted(per_minute(30)), Method::POST, rate);
        assert_eq!(again.action, Action::Reply(CallbackReply::Granted));
        assert_eq!(again.state.allows(&origin()), Some(per_minute(expected)));
    }
    let bad = called(granted(per_minute(30)), Method::POST, Field::One("x".to_owned()));
    assert_eq!(bad, Step { state: granted(per_minute(30)), action: Action::Reply(CallbackReply::BadRate) });
}

#[test]
fn consent_is_asked_again_when_old_or_when_the_origin_changed_nlg_wh_07_ce_whv_27_ce_wh_06() {
    let aging = Terms { max_age: Some(Duration::from_hours(24)), ..terms() };
    let fresh = answered(&aging, 200, &["*"], &["*"]);
    assert_eq!(fresh, Step { state: granted(Rate::Unlimited), action: Action::WaitUntil(NOW + DAY) });
    let old = step(fresh.state, Input::Timer, &aging, NOW + DAY);
    assert_eq!(old.action, Action::SendOptions);
    assert_eq!(old.state.allows(&origin()), None);

    let ageless = step(granted(Rate::Unlimited), Input::Timer, &terms(), NOW + 1000 * DAY);
    assert_eq!(ageless, Step { state: granted(Rate::Unlimited), action: Action::Nothing });

    let renamed = Terms { origin: "new.example".parse().unwrap(), ..with_callback() };
    assert_eq!(granted(Rate::Unlimited).allows(&renamed.origin), None);
    assert_eq!(step(granted(Rate::Unlimited), Input::Timer, &renamed, NOW).action, Action::SendOptions);
    let old_link = Input::CalledBack { method: Method::GET, rate: Field::Absent };
    let called = step(granted(Rate::Unlimited), old_link, &renamed, NOW);
    assert_eq!(called.action, Action::Reply(CallbackReply::Gone), "consent to one name is none to another");
}

#[test]
fn the_owner_may_ask_again_at_any_time() {
    let refused = State::Refused { reason: "no".to_owned(), at: NOW };
    let manual = State::Manual { agreement: "convenant 12".to_owned(), at: NOW };
    for state in [asking(), pending(), granted(Rate::Unlimited), refused.clone(), manual] {
        let again = step(state, Input::Revalidate, &terms(), NOW + SECOND);
        let asking = State::Validating { attempts: 0, not_before: NOW + SECOND, last: None };
        assert_eq!(again, Step { state: asking, action: Action::SendOptions });
    }
    for input in [Input::Timer, Input::Approved, Input::Rejected, Input::Answered(answer(200, &["*"], &["*"]))] {
        assert_eq!(step(refused.clone(), input, &terms(), NOW).state, refused, "a refusal is final");
    }
}

#[test]
fn an_agreement_replaces_the_handshake_nlg_wh_05() {
    let agreed = Input::Agreed { agreement: "convenant 12".to_owned() };
    for state in [State::AwaitingApproval, asking(), State::Refused { reason: "no".to_owned(), at: NOW }] {
        let manual = step(state, agreed.clone(), &terms(), NOW);
        assert_eq!(manual.action, Action::Nothing);
        assert_eq!(manual.state, State::Manual { agreement: "convenant 12".to_owned(), at: NOW });
        assert_eq!(manual.state.allows(&origin()), Some(Rate::Unlimited));
        assert_eq!(step(manual.state.clone(), Input::Timer, &terms(), NOW + DAY).state, manual.state);
    }
}

fn fields() -> impl Strategy<Value = Field> {
    prop_oneof![
        Just(Field::Absent),
        Just(Field::Several),
        prop_oneof![Just("*"), Just("eventemitter.example.com"), Just("60"), Just("0"), Just("x.example")]
            .prop_map(|text| Field::One(text.to_owned())),
    ]
}

fn inputs() -> impl Strategy<Value = Input> {
    let methods = prop_oneof![Just(Method::GET), Just(Method::POST), Just(Method::PUT)];
    prop_oneof![
        Just(Input::Timer),
        (200..600_u16, fields(), fields())
            .prop_map(|(status, origin, rate)| { Input::Answered(Answer { status, origin, rate, retry_after: None }) }),
        any::<bool>().prop_map(|retry| Input::Failed { problem: "dns".to_owned(), retry }),
        (methods, fields()).prop_map(|(method, rate)| Input::CalledBack { method, rate }),
        Just(Input::Revalidate),
    ]
}

proptest! {
    /// Whatever happens, consent begins only with the receiver's own word (CE-WHV-13).
    #[test]
    fn consent_comes_from_the_receiver_alone_ce_whv_13(script in proptest::collection::vec((inputs(), 0..DAY), 1..60)) {
        let terms = with_callback();
        let mut state = asking();
        let mut now = NOW;
        for (input, passed) in script {
            now += passed;
            let said_yes = match &input {
                Input::Answered(answer) => {
                    let name = matches!(&answer.origin, Field::One(text) if text == "*" || terms.origin.is(text));
                    name && !(300..400).contains(&answer.status) && answer.status < 500 && answer.status != 429
                }
                Input::CalledBack { method, .. } => method != Method::PUT,
                _ => false,
            };
            let had = state.allows(&terms.origin).is_some();
            let next = step(state, input, &terms, now);
            let has = next.state.allows(&terms.origin).is_some();
            prop_assert!(had || !has || said_yes, "{:?}", next);
            if let State::Validating { attempts, .. } = &next.state {
                prop_assert!(*attempts < terms.max_attempts);
            }
            state = next.state;
        }
    }
}
