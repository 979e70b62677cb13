//! `limit`, `after` and the two `Link` headers.

use crate::server::{call::Call, refusal::Refusal, reply::Reply};

/// The page size asked for: clamped to the most, refused below 1 and when it is no number.
pub(crate) fn limit(call: &Call<'_>, default: usize, most: usize) -> Result<usize, Refusal> {
    match call.request.query("limit") {
        None => Ok(default),
        Some(text) => match text.parse::<usize>() {
            Ok(limit) if limit >= 1 => Ok(limit.min(most)),
            _ => Err(Refusal::invalid_paging().because("limit: must be a number greater than 0")),
        },
    }
}

/// Adds `rel="self"` and, when there is more, `rel="next"`, as separate headers.
/// `kept` are the parameters that the next page needs, in order.
pub(crate) fn linked(
    call: &Call<'_>,
    reply: Reply,
    limit: usize,
    kept: &[&str],
    next: Option<&str>,
) -> Reply {
    let url = |after: Option<&str>| {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        if let Some(after) = after {
            query.append_pair("after", after);
        }
        query.append_pair("limit", &limit.to_string());
        for name in kept {
            if let Some(value) = call.request.query(name) {
                query.append_pair(name, &value);
            }
        }
        call.url(&format!("{}?{}", call.request.path, query.finish()))
    };
    let after = call.request.query("after");
    let reply = reply.with("link", format!("<{}>; rel=\"self\"", url(after.as_deref())));
    match next {
        Some(next) => reply.with("link", format!("<{}>; rel=\"next\"", url(Some(next)))),
        None => reply,
    }
}
