//! The table of tiers. Limits and features are data: a licence may override them.

use shared_protocol::{Tier, auth::TierLimits};

/// Limits of the tier; -1 means without limit.
pub const fn limits(tier: Tier) -> TierLimits {
    match tier {
        Tier::Community => TierLimits { users: 1, agents: 2, messages: 1_000, knowledge_bases: 3 },
        Tier::Pro => TierLimits { users: 25, agents: 20, messages: 50_000, knowledge_bases: 100 },
        Tier::Enterprise | Tier::Full => TierLimits { users: -1, agents: -1, messages: -1, knowledge_bases: -1 },
    }
}

/// Features with the lowest tier that has them.
const FEATURES: [(&str, Tier); 14] = [
    ("automations", Tier::Pro),
    ("webpages", Tier::Pro),
    ("meeting_notes", Tier::Pro),
    ("voice", Tier::Pro),
    ("skills", Tier::Pro),
    ("ticket_assistant", Tier::Pro),
    ("kb_vector", Tier::Pro),
    ("component_designer", Tier::Pro),
    ("dlp", Tier::Enterprise),
    ("gdpr_hub", Tier::Enterprise),
    ("saml_sso", Tier::Enterprise),
    ("audit_export", Tier::Enterprise),
    ("white_label", Tier::Full),
    ("license_issuance", Tier::Full),
];

/// Features of the tier.
pub fn features(tier: Tier) -> Vec<String> {
    FEATURES.iter().filter(|(_, lowest)| *lowest <= tier).map(|(name, _)| (*name).to_owned()).collect()
}
