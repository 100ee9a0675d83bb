//! The address of the caller, also behind reverse proxies that are trusted by configuration.

use std::{
    convert::Infallible,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
};

use axum::{
    extract::{ConnectInfo, FromRequestParts},
    http::{HeaderMap, request::Parts},
};

/// The proxies whose word is believed; put into the request's extensions by the outermost layer.
#[derive(Clone, Debug, Default)]
pub struct TrustedProxies(pub Arc<[IpAddr]>);

/// The caller's address, as far as it tells callers apart: of IPv6 the network, since every customer has
/// a whole one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ClientAddress(pub IpAddr);

impl ClientAddress {
    /// Finds the address: the peer, or the last hop in `X-Forwarded-For` that is no trusted proxy.
    pub fn of(parts: &Parts) -> Self {
        let peer = parts
            .extensions
            .get::<ConnectInfo<SocketAddr>>()
            .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |ConnectInfo(peer)| peer.ip().to_canonical());
        let trusted = parts.extensions.get::<TrustedProxies>().cloned().unwrap_or_default();
        Self(network(behind(peer, &parts.headers, &trusted.0)))
    }
}

/// Walks back from the peer as long as proxies are trusted. What a trusted proxy wrote and we cannot read
/// ends the walk: anything before it may have been made up by the caller.
fn behind(peer: IpAddr, headers: &HeaderMap, trusted: &[IpAddr]) -> IpAddr {
    let is_trusted = |address: &IpAddr| trusted.iter().any(|proxy| proxy.to_canonical() == *address);
    let values: Vec<&str> =
        headers.get_all("x-forwarded-for").iter().map(|value| value.to_str().unwrap_or_default()).collect();
    let mut address = peer;
    for hop in values.iter().flat_map(|value| value.split(',')).rev() {
        if !is_trusted(&address) {
            break;
        }
        let Some(before) = read(hop.trim()) else { break };
        address = before;
    }
    address
}

/// An address, with or without a port: some proxies write one.
fn read(hop: &str) -> Option<IpAddr> {
    let address = hop.parse().ok().or_else(|| hop.parse::<SocketAddr>().ok().map(|socket| socket.ip()));
    let address = address.or_else(|| hop.strip_prefix('[')?.strip_suffix(']')?.parse().ok());
    address.map(|address| address.to_canonical())
}

fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for ClientAddress {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(parts))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_trusted_proxies_are_believed() {
        let address = |text: &str| text.parse::<IpAddr>().expect("an address");
        let (proxy, peer) = (address("10.0.0.1"), address("10.0.0.9"));
        let seen = |from: IpAddr, header: &str| {
            let mut headers = HeaderMap::new();
            headers.insert("x-forwarded-for", header.parse().expect("a value"));
            behind(from, &headers, &[proxy]).to_string()
        };
        assert_eq!(seen(peer, "6.6.6.6, 1.2.3.4, 10.0.0.1"), "10.0.0.9");
        assert_eq!(seen(proxy, "6.6.6.6, 1.2.3.4, 10.0.0.1"), "1.2.3.4");
        assert_eq!(seen(proxy, "6.6.6.6, 1.2.3.4:5678"), "1.2.3.4");
        assert_eq!(seen(proxy, "[2001:db8::7]:443"), "2001:db8::7");
        // What the proxy could not name is not replaced by what the caller made up.
        assert_eq!(seen(proxy, "6.6.6.6, unknown"), "10.0.0.1");
        assert_eq!(seen(address("::ffff:10.0.0.1").to_canonical(), "1.2.3.4"), "1.2.3.4");
    }

    #[test]
    fn a_network_of_ipv6_counts_as_one_caller() {
        let of = |text: &str| network(text.parse().expect("an address")).to_string();
        assert_eq!(of("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(of("192.0.2.7"), "192.0.2.7");
    }
}
