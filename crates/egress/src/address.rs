//! Classifies addresses that are not public, following the IANA special-purpose registries (RFC 6890 and later). This
//! is not the policy: it only names the class of an address; `policy` decides.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A class of addresses that is refused unless the administrator allows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AddressClass {
    /// `0.0.0.0/8` and `::`.
    Unspecified,
    /// `127.0.0.0/8` and `::1`.
    Loopback,
    /// RFC 1918, unique local `fc00::/7`, and the old site-local `fec0::/10`.
    Private,
    /// `169.254.0.0/16` and `fe80::/10`.
    LinkLocal,
    /// Addresses at which cloud platforms serve credentials to machines.
    Metadata,
    /// Shared between customers of a provider, `100.64.0.0/10` (RFC 6598).
    CarrierNat,
    /// `224.0.0.0/4` and `ff00::/8`.
    Multicast,
    /// `255.255.255.255`.
    Broadcast,
    /// Reserved for examples in documentation.
    Documentation,
    /// Reserved for benchmarks of networks.
    Benchmarking,
    /// IPv4-mapped IPv6 addresses, `::ffff:0:0/96`, and the old `::/96`.
    Ipv4Mapped,
    /// IPv4 through translation or tunnels: NAT64, 6to4, Teredo.
    Translated,
    /// Any other address that is not global unicast.
    Reserved,
}

impl AddressClass {
    /// The class of `address`; `None` for a public address.
    pub fn of(address: IpAddr) -> Option<Self> {
        match address {
            IpAddr::V4(v4) => of_v4(v4),
            IpAddr::V6(v6) => of_v6(v6),
        }
    }

    /// The name used in messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unspecified => "unspecified",
            Self::Loopback => "loopback",
            Self::Private => "private",
            Self::LinkLocal => "link-local",
            Self::Metadata => "metadata service",
            Self::CarrierNat => "carrier NAT",
            Self::Multicast => "multicast",
            Self::Broadcast => "broadcast",
            Self::Documentation => "documentation",
            Self::Benchmarking => "benchmarking",
            Self::Ipv4Mapped => "IPv4-mapped",
            Self::Translated => "translated IPv4",
            Self::Reserved => "reserved",
        }
    }
}

impl fmt::Display for AddressClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

fn of_v4(address: Ipv4Addr) -> Option<AddressClass> {
    Some(match address.octets() {
        // The link-local address is used by most clouds, the others by Azure and Alibaba.
        [169, 254, 169, 254] | [168, 63, 129, 16] | [100, 100, 100, 200] => AddressClass::Metadata,
        [0, ..] => AddressClass::Unspecified,
        [127, ..] => AddressClass::Loopback,
        [10, ..] | [172, 16..=31, ..] | [192, 168, ..] => AddressClass::Private,
        [169, 254, ..] => AddressClass::LinkLocal,
        [100, 64..=127, ..] => AddressClass::CarrierNat,
        [224..=239, ..] => AddressClass::Multicast,
        [255, 255, 255, 255] => AddressClass::Broadcast,
        [192, 0, 2, _] | [198, 51, 100, _] | [203, 0, 113, _] => AddressClass::Documentation,
        [198, 18..=19, ..] => AddressClass::Benchmarking,
        [192, 88, 99, _] => AddressClass::Translated,
        [192, 0, 0, _] | [240..=255, ..] => AddressClass::Reserved,
        _ => return None,
    })
}

