//! Codes that are typed, and another address.

use super::*;

fn wrong(challenge: &Challenge) -> &'static str {
    if challenge.code.expose() == "000000" { "000001" } else { "000000" }
}

fn address(text: &str) -> Address {
    Address::Email(EmailAddress::parse(text).expect("an address"))
}

#[tokio::test]
async fn ch_45_the_code_of_the_message_confirms_and_a_wrong_one_does_not() {
    let world = world();
    let id = world.subscribed("an@x.nl", "weg").await;
    let (_, challenge) = world.sent(id).await;
    assert!(matches!(world.people.confirm_code(id, wrong(&challenge)).await, Err(Error::Unknown)));
    let confirmed = world.people.confirm_code(id, &format!(" {} ", challenge.code.expose())).await.expect("confirmed");
    assert_eq!((confirmed.id, confirmed.kanaal.as_str()), (id, "weg"));
    assert_eq!(world.state(id).await, StateKind::Confirmed);
    assert!(matches!(world.people.confirm_code(id, challenge.code.expose()).await, Err(Error::Unknown)));
}

#[tokio::test]
async fn ch_45_five_wrong_codes_or_ten_minutes_make_it_void_and_the_link_still_works() {
    let world = world();
    let id = world.subscribed("an@x.nl", "weg").await;
    let (link, challenge) = world.sent(id).await;
    for _ in 0..5 {
        assert!(matches!(world.people.confirm_code(id, wrong(&challenge)).await, Err(Error::Unknown)));
    }
    assert!(matches!(world.people.confirm_code(id, challenge.code.expose()).await, Err(Error::Unknown)));
    assert!(world.people.act(&link, Act::Confirm).await.expect("confirmed"));

    let late = world.subscribed("bo@x.nl", "weg").await;
    let (_, challenge) = world.sent(late).await;
    world.clock.advance(Duration::from_mins(10));
    assert!(matches!(world.people.confirm_code(late, challenge.code.expose()).await, Err(Error::Unknown)));
}

#[tokio::test]
async fn ch_45_ch_52_the_code_of_a_repeated_request_is_typed_for_either_id() {
    let world = world();
    let first = world.subscribed("an@x.nl", "weg").await;
    let second = world.subscribed("an@x.nl", "weg").await;
    assert_ne!(first, second);
    let (_, challenge) = world.sent(first).await;
    assert!(matches!(world.people.confirm_code(second, wrong(&challenge)).await, Err(Error::Unknown)));
    let confirmed = world.people.confirm_code(second, challenge.code.expose()).await.expect("confirmed");
    assert_eq!(confirmed.id, first);
    // Who is confirmed gets a notice, and the id of that answer confirms nothing.
    let third = world.subscribed("an@x.nl", "weg").await;
    assert!(matches!(world.people.confirm_code(third, challenge.code.expose()).await, Err(Error::Unknown)));
}

#[tokio::test]
async fn ch_49_an_unknown_id_and_a_wrong_code_take_as_long() {
    let world = world();
    let id = world.subscribed("an@x.nl", "weg").await;
    let (_, challenge) = world.sent(id).await;
    for id in [id, AddresseeId(uuid::Uuid::from_u128(1))] {
        let start = tokio::time::Instant::now();
        assert!(matches!(world.people.confirm_code(id, wrong(&challenge)).await, Err(Error::Unknown)));
        assert!(start.elapsed() >= Duration::from_millis(240));
    }
}

#[tokio::test]
async fn ch_51_another_address_is_confirmed_first_and_the_present_one_gets_a_notice() {
    let world = world();
    let id = world.confirmed("an@x.nl", "weg").await;
    let other = world.confirmed("an@nieuw.nl", "weg").await;
    let new = address("an@nieuw.nl");
    world.people.change_address(&portal(), id, &new, "s").await.expect("requested");
    let shown = world.people.one(&portal(), id).await.expect("shown");
    assert_eq!((shown.address.as_deref(), shown.is_changing), (Some("a…@x…"), true));
    let outbox = world.outbox().await;
    let notice = outbox.iter().find(|due| due.outgoing.message == Message::ChangeRequested).expect("a notice");
    let to = notice.outgoing.secret.as_ref().expect("an address");
    assert_eq!(world.people.keys().open(to).expect("opened").expose(), "an@x.nl");
    let (link, challenge) = world.sent_as(id, Message::ConfirmationOfChange).await;
    assert!(matches!(world.people.confirm_code(id, wrong(&challenge)).await, Err(Error::Unknown)));
    assert_eq!(world.people.page(&link).await.expect("a page"), Page::ToConfirm { kanaal: names(&["weg"]).remove(0) });
    assert!(world.people.act(&link, Act::Confirm).await.expect("confirmed"));
    let shown = world.people.one(&portal(), id).await.expect("shown");
    assert_eq!((shown.address.as_deref(), shown.is_changing), (Some("a…@n…"), false));
    // Each message would come twice.
    assert_eq!(world.state(other).await, StateKind::Ended);
    assert!(!world.people.act(&link, Act::Confirm).await.expect("again"));
}

#[tokio::test]
async fn ch_51_ch_59_only_owner_and_administrator_request_an_address_and_only_for_a_confirmed_one() {
    let world = world();
    let id = world.confirmed("an@x.nl", "weg").await;
    let open = world.subscribed("bo@x.nl", "weg").await;
    let other = Actor::applicatie("ander", [Scope::Consumeren]);
    let new = address("an@nieuw.nl");
    for (actor, id) in [(&other, id), (&portal(), open), (&beheer(), open)] {
        let requested = world.people.change_address(actor, id, &new, "s").await;
        assert!(matches!(requested, Err(Error::Unknown)));
    }
    world.people.change_address(&beheer(), id, &new, "s").await.expect("requested");
    // The present address again ends the change.
    world.people.change_address(&portal(), id, &address("an@x.nl"), "s").await.expect("requested");
    assert!(!world.people.one(&portal(), id).await.expect("shown").is_changing);
}

#[tokio::test]
async fn ch_46_requests_for_an_address_are_bounded_whoever_makes_them() {
    let world = world();
    let id = world.confirmed("an@x.nl", "weg").await;
    for kanaal in ["a", "b", "c", "d", "e"] {
        world.subscribed("an@nieuw.nl", kanaal).await;
    }
    let requested = world.people.change_address(&portal(), id, &address("an@nieuw.nl"), "s").await;
    assert!(matches!(requested, Err(Error::TooManyRequests { .. })));
}
