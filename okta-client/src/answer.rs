//! A successful answer and what Okta said beside it.

use std::time::Duration;

use chrono::{DateTime, Utc};
use http::{HeaderMap, StatusCode, header};

use crate::call::Call;
use crate::rate_limit::{RateLimit, number};

/// The longest pause that headers can ask for. Okta's windows last a minute; a larger number is a mistake
/// or an attack, and must not stop a worker for good.
const LONGEST_WAIT: Duration = Duration::from_secs(3600);

/// A value from Okta with the particulars of the answer that carried it.
#[derive(Clone, Debug)]
pub struct Answer<T> {
    /// What was asked for.
    pub value: T,
    /// Particulars of the answer.
    pub meta: Meta,
}

impl<T> Answer<T> {
    /// The same answer with another value.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Answer<U> {
        Answer {
            value: change(self.value),
            meta: self.meta,
        }
    }
}

/// Particulars of one answer, successful or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meta {
    /// The call that was answered.
    pub call: Call,
    /// HTTP status.
    pub status: u16,
    /// `X-Okta-Request-Id`, for Okta's support. `None` if something in between answered.
    pub request_id: Option<String>,
    /// Okta's clock: the `Date` header.
    pub date: Option<DateTime<Utc>>,
    /// State of the call's bucket; `None` if the headers were missing.
    pub rate_limit: Option<RateLimit>,
    /// `Retry-After` in seconds. Okta's own 429s do not carry it; proxies in between may.
    pub retry_after: Option<Duration>,
}

impl Meta {
    pub(crate) fn read(call: Call, status: StatusCode, headers: &HeaderMap) -> Self {
        Self {
            call,
            status: status.as_u16(),
            request_id: text(headers, "x-okta-request-id"),
            date: date(headers),
            rate_limit: RateLimit::read(headers),
            retry_after: number(headers, header::RETRY_AFTER.as_str()).map(Duration::from_secs),
        }
    }

    /// How long to leave the call's bucket alone, at most an hour.
    ///
    /// Reset − Okta's `Date` + 1 s, as Okta's SDKs compute it; `now` stands in for a missing `Date`.
    /// `None` if nothing says how long: no headers, or too many concurrent calls.
    #[must_use]
    pub fn wait(&self, now: DateTime<Utc>) -> Option<Duration> {
        let window = self
            .rate_limit
            .filter(|limit| !limit.is_concurrency_breach())
            .map(|limit| {
                let left = limit.reset.signed_duration_since(self.date.unwrap_or(now));
                left.to_std().unwrap_or_default() + Duration::from_secs(1)
            });
        window
            .max(self.retry_after)
            .map(|wait| wait.min(LONGEST_WAIT))
    }
}

/// A header as text; `None` if it is absent or not visible ASCII.
fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    Some(headers.get(name)?.to_str().ok()?.to_owned())
}

/// `Date` in the form of RFC 9110 §5.6.7.
fn date(headers: &HeaderMap) -> Option<DateTime<Utc>> {
    let text = headers.get(header::DATE)?.to_str().ok()?;
    let date = DateTime::parse_from_rfc2822(text).ok()?;
    Some(date.with_timezone(&Utc))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meta(pairs: &[(&'static str, &'static str)]) -> Meta {
        let headers = pairs
            .iter()
            .map(|(name, value)| {
                (
                    http::HeaderName::from_static(name),
                    http::HeaderValue::from_static(value),
                )
            })
            .collect();
        Meta::read(Call::ListUsers, StatusCode::TOO_MANY_REQUESTS, &headers)
    }

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    #[test]
    fn waits_until_the_reset_by_oktas_clock_plus_one_second() {
        let meta = meta(&[
            ("date", "Sun, 06 Nov 1994 08:49:37 GMT"),
            ("x-rate-limit-limit", "600"),
            ("x-rate-limit-remaining", "0"),
            ("x-rate-limit-reset", "784111807"),
        ]);
        assert_eq!(meta.date, Some(at(784_111_777)));
        assert_eq!(meta.wait(at(0)), Some(Duration::from_secs(31)));
    }

    #[test]
    fn our_clock_stands_in_for_a_missing_date() {
        let meta = meta(&[
            ("x-rate-limit-limit", "600"),
            ("x-rate-limit-remaining", "0"),
            ("x-rate-limit-reset", "1000"),
        ]);
        assert_eq!(meta.wait(at(990)), Some(Duration::from_secs(11)));
        assert_eq!(meta.wait(at(2000)), Some(Duration::from_secs(1)));
    }

    #[test]
    fn a_concurrency_breach_gives_no_time() {
        let meta = meta(&[
            ("x-rate-limit-limit", "0"),
            ("x-rate-limit-remaining", "0"),
            ("x-rate-limit-reset", "1000"),
        ]);
        assert!(meta.rate_limit.unwrap().is_concurrency_breach());
        assert_eq!(meta.wait(at(0)), None);
    }

    #[test]
    fn hostile_numbers_are_ignored_or_capped() {
        let absurd = meta(&[
            ("x-rate-limit-limit", "600"),
            ("x-rate-limit-remaining", "0"),
            ("x-rate-limit-reset", "99999999999"),
        ]);
        assert_eq!(absurd.wait(at(0)), Some(LONGEST_WAIT));
        let broken = meta(&[
            ("x-rate-limit-limit", "-1"),
            ("x-rate-limit-remaining", "many"),
            ("x-rate-limit-reset", "9223372036854775807"),
            ("retry-after", "7"),
        ]);
        assert_eq!(broken.rate_limit, None);
        assert_eq!(broken.wait(at(0)), Some(Duration::from_secs(7)));
    }
}
