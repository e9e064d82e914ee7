//! The verdicts on `[[feed]]`: whether the address policy lets them be polled, and whether their kanaal takes their events.

use crate::{
    config::{CheckResult, Config, Feed},
    start,
};

/// A verdict for each feed.
pub fn check(config: &Config) -> Vec<CheckResult> {
    config.feed.iter().map(|feed| verdict(config, feed)).collect()
}

fn verdict(config: &Config, feed: &Feed) -> CheckResult {
    let Feed { name, kanaal, .. } = feed;
    let refusal = start::policy(config).ok().and_then(|policy| policy.check_url(&feed.url).err());
    if let Some(error) = refusal {
        let text = (format!("the URL of feed {name} {error}"), format!("de URL van feed {name} is niet toegestaan"));
        let remedy = (
            "use an https URL, or allow its address in [egress]",
            "gebruik een https-URL, of sta het adres toe in [egress]",
        );
        return CheckResult::bad("feed.url", text, remedy);
    }
    let Some(declared) = config.kanalen().into_iter().find(|own| own.naam == *kanaal) else {
        let text = (
            format!("kanaal {kanaal} of feed {name} is not declared"),
            format!("kanaal {kanaal} van feed {name} staat niet in de configuratie"),
        );
        let remedy = (
            "declare it in [[kanaal]], unless it is made over an API: until then its items wait",
            "zet het in [[kanaal]], tenzij het via een API wordt gemaakt: tot dan wachten de berichten",
        );
        return CheckResult::advice("feed.kanaal", text, remedy);
    };
    let publisher = feed.publisher();
    if !declared.publishers.is_empty() && !declared.publishers.contains(&publisher) {
        let text = (
            format!("kanaal {kanaal} takes no events of feed {name}"),
            format!("kanaal {kanaal} neemt geen events van feed {name} aan"),
        );
        let remedy =
            ("set feed.applicatie to one of kanaal.publishers", "kies voor feed.applicatie een van kanaal.publishers");
        return CheckResult::bad("feed.applicatie", text, remedy);
    }
    let text = (format!("feed {name} goes to kanaal {kanaal}"), format!("feed {name} gaat naar kanaal {kanaal}"));
    CheckResult::good("feed", text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Severity, parse};

    #[test]
    fn a_feed_that_cannot_work_is_found_ch_108() {
        let applicatie = "[[applicatie]]\nclient_id = \"a\"\nsecret = \"x\"\n";
        let feed = |url: &str, more: &str| {
            format!("[[feed]]\nname = \"n\"\nurl = \"{url}\"\nkanaal = \"nieuws\"\ntype = \"nl.x\"\n{more}\n")
        };
        let kanaal = |more: &str| format!("[[kanaal]]\nnaam = \"nieuws\"\n{more}\n");
        let closed = format!("{applicatie}{}", kanaal("publishers = [\"a\"]"));
        let url = "https://a.example/rss";
        for (text, item, severity) in [
            (format!("{}{}", feed(url, ""), kanaal("")), "feed", Severity::Pass),
            (feed(url, ""), "feed.kanaal", Severity::Advice),
            (format!("{}{closed}", feed(url, "")), "feed.applicatie", Severity::Failure),
            (format!("{}{closed}", feed(url, "applicatie = \"a\"")), "feed", Severity::Pass),
            (format!("{}{}", feed("https://127.0.0.1/rss", ""), kanaal("")), "feed.url", Severity::Failure),
        ] {
            let found = check(&parse(&text).unwrap());
            assert_eq!(found.len(), 1);
            assert_eq!((found[0].item.as_str(), found[0].severity), (item, severity), "{text}");
        }
    }
}
