//! Creation of subscriptions beside others: the part of it that depends on what there is already. Nothing is counted here.

use std::num::NonZeroU32;
use std::sync::Arc;

use delivery::Settings;
use delivery::machine::{Input, Machine};
use model::clock::SeededRandom;
use model::consent::{Consent, Rate};
use model::decide::{Command, decide};
use model::registry::Change;
use model::sealed::Sealed;
use model::selection::{NativeSelection, Selection};
use model::{AttributeName, Partition, filter::Filter};
use model::{Kanaal, KanaalName, Mark, Registry, Sink, Subscription, SubscriptionId, Timestamp};
use uuid::Uuid;

/// Control and the machine of a shard, with subscriptions at one sink.
pub struct Created {
    registry: Registry,
    machine: Machine,
    kanaal: KanaalName,
    number: u32,
}

impl Created {
    /// With so many subscriptions.
    pub fn beside(count: u32) -> Self {
        let kanaal = KanaalName::new("zaken").expect("a name");
        let mut registry = Registry::default();
        registry.apply(&Change::Kanaal(Arc::new(Kanaal::new(Uuid::nil(), kanaal.clone(), NOW))));
        let mut machine = Machine::new(Settings::default(), Arc::new(SeededRandom::new(1)));
        for input in [Input::Restored(vec![]), Input::Kanaal(kanaal.clone(), vec![END]), Input::Loaded] {
            machine.handle(input, NOW);
        }
        let mut created = Self { registry, machine, kanaal, number: 0 };
        for _ in 0..count {
            created.create();
        }
        created
    }

    /// Creates one more, whose sink consents.
    pub fn create(&mut self) {
        let id = SubscriptionId(Uuid::from_u128(u128::from(self.number).wrapping_mul(SPREAD)));
        self.submit(Command::CreateSubscription(Box::new(self.subscription(id))));
        let rate = Rate::PerMinute(NonZeroU32::new(self.number % 50 + 60).expect("not zero"));
        let consent = Consent::Granted { origin: "gw.example".to_owned(), rate, at: NOW };
        self.submit(Command::SetConsent { id, generation: 1, consent });
        self.number += 1;
    }

    fn submit(&mut self, command: Command) {
        for change in decide(&self.registry, command).expect("accepted") {
            self.registry.apply(&change);
            let Change::Subscription(subscription) = change else { panic!("{change:?}") };
            self.machine.handle(Input::Subscription(subscription), NOW);
            self.machine.advance(NOW);
            drop(self.machine.take_effects());
        }
    }

    /// One that starts at the end of the log.
    fn subscription(&self, id: SubscriptionId) -> Subscription {
        let subject = AttributeName::new("subject").expect("a name");
        let filters = vec![Filter::Exact(vec![(subject, self.number.to_string().into())])];
        let kanalen = vec![self.kanaal.clone()];
        let selection = Selection::Native(NativeSelection { kanalen, filters, ..NativeSelection::default() });
        let sink = Sink::Webhook("https://sink.example/".to_owned());
        let secret = Sealed { key_id: "k".into(), ciphertext: vec![1] };
        Subscription {
            start: vec![(self.kanaal.clone(), Partition(0), END)],
            ..Subscription::new(id, "owner".to_owned(), selection, sink, secret, NOW)
        }
    }
}

const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);
/// The end of the log.
const END: Mark = Mark(100);
/// Spreads ids over their range, as random ones are.
const SPREAD: u128 = 0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835;
