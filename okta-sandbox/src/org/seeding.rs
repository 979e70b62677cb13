//! The first start of an org.

use std::collections::HashSet;

use chrono::{DateTime, SubsecRound, Utc};
use serde_json::{Map, Value, json};

use super::{
    Org,
    client::Client,
    password::StoredPassword,
    role::{self, CustomRole, IamRole, IdForm, RoleAssignment},
    schema::{Attribute, UserSchema},
    status::UserStatus,
    user::{Provider, User, folded},
};
use crate::{
    config::{ClientConfig, Config},
    ids,
    seed::{Seed, SeedRole, SeedUser},
};

/// Why an org cannot be filled.
#[derive(Debug, thiserror::Error)]
pub enum SeedError {
    /// A user without a login, or whose login is held by another one.
    #[error("seed user needs a login of its own: {0:?}")]
    Login(String),
    /// No such status.
    #[error("unknown user status {0}")]
    Status(String),
    /// No such role type and no custom role of that label.
    #[error("unknown role {0}")]
    Role(String),
    /// An attribute that is not in the form of Okta's schema properties.
    #[error("malformed attribute: {0}")]
    Attribute(#[from] serde_json::Error),
}

impl Org {
    /// Fills a new org: ids of its own, schema, the administrator, then the seed.
    pub fn found(&mut self, config: &Config, now: DateTime<Utc>) -> Result<(), SeedError> {
        let now = now.trunc_subsecs(0);
        self.change_meta(|meta| meta.serial = 1);
        let (org_id, system_id, type_id) =
            (self.new_id("00o"), self.new_id("spr"), self.new_id("oty"));
        self.change_meta(|meta| {
            meta.schema_id = type_id.replacen("oty", "osc", 1);
            meta.org_id = org_id;
            meta.system_id = system_id;
            meta.type_id = type_id;
        });
        self.set_schema(UserSchema::standard(now)?);
        let admin = &config.admin;
        let admin_id = self.seed_user(&administrator(admin), now)?;
        self.change_meta(|meta| meta.admin_id = admin_id);
        self.sow(&config.seed, now)
    }

    /// Adds what a seed holds to an org that already exists.
    pub fn sow(&mut self, seed: &Seed, now: DateTime<Utc>) -> Result<(), SeedError> {
        let mut schema = self.schema().clone();
        for (name, definition) in &seed.custom_attributes {
            let attribute: Attribute = serde_json::from_value(definition.clone())?;
            schema.custom.insert(name.clone(), attribute);
        }
        self.set_schema(schema);
        for role in &seed.custom_roles {
            self.seed_role(role, now);
        }
        // Looked up once: asked for each, a hundred thousand people would take many minutes.
        let mut taken: HashSet<String> = self
            .users
            .values()
            .map(|user| folded(user.login()))
            .collect();
        for user in &seed.users {
            if !taken.insert(folded(login_of(user))) {
                return Err(SeedError::Login(login_of(user).into()));
            }
            self.place(user, now)?;
        }
        Ok(())
    }

    /// Registers or re-registers an OAuth web application.
    pub fn register_web_app(&mut self, config: &ClientConfig) {
        let client = Client {
            id: config.id.clone(),
            name: config.name.clone(),
            secret_digest: Some(ids::digest(&config.secret)),
            redirect_uris: config.redirect_uris.clone(),
            grants: config.grants.clone(),
            jwks: None,
            service: false,
        };
        self.clients.insert(client.id.clone(), client);
    }

    /// Registers a service that signs its own assertions (`private_key_jwt`).
    pub fn register_service(&mut self, id: String, jwks: Value, grants: Vec<String>) {
        let client = Client {
            name: id.clone(),
            id: id.clone(),
            secret_digest: None,
            redirect_uris: Vec::new(),
            grants,
            jwks: Some(jwks),
            service: true,
        };
        self.clients.insert(id, client);
    }

    pub fn client(&self, id: &str) -> Option<&Client> {
        self.clients.get(id)
    }

    fn seed_role(&mut self, role: &SeedRole, now: DateTime<Utc>) {
        let id = self.new_id("cr0");
        let role = CustomRole {
            id: id.clone(),
            label: role.label.clone(),
            description: role.description.clone(),
            created: now,
            last_updated: now,
        };
        self.custom_roles.insert(id, role);
    }

