//! The tokens that the gateway fills itself, by the names of NotifyBC, in any case (CH-75). Their values come from
//! configuration and from the subscription, never from a request (CH-81).

use super::Language;

/// A token with a value of the gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StaticToken {
    /// Where the address is confirmed.
    SubscriptionConfirmationUrl,
    /// The code that confirms the address.
    SubscriptionConfirmationCode,
    /// The kanaal.
    ServiceName,
    /// Scheme, host and port of the public address of the gateway.
    HttpHost,
    /// The path of the API.
    RestApiRoot,
    /// The id of the subscription.
    SubscriptionId,
    /// Where the subscription is ended.
    UnsubscriptionUrl,
    /// Where all subscriptions of the address are ended.
    UnsubscriptionAllUrl,
    /// The token that ends the subscription.
    UnsubscriptionCode,
    /// Where ending is undone.
    UnsubscriptionReversionUrl,
    /// The kanalen that were ended, by [`service_names`].
    UnsubscriptionServiceNames,
}

impl StaticToken {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::SubscriptionConfirmationUrl,
        Self::SubscriptionConfirmationCode,
        Self::ServiceName,
        Self::HttpHost,
        Self::RestApiRoot,
        Self::SubscriptionId,
        Self::UnsubscriptionUrl,
        Self::UnsubscriptionAllUrl,
        Self::UnsubscriptionCode,
        Self::UnsubscriptionReversionUrl,
        Self::UnsubscriptionServiceNames,
    ];

    /// The name in lower case.
    pub const fn name(self) -> &'static str {
        match self {
            Self::SubscriptionConfirmationUrl => "subscription_confirmation_url",
            Self::SubscriptionConfirmationCode => "subscription_confirmation_code",
            Self::ServiceName => "service_name",
            Self::HttpHost => "http_host",
            Self::RestApiRoot => "rest_api_root",
            Self::SubscriptionId => "subscription_id",
            Self::UnsubscriptionUrl => "unsubscription_url",
            Self::UnsubscriptionAllUrl => "unsubscription_all_url",
            Self::UnsubscriptionCode => "unsubscription_code",
            Self::UnsubscriptionReversionUrl => "unsubscription_reversion_url",
            Self::UnsubscriptionServiceNames => "unsubscription_service_names",
        }
    }

    pub(super) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|token| token.name().eq_ignore_ascii_case(name))
    }

    /// Whether the value is a URL or the start of one, so that `/` and `:` in it are not escaped inside a URL.
    pub(super) const fn is_url(self) -> bool {
        matches!(
            self,
            Self::SubscriptionConfirmationUrl
                | Self::HttpHost
                | Self::RestApiRoot
                | Self::UnsubscriptionUrl
                | Self::UnsubscriptionAllUrl
                | Self::UnsubscriptionReversionUrl
        )
    }
}

/// The kanalen in a sentence: `dienst zaken`, `diensten zaken, taken en besluiten`; empty without any.
pub fn service_names(language: Language, names: &[&str]) -> String {
    let (one, several, and) = match language {
        Language::Dutch => ("dienst", "diensten", "en"),
        Language::English => ("service", "services", "and"),
    };
    match names {
        [] => String::new(),
        [name] => format!("{one} {name}"),
        [first @ .., last] => format!("{several} {} {and} {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ch_75_static_names_in_any_case() {
        for token in StaticToken::ALL {
            assert_eq!(StaticToken::from_name(token.name()), Some(token));
            assert_eq!(StaticToken::from_name(&token.name().to_uppercase()), Some(token));
        }
        assert_eq!(StaticToken::from_name("Service_Name"), Some(StaticToken::ServiceName));
        assert_eq!(StaticToken::from_name("service"), None);
    }

    #[test]
    fn ch_75_the_names_of_services_are_a_list() {
        for (names, dutch, english) in [
            (&[][..], "", ""),
            (&["zaken"], "dienst zaken", "service zaken"),
            (&["zaken", "taken"], "diensten zaken en taken", "services zaken and taken"),
            (&["a", "b", "c"], "diensten a, b en c", "services a, b and c"),
        ] {
            assert_eq!(service_names(Language::Dutch, names), dutch);
            assert_eq!(service_names(Language::English, names), english);
        }
    }
}
