//! Ids: UUIDs made in Rust, a type each, so that a letter's id never stands where a person's should.

use std::fmt;
use std::sync::{Arc, Mutex};

use ring::rand::{SecureRandom, SystemRandom};
use uuid::Uuid;

use crate::Moment;

/// Declares an id type over a UUID: `id!(MessageId, "a letter")`. Text form is the hyphenated lower-case UUID.
#[macro_export]
macro_rules! id {
    ($name:ident, $what:literal) => {
        #[doc = concat!("The id of ", $what, ".")]
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name($crate::uuid::Uuid);

        impl $name {
            /// A new id; sorts by the moment it was made (UUIDv7).
            pub fn new(ids: &$crate::Ids, at: $crate::Moment) -> Self {
                Self(ids.ordered(at))
            }
            pub const fn from_uuid(uuid: $crate::uuid::Uuid) -> Self {
                Self(uuid)
            }
            pub const fn uuid(self) -> $crate::uuid::Uuid {
                self.0
            }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{}", self.0.hyphenated())
            }
        }
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0.hyphenated())
            }
        }
        impl std::str::FromStr for $name {
            type Err = $crate::uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                // One spelling only: an id has one URL, one row and one log value.
                let uuid = $crate::uuid::Uuid::try_parse(text)?;
                let mut one = [0; 36];
                if uuid.hyphenated().encode_lower(&mut one) == text {
                    Ok(Self(uuid))
                } else {
                    $crate::uuid::Uuid::try_parse("").map(Self)
                }
            }
        }
    };
}

id!(
    SubjectId,
    "a person inside Postbus: random, and the only name a person has in the log"
);

impl SubjectId {
    /// A new person: random, so that it tells neither order nor moment of enrolment.
    pub fn random(ids: &Ids) -> Self {
        Self(ids.random())
    }
}

/// Where ids come from: the operating system, or a seed so that a test gets the same ids each run.
/// Secrets (keys, nonces, session tokens) never come from here.
#[derive(Clone, Default)]
pub struct Ids(Option<Arc<Mutex<u64>>>);

impl Ids {
    pub fn system() -> Self {
        Self(None)
    }

    pub fn seeded(seed: u64) -> Self {
        Self(Some(Arc::new(Mutex::new(seed))))
    }

    /// A UUIDv4.
    pub fn random(&self) -> Uuid {
        uuid::Builder::from_random_bytes(self.bytes()).into_uuid()
    }

    /// A UUIDv7 of this moment.
    pub fn ordered(&self, at: Moment) -> Uuid {
        let random: [u8; 16] = self.bytes();
        let mut tail = [0; 10];
        tail.copy_from_slice(&random[..10]);
        // The twelve bits after the milliseconds hold the microseconds, so that ids of one
        // millisecond still sort as they were made (RFC 9562 §6.2, method 3).
        let micros = at.micros().rem_euclid(1000);
        let fraction = u16::try_from(micros * 4096 / 1000).unwrap_or(0);
        tail[..2].copy_from_slice(&fraction.to_be_bytes());
        uuid::Builder::from_unix_timestamp_millis(at.millis().unsigned_abs(), &tail).into_uuid()
    }

    fn bytes(&self) -> [u8; 16] {
        let mut bytes = [0; 16];
        match &self.0 {
            None => SystemRandom::new()
                .fill(&mut bytes)
                .expect("the operating system gives random bytes"),
            Some(seed) => {
                let mut state = seed.lock().expect("no holder of the seed panics");
                for half in bytes.chunks_exact_mut(8) {
                    // splitmix64: enough to tell test ids apart.
                    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
                    let mut z = *state;
                    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
                    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
                    half.copy_from_slice(&(z ^ (z >> 31)).to_be_bytes());
                }
            }
        }
        bytes
    }
}

/// One request, from its arrival to its last log row (W3C trace context, 16 bytes).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Trace([u8; 16]);

