//! The sandbox through HTTP, as a client of Okta sees it.

#[cfg(test)]
mod consent;
#[cfg(test)]
mod control;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod harness;
#[cfg(test)]
mod late;
#[cfg(test)]
mod limits;
#[cfg(test)]
mod lists;
#[cfg(test)]
mod logs;
#[cfg(test)]
mod malformed;
#[cfg(test)]
mod oauth;
#[cfg(test)]
mod persistence;
#[cfg(test)]
mod plan;
#[cfg(test)]
mod recorded;
#[cfg(test)]
mod refresh;
#[cfg(test)]
mod refusals;
#[cfg(test)]
mod roles;
#[cfg(test)]
mod schema;
#[cfg(test)]
mod users;
