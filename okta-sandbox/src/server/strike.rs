//! What each fault does to a request on its way.

use http::Method;
use url::Url;

use super::{
    call::Call,
    departure::Outcome,
    journey::{Journey, perform},
    late,
    refusal::Refusal,
    reply::Reply,
    routes::Route,
};
use crate::{
    api::view,
    faults::{Answer, Fault, Seen, ServerError, malformed::Genuine},
    limits::Budget,
    org::Org,
};

/// A page as proxies show it when the server behind them fails.
const GATEWAY_PAGE: &str = "<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n\
    <hr><center>nginx</center>\r\n</body>\r\n</html>\r\n";

impl Journey<'_> {
    /// Serves the request as far as its fault permits.
    pub fn meet(&mut self, budget: Budget) -> Outcome {
        let usual = |_: &Org, reply| Outcome::Answer(reply);
        let Some(fault) = self.fault.clone() else {
            return self.serve(budget, perform, usual);
        };
        match fault {
            Fault::DelayBefore(_) | Fault::DelayAfterEffect(_) => {
                self.serve(budget, perform, usual)
            }
            Fault::DropBefore => self.unserved(Outcome::Dropped(0)),
            Fault::DropAfterEffect => {
                self.serve(budget, perform, |_, reply| Outcome::Dropped(reply.status))
            }
            Fault::TruncateAfterEffect => {
                self.serve(budget, perform, |_, reply| Outcome::Half(reply))
            }
            Fault::AnswerInstead(answer) => self.unserved(Outcome::Answer(faked(answer))),
            Fault::AnswerAfterEffect(answer) => {
                self.serve(budget, perform, |_, _| Outcome::Answer(faked(answer)))
            }
            Fault::RateLimit { reset } => {
                let reply = self.limited(budget.limit, reset);
                self.unserved(Outcome::Answer(reply))
            }
            Fault::ConcurrencyLimit => {
                let reply = self.limited(0, std::time::Duration::from_secs(60));
                self.unserved(Outcome::Answer(reply))
            }
            Fault::ServerError { error, effect } => self.told(effect, budget, server_error(error)),
            Fault::Timeout {
                effect: false,
                hold,
            } => self.unserved(Outcome::Silence(0, hold)),
            Fault::Timeout { effect: true, hold } => self.serve(budget, perform, |_, reply| {
                Outcome::Silence(reply.status, hold)
            }),
            Fault::Late { by, seen } => {
                let seq = self.seq;
                let postpone = |call: &mut Call<'_>, route: &Route| {
                    late::postpone(call, route, seq, by);
                    Ok(Reply::new(0))
                };
                self.serve(budget, postpone, |_, reply| match seen {
                    Seen::Timeout(hold) => Outcome::Silence(reply.status, hold),
                    Seen::Drop => Outcome::Dropped(reply.status),
                    Seen::BadGateway => server_error(ServerError::BadGateway),
                })
            }
            Fault::StaleRead(lag) => {
                let lag = chrono::Duration::from_std(lag).unwrap_or_default();
                let stale = |call: &mut Call<'_>, route: &Route| {
                    if route.method != Method::GET {
                        return perform(call, route);
                    }
                    let present = call.org.go_back(call.now - lag);
                    let outcome = perform(call, route);
                    call.org.return_to(present);
                    outcome
                };
                self.serve(budget, stale, usual)
            }
            Fault::RevokeTokens => {
                self.change_org(Org::revoke_all_grants);
                self.serve(budget, perform, usual)
            }
            Fault::ExpireAccessTokens => {
                self.change_org(|org| org.access_tokens.retain(|_| false));
                self.serve(budget, perform, usual)
            }
            Fault::ChangeSchema(change) => {
                let now = self.world.clock.now();
                self.change_org(|org| {
                    if let Err(error) = org.change_schema(&change, now) {
                        tracing::warn!(%error, "a planned change of the schema did nothing");
                    }
                });
                self.serve(budget, perform, usual)
            }
            Fault::Malformed { shape, effect } => {
                let page = self.page();
                let act = |call: &mut Call<'_>, route: &Route| {
                    if effect || route.method == Method::GET {
                        perform(call, route)
                    } else {
                        rehearse(call, route)
                    }
                };
                self.serve(budget, act, |org, reply| {
                    let other = stranger(org, &page);
                    Outcome::Garbled(shape.garble(Genuine { reply, other, page }))
                })
            }
            Fault::Paging(paging) => {
                let page = self.page();
                self.serve(budget, perform, |_, reply| {
                    Outcome::Answer(paging.bend(reply, &page))
                })
            }
            Fault::Redirect { status, to, effect } => {
                let reply = Reply::redirect(status, &self.elsewhere(&to));
                self.told(effect, budget, Outcome::Answer(reply))
            }
            Fault::Asynchronous(by) => {
                let seq = self.seq;
                let acknowledge =
                    |call: &mut Call<'_>, route: &Route| late::acknowledge(call, route, seq, by);
                self.serve(budget, acknowledge, usual)
            }
        }
    }

    /// Tells the caller this, with or without the effect.
    fn told(&mut self, effect: bool, budget: Budget, outcome: Outcome) -> Outcome {
        if effect {
            self.serve(budget, perform, |_, _| outcome)
        } else {
            self.unserved(outcome)
        }
    }

    /// The refusal of a bucket of this size that is full again so much later.
    fn limited(&self, limit: u32, reset: std::time::Duration) -> Reply {
        let reset = chrono::Duration::from_std(reset).unwrap_or_default();
        let reset = self.world.clock.now() + reset + chrono::Duration::milliseconds(999);
        Refusal::too_many_requests(self.route.pattern)
            .into_reply()
            .with("x-rate-limit-limit", limit.to_string())
            .with("x-rate-limit-remaining", "0")
            .with("x-rate-limit-reset", reset.timestamp().to_string())
    }

    /// The URL that was asked.
    fn page(&self) -> String {
        let base = self.world.url_for(self.request.header("host"));
        match self.request.query.as_str() {
            "" => format!("{base}{}", self.request.path),
            query => format!("{base}{}?{query}", self.request.path),
        }
    }

    /// Where a redirect leads: of an origin alone, the same path and query there.
    fn elsewhere(&self, to: &str) -> String {
        let page = self.page();
        match (Url::parse(to), Url::parse(&page)) {
            (Ok(url), Ok(page)) if url.path() == "/" && !to.ends_with('/') => {
                format!("{to}{}", &page[url::Position::BeforePath..])
            }
            _ => to.into(),
        }
    }
}

