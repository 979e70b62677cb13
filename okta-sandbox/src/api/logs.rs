//! `GET /logs`: bounded queries end, polling queries go on for ever.
//!
//! A query without `until` in ascending order polls: every answer has a `next`, even an empty one
//! (System Log query guide).

use chrono::{DateTime, Duration, Utc};
use serde_json::Value;

use super::paging;
use crate::{
    org::serial_key,
    search::{self, Dialect, Expression},
    server::{call::Call, refusal::Refusal, reply::Reply},
};

/// Default and most events on a page.
const PAGE: usize = 100;
const LARGEST_PAGE: usize = 1000;

/// How far back a query without `since` looks.
const DEFAULT_DAYS: i64 = 7;

/// What is asked for.
struct Query {
    since: DateTime<Utc>,
    until: Option<DateTime<Utc>>,
    /// Serial of the last event that was seen.
    after: Option<u64>,
    descending: bool,
    limit: usize,
    filter: Option<Expression>,
    words: Vec<String>,
}

/// `GET /logs`.
pub(crate) fn list(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let query = Query::read(call)?;
    let mut found = query.select(call);
    let more = found.len() > query.limit;
    found.truncate(query.limit);
    let polling = query.until.is_none() && !query.descending;
    let next = (more || polling).then(|| query.cursor_after(call, found.last().copied(), more));
    let body: Vec<_> = found.iter().map(|event| shown(event)).collect();
    let mut kept = vec!["until", "filter", "q", "sortOrder"];
    if call.request.query("after").is_none() && next.is_none() {
        kept.insert(0, "since");
    }
    Ok(paging::linked(
        call,
        Reply::json(200, &body.into()),
        query.limit,
        &kept,
        next.as_deref(),
    ))
}

impl Query {
    fn read(call: &Call<'_>) -> Result<Self, Refusal> {
        let given = |name: &str| call.request.query(name).filter(|value| !value.is_empty());
        if given("since").is_some() && given("after").is_some() {
            return Err(Refusal::validation(
                "since",
                "since: Cannot be combined with after",
            ));
        }
        let until = date(call, "until")?;
        let since = date(call, "since")?;
        if let (Some(since), Some(until)) = (since, until)
            && until < since
        {
            return Err(Refusal::validation(
                "until",
                "until: Must not be before since",
            ));
        }
        let after = given("after")
            .map(|cursor| read_cursor(&cursor))
            .transpose()?;
        let default = if after.is_some() {
            DateTime::UNIX_EPOCH
        } else {
            call.now - Duration::days(DEFAULT_DAYS)
        };
        let filter = given("filter")
            .map(|text| search::parse(&text, Dialect::Log))
            .transpose();
        Ok(Self {
            since: since.unwrap_or(default),
            until,
            after,
            descending: descending(call)?,
            limit: limit(call)?,
            filter: filter.map_err(Refusal::invalid_search)?,
            words: given("q")
                .map(|q| {
                    q.to_lowercase()
                        .split_whitespace()
                        .map(Into::into)
                        .collect()
                })
                .unwrap_or_default(),
        })
    }

    /// One event more than the page holds, if there is one.
    fn select<'a>(&self, call: &'a Call<'_>) -> Vec<&'a Value> {
        let from = self.after.map(serial_key).unwrap_or_default();
        let wanted = |event: &&Value| self.wants(event);
        if self.descending {
            let before = |event: &&Value| self.after.is_none_or(|after| serial(event) < after);
            return call
                .org
                .events
                .values()
                .rev()
                .filter(before)
                .filter(wanted)
                .take(self.limit + 1)
                .collect();
        }
        call.org
            .events
            .after(&from)
            .filter(wanted)
            .take(self.limit + 1)
            .collect()
    }

    fn wants(&self, event: &Value) -> bool {
        let published = event["published"]
            .as_str()
            .and_then(|text| DateTime::parse_from_rfc3339(text).ok());
        let published = published
            .map(|at| at.with_timezone(&Utc))
            .unwrap_or_default();
        published >= self.since
            && self.until.is_none_or(|until| published < until)
            && self
                .filter
                .as_ref()
                .is_none_or(|filter| search::matches(filter, event, Dialect::Log))
            && (self.words.is_empty() || {
                let text = event.to_string().to_lowercase();
                self.words.iter().all(|word| text.contains(word))
            })
    }

    /// Where the next page starts: after the last event shown or, on an empty page, after all that exist.
    fn cursor_after(&self, call: &Call<'_>, last: Option<&Value>, more: bool) -> String {
        let newest = || call.org.events.last().map(serial);
        let seen = match last {
            Some(event) => serial(event),
            None if more => self.after.unwrap_or(0),
            None => self.after.or_else(newest).unwrap_or(0),
        };
        format!("{}_{seen}", call.now.timestamp_millis())
    }
}

fn read_cursor(cursor: &str) -> Result<u64, Refusal> {
    let serial = cursor
        .split_once('_')
        .and_then(|(_, serial)| serial.parse().ok());
    serial.ok_or_else(|| Refusal::invalid_search("Invalid cursor."))
}

fn serial(event: &Value) -> u64 {
    event["_serial"].as_u64().unwrap_or(0)
}

fn shown(event: &Value) -> Value {
    let mut event = event.clone();
    if let Some(fields) = event.as_object_mut() {
        fields.remove("_serial");
    }
    event
}

fn limit(call: &Call<'_>) -> Result<usize, Refusal> {
    match call.request.query("limit") {
        None => Ok(PAGE),
        Some(text) => match text.parse() {
            Ok(limit) if limit <= LARGEST_PAGE => Ok(limit),
            _ => Err(Refusal::validation(
                "limit",
                "limit: Must be between 0 and 1000",
            )),
        },
    }
}

fn descending(call: &Call<'_>) -> Result<bool, Refusal> {
    match call.request.query("sortOrder").as_deref() {
        None | Some("" | "ASCENDING") => Ok(false),
        Some("DESCENDING") => Ok(true),
        Some(_) => Err(Refusal::validation(
            "sortOrder",
            "sortOrder: Must be ASCENDING or DESCENDING",
        )),
    }
}

fn date(call: &Call<'_>, name: &str) -> Result<Option<DateTime<Utc>>, Refusal> {
    let Some(text) = call.request.query(name).filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    match DateTime::parse_from_rfc3339(&text) {
        Ok(at) => Ok(Some(at.with_timezone(&Utc))),
        Err(_) => Err(Refusal::validation(
            name,
            format!("{name}: Must be a date and time in ISO 8601"),
        )),
    }
}
