//! Reading pages ahead of the sorting: Okta's time to answer and ours to sort overlap, and where Okta is the quicker one, pages that came meanwhile
//! are sorted together.

use okta_client::{Answer, Page, User};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use super::call::{Line, Trouble, pause};
use crate::service::okta_port::UsersAsked;

/// Pages read ahead and sorted together at most: a thousand accounts, some megabytes. What was read ahead is read again after a crash.
const PAGES: usize = 5;
/// Empty pages in a row that are believed, as a filter may leave a page without anybody.
const MAX_EMPTY: u32 = 10;

/// How an org is read.
pub(super) struct Reading {
    pub line: Line,
    /// Percentage of the rate limit that the app may use.
    pub share: u32,
    pub stopping: CancellationToken,
}

/// A page that was read.
pub(super) struct Read {
    pub users: Vec<User>,
    /// Okta's time of the answer, epoch milliseconds.
    pub date: Option<i64>,
    /// Where the next page is; `None` for the last one.
    pub link: Option<String>,
    /// Until when to pause before the next page, epoch milliseconds.
    pub until: Option<i64>,
    /// Whether too many pages before it were empty for there to be an end.
    pub endless: bool,
}

impl Read {
    pub(super) fn ids(&self) -> impl Iterator<Item = &str> {
        self.users.iter().map(|user| user.id.as_str())
    }
}

/// Pages on their way. Dropping it ends the reading.
pub(super) struct Coming {
    pages: mpsc::Receiver<Result<Read, Trouble>>,
    _reader: AbortOnDropHandle<()>,
}

impl Reading {
    /// Starts to read, from this page on.
    pub(super) fn start(self, first: UsersAsked) -> Coming {
        let (sender, pages) = mpsc::channel(PAGES - 1);
        let reader = AbortOnDropHandle::new(tokio::spawn(self.read(first, sender)));
        Coming {
            pages,
            _reader: reader,
        }
    }

    async fn read(self, first: UsersAsked, sender: mpsc::Sender<Result<Read, Trouble>>) {
        let (mut next, mut empty) = (Some(first), 0);
        while let Some(asked) = next.take() {
            let answer = match self.line.users(asked).await {
                Ok(answer) => answer,
                Err(trouble) => {
                    let _nobody_waits = sender.send(Err(trouble)).await;
                    return;
                }
            };
            empty = if answer.value.items.is_empty() {
                empty + 1
            } else {
                0
            };
            let page = self.page(answer, empty > MAX_EMPTY);
            if page.until.is_none() && !page.endless && !self.stopping.is_cancelled() {
                next = page.link.clone().map(UsersAsked::Next);
            }
            if sender.send(Ok(page)).await.is_err() {
                return;
            }
        }
    }

    fn page(&self, answer: Answer<Page<User>>, endless: bool) -> Read {
        let link = answer.value.next.map(|link| link.as_str().to_owned());
        let until = pause(&answer.meta, self.share, self.line.now());
        Read {
            users: answer.value.items,
            date: answer.meta.date.map(|date| date.timestamp_millis()),
            until: until.filter(|_| link.is_some()),
            link,
            endless,
        }
    }
}

impl Coming {
    /// The pages that have come, at least one, and the trouble that came behind them. Nothing at all when the reading is over.
    pub(super) async fn next(&mut self) -> (Vec<Read>, Option<Trouble>) {
        let mut some = Vec::with_capacity(PAGES);
        let mut arrived = self.pages.recv().await;
        loop {
            match arrived {
                Some(Ok(page)) => some.push(page),
                Some(Err(trouble)) => return (some, Some(trouble)),
                None => return (some, None),
            }
            if some.len() == PAGES {
                return (some, None);
            }
            arrived = match self.pages.try_recv() {
                Ok(page) => Some(page),
                Err(_) => return (some, None),
            };
        }
    }
}
