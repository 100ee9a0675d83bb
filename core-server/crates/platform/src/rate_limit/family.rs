//! Which routes share a limit.

use http::Method;

use crate::config::Rate;

/// Routes that share a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Family {
    /// Chat turns.
    Chat,
    /// Agents.
    Agents,
    /// Knowledge bases.
    Knowledge,
    /// Sign-in and accounts.
    Auth,
    /// Webhooks of automations.
    Webhook,
    /// Licences.
    License,
    /// Everything else below `/api` and `/admin`.
    Api,
}

impl Family {
    /// All families, in the order of the configured rates.
    pub const ALL: [Self; 7] =
        [Self::Chat, Self::Agents, Self::Knowledge, Self::Auth, Self::Webhook, Self::License, Self::Api];

    /// The name in settings and keys.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Chat => "chat",
            Self::Agents => "agents",
            Self::Knowledge => "knowledge",
            Self::Auth => "auth",
            Self::Webhook => "webhook",
            Self::License => "license",
            Self::Api => "api",
        }
    }

    /// The documented rate; that of `api` is ours.
    pub const fn default_rate(self) -> Rate {
        let (per_minute, burst) = match self {
            Self::Chat => (60, 120),
            Self::Agents => (120, 200),
            Self::Knowledge | Self::Auth => (30, 60),
            Self::License => (30, 30),
            Self::Webhook | Self::Api => (600, 1200),
        };
        Rate { per_minute, burst }
    }

    /// The family of a request; none for pages, assets and health, which must always answer. In the chat
    /// only asking counts: reading on, stopping and rating must work while many questions are asked.
    pub fn of(method: &Method, path: &str) -> Option<Self> {
        let within =
            |prefix: &str| path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        Some(match path {
            _ if within("/api/health") => return None,
            "/api/chat" if method == Method::POST => Self::Chat,
            _ if within("/api/agents") => Self::Agents,
            _ if within("/api/knowledge") => Self::Knowledge,
            _ if within("/api/automation/webhook") => Self::Webhook,
            _ if within("/api/license") => Self::License,
            _ if within("/auth") => Self::Auth,
            _ if within("/api") || within("/admin") => Self::Api,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_belong_to_families() {
        let of = |method: Method, path| Family::of(&method, path);
        assert_eq!(of(Method::POST, "/api/chat"), Some(Family::Chat));
        assert_eq!(of(Method::GET, "/api/chat"), Some(Family::Api));
        assert_eq!(of(Method::POST, "/api/chat/msg_1/cancel"), Some(Family::Api));
        assert_eq!(of(Method::POST, "/api/chatter"), Some(Family::Api));
        assert_eq!(of(Method::GET, "/assets/app.css"), None);
    }
}
