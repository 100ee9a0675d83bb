//! From credential to principal.
//!
//! Order: `Authorization: Bearer`, then `X-Session-Token`, then the session cookie. The extractors
//! are the permission check: a handler that takes a [`Member`] cannot run for anybody else.
//! Tables read: `sessions`, `session_tokens`, `users`, `organisations`.

mod cache;
mod credential;
mod cross_site;
mod extract;
pub mod gate;
mod model;
pub mod renew;
mod store;

pub use cache::{Principals, REVOKED_TOPIC, listen};
pub(crate) use credential::{expired, invalid};
pub use extract::{Admin, EventSourceMember, Member, SystemAdmin};
pub use model::{Login, Principal, UserStatus};
