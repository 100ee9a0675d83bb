//! Health and API information.

use serde::{Deserialize, Serialize};

use crate::{Tier, Timestamp};

/// `GET /api/health`: the process lives.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Health {
    /// Always `ok`: a process that cannot say so does not answer.
    pub status: String,
    /// The version of the running program.
    pub version: String,
    /// The tier of the whole installation.
    pub tier: Tier,
    /// The server's clock.
    pub timestamp: Timestamp,
}

/// `GET /api`: what answers here.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ApiInfo {
    /// The product's name.
    pub name: String,
    /// The version of the running program.
    pub version: String,
    /// Always `ok`.
    pub status: String,
    /// Where the human-readable API document is.
    pub docs: String,
}

/// `GET /api/health/db`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct DatabaseHealth {
    /// `ok`; a database that is away is answered with 503.
    pub status: String,
    /// `sqlite` or `postgres`.
    pub engine: String,
    /// How long a small query took, in milliseconds.
    pub latency_ms: f64,
    /// `done` or `pending`.
    pub migrations: String,
}

/// `GET /api/health/redis`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct RedisHealth {
    /// `ok`, or `disabled` when no Redis is configured; one that is away is answered with 503.
    pub status: String,
    /// How long a ping took, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latency_ms: Option<f64>,
}
