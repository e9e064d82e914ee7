//! The headers of a request to an FSC Outway: which grant it uses, and its transaction id, which differs between attempts and
//! which the Outway and the Inway log (FSC Core and Logging).

use http::{HeaderMap, HeaderName, HeaderValue};
use model::{Random, Timestamp, subscription::Fsc};
use uuid::{Builder, Uuid};

const GRANT_HASH: HeaderName = HeaderName::from_static("fsc-grant-hash");
const TRANSACTION_ID: HeaderName = HeaderName::from_static("fsc-transaction-id");

/// A transaction id: a UUID version 7 of this moment.
pub(crate) fn transaction_id(now: Timestamp, random: &dyn Random) -> Uuid {
    let mut bytes = [0; 10];
    bytes[..8].copy_from_slice(&random.bits().to_le_bytes());
    bytes[8..].copy_from_slice(&random.bits().to_le_bytes()[..2]);
    let millis = u64::try_from(now.as_millis()).unwrap_or_default();
    Builder::from_unix_timestamp_millis(millis, &bytes).into_uuid()
}

/// Adds both headers; they replace headers of the same name of the subscription.
///
/// # Errors
/// When the grant hash is no header value.
pub(crate) fn add_headers(headers: &mut HeaderMap, fsc: &Fsc, transaction: Uuid) -> Result<(), &'static str> {
    let grant = HeaderValue::from_str(&fsc.grant_hash).map_err(|_| "the FSC grant hash is no header value")?;
    let id =
        HeaderValue::from_str(&transaction.to_string()).map_err(|_| "the FSC transaction id is no header value")?;
    headers.insert(GRANT_HASH, grant);
    headers.insert(TRANSACTION_ID, id);
    Ok(())
}

#[cfg(test)]
mod tests {
    use model::clock::SeededRandom;

    use super::*;

    #[test]
    fn a_transaction_id_is_a_new_uuid_of_version_7() {
        let (now, random) = (Timestamp::from_seconds(1_800_000_000), SeededRandom::new(1));
        let (one, two) = (transaction_id(now, &random), transaction_id(now, &random));
        assert_eq!((one.get_version_num(), two.get_version_num()), (7, 7));
        assert_ne!(one, two);
        assert_eq!(one.to_string()[..13], two.to_string()[..13], "the same moment");
        assert_eq!(u64::from_be_bytes(one.into_bytes()[..8].try_into().unwrap()) >> 16, 1_800_000_000_000);
    }

    #[test]
    fn both_headers_replace_those_of_the_subscription() {
        let mut headers = HeaderMap::new();
        headers.insert(GRANT_HASH, HeaderValue::from_static("other"));
        let fsc = Fsc { grant_hash: "$1$4$abc".to_owned() };
        add_headers(&mut headers, &fsc, Uuid::nil()).unwrap();
        assert_eq!(
            (headers.get_all(GRANT_HASH).iter().count(), &headers[GRANT_HASH]),
            (1, &HeaderValue::from_static("$1$4$abc"))
        );
        assert_eq!(headers[TRANSACTION_ID], "00000000-0000-0000-0000-000000000000");
        assert!(add_headers(&mut headers, &Fsc { grant_hash: "a\nb".to_owned() }, Uuid::nil()).is_err());
    }
}
