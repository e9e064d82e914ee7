//! The calls the suite makes for itself, around the steps of a scenario: a kanaal of its own, subscriptions, their state.
//! Templates of requests; a target file may give its own, so that a system with another API can be tested.

use std::collections::BTreeMap;

use serde::Deserialize;

/// The calls; absent is as for the Subscriptions API and the kanalen of the gateway this suite comes from.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Calls {
    /// Makes `{{kanaal}}`; an empty text: nothing is to be made.
    pub kanaal: Option<String>,
    /// Creates the subscription of `{{sink}}` to `{{kanaal}}`.
    pub subscribe: Option<String>,
    /// Where the answer to that holds the id: a dotted path into its JSON, or `header:Name`.
    pub id: Option<String>,
    /// Reads the subscription with the id `{{subscription}}`.
    pub read: Option<String>,
    /// Where the answer to that holds the state, a dotted path.
    pub state: Option<String>,
    /// States of the scenarios by the name they have there.
    pub states: BTreeMap<String, String>,
    /// Removes the subscription with the id `{{subscription}}`.
    pub unsubscribe: Option<String>,
}

const KANAAL: &str = "POST {{kanalen}}\nContent-Type: application/json\n\n{\"naam\":\"{{kanaal}}\"}\n";
const SUBSCRIBE: &str = "POST {{subscriptions}}\nContent-Type: application/json\n\n\
    {\"sink\":\"{{sink}}\",\"protocol\":\"HTTP\",\"config\":{\"kanalen\":[\"{{kanaal}}\"]}}\n";
const READ: &str = "GET {{subscriptions}}/{{subscription}}\n";
const UNSUBSCRIBE: &str = "DELETE {{subscriptions}}/{{subscription}}\n";

impl Calls {
    /// The call that makes a kanaal, when there is one; `usual`: the target has the API of ours for it.
    pub fn kanaal(&self, usual: bool) -> Option<&str> {
        chosen(self.kanaal.as_deref(), usual, KANAAL)
    }

    /// The call that creates a subscription, if there is one; `usual`: the target has the Subscriptions API.
    pub fn subscribe(&self, usual: bool) -> Option<&str> {
        chosen(self.subscribe.as_deref(), usual, SUBSCRIBE)
    }

    /// The call that reads a subscription.
    pub fn read(&self, usual: bool) -> Option<&str> {
        chosen(self.read.as_deref(), usual, READ)
    }

    /// The call that removes a subscription.
    pub fn unsubscribe(&self, usual: bool) -> Option<&str> {
        chosen(self.unsubscribe.as_deref(), usual, UNSUBSCRIBE)
    }

    /// The dotted path of the id in a new subscription.
    pub fn id(&self) -> &str {
        self.id.as_deref().unwrap_or("id")
    }

    /// The dotted path of the state in a subscription.
    pub fn state(&self) -> &str {
        self.state.as_deref().unwrap_or("status.state")
    }

    /// The name that scenarios have for this state of the target.
    pub fn state_named(&self, own: &str) -> String {
        let found = self.states.iter().find(|(_, name)| *name == own);
        found.map_or_else(|| own.to_owned(), |(state, _)| state.clone())
    }
}

fn chosen<'a>(own: Option<&'a str>, usual: bool, ours: &'a str) -> Option<&'a str> {
    own.or(usual.then_some(ours)).filter(|call| !call.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_of_the_target_come_before_ours_and_an_empty_one_is_none() {
        let calls: Calls = toml::from_str("kanaal = \"\"\nread = \"GET /x\"\nstates = { granted = \"on\" }").unwrap();
        assert_eq!((calls.kanaal(true), calls.read(false)), (None, Some("GET /x")));
        assert_eq!((calls.subscribe(true), calls.unsubscribe(false)), (Some(SUBSCRIBE), None));
        assert_eq!((calls.state_named("on"), calls.state_named("gone")), ("granted".to_owned(), "gone".to_owned()));
    }
}
