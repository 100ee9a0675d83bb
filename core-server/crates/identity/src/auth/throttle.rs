//! Failed sign-ins, counted in the database so that replicas share them.
//!
//! A try is counted before the password is looked at, and taken back when it was right: tries at the same
//! time must not all pass before the first one is counted.

use std::{net::IpAddr, time::Duration};

use db::Tx;
use platform::{ApiError, ApiResult};
use sha2::{Digest as _, Sha256};
use shared_protocol::{ErrorCode, Timestamp};

use super::store;

const WINDOW: Duration = Duration::from_secs(15 * 60);
/// Failures of one account from one address before it has to wait.
const PAIR_LIMIT: i64 = 10;
/// Failures of one account from anywhere: many addresses are guessing.
const ACCOUNT_LIMIT: i64 = 100;
/// Failures from one address at whatever account: one guess for each of many accounts.
const ADDRESS_LIMIT: i64 = 100;

/// The counters of a sign-in. What they count is hashed: the account need not exist, and a mail address has
/// no business in this table.
pub(super) struct Buckets([(String, i64); 3]);

impl Buckets {
    pub(super) fn of(email: &str, address: IpAddr) -> Self {
        let bucket = |text: String, limit| (hex::encode(Sha256::digest(text.as_bytes())), limit);
        Self([
            bucket(format!("{email}\n{address}"), PAIR_LIMIT),
            bucket(format!("account\n{email}"), ACCOUNT_LIMIT),
            bucket(format!("address\n{address}"), ADDRESS_LIMIT),
        ])
    }

    /// Counts a try, or refuses it when there were too many.
    pub(super) async fn count(&self, tx: &mut Tx, now: Timestamp) -> ApiResult<()> {
        for (bucket, limit) in &self.0 {
            let (failures, ends) = store::add_failure(tx, bucket, now, now.plus(WINDOW)).await?;
            if failures > *limit {
                let wait = Timestamp::from_micros(ends).since(now);
                let words = "Too many failed attempts. Please wait before you try again.";
                return Err(ApiError::new(ErrorCode::RateLimited, words)
                    .with_retry_after(Duration::from_secs(wait.as_secs() + 1)));
            }
        }
        Ok(())
    }

    /// The password was right: the account's failures from here are forgotten, and the rest counts one less.
    pub(super) async fn clear(&self, tx: &mut Tx) -> ApiResult<()> {
        let [(pair, _), (account, _), (address, _)] = &self.0;
        store::clear_failures(tx, pair).await?;
        store::take_back_failure(tx, account).await?;
        store::take_back_failure(tx, address).await?;
        Ok(())
    }
}
