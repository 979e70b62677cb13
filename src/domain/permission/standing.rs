//! Where somebody stands in the organisation, and who may set whose standing.

use serde::{Deserialize, Serialize};

use super::{Permission, PermissionSet};
use crate::domain::code::codes;

codes! {
    /// The kinds of admin role.
    pub enum AdminRoleKind {
        /// Has all permissions, and alone makes owners.
        Owner = "OWNER",
        /// Has all permissions.
        Admin = "ADMIN",
        /// Has none.
        Member = "MEMBER",
        /// Has the permissions that the organisation put together.
        Custom = "CUSTOM",
    }
}

/// A user's standing in the organisation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AdminRole {
    /// Has all permissions, and alone makes owners.
    Owner,
    /// Has all permissions.
    Admin,
    /// Has none.
    Member,
    /// Has the permissions of a role that the organisation defined.
    Custom(PermissionSet),
}

impl AdminRole {
    /// The kind of role.
    pub const fn kind(&self) -> AdminRoleKind {
        match self {
            Self::Owner => AdminRoleKind::Owner,
            Self::Admin => AdminRoleKind::Admin,
            Self::Member => AdminRoleKind::Member,
            Self::Custom(_) => AdminRoleKind::Custom,
        }
    }

    /// The permissions that the role brings.
    pub fn permissions(&self) -> PermissionSet {
        match self {
            Self::Owner | Self::Admin => PermissionSet::all(),
            Self::Member => PermissionSet::none(),
            Self::Custom(permissions) => permissions.clone(),
        }
    }

    /// Whether the role brings the permission.
    pub fn allows(&self, permission: Permission) -> bool {
        match self {
            Self::Owner | Self::Admin => true,
            Self::Member => false,
            Self::Custom(permissions) => permissions.contains(permission),
        }
    }

    /// What is left of the role to a personal access token with these scopes: a custom role of the permissions in both. So a token is never an owner
    /// or an admin, and what is reserved to these is not for it.
    #[must_use]
    pub fn narrowed(&self, scopes: &PermissionSet) -> Self {
        let scopes = scopes.iter().filter(|scope| scope.is_scope()).collect();
        Self::Custom(self.permissions().intersection(&scopes))
    }

    /// Whether a holder of this role stands at least as high as a holder of `other`: owner, admin, then whoever has
    /// all the other's permissions.
    pub fn reaches(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Owner, _) => true,
            (_, Self::Owner) => false,
            (Self::Admin, _) => true,
            (_, Self::Admin) => false,
            _ => self.permissions().covers(&other.permissions()),
        }
    }
}

impl AdminRole {
    /// What both allow: the lower of two that can be compared, else the permissions that they share.
    #[must_use]
    pub fn at_most(self, most: &Self) -> Self {
        if most.reaches(&self) {
            return self;
        }
        if self.reaches(most) {
            return most.clone();
        }
        let (own, most) = (self.permissions(), most.permissions());
        Self::Custom(own.iter().filter(|each| most.contains(*each)).collect())
    }

    /// What either allows: the higher of two that can be compared, else the permissions of both.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        if self.reaches(&other) {
            return self;
        }
        if other.reaches(&self) {
            return other;
        }
        let (own, more) = (self.permissions(), other.permissions());
        Self::Custom(own.iter().chain(more.iter()).collect())
    }
}

codes! {
    /// Why a change of admin roles is refused.
    pub enum AdminRoleRefusal {
        /// The actor lacks the permission.
        Forbidden = "FORBIDDEN",
        /// Nobody raises himself.
        NotToYourself = "ROLE_NOT_TO_YOURSELF",
        /// Only an owner makes, changes or removes an owner.
        OnlyOwner = "ONLY_OWNER",
        /// The organisation needs an owner.
        LastOwner = "LAST_OWNER",
        /// The role brings or brought more than the actor has.
        AboveOwn = "ROLE_ABOVE_OWN",
    }
}

