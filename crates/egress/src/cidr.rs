//! A range of IP addresses in CIDR notation, as used in `allow` and `allow_http`.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

/// A network: a base address and a prefix length (0..=32 for IPv4, 0..=128 for IPv6).
///
/// IPv4 and IPv6 ranges never contain each other's addresses, mapped forms included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Cidr {
    base: IpAddr,
    prefix: u8,
}

/// A text that is not a network.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CidrError {
    /// Neither an address nor `address/prefix`.
    #[error("`{0}` is no network: write an address, or an address and a prefix length such as 10.0.0.0/8")]
    Syntax(String),
    /// The prefix is longer than the address.
    #[error("`{0}` has a prefix longer than the address")]
    Prefix(String),
    /// Bits behind the prefix are set, which is usually a typing error.
    #[error("`{given}` has bits set behind its prefix; did you mean {meant}?")]
    HostBits {
        /// The text of the configuration.
        given: String,
        /// The network that contains it.
        meant: Cidr,
    },
}

impl Cidr {
    /// Whether `address` lies in this range.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.base, address) {
            (IpAddr::V4(_), IpAddr::V4(_)) | (IpAddr::V6(_), IpAddr::V6(_)) => mask(address, self.prefix) == self.base,
            _ => false,
        }
    }
}

fn mask(address: IpAddr, prefix: u8) -> IpAddr {
    match address {
        IpAddr::V4(v4) => {
            let mask = u32::MAX.checked_shl(32 - u32::from(prefix)).unwrap_or(0);
            IpAddr::V4((v4.to_bits() & mask).into())
        }
        IpAddr::V6(v6) => {
            let mask = u128::MAX.checked_shl(128 - u32::from(prefix)).unwrap_or(0);
            IpAddr::V6((v6.to_bits() & mask).into())
        }
    }
}

impl FromStr for Cidr {
    type Err = CidrError;

    fn from_str(text: &str) -> Result<Self, CidrError> {
        let syntax = || CidrError::Syntax(text.to_owned());
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix.parse::<u8>().map_err(|_| syntax())?)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| syntax())?;
        let longest = if address.is_ipv4() { 32 } else { 128 };
        let prefix = prefix.unwrap_or(longest);
        if prefix > longest {
            return Err(CidrError::Prefix(text.to_owned()));
        }
        let cidr = Self { base: mask(address, prefix), prefix };
        if cidr.base != address {
            return Err(CidrError::HostBits { given: text.to_owned(), meant: cidr });
        }
        Ok(cidr)
    }
}

impl fmt::Display for Cidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.base, self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn covers_what_the_prefix_says() {
        for (range, inside, outside) in [
            ("10.0.0.0/8", "10.255.255.255", "11.0.0.0"),
            ("192.168.1.4", "192.168.1.4", "192.168.1.5"),
            ("0.0.0.0/0", "203.0.113.9", "::1"),
            ("172.16.0.0/12", "172.31.0.1", "172.32.0.0"),
            ("fd00::/8", "fdff::1", "fe00::"),
            ("::1", "::1", "::2"),
            ("::/0", "2001:db8::1", "127.0.0.1"),
            ("127.0.0.0/8", "127.1.2.3", "::ffff:127.0.0.1"),
        ] {
            let cidr: Cidr = range.parse().unwrap();
            assert!(cidr.contains(inside.parse().unwrap()), "{range} {inside}");
            assert!(!cidr.contains(outside.parse().unwrap()), "{range} {outside}");
        }
    }

    #[test]
    fn refuses_what_is_no_network() {
        for (text, says) in [
            ("", "no network"),
            ("localhost", "no network"),
            ("10.0.0.0/x", "no network"),
            ("10.0.0.0/33", "longer"),
            ("::/129", "longer"),
            ("127.0.0.1/8", "did you mean 127.0.0.0/8"),
        ] {
            let error = text.parse::<Cidr>().unwrap_err().to_string();
            assert!(error.contains(says), "{text}: {error}");
        }
    }
}
