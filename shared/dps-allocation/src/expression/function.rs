//! The functions: CEL's standard library and its strings extension, and points in time without calendars.

use super::kinds::Kinds;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Function {
    Bool,
    Bytes,
    CharAt,
    Contains,
    Double,
    Duration,
    Dyn,
    EndsWith,
    Format,
    HasValue,
    IndexOf,
    Int,
    Join,
    LastIndexOf,
    LowerAscii,
    Matches,
    Or,
    OrValue,
    Replace,
    Reverse,
    Size,
    Split,
    StartsWith,
    String,
    Substring,
    Timestamp,
    Trim,
    Type,
    UInt,
    UpperAscii,
    Value,
}

/// How a function is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// `f(a, b)`.
    Global,
    /// `a.f(b)`.
    Member,
    Either,
}

/// The parameters and the result of a function.
#[derive(Debug)]
pub(super) struct Signature {
    pub(super) name: &'static str,
    pub(super) function: Function,
    pub(super) style: Style,
    /// The arguments, the receiver first.
    pub(super) parameters: &'static [Kinds],
    /// How many of the last parameters may be left out.
    pub(super) optional: usize,
    pub(super) gives: Kinds,
}

const TEXT: Kinds = Kinds::TEXT;
const INT: Kinds = Kinds::INT;
const BOOL: Kinds = Kinds::BOOL;

macro_rules! signatures {
    ($($name:literal $function:ident $style:ident ($($parameter:expr),*) $optional:literal $gives:expr;)*) => {
        &[$(Signature {
            name: $name,
            function: Function::$function,
            style: Style::$style,
            parameters: &[$($parameter),*],
            optional: $optional,
            gives: $gives,
        }),*]
    };
}

/// Every function that an expression may call, in the order of their names.
pub(super) const SIGNATURES: &[Signature] = signatures! {
    "bool" Bool Global (BOOL.or(TEXT)) 0 BOOL;
    "bytes" Bytes Global (TEXT.or(Kinds::BYTES)) 0 Kinds::BYTES;
    "charAt" CharAt Member (TEXT, INT) 0 TEXT;
    "contains" Contains Member (TEXT, TEXT) 0 BOOL;
    "double" Double Global (Kinds::NUMBER.or(TEXT)) 0 Kinds::DOUBLE;
    "duration" Duration Global (TEXT.or(Kinds::DURATION)) 0 Kinds::DURATION;
    "dyn" Dyn Global (Kinds::ANY) 0 Kinds::ANY;
    "endsWith" EndsWith Member (TEXT, TEXT) 0 BOOL;
    "format" Format Member (TEXT, Kinds::LIST) 0 TEXT;
    "hasValue" HasValue Member (Kinds::OPTIONAL) 0 BOOL;
    "indexOf" IndexOf Member (TEXT, TEXT, INT) 1 INT;
    "int" Int Global (Kinds::NUMBER.or(TEXT).or(Kinds::TIMESTAMP)) 0 INT;
    "join" Join Member (Kinds::LIST, TEXT) 1 TEXT;
    "lastIndexOf" LastIndexOf Member (TEXT, TEXT, INT) 1 INT;
    "lowerAscii" LowerAscii Member (TEXT) 0 TEXT;
    "matches" Matches Either (TEXT, TEXT) 0 BOOL;
    "or" Or Member (Kinds::OPTIONAL, Kinds::OPTIONAL) 0 Kinds::OPTIONAL;
    "orValue" OrValue Member (Kinds::OPTIONAL, Kinds::ANY) 0 Kinds::ANY;
    "replace" Replace Member (TEXT, TEXT, TEXT, INT) 1 TEXT;
    "reverse" Reverse Member (TEXT) 0 TEXT;
    "size" Size Either (TEXT.or(Kinds::BYTES).or(Kinds::LIST).or(Kinds::MAP)) 0 INT;
    "split" Split Member (TEXT, TEXT, INT) 1 Kinds::LIST;
    "startsWith" StartsWith Member (TEXT, TEXT) 0 BOOL;
    "string" String Global (BOOL.or(Kinds::NUMBER).or(TEXT).or(Kinds::BYTES).or(Kinds::TIME)) 0 TEXT;
    "substring" Substring Member (TEXT, INT, INT) 1 TEXT;
    "timestamp" Timestamp Global (TEXT.or(INT).or(Kinds::TIMESTAMP)) 0 Kinds::TIMESTAMP;
    "trim" Trim Member (TEXT) 0 TEXT;
    "type" Type Global (Kinds::ANY) 0 Kinds::TYPE;
    "uint" UInt Global (Kinds::NUMBER.or(TEXT)) 0 Kinds::UINT;
    "upperAscii" UpperAscii Member (TEXT) 0 TEXT;
    "value" Value Member (Kinds::OPTIONAL) 0 Kinds::ANY;
};

/// The function of that name.
pub(super) fn signature(name: &str) -> Option<&'static Signature> {
    SIGNATURES.iter().find(|signature| signature.name == name)
}

impl Function {
    pub(super) fn as_str(self) -> &'static str {
        let own = SIGNATURES.iter().find(|it| it.function == self);
        own.map_or("", |signature| signature.name)
    }
}

/// The names of CEL's types, for comparisons such as `type(payload.n) == int`.
pub(super) const TYPES: [&str; 10] = [
    "bool",
    "bytes",
    "double",
    "int",
    "list",
    "map",
    "null_type",
    "string",
    "type",
    "uint",
];
