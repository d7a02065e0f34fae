//! PostgreSQL's enums as Rust's: the values as the migrations have them.

use std::io::Write as _;

use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::pg::{Pg, PgValue};
use diesel::serialize::{self, IsNull, Output, ToSql};

use crate::schema::sql_types::{EnumConversationMessagesRole, EnumUserSessionsStatus};

macro_rules! sql_enum {
    ($(#[$doc:meta])* $name:ident is $sql:ident { $($value:ident = $label:literal),+ }) => {
        $(#[$doc])*
        #[derive(AsExpression, Clone, Copy, Debug, FromSqlRow, PartialEq)]
        #[diesel(sql_type = $sql)]
        pub(crate) enum $name {
            $($value),+
        }

        impl $name {
            pub(crate) fn name(self) -> &'static str {
                match self { $(Self::$value => $label),+ }
            }

            pub(crate) fn named(name: &str) -> Option<Self> {
                match name { $($label => Some(Self::$value),)+ _ => None }
            }
        }

        impl ToSql<$sql, Pg> for $name {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
                out.write_all(self.name().as_bytes())?;
                Ok(IsNull::No)
            }
        }

        impl FromSql<$sql, Pg> for $name {
            fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
                let name = std::str::from_utf8(value.as_bytes())?;
                Self::named(name).ok_or_else(|| format!("`{name}` is not known").into())
            }
        }
    };
}

sql_enum! {
    /// How far an interview has come.
    Status is EnumUserSessionsStatus {
        Active = "active",
        Completed = "completed",
        Archived = "archived"
    }
}

sql_enum! {
    /// Who has said something.
    Role is EnumConversationMessagesRole {
        User = "user",
        Assistant = "assistant",
        System = "system"
    }
}
