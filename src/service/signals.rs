//! What was committed here is told to the other processes of a shared database, and what they tell is told on here.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use tokio::sync::broadcast::error::RecvError;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{Event, Services};
use crate::random;
use crate::store;
use crate::store::signals::{self, Listener};

/// Events in one message, so that it is not longer than [`signals::LONGEST`].
const EVENTS: usize = 40;
/// How long it may be silent before this process speaks to itself, and how long until it hears that, milliseconds.
const SILENCE_MS: u64 = 30_000;
const ANSWER_MS: u64 = 5_000;
/// Before a connection that was lost is made anew, milliseconds.
const PAUSE_MS: u64 = 1_000;

/// What one process tells the others.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Message {
    /// The process, which does not tell itself.
    from: Uuid,
    /// There is work for the engine.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    work: bool,
    /// What was committed: events, of which other versions of the program may know more.
    events: Vec<Json>,
}

impl Message {
    fn text(from: Uuid, work: bool, events: &[Event]) -> String {
        let events = events
            .iter()
            .filter_map(|event| serde_json::to_value(event).ok());
        let message = Self {
            from,
            work,
            events: events.collect(),
        };
        serde_json::to_string(&message).unwrap_or_default()
    }
}

/// Tells and hears until `shutdown` is cancelled. Nobody depends on it: watchers and the engine look by themselves now and then.
pub async fn keep_told(services: Services, shutdown: CancellationToken) {
    if !services.store.is_shared() {
        return;
    }
    let process = random::new_id();
    tokio::select! {
        () = shutdown.cancelled() => {}
        () = tell(&services, process) => {}
        () = hear(&services, process) => {}
    }
}

/// Tells what was committed here. What comes while a message is on its way is told together.
async fn tell(services: &Services, process: Uuid) {
    let mut made = services.events.made_here();
    loop {
        let mut events = BTreeSet::new();
        let mut work = false;
        tokio::select! {
            event = made.recv() => match event {
                Ok(event) => _ = events.insert(event),
                Err(RecvError::Lagged(_)) => continue,
                Err(RecvError::Closed) => return,
            },
            () = services.work.made_here() => work = true,
        }
        while let Ok(event) = made.try_recv() {
            events.insert(event);
        }
        let events: Vec<_> = events.into_iter().collect();
        let mut parts: Vec<_> = events.chunks(EVENTS).map(<[Event]>::to_vec).collect();
        if parts.is_empty() {
            parts.push(Vec::new());
        }
        for events in parts {
            let text = Message::text(process, work, &events);
            if let Err(error) = signals::tell(&services.store, &text).await {
                tracing::debug!(%error, "the other processes were not told");
            }
        }
    }
}

/// Tells on what others committed.
async fn hear(services: &Services, process: Uuid) {
    loop {
        match signals::listen(&services.store).await {
            Ok(None) => return,
            Ok(Some(mut listener)) => {
                let error = listen(services, process, &mut listener).await;
                tracing::warn!(%error, "other processes are not heard just now");
            }
            Err(error) => tracing::warn!(%error, "other processes are not heard just now"),
        }
        services.clock.sleep_ms(PAUSE_MS).await;
    }
}

/// Passes on what is heard until the connection is lost. A network in between may have forgotten it without a word, so after a silence this process
/// speaks to itself.
async fn listen(services: &Services, process: Uuid, listener: &mut Listener) -> store::Error {
    let mut asked = false;
    loop {
        let patience = if asked { ANSWER_MS } else { SILENCE_MS };
        let heard = tokio::select! {
            heard = listener.next() => heard,
            () = services.clock.sleep_ms(patience) => {
                if asked {
                    return store::Error::Unreachable("it fell silent".to_owned());
                }
                asked = true;
                let hello = Message::text(process, false, &[]);
                match signals::tell(&services.store, &hello).await {
                    Ok(()) => continue,
                    Err(error) => return error,
                }
            }
        };
        match heard {
            Ok(text) => pass_on(services, process, &text),
            Err(error) => return error,
        }
        asked = false;
    }
}

fn pass_on(services: &Services, process: Uuid, text: &str) {
    match serde_json::from_str::<Message>(text) {
        Ok(message) if message.from == process => {}
        Ok(message) => {
            for event in message.events {
                match serde_json::from_value(event) {
                    Ok(event) => services.events.pass_on(event),
                    // Of a newer version of the program.
                    Err(error) => tracing::debug!(%error, "an event is not understood"),
                }
            }
            if message.work {
                services.work.pass_on();
            }
        }
        Err(error) => tracing::debug!(%error, "a message of another process is not understood"),
    }
}

#[cfg(test)]
mod tests {
    use super::{EVENTS, Message};
    use crate::random;
    use crate::service::Event;
    use crate::store::signals::LONGEST;

    #[test]
    fn the_longest_message_is_short_enough() {
        let event = || Event::Account {
            organization: random::new_id(),
            app: random::new_id(),
            account: random::new_id(),
        };
        let events: Vec<_> = (0..EVENTS).map(|_| event()).collect();
        let text = Message::text(random::new_id(), true, &events);
        assert!(text.len() <= LONGEST);
    }
}
