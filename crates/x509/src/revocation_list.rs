//! A list of revoked certificates (RFC 5280 section 5.1).

use crate::{
    der::{INTEGER, SEQUENCE, element, optional},
    time::time,
};

/// What a revocation list says of itself. Nothing of it is verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RevocationList {
    /// When the next list is issued at the latest, in seconds since 1970; `None` when the list does not name it.
    pub next_update: Option<i64>,
}

impl RevocationList {
    /// Reads a list in DER; `None` for what is none.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let (list, _) = element(bytes, SEQUENCE)?;
        let (fields, _) = element(list, SEQUENCE)?;
        let (_, fields) = optional(fields, INTEGER); // version
        let (_, fields) = element(fields, SEQUENCE)?; // signature
        let (_, fields) = element(fields, SEQUENCE)?; // issuer
        let (_, fields) = time(fields)?;
        Some(Self { next_update: time(fields).map(|(next, _)| next) })
    }
}

#[cfg(test)]
mod tests {
    use rcgen::{
        BasicConstraints, CertificateParams, CertificateRevocationListParams, CertifiedIssuer, IsCa, KeyIdMethod,
        KeyPair, KeyUsagePurpose, SerialNumber, date_time_ymd,
    };

    use super::*;

    #[test]
    fn the_next_update_is_read() {
        let mut params = CertificateParams::new([]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let list = CertificateRevocationListParams {
            this_update: date_time_ymd(2026, 2, 1),
            next_update: date_time_ymd(2026, 3, 1),
            crl_number: SerialNumber::from(1_u64),
            issuing_distribution_point: None,
            revoked_certs: Vec::new(),
            key_identifier_method: KeyIdMethod::Sha256,
        };
        let list = list.signed_by(&issuer).unwrap();
        assert_eq!(RevocationList::read(list.der()).unwrap().next_update, Some(1_772_323_200));
        assert_eq!(RevocationList::read(&list.der()[..40]), None);
    }
}
