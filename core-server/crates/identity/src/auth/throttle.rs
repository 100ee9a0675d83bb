//! Failed sign-ins, counted in the database so that replicas share them.

use std::{net::IpAddr, time::Duration};

use db::Tx;
use platform::{ApiError, ApiResult};
use sha2::{Digest as _, Sha256};
use shared_protocol::{ErrorCode, Timestamp};

use super::store;

/// Failures of one account from one address before it has to wait.
const LIMIT: i64 = 10;
const WINDOW: Duration = Duration::from_secs(15 * 60);

/// The counter of an account and an address. The account is hashed: it need not exist, and a mail
/// address has no business in this table.
pub(super) fn bucket(email: &str, address: IpAddr) -> String {
    hex::encode(Sha256::digest(format!("{email}\n{address}").as_bytes()))
}

/// Refuses an address that failed too often.
pub(super) async fn check(tx: &mut Tx, bucket: &str, now: Timestamp) -> ApiResult<()> {
    match store::failures(tx, bucket, now).await? {
        Some((failures, ends)) if failures >= LIMIT => {
            let wait = Timestamp::from_micros(ends).since(now);
            Err(ApiError::new(ErrorCode::RateLimited, "Too many failed attempts. Please wait before you try again.")
                .with_retry_after(Duration::from_secs(wait.as_secs() + 1)))
        }
        _ => Ok(()),
    }
}

/// Counts a failure.
pub(super) async fn failed(tx: &mut Tx, bucket: &str, now: Timestamp) -> ApiResult<()> {
    Ok(store::add_failure(tx, bucket, now, now.plus(WINDOW)).await?)
}
