//! Pages for a browser: plain HTML and one stylesheet, nothing from another host.

pub(crate) mod assets;
pub(crate) mod consent;

use crate::server::reply::Reply;

/// Where the forms of a page may lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Forms {
    /// To this org only.
    Stay,
    /// To the client, and wherever the client redirects to in turn.
    Leave,
}

/// A page around this content.
pub(crate) fn page(status: u16, title: &str, content: &str) -> Reply {
    document(status, title, content, Forms::Stay, "")
}

/// A page whose form ends at the client.
pub(crate) fn page_before_client(status: u16, title: &str, content: &str) -> Reply {
    document(status, title, content, Forms::Leave, "")
}

/// A paragraph of plain text.
pub(crate) fn paragraph(text: &str) -> String {
    format!("<p>{}</p>", escaped(text))
}

/// The form for a first or new password.
pub(crate) fn password_form(login: &str, problem: Option<&str>) -> String {
    let problem = problem.map(alert).unwrap_or_default();
    format!(
        "<p>Choose a password for <strong>{login}</strong>.</p>{problem}\
         <form method=\"post\"><label for=\"password\">New password</label>\
         <input id=\"password\" name=\"password\" type=\"password\" autocomplete=\"new-password\" required>\
         <div class=\"actions\"><button class=\"primary\">Set password</button></div></form>",
        login = escaped(login),
    )
}

/// A page that posts these fields to the client by itself, or by a button without scripts.
pub(crate) fn form_post(target: &str, fields: &[(&str, &str)]) -> Reply {
    let inputs: String = fields
        .iter()
        .map(|(name, value)| {
            format!(
                "<input type=\"hidden\" name=\"{}\" value=\"{}\">",
                escaped(name),
                escaped(value)
            )
        })
        .collect();
    let content = format!(
        "<form id=\"answer\" method=\"post\" action=\"{}\">{inputs}<p>Returning to the application.</p>\
         <div class=\"actions\"><button class=\"primary\">Continue</button></div></form>",
        escaped(target)
    );
    document(
        200,
        "Continue",
        &content,
        Forms::Leave,
        "<script src=\"/assets/submit.js\" defer></script>",
    )
}

/// A message that screen readers announce.
pub(crate) fn alert(text: &str) -> String {
    format!("<p class=\"alert\" role=\"alert\">{}</p>", escaped(text))
}

/// Text made safe in HTML, between tags and in quoted attributes.
pub(crate) fn escaped(text: &str) -> String {
    text.chars()
        .fold(String::with_capacity(text.len()), |mut safe, character| {
            match character {
                '&' => safe.push_str("&amp;"),
                '<' => safe.push_str("&lt;"),
                '>' => safe.push_str("&gt;"),
                '"' => safe.push_str("&quot;"),
                '\'' => safe.push_str("&#39;"),
                other => safe.push(other),
            }
            safe
        })
}

fn document(status: u16, title: &str, content: &str, forms: Forms, script: &str) -> Reply {
    let html = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title} · Okta sandbox</title>\n\
         <link rel=\"stylesheet\" href=\"/assets/sandbox.css\">\n<link rel=\"icon\" href=\"/assets/icon.svg\">\n{script}\n\
         </head>\n<body class=\"narrow\">\n<main class=\"card\">\n<p class=\"brand\"><span class=\"ring\" aria-hidden=\"true\">\
         </span>Okta sandbox</p>\n<h1>{title}</h1>\n{content}\n</main>\n</body>\n</html>\n",
        title = escaped(title),
    );
    secured(Reply::html(status, html), forms)
}

/// Browsers hold every redirect that follows a form against `form-action`, also those of the client,
/// which nobody here can know: pages that lead to a client go without it.
fn secured(reply: Reply, forms: Forms) -> Reply {
    let action = match forms {
        Forms::Stay => " form-action 'self';",
        Forms::Leave => "",
    };
    let policy = format!(
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self';{action} base-uri 'none'; \
         frame-ancestors 'none'"
    );
    reply
        .with("content-security-policy", policy)
        .with("x-frame-options", "DENY")
        .with("x-content-type-options", "nosniff")
        .with("referrer-policy", "same-origin")
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn markup_is_escaped() {
        assert_eq!(
            escaped("<a href='x'>\"&\""),
            "&lt;a href=&#39;x&#39;&gt;&quot;&amp;&quot;"
        );
    }
}