fn of_v6(address: Ipv6Addr) -> Option<AddressClass> {
    Some(match address.segments() {
        [0xfd00, 0x0ec2, 0, 0, 0, 0, 0, 0x0254] => AddressClass::Metadata,
        [0, 0, 0, 0, 0, 0, 0, 0] => AddressClass::Unspecified,
        [0, 0, 0, 0, 0, 0, 0, 1] => AddressClass::Loopback,
        [0, 0, 0, 0, 0, 0 | 0xffff, ..] => AddressClass::Ipv4Mapped,
        [0x0064, 0xff9b, 0, 0, 0, 0, ..] | [0x0064, 0xff9b, 1, ..] | [0x2002, ..] | [0x2001, 0, ..] => {
            AddressClass::Translated
        }
        [0x2001, 0x0db8, ..] | [0x3fff, 0..=0x0fff, ..] => AddressClass::Documentation,
        [0x2001, 2, 0, ..] => AddressClass::Benchmarking,
        [0xfc00..=0xfdff | 0xfec0..=0xfeff, ..] => AddressClass::Private,
        [0xfe80..=0xfebf, ..] => AddressClass::LinkLocal,
        [0xff00..=0xffff, ..] => AddressClass::Multicast,
        // The rest of the block for protocol assignments. Addresses outside global unicast 2000::/3 are handled below.
        [0x2001, 0..=0x01ff, ..] => AddressClass::Reserved,
        [0x2000..=0x3fff, ..] => return None,
        _ => AddressClass::Reserved,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_special_range_has_its_class_ce_whv_28() {
        use AddressClass as C;
        for (address, class) in [
            ("0.0.0.0", C::Unspecified),
            ("0.1.2.3", C::Unspecified),
            ("::", C::Unspecified),
            ("127.0.0.1", C::Loopback),
            ("127.255.255.255", C::Loopback),
            ("::1", C::Loopback),
            ("10.0.0.1", C::Private),
            ("172.16.0.1", C::Private),
            ("172.31.255.255", C::Private),
            ("192.168.0.1", C::Private),
            ("fc00::1", C::Private),
            ("fdff::1", C::Private),
            ("fec0::1", C::Private),
            ("169.254.0.1", C::LinkLocal),
            ("fe80::1", C::LinkLocal),
            ("169.254.169.254", C::Metadata),
            ("fd00:ec2::254", C::Metadata),
            ("168.63.129.16", C::Metadata),
            ("100.100.100.200", C::Metadata),
            ("100.64.0.1", C::CarrierNat),
            ("100.127.255.255", C::CarrierNat),
            ("224.0.0.1", C::Multicast),
            ("239.255.255.255", C::Multicast),
            ("ff02::1", C::Multicast),
            ("255.255.255.255", C::Broadcast),
            ("192.0.2.1", C::Documentation),
            ("198.51.100.1", C::Documentation),
            ("203.0.113.1", C::Documentation),
            ("2001:db8::1", C::Documentation),
            ("3fff::1", C::Documentation),
            ("198.18.0.1", C::Benchmarking),
            ("2001:2::1", C::Benchmarking),
            ("::ffff:8.8.8.8", C::Ipv4Mapped),
            ("::ffff:127.0.0.1", C::Ipv4Mapped),
            ("::ffff:169.254.169.254", C::Ipv4Mapped),
            ("::127.0.0.1", C::Ipv4Mapped),
            ("64:ff9b::7f00:1", C::Translated),
            ("64:ff9b:1::1", C::Translated),
            ("2002:7f00:1::", C::Translated),
            ("2001::1", C::Translated),
            ("192.88.99.1", C::Translated),
            ("192.0.0.8", C::Reserved),
            ("240.0.0.1", C::Reserved),
            ("2001:10::1", C::Reserved),
            ("100::1", C::Reserved),
            ("5f00::1", C::Reserved),
        ] {
            assert_eq!(AddressClass::of(address.parse().unwrap()), Some(class), "{address}");
        }
    }

    #[test]
    fn ordinary_addresses_have_no_class() {
        for address in
            ["1.1.1.1", "172.15.0.1", "172.32.0.1", "100.63.0.1", "100.128.0.1", "9.255.0.1", "2606:4700::1", "2a00::1"]
        {
            assert_eq!(AddressClass::of(address.parse().unwrap()), None, "{address}");
        }
    }
}
