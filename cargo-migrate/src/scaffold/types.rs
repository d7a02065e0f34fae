//! The portable types of columns.

/// A portable column type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Type {
    /// `id`: what a table's `id` is when nobody says, and so what refers to one.
    Id,
    /// `string`, `string(n)`: so many characters.
    String(Option<u16>),
    /// `text`
    Text,
    /// `int`, `integer`, `serial`: 32 bits where the database tells sizes apart.
    Integer,
    /// `bigint`, `bigserial`: 64 bits.
    BigInt,
    /// `smallint`: 16 bits.
    SmallInt,
    /// `bool`, `boolean`
    Bool,
    /// `float`: single precision where the database tells.
    Float,
    /// `double`
    Double,
    /// `decimal`, `decimal(p)`, `decimal(p,s)`: digits in all, digits behind the point.
    Decimal(Option<(u16, u16)>),
    /// `date`
    Date,
    /// `time`
    Time,
    /// `datetime`, `timestamptz`: a moment, the same one all over the world where the database
    /// knows of time zones.
    Timestamptz,
    /// `timestamp`: what a clock on some wall shows.
    Timestamp,
    /// `uuid`
    Uuid,
    /// `json`
    Json,
    /// `blob`, `binary`, `bytes`
    Blob,
    /// `enum(a|b|c)`
    Enum(Vec<String>),
}

/// PostgreSQL's limit for a label of an enum ("Enumerated Types", 8.7.4 of its manual).
const LONGEST_VARIANT: usize = 63;

/// What is wrong with a part of a column, and how to mend it.
pub(super) type Wrong = (String, Option<String>);

static TYPES: [(&str, Type); 25] = [
    ("id", Type::Id),
    ("string", Type::String(None)),
    ("text", Type::Text),
    ("int", Type::Integer),
    ("integer", Type::Integer),
    ("serial", Type::Integer),
    ("bigint", Type::BigInt),
    ("bigserial", Type::BigInt),
    ("smallint", Type::SmallInt),
    ("bool", Type::Bool),
    ("boolean", Type::Bool),
    ("float", Type::Float),
    ("double", Type::Double),
    ("decimal", Type::Decimal(None)),
    ("date", Type::Date),
    ("time", Type::Time),
    ("datetime", Type::Timestamptz),
    ("timestamp", Type::Timestamp),
    ("timestamptz", Type::Timestamptz),
    ("uuid", Type::Uuid),
    ("json", Type::Json),
    ("blob", Type::Blob),
    ("binary", Type::Blob),
    ("bytes", Type::Blob),
    ("enum", Type::Enum(Vec::new())),
];

impl Type {
    /// The type of this name, with what stands behind it in parentheses. `None` when none has the
    /// name.
    pub(super) fn parse(word: &str, argument: Option<&str>) -> Option<Result<Self, Wrong>> {
        let lower = word.to_ascii_lowercase();
        let (_, of) = TYPES.iter().find(|(name, _)| *name == lower)?;
        Some(match (of.clone(), argument) {
            (Self::Enum(_), argument) => variants(argument.unwrap_or_default()).map(Self::Enum),
            (of, None) => Ok(of),
            (Self::Decimal(_), Some(argument)) => match digits(argument) {
                Some(size) => Ok(Self::Decimal(Some(size))),
                None => Err(wrong(
                    format!("`{word}({argument})` is no size"),
                    "write `decimal(10,2)`: ten digits, two of them behind the point",
                )),
            },
            (Self::String(_), Some(argument)) => match argument.parse() {
                Ok(length @ 1..) => Ok(Self::String(Some(length))),
                _ => Err(wrong(
                    format!("`{word}({argument})` is no size"),
                    "write `string(80)`: at most 80 characters; `text` has no limit",
                )),
            },
            (_, Some(_)) => Err(wrong(
                format!("`{word}` takes no size"),
                "only `string(n)`, `decimal(digits,scale)` and `enum(a|b)` have something there",
            )),
        })
    }

    /// Every name that a type has.
    pub(super) fn names() -> impl Iterator<Item = &'static str> {
        TYPES.iter().map(|(name, _)| *name)
    }

    /// Whether it is a whole number: a key of such a type can count by itself.
    pub(super) fn is_integer(&self) -> bool {
        matches!(self, Self::Id | Self::Integer | Self::BigInt | Self::SmallInt)
    }
}

fn wrong(why: String, help: &str) -> Wrong {
    (why, Some(help.to_owned()))
}

fn digits(argument: &str) -> Option<(u16, u16)> {
    let (digits, scale) = argument.split_once(',').unwrap_or((argument, "0"));
    let (digits, scale) = (digits.trim().parse().ok()?, scale.trim().parse().ok()?);
    (digits > 0 && scale <= digits).then_some((digits, scale))
}

fn variants(argument: &str) -> Result<Vec<String>, Wrong> {
    let mut variants: Vec<String> = Vec::new();
    for variant in argument.split('|').map(str::trim) {
        let why = match variant {
            "" => "`enum` does not say which values there are".to_owned(),
            _ if variant.len() > LONGEST_VARIANT => {
                format!("`{variant}` is longer than {LONGEST_VARIANT} bytes")
            }
            _ if variants.iter().any(|other| other == variant) => {
                format!("`enum` has `{variant}` twice")
            }
            _ => {
                variants.push(variant.to_owned());
                continue;
            }
        };
        return Err(wrong(why, "write `'status:enum(draft|sent)'`, in quotes for the shell"));
    }
    Ok(variants)
}