impl Trace {
    pub fn new(ids: &Ids) -> Self {
        Self(*ids.random().as_bytes())
    }
    /// For a request that comes in at this moment: begins with it (UUIDv7), so that what it did is found by its trace alone.
    pub fn at(ids: &Ids, at: Moment) -> Self {
        Self(*ids.ordered(at).as_bytes())
    }
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }
    pub const fn bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}
impl fmt::Debug for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Trace({self})")
    }
}

/// One processing within a trace (8 bytes).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpanId([u8; 8]);

impl SpanId {
    pub fn new(ids: &Ids) -> Self {
        let mut bytes = [0; 8];
        bytes.copy_from_slice(&ids.bytes()[..8]);
        Self(bytes)
    }
    pub const fn from_bytes(bytes: [u8; 8]) -> Self {
        Self(bytes)
    }
    pub const fn bytes(&self) -> &[u8; 8] {
        &self.0
    }
}

impl fmt::Display for SpanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// A processing elsewhere, in a trace of theirs, that called for one of ours: by its own word (W3C Trace Context).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ForeignSpan {
    pub trace: Trace,
    pub span: SpanId,
}

impl ForeignSpan {
    /// Reads a header `traceparent` (§3.2): version, trace, parent and flags in lower-case hexadecimal, neither id all zero. A later
    /// version may say more behind these, and `ff` is none.
    pub fn from_traceparent(text: &str) -> Option<Self> {
        let mut parts = text.split('-');
        let [version, trace, span, flags] =
            [parts.next()?, parts.next()?, parts.next()?, parts.next()?];
        let has_more = parts.next().is_some();
        let [version] = hexadecimal(version)?;
        let trace: [u8; 16] = hexadecimal(trace)?;
        let span: [u8; 8] = hexadecimal(span)?;
        let [_] = hexadecimal(flags)?;
        let is_known = version != 0xff && (version != 0 || !has_more);
        let is_named = trace != [0; 16] && span != [0; 8];
        (is_known && is_named).then_some(Self {
            trace: Trace(trace),
            span: SpanId(span),
        })
    }
}

fn hexadecimal<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    if text.len() != 2 * N {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_form_of_the_standard_names_a_foreign_span() {
        let good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        let read = ForeignSpan::from_traceparent(good).expect("it has the form");
        assert_eq!(read.trace.to_string(), "0af7651916cd43dd8448eb211c80319c");
        assert_eq!(read.span.to_string(), "b7ad6b7169203331");
        let later = format!("01{}-more", &good[2..]);
        assert_eq!(ForeignSpan::from_traceparent(&later), Some(read));
        for broken in [
            &good[1..],
            &good.to_uppercase(),
            &format!("ff{}", &good[2..]),
            &format!("{good}-more"),
            &format!("{good}\n"),
            &good.replace("b7ad6b7169203331", "0000000000000000"),
            &good.replace("0af7651916cd43dd8448eb211c80319c", &"0".repeat(32)),
            "00-x-y-01",
            "00-é",
            "",
        ] {
            assert_eq!(ForeignSpan::from_traceparent(broken), None, "{broken:?}");
        }
    }

    #[test]
    fn ids_sort_by_moment() {
        let ids = Ids::system();
        let mut last = ids.ordered(Moment::from_micros(1_700_000_000_000_000));
        for step in 1..5_000 {
            let next = ids.ordered(Moment::from_micros(1_700_000_000_000_000 + step * 7));
            assert!(last < next, "{last} before {next}");
            last = next;
        }
    }

    #[test]
    fn an_id_has_one_spelling() {
        let id = SubjectId::random(&Ids::seeded(1));
        assert_eq!(id.to_string().parse::<SubjectId>().ok(), Some(id));
        assert!(id.to_string().to_uppercase().parse::<SubjectId>().is_err());
        assert!(id.uuid().simple().to_string().parse::<SubjectId>().is_err());
    }
}
