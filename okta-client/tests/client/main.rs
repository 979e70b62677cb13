//! The client against a server that behaves as it is told, down to single bytes.

#[cfg(test)]
mod errors;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod oauth;
#[cfg(test)]
mod paging;
#[cfg(test)]
mod recorded;
#[cfg(test)]
mod requests;
#[cfg(test)]
mod server;
