//! Where the server listens and who may call and embed it.

use std::net::{IpAddr, Ipv4Addr};

use url::Url;

use super::Reader;

/// Address, public origin, callers.
#[derive(Clone, Debug)]
pub struct ServerConfig {
    /// Address to listen on.
    pub bind: IpAddr,
    /// Port to listen on; 0 takes a free one.
    pub port: u16,
    /// The origin that people see.
    pub public_url: Url,
    /// Origins whose pages may call the API with credentials.
    pub cors_origins: Vec<String>,
    /// Origins that may show us in a frame.
    pub frame_ancestors: Vec<String>,
    /// Addresses of reverse proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpAddr>,
    /// `cloud` or `self-hosted`.
    pub deployment_mode: String,
    /// Seconds that running work may take after the first stop signal.
    pub shutdown_grace_seconds: u64,
}

impl ServerConfig {
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        let bind = reader.value("BIND", "127.0.0.1", "an IP address", "Address to listen on.");
        let port = reader.value("PORT", "3101", "a port number", "Port to listen on; 0 takes a free one.");
        let public_url = reader.value(
            "PUBLIC_URL",
            "http://localhost:3101",
            "an absolute URL",
            "The origin that people see; https makes cookies secure.",
        );
        let cors_origins = reader.origins(
            "CORS_ALLOWED_ORIGINS",
            false,
            "Origins, by comma, whose pages may call the API with credentials.",
        );
        let frame_ancestors =
            reader.origins("FRAME_ANCESTORS", true, "Origins, by comma, that may show the UI in a frame.");
        let proxies = reader
            .list("TRUSTED_PROXIES", "Addresses, by comma, of reverse proxies whose X-Forwarded-For is believed.");
        let trusted_proxies = proxies
            .iter()
            .filter_map(|text| {
                let address = text.parse().ok();
                if address.is_none() {
                    reader.fault("TRUSTED_PROXIES", format!("\"{text}\" is not an IP address"));
                }
                address
            })
            .collect();
        let deployment_mode: String =
            reader.value("DEPLOYMENT_MODE", "self-hosted", "a text", "cloud or self-hosted.").unwrap_or_default();
        let deployment_mode = match deployment_mode.as_str() {
            "cloud" => deployment_mode,
            // The older name of the same.
            "self-hosted" | "private-cloud" => "self-hosted".to_owned(),
            other => {
                reader.fault("DEPLOYMENT_MODE", format!("\"{other}\" is neither cloud nor self-hosted"));
                deployment_mode
            }
        };
        let shutdown_grace_seconds = reader.value(
            "SHUTDOWN_GRACE_SECONDS",
            "30",
            "a number of seconds",
            "How long running work may take after the first stop signal.",
        );
        Self {
            bind: bind.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST)),
            port: port.unwrap_or(3101),
            public_url: public_url.unwrap_or_else(localhost),
            cors_origins,
            frame_ancestors,
            trusted_proxies,
            deployment_mode,
            shutdown_grace_seconds: shutdown_grace_seconds.unwrap_or(30),
        }
    }

    /// The origin that people see, without a trailing slash.
    pub fn public_origin(&self) -> String {
        self.public_url.origin().ascii_serialization()
    }

    /// Whether people reach us over TLS.
    pub fn is_https(&self) -> bool {
        self.public_url.scheme() == "https"
    }
}

/// Used only after a fault was recorded, when the configuration is thrown away.
#[expect(clippy::unreachable, reason = "the literal is a valid URL")]
fn localhost() -> Url {
    Url::parse("http://localhost").unwrap_or_else(|_| unreachable!("a valid URL"))
}