/// Does what the route does, and undoes it: for the answer's sake only. Tokens are not undone, so they are not tried.
fn rehearse(call: &mut Call<'_>, route: &Route) -> Result<Reply, Refusal> {
    if !route.pattern.starts_with("/api/") {
        return Ok(Reply::json(200, &serde_json::json!({})));
    }
    let savepoint = call.org.savepoint();
    let outcome = perform(call, route);
    call.org.roll_back(savepoint);
    outcome
}

/// Somebody whom the request does not name: the administrator, or else the first other user.
fn stranger(org: &Org, page: &str) -> serde_json::Value {
    let base = page.split("/api/").next().unwrap_or_default();
    let admin = org.users.get(&org.meta().admin_id);
    let mut people = admin.into_iter().chain(org.users.values());
    people
        .find(|user| !page.contains(&user.id))
        .map(|user| view::single(org, user, base))
        .unwrap_or_default()
}

fn server_error(error: ServerError) -> Outcome {
    let page = |status, title: &str| {
        let reply = Reply::html(status, GATEWAY_PAGE.replace("{title}", title));
        Outcome::Edge(reply.with("server", "nginx"))
    };
    match error {
        ServerError::Internal => Outcome::Answer(Refusal::internal().into_reply()),
        ServerError::Unavailable => Outcome::Answer(Refusal::read_only().into_reply()),
        ServerError::BadGateway => page(502, "502 Bad Gateway"),
        ServerError::GatewayTimeout => page(504, "504 Gateway Time-out"),
    }
}

fn faked(answer: Answer) -> Reply {
    Reply {
        status: answer.status,
        headers: answer.headers,
        body: answer.body,
    }
}
