//! Lists that are read in pages by offset.

use serde::{Deserialize, Serialize};

/// The page size when the caller names none.
pub const DEFAULT_LIMIT: u32 = 50;
/// The largest page; a bigger wish is cut to it.
pub const MAX_LIMIT: u32 = 200;

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Page<T> {
    /// The items of this page.
    pub items: Vec<T>,
    /// How many items the whole list has.
    pub total: u64,
    /// The page size that was applied.
    pub limit: u32,
    /// How many items were skipped.
    pub offset: u32,
}
