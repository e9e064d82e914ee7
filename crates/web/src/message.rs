//! Rules of RFC 9112 and RFC 9110 about the head of a request that the HTTP library leaves to the server: `Host`,
//! `Transfer-Encoding`, and a `Content-Type` that is there twice. Two different values of `Content-Length` and folded lines are
//! refused by the library itself; line ends are checked where bytes are read, in `gateway`.

use axum::extract::Request;
use http::{Version, header};

use crate::{Problem, ProblemType, problem::Fault, public_url::is_authority};

/// Checks the head of a request.
///
/// # Errors
/// 400 for what is malformed, 501 for a transfer coding that is not supported.
pub fn check(request: &Request) -> Result<(), Problem> {
    check_host(request)?;
    let headers = request.headers();
    let mut codings = headers.get_all(header::TRANSFER_ENCODING).iter();
    if codings.any(|coding| !coding.as_bytes().trim_ascii().eq_ignore_ascii_case(b"chunked")) {
        let fault = Fault::new("Transfer-Encoding", "must be chunked, or absent");
        return Err(Problem::new(ProblemType::TransferCoding, "This transfer coding is not supported.")
            .with_errors(vec![fault]));
    }
    let mut types = headers.get_all(header::CONTENT_TYPE).iter();
    if let Some(first) = types.next()
        && types.any(|other| other != first)
    {
        return Err(Problem::invalid(vec![Fault::new("Content-Type", "must be there once")]));
    }
    Ok(())
}

/// RFC 9112 section 3.2: HTTP/1.1 has exactly one `Host`, and no version has two.
fn check_host(request: &Request) -> Result<(), Problem> {
    let mut hosts = request.headers().get_all(header::HOST).iter();
    let good = match (hosts.next(), hosts.next()) {
        (None, _) => request.version() != Version::HTTP_11,
        (Some(host), None) => host.is_empty() || host.to_str().is_ok_and(is_authority),
        (Some(_), Some(_)) => false,
    };
    let rule = "must be there once, with a host and an optional port";
    if good { Ok(()) } else { Err(Problem::invalid(vec![Fault::new("Host", rule)])) }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use http::{HeaderName, HeaderValue};

    use super::*;

    #[test]
    fn c4_heads_follow_rfc_9112() {
        for (version, headers, expected) in [
            (Version::HTTP_11, &[("host", "a.example:80")][..], 200),
            (Version::HTTP_11, &[("host", "[::1]:80")], 200),
            (Version::HTTP_11, &[("host", "")], 200),
            (Version::HTTP_11, &[], 400),
            (Version::HTTP_11, &[("host", "a"), ("host", "a")], 400),
            (Version::HTTP_11, &[("host", "a b")], 400),
            (Version::HTTP_11, &[("host", "user@a")], 400),
            (Version::HTTP_10, &[], 200),
            (Version::HTTP_10, &[("host", "a"), ("host", "b")], 400),
            (Version::HTTP_2, &[], 200),
            (Version::HTTP_11, &[("host", "a"), ("transfer-encoding", "Chunked")], 200),
            (Version::HTTP_11, &[("host", "a"), ("transfer-encoding", "gzip, chunked")], 501),
            (Version::HTTP_11, &[("host", "a"), ("transfer-encoding", "gzip"), ("transfer-encoding", "chunked")], 501),
            (Version::HTTP_11, &[("host", "a"), ("content-type", "a/b"), ("content-type", "a/b")], 200),
            (Version::HTTP_11, &[("host", "a"), ("content-type", "a/b"), ("content-type", "c/d")], 400),
        ] {
            let mut request = Request::new(Body::empty());
            *request.version_mut() = version;
            for (name, value) in headers {
                request.headers_mut().append(HeaderName::from_static(name), HeaderValue::from_static(value));
            }
            let status = check(&request).map_or_else(|problem| problem.status.as_u16(), |()| 200);
            assert_eq!(status, expected, "{version:?} {headers:?}");
        }
    }
}
