//! The time in which pages answer, also while brokers or disks do not. Reads of parts of a page have shorter bounds of their own, so
//! that most pages show what is known; this is for the rest.

use std::time::Duration;

use axum::response::{IntoResponse, Response};
use web::Problem;

/// The longest wait for a page: it answers within five seconds.
pub const PAGE: Duration = Duration::from_millis(4_500);

/// When it is worth to load the page again.
const AGAIN: Duration = Duration::from_secs(5);

/// The answer, or 503 when it is not there within `limit`.
pub async fn within(limit: Duration, answer: impl Future<Output = Response>) -> Response {
    tokio::time::timeout(limit, answer).await.unwrap_or_else(|_| {
        tracing::warn!(limit_ms = limit.as_millis() as u64, "a page was not ready in time");
        Problem::unavailable("The page was not ready in time: storage does not answer.", AGAIN).into_response()
    })
}

#[cfg(test)]
mod tests {
    use http::{StatusCode, header};

    use super::*;

    #[tokio::test]
    async fn a_read_that_never_ends_is_answered_with_503_and_when_to_come_back() {
        let never = within(Duration::from_millis(1), std::future::pending()).await;
        assert_eq!(never.status(), StatusCode::SERVICE_UNAVAILABLE);
        let problem = never.extensions().get::<Problem>().expect("a problem");
        assert_eq!(problem.status, never.status());
        assert!(problem.headers.iter().any(|(name, _)| *name == header::RETRY_AFTER), "{:?}", problem.headers);
        let ready = within(PAGE, async { StatusCode::OK.into_response() }).await;
        assert_eq!(ready.status(), StatusCode::OK);
    }
}
