//! The abilities that a scenario needs of a target: those it lists, and those that follow from its steps.

use std::collections::{BTreeMap, BTreeSet};

use super::Scenario;
use crate::receiver::Transport;
use crate::target::abilities::{self, CLIENT};
use crate::target::client::MAIN;

/// Whether `need` is an ability.
pub fn exists(need: &str) -> bool {
    need.starts_with(CLIENT) || abilities::by_name(need).is_some()
}

impl Scenario {
    /// Every ability that a target needs to run this scenario.
    pub fn all_needs(&self) -> BTreeSet<String> {
        let mut needs: BTreeSet<String> = self.needs.iter().cloned().collect();
        let mut add = |holds: bool, ability: &str| {
            if holds {
                needs.insert(ability.to_owned());
            }
        };
        add(self.kanaal.is_some(), "kanalen");
        for sink in self.sink.values() {
            add(!sink.state.is_empty(), "delivery");
            add(sink.subscription != "{}", "subscriptions");
            add(!matches!(sink.state.as_str(), "" | "granted"), "states");
            add(sink.nothing, "ingest");
            add(sink.transport != Transport::Plain, "tls");
        }
        for text in self.cases.iter().flat_map(BTreeMap::values) {
            abilities::implied_by(text).for_each(|ability| add(true, ability));
        }
        for step in &self.step {
            add(step.subscribe.is_some(), "delivery");
            add(step.handshake.is_some(), "handshake");
            add(step.state.is_some(), "states");
            add(step.nothing_else.is_some(), "ingest");
            add(step.http2, "http2");
            let topics = [&step.record, &step.no_record, &step.topic, &step.produce];
            add(topics.into_iter().any(Option::is_some), "kafka");
            add(step.produce.is_some(), "foreign-records");
            for text in step.request.iter().chain(&step.raw) {
                abilities::implied_by(text).for_each(|ability| add(true, ability));
            }
            let clients = step.client.iter().chain(step.token.as_ref().and_then(|options| options.client.as_ref()));
            clients.filter(|name| *name != MAIN).for_each(|name| add(true, &format!("{CLIENT}{name}")));
        }
        needs
    }
}

#[cfg(test)]
mod tests {
    use crate::requirements;
    use crate::scenario::read;

    #[test]
    fn steps_and_subscribers_imply_abilities() {
        let text = r#"
            [[scenario]]
            ids = ["CE-HTTP-02"]
            title = "x"
            needs = ["batch"]
            cases = [{ path = "{{dead-letters}}/x" }]
            sink.a = {}
            sink.b = { state = "", subscription = '{"types":["t"]}' }
            [[scenario.step]]
            request = "POST {{ingest}}"
            as = "lezer"
            [[scenario.step]]
            handshake = "b"
            [[scenario.step]]
            record = "{{topic}}"
            [[scenario.step]]
            produce = "{{topic}}"
        "#;
        let scenario = read("x.toml", text, &requirements::by_id()).unwrap().remove(0);
        let needs: Vec<_> = scenario.all_needs().into_iter().collect();
        assert_eq!(
            needs,
            [
                "batch",
                "client:lezer",
                "dead-letters",
                "delivery",
                "foreign-records",
                "handshake",
                "ingest",
                "kafka",
                "subscriptions"
            ]
        );
    }
}
