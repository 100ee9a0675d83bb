//! Monthly counters that are exact under concurrency.

use db::{OrgId, Tx};
use platform::{ApiError, ApiResult};
use serde_json::json;
use shared_protocol::{ErrorCode, Tier, Timestamp};

use super::{store, tiers};

/// Counts one chat turn of this month, or refuses it with `tier_limit`.
///
/// # Errors
/// 402 when the tier's messages of this month are used up.
pub async fn count_message(tx: &mut Tx, org: OrgId, tier: Tier, now: Timestamp) -> ApiResult<()> {
    let limit = tiers::limits(tier).messages;
    let month = now.datetime().format("%Y-%m").to_string();
    if store::count_message(tx, org, &month, limit).await? {
        return Ok(());
    }
    Err(ApiError::new(ErrorCode::TierLimit, "The messages of this month are used up.")
        .with_details(json!({"tier": tier, "limit": limit, "current": limit})))
}
