//! Tiers and what they allow. Tables: `usage_counters`; the tier is a column of `organisations`.

pub mod quota;
mod store;
pub mod tiers;
