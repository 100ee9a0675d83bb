//! HTTP to the outside. Addresses that the operator configured go through [`trusted`]; addresses
//! that users gave go through [`guarded`], which reaches public hosts alone.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use reqwest::{
    Client, ClientBuilder,
    dns::{Addrs, Name, Resolve, Resolving},
    redirect::Policy,
};
use url::{Host, Url};

/// How long a connection may take to open.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// An address that users must not reach through us.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Forbidden {
    /// Neither http nor https.
    #[error("only http and https addresses are allowed")]
    Scheme,
    /// Not a public host.
    #[error("this address leads into a private network")]
    Private,
}

#[expect(clippy::disallowed_methods, reason = "the one place that builds clients")]
fn builder() -> ClientBuilder {
    Client::builder()
        .user_agent(concat!("Alcove/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(CONNECT_TIMEOUT)
        .tcp_nodelay(true)
        .pool_idle_timeout(Duration::from_secs(90))
        // A redirect could lead the key of a request to another host.
        .redirect(Policy::none())
}

/// A client for addresses that the operator configured. It has no time-out for whole answers, which
/// may stream for minutes; callers set one for each piece.
///
/// # Errors
/// Fails when the system's certificates cannot be loaded.
pub fn trusted() -> reqwest::Result<Client> {
    builder().build()
}

/// A client for addresses that users gave. Names that resolve to private addresses are refused at
/// the moment of connecting, so that no later change of the name helps. A literal address does not
/// pass the resolver: call [`check`] first for every URL.
///
/// # Errors
/// Fails when the system's certificates cannot be loaded.
pub fn guarded(allow_hosts: &[String]) -> reqwest::Result<Client> {
    let resolver = PublicOnly { allow_hosts: allow_hosts.into() };
    // A proxy from the environment would resolve the name for us, unchecked.
    builder().no_proxy().dns_resolver(Arc::new(resolver)).build()
}

/// Checks what can be known of a URL without resolving its name.
///
/// # Errors
/// Fails for other schemes and for literal private addresses.
pub fn check(url: &Url, allow_hosts: &[String]) -> Result<(), Forbidden> {
    if !matches!(url.scheme(), "http" | "https") {
        return Err(Forbidden::Scheme);
    }
    if url.host_str().is_some_and(|host| allow_hosts.iter().any(|allowed| allowed == host)) {
        return Ok(());
    }
    let public = match url.host() {
        Some(Host::Ipv4(address)) => is_public(IpAddr::V4(address)),
        Some(Host::Ipv6(address)) => is_public(IpAddr::V6(address)),
        Some(Host::Domain(name)) => name != "localhost" && !name.ends_with(".localhost"),
        None => false,
    };
    if public { Ok(()) } else { Err(Forbidden::Private) }
}

struct PublicOnly {
    allow_hosts: Arc<[String]>,
}

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        let allowed = self.allow_hosts.iter().any(|host| host == name.as_str());
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let public: Vec<SocketAddr> = found.filter(|address| allowed || is_public(address.ip())).collect();
            if public.is_empty() {
                return Err(Forbidden::Private.into());
            }
            Ok(Box::new(public.into_iter()) as Addrs)
        })
    }
}

/// Whether an address belongs to the public internet.
///
/// Source: the special-purpose registries of IANA, <https://www.iana.org/assignments/iana-ipv4-special-registry>
/// and <https://www.iana.org/assignments/iana-ipv6-special-registry>.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => match embedded_v4(address) {
            Some(inner) => is_public_v4(inner),
            None => is_public_v6(address),
        },
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    !(a == 0
        || address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_documentation()
        || address.is_multicast()
        || a >= 240
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 198 && (18..20).contains(&b)))
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    // Only 2000::/3 is given out; documentation and Teredo lie within it.
    let [first, second, ..] = address.segments();
    (first & 0xe000) == 0x2000 && !(first == 0x2001 && (second == 0xdb8 || second < 0x200))
}

/// The IPv4 address within a mapped, compatible, NAT64 or 6to4 address.
fn embedded_v4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let s = address.segments();
    let join = |high: u16, low: u16| Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
    match s {
        [0, 0, 0, 0, 0, 0xffff | 0, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => {
            Some(join(high, low))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_addresses_are_refused_in_every_spelling() {
        for url in [
            "http://127.0.0.1/",
            "http://2130706433/",
            "http://0x7f.1/",
            "http://[::1]/",
            "http://[::ffff:127.0.0.1]/",
            "http://[64:ff9b::7f00:1]/",
            "http://[2002:7f00:1::]/",
            "http://169.254.169.254/",
            "http://10.1.2.3/",
            "http://100.64.0.1/",
            "http://192.168.0.1/",
            "http://[fd00::1]/",
            "http://[fe80::1]/",
            "http://0.0.0.0/",
            "http://localhost/",
            "http://x.localhost/",
        ] {
            let url = Url::parse(url).expect(url);
            assert_eq!(check(&url, &[]), Err(Forbidden::Private), "{url}");
        }
        assert_eq!(check(&Url::parse("file:///etc/passwd").expect("url"), &[]), Err(Forbidden::Scheme));
        assert!(check(&Url::parse("https://93.184.216.34/v1").expect("url"), &[]).is_ok());
        assert!(check(&Url::parse("http://10.1.2.3/").expect("url"), &["10.1.2.3".to_owned()]).is_ok());
    }

    #[tokio::test]
    async fn a_name_that_leads_home_is_refused_when_connecting() {
        let client = guarded(&[]).expect("client");
        let error = client.get("http://localhost:1/").send().await.expect_err("refused");
        let chain = format!("{error:?}");
        assert!(chain.contains("Private"), "{chain}");
    }
}
