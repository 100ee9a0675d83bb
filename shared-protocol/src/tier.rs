//! Licence tiers.

use serde::{Deserialize, Serialize};

/// What an organisation's licence allows, from least to most.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Tier {
    /// Without a licence.
    #[default]
    Community,
    /// Adds automations, meetings, skills, tickets.
    Pro,
    /// Adds DLP, GDPR hub, SAML, audit export.
    Enterprise,
    /// Adds white label and sub-licences.
    Full,
}

impl Tier {
    /// The name on the wire and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Community => "community",
            Self::Pro => "pro",
            Self::Enterprise => "enterprise",
            Self::Full => "full",
        }
    }

    /// The tier of that name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Community, Self::Pro, Self::Enterprise, Self::Full].into_iter().find(|tier| tier.as_str() == name)
    }
}
