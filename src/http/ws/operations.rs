//! The operations that run on one connection.

use std::collections::HashMap;
use std::sync::Arc;

use futures::future::{AbortHandle, Abortable};
use futures::stream::{self, BoxStream, SelectAll};
use futures::{Stream, StreamExt as _};

use crate::http::graphql::Report;

/// What an operation brings forth.
pub(super) enum Event {
    /// A result.
    Result(Report),
    /// It is over by itself.
    End,
}

/// Running operations by the client's ids.
#[derive(Default)]
pub(super) struct Operations {
    running: HashMap<Arc<str>, AbortHandle>,
    events: SelectAll<BoxStream<'static, (Arc<str>, Event)>>,
}

impl Operations {
    /// How many run.
    pub fn len(&self) -> usize {
        self.running.len()
    }

    /// Whether one runs under this id.
    pub fn contains(&self, id: &str) -> bool {
        self.running.contains_key(id)
    }

    /// Runs an operation until it ends or is stopped.
    pub fn start(&mut self, id: &str, results: impl Stream<Item = Report> + Send + 'static) {
        let id: Arc<str> = id.into();
        let (handle, registration) = AbortHandle::new_pair();
        let name = Arc::clone(&id);
        let events = results
            .map(Event::Result)
            .chain(stream::once(async { Event::End }));
        let events = events.map(move |event| (Arc::clone(&name), event));
        self.events
            .push(Abortable::new(events, registration).boxed());
        self.running.insert(id, handle);
    }

    /// Stops an operation; nothing more comes from it. An unknown id is none of ours any more.
    pub fn stop(&mut self, id: &str) {
        if let Some(handle) = self.running.remove(id) {
            handle.abort();
        }
    }

    /// The next event of any operation; waits for ever while none runs.
    pub async fn next(&mut self) -> (Arc<str>, Event) {
        match self.events.next().await {
            Some(event) => event,
            None => std::future::pending().await,
        }
    }
}