    /// Creates a user as it stands, without validation and without an entry in any ledger.
    pub fn seed_user(&mut self, seed: &SeedUser, now: DateTime<Utc>) -> Result<String, SeedError> {
        let login = login_of(seed);
        if self.login_taken(login, None) {
            return Err(SeedError::Login(login.into()));
        }
        self.place(seed, now)
    }

    /// As [`Self::seed_user`], for a login that nobody has.
    fn place(&mut self, seed: &SeedUser, now: DateTime<Utc>) -> Result<String, SeedError> {
        let now = now.trunc_subsecs(0);
        let login = login_of(seed);
        if folded(login).trim().is_empty() {
            return Err(SeedError::Login(login.into()));
        }
        let status = match &seed.status {
            None => UserStatus::Active,
            Some(name) => UserStatus::parse(name).ok_or_else(|| SeedError::Status(name.clone()))?,
        };
        let mut roles = Vec::new();
        for name in &seed.roles {
            roles.push(self.seed_assignment(name, seed.roles_from_group, now)?);
        }
        let id = self.new_id("00u");
        let staged = status == UserStatus::Staged;
        let user = User {
            id: id.clone(),
            status,
            transitioning: None,
            created: now,
            activated: (!staged).then_some(now),
            status_changed: Some(now),
            last_login: None,
            last_updated: now,
            password_changed: seed.password.as_ref().map(|_| now),
            profile: seed
                .profile
                .clone()
                .into_iter()
                .filter(|(_, value)| !value.is_null())
                .collect(),
            password: seed.password.as_deref().map(StoredPassword::new),
            recovery_question: None,
            provider: Provider::default(),
            roles,
            link_digest: None,
            version: 1,
        };
        self.users.insert(id.clone(), user);
        Ok(id)
    }

    /// An assignment of the standard role of this type, or of the custom role with this label.
    pub fn seed_assignment(
        &mut self,
        name: &str,
        from_group: bool,
        now: DateTime<Utc>,
    ) -> Result<RoleAssignment, SeedError> {
        if let Some((label, form)) = role::standard(name) {
            return Ok(self.standard_assignment(name, label, form, from_group, now));
        }
        let custom = self
            .custom_roles
            .values()
            .find(|role| role.label == name || role.id == name)
            .cloned();
        let custom = custom.ok_or_else(|| SeedError::Role(name.into()))?;
        let resource_set = self.new_id("iam");
        Ok(RoleAssignment {
            id: self.new_id("irb"),
            kind: "CUSTOM".into(),
            label: custom.label,
            from_group,
            created: now,
            iam: Some(IamRole {
                role: custom.id,
                resource_set,
            }),
        })
    }

    /// A new assignment of a standard role, with an id of that role's form.
    pub fn standard_assignment(
        &mut self,
        kind: &str,
        label: &str,
        form: IdForm,
        from_group: bool,
        now: DateTime<Utc>,
    ) -> RoleAssignment {
        let id = match form {
            IdForm::Base32 => role::base32(kind),
            IdForm::Unique => self.new_id("ra1"),
            IdForm::Iam => self.new_id("irb"),
        };
        let iam = (form == IdForm::Iam).then(|| IamRole {
            role: kind.into(),
            resource_set: format!("{kind}_RESOURCE_SET"),
        });
        RoleAssignment {
            id,
            kind: kind.into(),
            label: label.into(),
            from_group,
            created: now,
            iam,
        }
    }
}

fn login_of(seed: &SeedUser) -> &str {
    let login = seed.profile.get("login").and_then(Value::as_str);
    login.unwrap_or_default()
}

fn administrator(admin: &crate::config::AdminConfig) -> SeedUser {
    let profile = json!({
        "login": admin.login,
        "email": admin.login,
        "firstName": admin.first_name,
        "lastName": admin.last_name,
    });
    SeedUser {
        profile: profile.as_object().cloned().unwrap_or_else(Map::new),
        status: None,
        password: Some(admin.password.clone()),
        roles: vec![admin.role.clone()],
        roles_from_group: false,
    }
}
