//! Rules for a container file: what runs is not root, bases are pinned to a version, nothing is piped into a shell.

use super::Findings;

pub fn check(file: &str, text: &str, findings: &mut Findings) {
    let joined = text.replace("\\\n", " ");
    let mut user = None;
    let mut stages = Vec::new();
    for line in joined.lines().map(str::trim).filter(|line| !line.starts_with('#')) {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        match word {
            "FROM" => {
                user = None;
                let mut words = rest.split_whitespace();
                let base = words.next().unwrap_or_default();
                let pinned = base.contains('@') || base.split_once(':').is_some_and(|(_, tag)| tag != "latest");
                if !pinned && !stages.contains(&base) {
                    findings.error(file, format!("base image {base} names no version"));
                }
                stages.extend(words.nth(1));
            }
            "USER" => user = Some(rest),
            "ADD" => findings.error(file, "ADD fetches and unpacks: use COPY"),
            "RUN" => {
                if rest.contains("| sh") || rest.contains("| bash") {
                    findings.error(file, "pipes something into a shell");
                }
                if rest.contains("apt-get install") && !rest.contains("--no-install-recommends") {
                    findings.error(file, "installs packages that nobody asked for: --no-install-recommends");
                }
            }
            _ => {}
        }
    }
    if user.is_none_or(|user| user.starts_with("root") || user.split(':').next() == Some("0")) {
        findings.error(file, "the last stage runs as root: USER");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rule_is_found() {
        for (text, expected) in [
            ("FROM debian:bookworm-slim\nUSER 10001:10001\n", 0),
            ("FROM debian:12 AS build\nFROM build\nUSER 10001\n", 0),
            ("FROM debian\nUSER 10001\n", 1),
            ("FROM debian:latest\nUSER 10001\n", 1),
            ("FROM debian:12\nUSER 10001\nFROM debian:12\n", 1),
            ("FROM debian:12\nUSER 0:0\n", 1),
            ("FROM debian:12\nRUN curl https://example.nl \\\n  | sh\nUSER 1\n", 1),
            ("FROM debian:12\nRUN apt-get install -y gcc\nUSER 1\n", 1),
            ("FROM debian:12\nADD https://example.nl/a.tar.gz /a\nUSER 1\n", 1),
        ] {
            let mut findings = Findings::default();
            check("Containerfile", text, &mut findings);
            assert_eq!(findings.errors().len(), expected, "{text}{:?}", findings.errors());
        }
    }
}
