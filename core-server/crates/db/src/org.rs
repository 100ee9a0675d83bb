//! The proof that a request acts for an organisation.

use std::fmt;

use shared_protocol::OrganisationId;
use uuid::Uuid;

/// The organisation that the present unit of work acts for.
///
/// Nothing can be parsed into one: principal extractors and the tenancy module make it from a
/// verified credential, and the clippy configuration bans [`OrgId::vouched`] everywhere else.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct OrgId(Uuid);

impl OrgId {
    /// Vouches that the caller was verified to act for this organisation.
    pub const fn vouched(id: Uuid) -> Self {
        Self(id)
    }

    /// The value for queries.
    pub const fn uuid(self) -> Uuid {
        self.0
    }

    /// The name of the organisation on the wire.
    pub fn wire(self) -> OrganisationId {
        self.0.into()
    }
}

impl fmt::Debug for OrgId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.wire(), out)
    }
}