impl AdminRoleRefusal {
    /// One sentence for the panel.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Forbidden => "You need the permission MANAGE_ADMIN_ROLES.",
            Self::NotToYourself => "Nobody can raise his own admin role.",
            Self::OnlyOwner => "Only an owner can make, change or remove an owner.",
            Self::LastOwner => "The organisation needs at least one active owner.",
            Self::AboveOwn => "The role has permissions that you do not have.",
        }
    }
}

/// A wish to change the admin role of one user.
#[derive(Debug, Clone, Copy)]
pub struct AdminRoleChange<'a> {
    /// The standing of whoever wishes it.
    pub actor: &'a AdminRole,
    /// Whether the actor is the user concerned.
    pub own: bool,
    /// The user's standing now.
    pub current: &'a AdminRole,
    /// The user's standing as wished.
    pub wanted: &'a AdminRole,
    /// How many active owners the organisation has, this user included.
    pub owners: u64,
}

impl AdminRoleChange<'_> {
    /// Decides whether the change is allowed.
    ///
    /// # Errors
    /// The first rule that is broken: the permission, raising oneself, owners by owners only, nothing above one's own,
    /// the last owner.
    pub fn check(&self) -> Result<(), AdminRoleRefusal> {
        if !self.actor.allows(Permission::ManageAdminRoles) {
            return Err(AdminRoleRefusal::Forbidden);
        }
        if self.current == self.wanted {
            return Ok(());
        }
        if self.own && !self.current.reaches(self.wanted) {
            return Err(AdminRoleRefusal::NotToYourself);
        }
        let touches_owner = [self.current, self.wanted].contains(&&AdminRole::Owner);
        if touches_owner && self.actor != &AdminRole::Owner {
            return Err(AdminRoleRefusal::OnlyOwner);
        }
        if !self.actor.reaches(self.current) || !self.actor.reaches(self.wanted) {
            return Err(AdminRoleRefusal::AboveOwn);
        }
        check_owner_stays(self.current, self.wanted == &AdminRole::Owner, self.owners)
    }
}

/// Whether a user may lose his standing, be deactivated or deleted without leaving the organisation ownerless.
///
/// # Errors
/// `LAST_OWNER` when he is the only active owner and does not stay one.
pub fn check_owner_stays(
    current: &AdminRole,
    stays: bool,
    owners: u64,
) -> Result<(), AdminRoleRefusal> {
    if current == &AdminRole::Owner && !stays && owners <= 1 {
        return Err(AdminRoleRefusal::LastOwner);
    }
    Ok(())
}

/// Whether `actor` may define a custom role with these permissions, or redefine one that had `before`.
///
/// `holds` says that the actor himself has the role being changed.
///
/// # Errors
/// `FORBIDDEN` without `MANAGE_ADMIN_ROLES`; `ROLE_ABOVE_OWN` for permissions that the actor lacks;
/// `ROLE_NOT_TO_YOURSELF` when he would add to the role that he holds.
pub fn check_role_definition(
    actor: &AdminRole,
    before: Option<&PermissionSet>,
    wanted: &PermissionSet,
    holds: bool,
) -> Result<(), AdminRoleRefusal> {
    if !actor.allows(Permission::ManageAdminRoles) {
        return Err(AdminRoleRefusal::Forbidden);
    }
    let own = actor.permissions();
    if holds && !own.covers(wanted) {
        return Err(AdminRoleRefusal::NotToYourself);
    }
    if !own.covers(wanted) || before.is_some_and(|before| !own.covers(before)) {
        return Err(AdminRoleRefusal::AboveOwn);
    }
    Ok(())
}

