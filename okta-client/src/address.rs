//! Keeps the client from being led into the network it runs in.
//!
//! An administrator types the host name, so it may resolve to anything: the metadata service of a cloud, a
//! neighbour's database, this process itself. The check sits in the resolver, hence it holds for the very
//! address that is connected to.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// Which addresses a host name may resolve to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AddressPolicy {
    /// Only addresses of the public internet.
    #[default]
    PublicOnly,
    /// Any address, for an org that is reached through a private network.
    AllowPrivate,
}

/// Every address of a name was forbidden.
#[derive(Debug, thiserror::Error)]
#[error("the host resolves to forbidden addresses only")]
pub(crate) struct Forbidden;

/// The system's resolver, less the addresses that the policy forbids.
#[derive(Clone, Debug)]
pub(crate) struct GuardedResolver {
    policy: AddressPolicy,
    loopback_allowed: bool,
}

impl GuardedResolver {
    pub(crate) fn new(policy: AddressPolicy, loopback_allowed: bool) -> Arc<Self> {
        Arc::new(Self {
            policy,
            loopback_allowed,
        })
    }

    fn permits(&self, address: IpAddr) -> bool {
        match self.policy {
            AddressPolicy::AllowPrivate => true,
            AddressPolicy::PublicOnly => {
                is_public(address) || (self.loopback_allowed && address.is_loopback())
            }
        }
    }
}

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = self.clone();
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let permitted: Vec<SocketAddr> = found
                .filter(|address| guard.permits(address.ip()))
                .collect();
            if permitted.is_empty() {
                return Err(Forbidden.into());
            }
            Ok(Box::new(permitted.into_iter()) as Addrs)
        })
    }
}

fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

/// Everything outside IANA's registry of special-purpose IPv4 addresses.
fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = match (a, b) {
        (0 | 10 | 127, _) | (224..=255, _) => true,
        (100, 64..=127) | (169, 254) | (172, 16..=31) | (192, 168) | (198, 18 | 19) => true,
        (192, 0) => c == 0 || c == 2,
        (192, 88) => c == 99,
        (198, 51) => c == 100,
        (203, 0) => c == 113,
        _ => false,
    };
    !special
}

/// Global unicast (2000::/3) outside IANA's special-purpose registry. NAT64 addresses are judged by the
/// IPv4 address inside; other embeddings (mapped, 6to4, Teredo) are no way to reach Okta.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let segments = address.segments();
    if segments[..6] == [0x64, 0xff9b, 0, 0, 0, 0] {
        let [high, low] = [segments[6].to_be_bytes(), segments[7].to_be_bytes()];
        return is_public_v4(Ipv4Addr::new(high[0], high[1], low[0], low[1]));
    }
    let special = matches!(
        (segments[0], segments[1]),
        (0x2001, 0x0000..=0x01ff | 0x0db8) | (0x2002, _) | (0x3fff, 0..=0x0fff)
    );
    segments[0] & 0xe000 == 0x2000 && !special
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_the_inner_network_are_not_public() {
        for address in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.1",
            "127.255.255.255",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.1",
            "192.168.1.1",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:8.8.8.8",
            "64:ff9b::a00:1",
            "64:ff9b:1::1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::",
        ] {
            assert!(!is_public(address.parse().unwrap()), "{address}");
        }
    }

    #[test]
    fn addresses_of_the_internet_are() {
        for address in [
            "8.8.8.8",
            "172.15.0.1",
            "172.32.0.1",
            "100.128.0.1",
            "192.0.1.1",
            "64:ff9b::808:808",
            "2600:1f18::1",
            "2a00:1450::1",
        ] {
            assert!(is_public(address.parse().unwrap()), "{address}");
        }
    }

    #[test]
    fn loopback_is_a_permission_of_its_own() {
        let development = GuardedResolver::new(AddressPolicy::PublicOnly, true);
        assert!(development.permits("127.0.0.1".parse().unwrap()));
        assert!(!development.permits("10.0.0.1".parse().unwrap()));
        let private = GuardedResolver::new(AddressPolicy::AllowPrivate, false);
        assert!(private.permits("10.0.0.1".parse().unwrap()));
    }
}
