//! One fault of a request and where it lies, as it stands in `errors` of problem+json.

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

/// Where in a request a fault lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A JSON pointer (RFC 6901) into the body; empty for the body as a whole.
    Body(String),
    Query(&'static str),
    Header(&'static str),
    Path(&'static str),
}

/// One fault of the input. The detail is Dutch and never repeats what was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldFault {
    pub place: Place,
    pub detail: String,
}

impl FieldFault {
    pub fn body(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            place: Place::Body(pointer.into()),
            detail: detail.into(),
        }
    }
    pub fn query(name: &'static str, detail: impl Into<String>) -> Self {
        Self {
            place: Place::Query(name),
            detail: detail.into(),
        }
    }
    pub fn header(name: &'static str, detail: impl Into<String>) -> Self {
        Self {
            place: Place::Header(name),
            detail: detail.into(),
        }
    }
    pub fn path(name: &'static str, detail: impl Into<String>) -> Self {
        Self {
            place: Place::Path(name),
            detail: detail.into(),
        }
    }
}

impl Serialize for FieldFault {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (place, key, value) = match &self.place {
            Place::Body(pointer) => ("body", "pointer", pointer.as_str()),
            Place::Query(name) => ("query", "name", *name),
            Place::Header(name) => ("header", "name", *name),
            Place::Path(name) => ("path", "name", *name),
        };
        let mut members = serializer.serialize_map(Some(3))?;
        members.serialize_entry("in", place)?;
        members.serialize_entry(key, value)?;
        members.serialize_entry("detail", &self.detail)?;
        members.end()
    }
}
