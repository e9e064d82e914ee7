//! The trace that a request belongs to: `traceparent` of W3C Trace Context. Only its trace-id is read, for the audit trail.

use http::HeaderMap;

/// The trace-id of a request; `None` without a valid `traceparent` that is there once.
pub fn id(headers: &HeaderMap) -> Option<u128> {
    let mut lines = headers.get_all("traceparent").iter();
    let (line, other) = (lines.next()?, lines.next());
    let mut parts = line.to_str().ok()?.split('-');
    let (version, trace) = (parts.next()?, parts.next()?);
    let is_hex = |text: &str| text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let good = other.is_none()
        && version.len() == 2
        && version != "ff"
        && is_hex(version)
        && trace.len() == 32
        && is_hex(trace)
        && parts.next().is_some_and(|parent| parent.len() == 16 && is_hex(parent))
        && parts.next().is_some();
    u128::from_str_radix(trace, 16).ok().filter(|id| good && *id != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_valid_traceparent_gives_a_trace() {
        let id_of = |lines: &[&str]| {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append("traceparent", line.parse().unwrap());
            }
            id(&headers)
        };
        let good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        assert_eq!(id_of(&[good]), Some(0x0af7_6519_16cd_43dd_8448_eb21_1c80_319c));
        for bad in [
            &[][..],
            &[good, good],
            &[""],
            &["00-0af7651916cd43dd8448eb211c80319c"],
            &["00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01"],
            &["00-00000000000000000000000000000000-b7ad6b7169203331-01"],
            &["ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"],
            &["00-+af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"],
            &["00-0af7651916cd43dd8448eb211c80319c-b7ad6b716920333-01"],
        ] {
            assert_eq!(id_of(bad), None, "{bad:?}");
        }
    }
}
