//! Identifiers. Each is a `UUIDv7` (RFC 9562). It is unique without coordination. Ids are sorted by time, so
//! new rows are at the end of an index.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use utoipa::ToSchema;
use uuid::Uuid;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
        )]
        #[serde(transparent)]
        #[schema(value_type = Uuid, example = "01900000-0000-7000-8000-000000000001")]
        pub struct $name(Uuid);

        impl $name {
            /// A new id. It is later than all earlier ids of this process.
            #[must_use]
            pub fn new() -> Self {
                Self(Uuid::now_v7())
            }

            /// The smallest id that can be made at this time. All ids that are made later are larger.
            #[must_use]
            pub fn earliest(at: DateTime<Utc>) -> Self {
                // RFC 9562, 5.7: the first 48 bits are milliseconds since 1970.
                let milliseconds = u128::try_from(at.timestamp_millis()).unwrap_or_default();
                Self(Uuid::from_u128(milliseconds << 80))
            }

            /// The last eight digits, for people. They are random, while the first digits encode the time.
            #[must_use]
            pub fn short(self) -> String {
                let mut digits = self.0.simple().to_string();
                digits.split_off(digits.len().saturating_sub(8))
            }

            /// The UUID, for the database and for message properties.
            #[must_use]
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self::new()
            }
        }

        impl From<Uuid> for $name {
            fn from(uuid: Uuid) -> Self {
                Self(uuid)
            }
        }

        impl From<$name> for Uuid {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::from_str(text).map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

id! {
    /// An order.
    OrderId
}
id! {
    /// One event of one order; also the `message_id` of its message.
    EventId
}
id! {
    /// A person with an account: customer or staff.
    UserId
}
id! {
    /// A product of the catalogue.
    ProductId
}
id! {
    /// A promotion of the shop.
    PromotionId
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    #[test]
    fn an_id_lies_between_the_earliest_of_its_time_and_of_a_later_time() {
        let id = OrderId::new();
        let now = Utc::now();
        assert!(OrderId::earliest(now - TimeDelta::seconds(1)) < id);
        assert!(id < OrderId::earliest(now + TimeDelta::seconds(1)));
        assert_eq!(OrderId::earliest(DateTime::<Utc>::MIN_UTC), Uuid::nil().into());
    }
}
