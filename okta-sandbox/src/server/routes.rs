//! Every path of the org, in one table.

use std::collections::BTreeMap;

use http::Method;

use super::{auth::Right, call::Call, refusal::Refusal, reply::Reply};
use crate::{api, limits::Bucket, oauth};

/// Serves one call while the org is locked.
pub(crate) type Handler = fn(&mut Call<'_>) -> Result<Reply, Refusal>;

/// What a caller must bring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// A token with this scope, of an administrator with this right.
    Api { scope: &'static str, right: Right },
    /// The handler asks for what it needs.
    Open,
}

/// One operation.
pub(crate) struct Route {
    pub method: Method,
    pub pattern: &'static str,
    pub bucket: Bucket,
    pub access: Access,
    pub handler: Handler,
}

/// What placeholders of a pattern stand for.
pub(crate) type Params = BTreeMap<&'static str, String>;

const USERS_READ: Access = Access::Api {
    scope: "okta.users.read",
    right: Right::Read,
};
const USERS_MANAGE: Access = Access::Api {
    scope: "okta.users.manage",
    right: Right::ManageUsers,
};
const ROLES_READ: Access = Access::Api {
    scope: "okta.roles.read",
    right: Right::Read,
};
const ROLES_MANAGE: Access = Access::Api {
    scope: "okta.roles.manage",
    right: Right::ManageRoles,
};
const SCHEMAS_READ: Access = Access::Api {
    scope: "okta.schemas.read",
    right: Right::Read,
};
const SCHEMAS_MANAGE: Access = Access::Api {
    scope: "okta.schemas.manage",
    right: Right::ManageSchema,
};
const TYPES_READ: Access = Access::Api {
    scope: "okta.userTypes.read",
    right: Right::Read,
};
const LOGS_READ: Access = Access::Api {
    scope: "okta.logs.read",
    right: Right::Read,
};

macro_rules! route {
    ($method:ident $pattern:literal $bucket:ident $access:expr => $handler:path) => {
        Route {
            method: Method::$method,
            pattern: $pattern,
            bucket: Bucket::$bucket,
            access: $access,
            handler: $handler,
        }
    };
}

static ROUTES: [Route; 48] = [
    route!(GET "/api/v1/users" Users USERS_READ => api::list::list),
    route!(POST "/api/v1/users" Users USERS_MANAGE => api::users::create),
    route!(GET "/api/v1/users/{id}" UserRead USERS_READ => api::users::get),
    route!(POST "/api/v1/users/{id}" UserWrite USERS_MANAGE => api::users::update),
    route!(PUT "/api/v1/users/{id}" UserWrite USERS_MANAGE => api::users::replace),
    route!(DELETE "/api/v1/users/{id}" UserWrite USERS_MANAGE => api::users::delete),
    route!(POST "/api/v1/users/{id}/lifecycle/activate" Api USERS_MANAGE => api::lifecycle::activate),
    route!(POST "/api/v1/users/{id}/lifecycle/reactivate" Api USERS_MANAGE => api::lifecycle::reactivate),
    route!(POST "/api/v1/users/{id}/lifecycle/deactivate" Api USERS_MANAGE => api::lifecycle::deactivate),
    route!(POST "/api/v1/users/{id}/lifecycle/suspend" Api USERS_MANAGE => api::lifecycle::suspend),
    route!(POST "/api/v1/users/{id}/lifecycle/unsuspend" Api USERS_MANAGE => api::lifecycle::unsuspend),
    route!(POST "/api/v1/users/{id}/lifecycle/unlock" Api USERS_MANAGE => api::lifecycle::unlock),
    route!(POST "/api/v1/users/{id}/lifecycle/expire_password" Api USERS_MANAGE => api::credentials::expire),
    route!(POST "/api/v1/users/{id}/lifecycle/expire_password_with_temp_password" Api USERS_MANAGE
        => api::credentials::expire_with_temporary),
    route!(POST "/api/v1/users/{id}/lifecycle/reset_password" Api USERS_MANAGE => api::credentials::reset),
    route!(POST "/api/v1/users/{id}/lifecycle/reset_factors" Api USERS_MANAGE => api::credentials::reset_factors),
    route!(POST "/api/v1/users/{id}/credentials/change_password" Api USERS_MANAGE => api::credentials::change),
    route!(POST "/api/v1/users/{id}/credentials/change_recovery_question" Api USERS_MANAGE
        => api::credentials::change_question),
    route!(POST "/api/v1/users/{id}/credentials/forgot_password" Api USERS_MANAGE => api::credentials::forgot),
    route!(GET "/api/v1/users/{id}/roles" Api ROLES_READ => api::roles::list),
    route!(POST "/api/v1/users/{id}/roles" Api ROLES_MANAGE => api::roles::assign),
    route!(GET "/api/v1/users/{id}/roles/{assignment}" Api ROLES_READ => api::roles::get),
    route!(DELETE "/api/v1/users/{id}/roles/{assignment}" Api ROLES_MANAGE => api::roles::unassign),
    route!(GET "/api/v1/iam/assignees/users" Api ROLES_READ => api::iam::assignees),
    route!(GET "/api/v1/iam/roles" Api ROLES_READ => api::iam::roles),
    route!(GET "/api/v1/iam/roles/{id}" Api ROLES_READ => api::iam::role),
    route!(GET "/api/v1/meta/schemas/user/{id}" Api SCHEMAS_READ => api::schema::get),
    route!(POST "/api/v1/meta/schemas/user/{id}" Api SCHEMAS_MANAGE => api::schema::update),
    route!(GET "/api/v1/meta/types/user" Api TYPES_READ => api::types::list),
    route!(GET "/api/v1/meta/types/user/{id}" Api TYPES_READ => api::types::get),
    route!(GET "/api/v1/logs" Logs LOGS_READ => api::logs::list),
    route!(GET "/oauth2/v1/authorize" Authorize Access::Open => oauth::authorize::authorize),
    route!(POST "/oauth2/v1/authorize" Authorize Access::Open => oauth::authorize::authorize),
    route!(POST "/oauth2/v1/token" Token Access::Open => oauth::token::token),
    route!(POST "/oauth2/v1/revoke" Token Access::Open => oauth::revoke::revoke),
    route!(POST "/oauth2/v1/introspect" Token Access::Open => oauth::introspect::introspect),
    route!(GET "/oauth2/v1/userinfo" Token Access::Open => oauth::userinfo::userinfo),
    route!(POST "/oauth2/v1/userinfo" Token Access::Open => oauth::userinfo::userinfo),
    route!(GET "/oauth2/v1/keys" Unlimited Access::Open => oauth::metadata::keys),
    route!(GET "/.well-known/openid-configuration" Unlimited Access::Open => oauth::metadata::openid),
    route!(GET "/.well-known/oauth-authorization-server" Unlimited Access::Open => oauth::metadata::oauth),
    route!(POST "/signin" Authorize Access::Open => oauth::consent::sign_in),
    route!(GET "/consent" Authorize Access::Open => oauth::consent::show),
    route!(POST "/consent" Authorize Access::Open => oauth::consent::decide),
    route!(GET "/tokens/{token}/verify" Authorize Access::Open => api::activation::show),
    route!(POST "/tokens/{token}/verify" Authorize Access::Open => api::activation::finish),
    route!(GET "/reset_password/{token}" Authorize Access::Open => api::activation::show),
    route!(POST "/reset_password/{token}" Authorize Access::Open => api::activation::finish),
];

/// Where requests go whose path exists, but not for their method.
static OTHER_METHOD: Route = Route {
    method: Method::GET,
    pattern: "(other method)",
    bucket: Bucket::Unlimited,
    access: Access::Open,
    handler: |_| Err(Refusal::method_not_allowed()),
};

/// Where requests go whose path does not exist.
static NOWHERE: Route = Route {
    method: Method::GET,
    pattern: "(nowhere)",
    bucket: Bucket::Unlimited,
    access: Access::Open,
    handler: |_| Err(Refusal::no_such_path()),
};

/// The route for a method and a path as sent. There always is one, so that every request can be
/// recorded, delayed and struck by a fault. One slash too many at the end does not matter: Okta's Python
/// SDK (2.9) sends it before a query.
pub(crate) fn find(method: &Method, path: &str) -> (&'static Route, Params) {
    let path = path.strip_suffix('/').unwrap_or(path);
    let mut fallback = &NOWHERE;
    for route in &ROUTES {
        if let Some(params) = matched(route.pattern, path) {
            if route.method == *method {
                return (route, params);
            }
            fallback = &OTHER_METHOD;
        }
    }
    (fallback, Params::new())
}

/// Method and pattern of every route, for those who name routes.
pub(crate) fn patterns() -> impl Iterator<Item = (&'static str, &'static str)> {
    ROUTES
        .iter()
        .map(|route| (route.method.as_str(), route.pattern))
}

fn matched(pattern: &'static str, path: &str) -> Option<Params> {
    let (mut expected, mut given) = (pattern.split('/'), path.split('/'));
    let mut params = Params::new();
    loop {
        match (expected.next(), given.next()) {
            (None, None) => return Some(params),
            (Some(expected), Some(given)) => {
                match expected
                    .strip_prefix('{')
                    .and_then(|name| name.strip_suffix('}'))
                {
                    Some(name) if !given.is_empty() => params.insert(name, decoded(given)),
                    None if expected == given => None,
                    _ => return None,
                };
            }
            _ => return None,
        }
    }
}

/// A path segment without percent-encoding. Unlike in a form, `+` stands for itself.
fn decoded(segment: &str) -> String {
    let escaped = segment.replace('+', "%2B");
    url::form_urlencoded::parse(format!("={escaped}").replace('&', "%26").as_bytes())
        .next()
        .map_or_else(String::new, |(_, value)| value.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_decoded_and_never_empty() {
        let params = matched("/api/v1/users/{id}", "/api/v1/users/a%2Bb+c%40d.e").unwrap();
        assert_eq!(params["id"], "a+b+c@d.e");
        assert!(matched("/api/v1/users/{id}", "/api/v1/users/").is_none());
        assert!(matched("/api/v1/users/{id}", "/api/v1/users/a/roles").is_none());
    }

    #[test]
    fn a_known_path_with_another_method_is_told_apart() {
        let pattern = |method, path| find(&method, path).0.pattern;
        assert_eq!(pattern(Method::GET, "/api/v1/users"), "/api/v1/users");
        assert_eq!(pattern(Method::POST, "/api/v1/users/"), "/api/v1/users");
        assert_eq!(pattern(Method::GET, "/api/v1/users//"), "(nowhere)");
        assert_eq!(pattern(Method::PATCH, "/api/v1/users"), "(other method)");
        assert_eq!(pattern(Method::GET, "/api/v1/nothing"), "(nowhere)");
    }
}
