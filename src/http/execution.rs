//! An operation as a stream of reports, for the transports that stream.

use std::panic::AssertUnwindSafe;

use async_graphql::parser::types::OperationType;
use async_graphql::{Executor, Request};
use futures::stream::{self, BoxStream};
use futures::{FutureExt as _, StreamExt as _};

use super::HttpState;
use super::deadline::within;
use super::graphql::Report;
use super::metrics::Stopwatch;
use super::request_id::RequestId;
use crate::graphql::error::Code;

/// One report for a query or mutation, as many as come for a subscription. A panic ends the stream with an error report.
pub(super) fn results<E: Executor>(
    state: &HttpState<E>,
    request: Request,
    kind: OperationType,
    request_id: RequestId,
) -> BoxStream<'static, Report> {
    if kind == OperationType::Subscription {
        let responses =
            AssertUnwindSafe(state.executor.execute_stream(request, None)).catch_unwind();
        return responses
            .map(move |response| match response {
                Ok(response) => Report::of(response, &request_id),
                Err(_) => panicked(&request_id),
            })
            .boxed();
    }
    let (executor, clock, limit_ms) = (
        state.executor.clone(),
        state.clock.clone(),
        state.config.execution_timeout_ms,
    );
    let watch = Stopwatch::start(state, kind);
    let single = async move {
        let execution = AssertUnwindSafe(executor.execute(request)).catch_unwind();
        let report = within(&clock, limit_ms, execution)
            .await
            .map(|executed| match executed {
                Ok(response) => Report::of(response, &request_id),
                Err(_) => panicked(&request_id),
            });
        watch.stop(report.as_ref());
        report.unwrap_or_else(|| {
            Report::fault(Code::Timeout, "The operation took too long.", &request_id)
        })
    };
    stream::once(single).boxed()
}

fn panicked(request_id: &RequestId) -> Report {
    tracing::error!(request_id = request_id.as_str(), "a resolver panicked");
    Report::fault(Code::Internal, "Internal error", request_id)
}
