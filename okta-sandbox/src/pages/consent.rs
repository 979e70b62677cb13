//! The sign-in form and the consent form.

use super::{alert, escaped};
use crate::oauth::scopes;

/// The sign-in page of the org.
pub(crate) struct SignInPage<'a> {
    pub client: &'a str,
    pub host: &'a str,
    pub login: &'a str,
    pub number: &'a str,
    pub problem: Option<&'a str>,
}

impl SignInPage<'_> {
    pub fn render(&self) -> String {
        format!(
            "<p class=\"lead\"><strong>{client}</strong> asks for access to the org <strong>{host}</strong>. \
             Sign in as its administrator.</p>\n{problem}\n\
             <form method=\"post\" action=\"/signin\">\n\
             <input type=\"hidden\" name=\"request\" value=\"{number}\">\n\
             <label for=\"login\">Username</label>\n\
             <input id=\"login\" name=\"login\" type=\"text\" value=\"{login}\" autocomplete=\"username\" \
             autocapitalize=\"none\" spellcheck=\"false\" required{invalid}{focus_login}>\n\
             <label for=\"password\">Password</label>\n\
             <input id=\"password\" name=\"password\" type=\"password\" autocomplete=\"current-password\" \
             required{invalid}{focus_password}>\n\
             <div class=\"actions\"><button class=\"primary\" type=\"submit\">Sign in</button></div>\n</form>\n\
             <p class=\"hint\">The sandbox printed this administrator's username and password when it started.</p>",
            client = escaped(self.client),
            host = escaped(self.host),
            problem = self.problem.map(alert).unwrap_or_default(),
            invalid = self.problem.map_or("", |_| " aria-invalid=\"true\""),
            focus_login = if self.login.is_empty() {
                " autofocus"
            } else {
                ""
            },
            focus_password = if self.login.is_empty() {
                ""
            } else {
                " autofocus"
            },
            number = escaped(self.number),
            login = escaped(self.login),
        )
    }
}

/// The page on which the administrator decides.
pub(crate) struct ConsentPage<'a> {
    pub client: &'a str,
    pub person: &'a str,
    pub login: &'a str,
    pub role: &'a str,
    pub host: &'a str,
    pub redirect_uri: &'a str,
    pub requested: &'a [String],
    pub granted: &'a [String],
    pub number: &'a str,
    pub other_account: &'a str,
}

impl ConsentPage<'_> {
    pub fn render(&self) -> String {
        let (given, missing): (Vec<_>, Vec<_>) = self
            .requested
            .iter()
            .partition(|scope| self.granted.contains(scope));
        format!(
            "<p class=\"lead\">In the org <strong>{host}</strong>, <strong>{client}</strong> wants to:</p>\n\
             <ul class=\"scopes\">{given}</ul>\n{missing}\n\
             <dl class=\"facts\"><div><dt>Signed in as</dt><dd>{person} ({login})<br><span class=\"muted\">{role}</span> · \
             <a href=\"{other}\">use another account</a></dd></div>\
             <div><dt>You return to</dt><dd><code>{redirect}</code></dd></div></dl>\n\
             <form method=\"post\" action=\"/consent\">\n<input type=\"hidden\" name=\"request\" value=\"{number}\">\n\
             <div class=\"actions\"><button class=\"primary\" type=\"submit\" name=\"decision\" value=\"allow\">Allow</button>\
             <button type=\"submit\" name=\"decision\" value=\"deny\">Deny</button></div>\n</form>",
            host = escaped(self.host),
            client = escaped(self.client),
            given = items(&given),
            missing = unavailable(&missing),
            person = escaped(self.person),
            login = escaped(self.login),
            role = escaped(self.role),
            other = escaped(self.other_account),
            redirect = escaped(self.redirect_uri),
            number = escaped(self.number),
        )
    }
}

fn items(scopes: &[&String]) -> String {
    scopes
        .iter()
        .map(|scope| {
            format!(
                "<li><span>{}</span> <code>{}</code></li>\n",
                escaped(&scopes::in_words(scope)),
                escaped(scope)
            )
        })
        .collect()
}

fn unavailable(missing: &[&String]) -> String {
    if missing.is_empty() {
        return String::new();
    }
    format!(
        "<h2>Not granted to this app</h2>\n<p class=\"muted\">It asked for these too, but they are not on its \
         “Okta API Scopes” tab. It will not get them.</p>\n<ul class=\"scopes missing\">{}</ul>",
        items(missing)
    )
}
