//! Identifiers: a UUID version 7 behind a type of its own, written with a prefix on the wire.
//!
//! `conv_01jd…`: the prefix names the kind, the rest is the UUID in lower-case Crockford base 32
//! (26 characters), so that ids sort by the time of their creation.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use uuid::Uuid;

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const TEXT_LENGTH: usize = 26;

/// The text is not an id of the kind that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a valid id: it must be \"{prefix}\" followed by 26 characters")]
pub struct IdError {
    prefix: &'static str,
}

fn encode(id: Uuid, out: &mut fmt::Formatter<'_>) -> fmt::Result {
    let bits = id.as_u128();
    let mut text = [0_u8; TEXT_LENGTH];
    for (place, symbol) in text.iter_mut().rev().enumerate() {
        let index = (bits >> (5 * place)) & 31;
        *symbol = ALPHABET[usize::try_from(index).unwrap_or_default()];
    }
    out.write_str(std::str::from_utf8(&text).unwrap_or_default())
}

fn decode(text: &str) -> Option<Uuid> {
    if text.len() != TEXT_LENGTH {
        return None;
    }
    let mut bits: u128 = 0;
    for (place, symbol) in text.bytes().enumerate() {
        let value = ALPHABET.iter().position(|known| *known == symbol.to_ascii_lowercase())?;
        // 26 symbols hold 130 bits: the first may only carry the top three of 128.
        if place == 0 && value > 7 {
            return None;
        }
        bits = (bits << 5) | u128::try_from(value).ok()?;
    }
    Some(Uuid::from_u128(bits))
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(Uuid);

        impl $name {
            /// What the wire form begins with.
            pub const PREFIX: &'static str = $prefix;

            /// The error for texts that are no such id.
            pub const MALFORMED: IdError = IdError { prefix: $prefix };

            /// The UUID behind the id, as the database keeps it.
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }

        impl From<$name> for Uuid {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str($prefix)?;
                encode(self.0, out)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, out)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                text.strip_prefix($prefix).and_then(decode).map(Self).ok_or(Self::MALFORMED)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                String::deserialize(from)?.parse().map_err(D::Error::custom)
            }
        }

        #[cfg(feature = "openapi")]
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                utoipa::openapi::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .pattern(Some(concat!("^", $prefix, "[0-9a-hjkmnp-tv-z]{26}$")))
                    .into()
            }
        }

        #[cfg(feature = "openapi")]
        impl utoipa::ToSchema for $name {}
    )*};
}

ids! {
    /// A person's account.
    UserId = "u_";
    /// An organisation as named on the wire. The proof that a request may act in one is another type.
    OrganisationId = "org_";
    /// A group of people.
    GroupId = "grp_";
    /// An agent: prompt, model, tools.
    AgentId = "asst_";
    /// A conversation between a person and an agent.
    ConversationId = "conv_";
    /// One message; an assistant message's id also names its turn.
    MessageId = "msg_";
    /// One call of a tool.
    ToolCallId = "tc_";
    /// One sign-in of a person.
    SessionId = "sess_";
    /// One HTTP request, for logs and support.
    RequestId = "req_";
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_id_reads_back(bits: u128) {
            let id = MessageId::from(Uuid::from_u128(bits));
            prop_assert_eq!(id.to_string().parse::<MessageId>(), Ok(id));
        }

        #[test]
        fn order_of_texts_is_order_of_ids(a: u128, b: u128) {
            let (a, b) = (UserId::from(Uuid::from_u128(a)), UserId::from(Uuid::from_u128(b)));
            prop_assert_eq!(a.cmp(&b), a.to_string().cmp(&b.to_string()));
        }

        #[test]
        fn no_text_panics(text: String) {
            let _ = text.parse::<UserId>();
        }
    }

    #[test]
    fn another_kind_or_an_overflow_is_refused() {
        let user = UserId::from(Uuid::from_u128(7)).to_string();
        assert!(user.parse::<MessageId>().is_err());
        assert!(format!("u_{}", "z".repeat(26)).parse::<UserId>().is_err());
    }
}
