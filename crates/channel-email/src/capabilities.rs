//! What a relay offers in its reply to EHLO (RFC 5321, section 4.1.1.1). Unknown keywords are ignored.

/// The extensions of a relay that are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Capabilities {
    pub starttls: bool,
    pub pipelining: bool,
    pub eight_bit: bool,
    pub utf8: bool,
    /// SIZE was offered.
    pub declares_size: bool,
    /// The largest message in bytes; `None` without a limit.
    pub max_size: Option<u64>,
    pub plain: bool,
    pub login: bool,
    pub xoauth2: bool,
}

impl Capabilities {
    /// Adds what one line of the reply offers; the first line has the name of the relay and is not one of them.
    pub fn add(&mut self, line: &[u8]) {
        // Old relays write `AUTH=PLAIN`.
        let mut words = line.split(|byte| matches!(byte, b' ' | b'=' | b'\t')).filter(|word| !word.is_empty());
        let Some(keyword) = words.next() else { return };
        match keyword.to_ascii_uppercase().as_slice() {
            b"STARTTLS" => self.starttls = true,
            b"PIPELINING" => self.pipelining = true,
            b"8BITMIME" => self.eight_bit = true,
            b"SMTPUTF8" => self.utf8 = true,
            b"SIZE" => {
                let limit = words.next().and_then(|digits| std::str::from_utf8(digits).ok()?.parse().ok());
                self.declares_size = true;
                self.max_size = limit.filter(|limit| *limit > 0);
            }
            b"AUTH" => {
                for mechanism in words {
                    match mechanism.to_ascii_uppercase().as_slice() {
                        b"PLAIN" => self.plain = true,
                        b"LOGIN" => self.login = true,
                        b"XOAUTH2" => self.xoauth2 = true,
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_extensions_of_a_relay_are_read_ch_25_ch_28() {
        let of = |lines: &[&str]| {
            let mut found = Capabilities::default();
            for line in lines {
                found.add(line.as_bytes());
            }
            found
        };
        let none = Capabilities::default();
        for (lines, expected) in [
            (&["STARTTLS", "PIPELINING"][..], Capabilities { starttls: true, pipelining: true, ..none }),
            (&["8bitmime", "SMTPUTF8"], Capabilities { eight_bit: true, utf8: true, ..none }),
            (&["SIZE 10000"], Capabilities { declares_size: true, max_size: Some(10_000), ..none }),
            (&["SIZE 0"], Capabilities { declares_size: true, ..none }),
            (&["SIZE"], Capabilities { declares_size: true, ..none }),
            (&["SIZE many"], Capabilities { declares_size: true, ..none }),
            (&["AUTH LOGIN PLAIN CRAM-MD5"], Capabilities { plain: true, login: true, ..none }),
            (&["AUTH=plain", "AUTH XOAUTH2"], Capabilities { plain: true, xoauth2: true, ..none }),
            (&["AUTH"], none),
            (&["ENHANCEDSTATUSCODES", "X-PLAIN", "", " "], none),
        ] {
            assert_eq!(of(lines), expected, "{lines:?}");
        }
    }
}
