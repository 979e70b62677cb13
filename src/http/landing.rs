//! Pages for a person who opens an address of ours in a browser: the bare address, and GraphiQL where it was not built in.

use axum::response::{Html, IntoResponse as _, Response};
use http::header;

use super::oauth::page::{POLICY, STYLE};

/// For the bare address.
pub(super) fn index(has_graphiql: bool) -> Response {
    let graphiql = if has_graphiql { GRAPHIQL } else { "" };
    answer("provisioner", &INDEX.replace("GRAPHIQL", graphiql))
}

/// In place of GraphiQL, when the binary was built without npm.
pub(super) fn without_graphiql() -> Response {
    answer("GraphiQL is not built in", WITHOUT_GRAPHIQL)
}

fn answer(title: &str, body: &str) -> Response {
    let html = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"robots\" content=\"noindex\">\n\
         <title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n{body}</main>\n</body>\n</html>\n"
    );
    let policy = [(header::CONTENT_SECURITY_POLICY, POLICY.clone())];
    (policy, Html(html)).into_response()
}

const INDEX: &str = r#"<p>A GraphQL API that keeps Okta in step with an organisation's directory.</p>
<ul>
GRAPHIQL<li><code>/graphql</code>: the API, over HTTP, WebSocket and server-sent events</li>
<li><a href="/health/ready">/health/ready</a>: whether the service can do its work</li>
</ul>
"#;

const GRAPHIQL: &str = r#"<li><a href="/graphiql">GraphiQL</a>: try the API and read its documentation</li>
"#;

const WITHOUT_GRAPHIQL: &str = r"<p>This server was built without npm, or with <code>PROVISIONER_GRAPHIQL=off</code>. To get GraphiQL, install Node.js 20 or newer with npm, and build again without that variable:</p>
<p><code>touch build.rs &amp;&amp; cargo build</code></p>
<p>The API itself works without it: <code>/graphql</code>.</p>
";