/// Whether `actor` may change the profile or the status of a user of this standing: nobody manages those above him,
/// else a new e-mail address would be a way to become them.
///
/// # Errors
/// `FORBIDDEN` without `MANAGE_USERS`; `ROLE_ABOVE_OWN` for a user who stands higher.
pub fn check_manages_user(actor: &AdminRole, user: &AdminRole) -> Result<(), AdminRoleRefusal> {
    if !actor.allows(Permission::ManageUsers) {
        return Err(AdminRoleRefusal::Forbidden);
    }
    if !actor.reaches(user) {
        return Err(AdminRoleRefusal::AboveOwn);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::AdminRole::{Admin, Custom, Member, Owner};
    use super::*;

    fn set(permissions: &[Permission]) -> PermissionSet {
        permissions.iter().copied().collect()
    }

    fn custom(permissions: &[Permission]) -> AdminRole {
        Custom(set(permissions))
    }

    fn change(
        actor: &AdminRole,
        own: bool,
        current: &AdminRole,
        wanted: &AdminRole,
    ) -> Result<(), String> {
        AdminRoleChange {
            actor,
            own,
            current,
            wanted,
            owners: 2,
        }
        .check()
        .map_err(|refusal| refusal.as_str().to_owned())
    }

    #[test]
    fn who_may_set_whose_role() {
        use Permission::{ManageAdminRoles, ManageUsers, ViewApps, ViewUsers};
        let clerk = custom(&[ManageAdminRoles, ViewUsers]);
        let viewer = custom(&[ViewUsers]);
        let manager = custom(&[ManageUsers, ViewUsers]);
        let mighty = Custom(PermissionSet::all());
        let rows: &[(&AdminRole, bool, &AdminRole, &AdminRole, &str)] = &[
            (&Owner, false, &Member, &Owner, ""),
            (&Owner, false, &Owner, &Member, ""),
            (&Owner, true, &Owner, &Admin, ""),
            (&Admin, false, &Member, &Admin, ""),
            (&Admin, false, &Member, &Owner, "ONLY_OWNER"),
            (&Admin, false, &Owner, &Member, "ONLY_OWNER"),
            (&Admin, true, &Admin, &Owner, "ROLE_NOT_TO_YOURSELF"),
            (&Admin, true, &Admin, &Member, ""),
            (&Member, false, &Member, &viewer, "FORBIDDEN"),
            (&viewer, false, &Member, &viewer, "FORBIDDEN"),
            (&clerk, false, &Member, &viewer, ""),
            (&clerk, false, &Member, &manager, "ROLE_ABOVE_OWN"),
            (&clerk, false, &manager, &Member, "ROLE_ABOVE_OWN"),
            (&clerk, false, &Member, &Admin, "ROLE_ABOVE_OWN"),
            (&clerk, false, &Admin, &Member, "ROLE_ABOVE_OWN"),
            (&clerk, false, &Member, &Owner, "ONLY_OWNER"),
            (
                &clerk,
                true,
                &clerk,
                &custom(&[ManageAdminRoles, ViewApps]),
                "ROLE_NOT_TO_YOURSELF",
            ),
            (&clerk, true, &clerk, &Admin, "ROLE_NOT_TO_YOURSELF"),
            (&clerk, true, &clerk, &viewer, ""),
            (&mighty, false, &Member, &Admin, "ROLE_ABOVE_OWN"),
            (&mighty, true, &mighty, &Admin, "ROLE_NOT_TO_YOURSELF"),
            (&mighty, false, &Member, &mighty, ""),
        ];
        for (actor, own, current, wanted, expected) in rows {
            let got = change(actor, *own, current, wanted)
                .err()
                .unwrap_or_default();
            assert_eq!(
                &got, expected,
                "{actor:?} (own: {own}) {current:?} -> {wanted:?}"
            );
        }
    }

    #[test]
    fn two_roles_meet_below_and_above() {
        use Permission::{ManageUsers, ViewApps, ViewUsers};
        let viewer = custom(&[ViewUsers, ViewApps]);
        let manager = custom(&[ManageUsers, ViewUsers]);
        let rows: &[(&AdminRole, &AdminRole, AdminRole, AdminRole)] = &[
            (&Owner, &Owner, Owner, Owner),
            (&Owner, &Admin, Admin, Owner),
            (&Admin, &Owner, Admin, Owner),
            (&Owner, &viewer, viewer.clone(), Owner),
            (&Member, &Owner, Member, Owner),
            (&Admin, &Member, Member, Admin),
            (&viewer, &Admin, viewer.clone(), Admin),
            (
                &viewer,
                &manager,
                custom(&[ViewUsers]),
                custom(&[ViewUsers, ViewApps, ManageUsers]),
            ),
        ];
        for (one, other, below, above) in rows {
            let (one, other) = (*one, *other);
            assert_eq!(&one.clone().at_most(other), below, "{one:?} {other:?}");
            assert_eq!(&other.clone().at_most(one), below, "{other:?} {one:?}");
            assert_eq!(&one.clone().or(other.clone()), above, "{one:?} {other:?}");
            assert_eq!(&other.clone().or(one.clone()), above, "{other:?} {one:?}");
        }
    }

    #[test]
    fn the_last_owner_stays() {
        let leave = |owners| {
            AdminRoleChange {
                actor: &Owner,
                own: true,
                current: &Owner,
                wanted: &Admin,
                owners,
            }
            .check()
        };
        assert_eq!(leave(1), Err(AdminRoleRefusal::LastOwner));
        assert_eq!(leave(2), Ok(()));
        assert_eq!(
            check_owner_stays(&Owner, false, 1),
            Err(AdminRoleRefusal::LastOwner)
        );
        assert_eq!(check_owner_stays(&Admin, false, 1), Ok(()));
    }

    #[test]
    fn a_definition_cannot_exceed_its_author() {
        use Permission::{ManageAdminRoles, ViewApps, ViewAuditLog};
        let clerk = custom(&[ManageAdminRoles, ViewApps]);
        let check = |before: Option<&PermissionSet>, wanted: &[Permission], holds| {
            check_role_definition(&clerk, before, &set(wanted), holds)
        };
        assert_eq!(check(None, &[ViewApps], false), Ok(()));
        assert_eq!(
            check(None, &[ViewAuditLog], false),
            Err(AdminRoleRefusal::AboveOwn)
        );
        assert_eq!(
            check(None, &[ViewAuditLog], true),
            Err(AdminRoleRefusal::NotToYourself)
        );
        assert_eq!(
            check(Some(&set(&[ViewAuditLog])), &[], false),
            Err(AdminRoleRefusal::AboveOwn)
        );
        assert_eq!(
            check_role_definition(&Member, None, &PermissionSet::none(), false),
            Err(AdminRoleRefusal::Forbidden)
        );
    }

    #[test]
    fn nobody_manages_those_above_him() {
        use Permission::{ManageUsers, ViewAuditLog};
        let manager = custom(&[ManageUsers]);
        assert_eq!(check_manages_user(&manager, &Member), Ok(()));
        assert_eq!(
            check_manages_user(&manager, &Admin),
            Err(AdminRoleRefusal::AboveOwn)
        );
        assert_eq!(
            check_manages_user(&manager, &custom(&[ViewAuditLog])),
            Err(AdminRoleRefusal::AboveOwn)
        );
        assert_eq!(
            check_manages_user(&Admin, &Owner),
            Err(AdminRoleRefusal::AboveOwn)
        );
        assert_eq!(
            check_manages_user(&Member, &Member),
            Err(AdminRoleRefusal::Forbidden)
        );
    }

    /// Every set of permissions.
    fn sets() -> Vec<PermissionSet> {
        let all = Permission::ALL;
        let one = |bits: u32| {
            let picked = all.iter().enumerate().filter(|(i, _)| bits >> i & 1 == 1);
            picked.map(|(_, permission)| *permission).collect()
        };
        (0..1 << all.len()).map(one).collect()
    }

    #[test]
    fn a_token_is_never_more_than_its_person_or_its_scopes() {
        let sets = sets();
        let roles = || [Owner, Admin, Member].into_iter();
        let few = sets.iter().step_by(11).cloned().map(Custom);
        let others: Vec<_> = roles().chain(few).collect();
        for role in roles().chain(sets.iter().step_by(7).cloned().map(Custom)) {
            for scopes in &sets {
                let token = role.narrowed(scopes);
                assert_eq!(token.kind(), AdminRoleKind::Custom);
                for permission in Permission::ALL {
                    let expected = role.allows(*permission)
                        && scopes.contains(*permission)
                        && *permission != Permission::ManageAdminRoles;
                    assert_eq!(token.allows(*permission), expected, "{role:?} {scopes:?}");
                }
                for other in &others {
                    assert!(
                        !token.reaches(other) || role.reaches(other),
                        "{role:?} {scopes:?} {other:?}"
                    );
                }
            }
        }
    }
}
