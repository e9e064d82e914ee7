//! Changes of subscriptions: every member that its owner, the owner of a kanaal or the gateway can change.

use std::{num::NonZeroU32, time::Duration};

use model::{
    Mark, Partition, Sink, Subscription,
    approval::{Approval, ApprovalState},
    clock::SeededRandom,
    consent::Consent,
    selection::{NativeSelection, Selection},
    subscription::{HeaderText, Order, Status, Thousandths},
};

use super::{
    made::{SINKS, TYPES, any_format, name, url},
    sinks::{below, chance},
};

/// Changes a member that does not change which events a subscription gets.
pub fn change_member(subscription: &mut Subscription, random: &SeededRandom, consents: &[Consent]) {
    match below(random, 16) {
        0..=3 => subscription.order = if subscription.order == Order::Key { Order::None } else { Order::Key },
        4 | 5 => {
            let sink = below(random, SINKS) % consents.len() as u64;
            subscription.sink = Sink::Webhook(url(sink));
            subscription.consent = consents[sink as usize].clone();
        }
        6 => subscription.format = any_format(random),
        7 => {
            subscription.retry.ladder_only = !subscription.retry.ladder_only;
            subscription.retry.max_retries = below(random, 8) as u32;
            subscription.retry.factor = Thousandths(1 + below(random, 10_000) as u32);
            subscription.retry.cap = Duration::from_secs(1 + below(random, 60));
        }
        8 => subscription.max_in_flight = NonZeroU32::new(below(random, 4) as u32),
        9 => subscription.requested_rate = NonZeroU32::new(below(random, 100) as u32),
        10 => subscription.consent = Consent::fresh(subscription.changed),
        11 => subscription.headers = vec![("x".into(), HeaderText::Clear(below(random, 9).to_string()))],
        12 => subscription.tls = chance(random, 50).then(|| "profile".into()),
        13 => subscription.expires = chance(random, 50).then(|| subscription.changed + Duration::from_hours(1)),
        14 => {
            subscription.status = match below(random, 2) {
                _ if matches!(subscription.status, Status::Gone { .. }) => return,
                0 => Status::Expired { at: subscription.changed },
                _ => Status::Suspended { reason: "r".into(), at: subscription.changed },
            }
        }
        _ => {
            subscription.generation += 1;
            subscription.status = Status::Active;
        }
    }
}

/// Changes a member that changes which events a subscription gets.
pub fn change_selection(subscription: &mut Subscription, random: &SeededRandom) {
    let kanaal = name(below(random, 2) as usize);
    match below(random, 4) {
        0 => {
            let types = vec![TYPES[below(random, 3) as usize].into()];
            subscription.selection = Selection::Native(NativeSelection { types, ..NativeSelection::default() });
        }
        1 => {
            let kanalen = vec![kanaal];
            subscription.selection = Selection::Native(NativeSelection { kanalen, ..NativeSelection::default() });
        }
        2 => subscription.start = vec![(kanaal, Partition(0), Mark(0))],
        _ => {
            let state = ApprovalState::Awaiting;
            subscription.approvals = vec![Approval { kanaal, state, disclose: None }];
        }
    }
}
