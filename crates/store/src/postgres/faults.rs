//! This engine's errors as Faults. What it says of values stays out: they may be somebody's.

use ::postgres::Error;
use ::postgres::error::{DbError, Severity, SqlState};
use basics::Fault;

use super::Address;
use crate::trouble::AGAIN;

/// The server's error as a Fault: trouble that passes is Unavailable, the rest is ours.
pub(super) fn named(error: &Error) -> Fault {
    let Some(told) = error.as_db_error() else {
        return Fault::unavailable("the database server does not answer", AGAIN);
    };
    let code = told.code();
    let passing = match code.code() {
        "53100" => "the disk of the database server is full",
        "53200" => "the database server has no memory left",
        "53300" | "53400" => "the database server takes no more connections",
        "55P03" => "another program holds rows of the database locked",
        "25006" => "the database server only follows another",
        "40001" | "40P01" => "two writers were in each other's way",
        "57014" => "the database server broke a statement off",
        "58030" | "58P01" => "the database server cannot read or write a file",
        "57P01" | "57P02" | "57P03" => "the database server is stopping or starting",
        class if class.starts_with("08") => "the connection to the database server broke",
        class if class.starts_with("53") => "the database server is short of something",
        _ => return ours(told),
    };
    Fault::unavailable(format!("{passing} (SQLSTATE {})", code.code()), AGAIN)
}

/// A mistake of ours. The server's words are repeated only where they are about our text, never about a value.
fn ours(told: &DbError) -> Fault {
    let code = told.code().code();
    let mut what = format!("the database: SQLSTATE {code}");
    if code.starts_with("42") {
        what += &format!(": {}", told.message());
    }
    for (name, of) in [
        ("constraint", told.constraint()),
        ("table", told.table()),
        ("column", told.column()),
    ] {
        if let Some(of) = of {
            what += &format!(", {name} {of}");
        }
    }
    Fault::broken(what)
}

/// The client's words for a server that it was not to take, since it only follows another.
const NO_WRITES: &str = "database does not allow writes";

/// Why a server cannot be reached, with what the operator can do about it.
pub(super) fn connecting(error: &Error, address: &Address) -> Fault {
    match error.code() {
        Some(code) if *code == SqlState::INVALID_PASSWORD || code.code().starts_with("28") => {
            Fault::unavailable(
                format!(
                    "{address} does not let this user in (SQLSTATE {}): look at its name, its password and the server's pg_hba.conf",
                    code.code()
                ),
                AGAIN,
            )
        }
        Some(code) if *code == SqlState::INVALID_CATALOG_NAME => Fault::broken(format!(
            "{address}: there is no such database; make it first"
        )),
        Some(_) => named(error).while_doing(format!("connecting to {address}")),
        None if cause(error) == NO_WRITES => Fault::unavailable(
            format!(
                "{address}: no server there takes writes; start the primary, or promote its standby"
            ),
            AGAIN,
        ),
        None => Fault::unavailable(
            format!("{address} does not answer: {}", cause(error)),
            AGAIN,
        ),
    }
}

/// A server that takes connections and says nothing.
pub(super) fn silent(address: &Address) -> Fault {
    Fault::unavailable(format!("{address} does not answer: it says nothing"), AGAIN)
}

/// The innermost words of an error that is not the server's: of a socket, of TLS.
fn cause(error: &Error) -> String {
    let mut inner: &dyn std::error::Error = error;
    while let Some(deeper) = inner.source() {
        inner = deeper;
    }
    inner.to_string()
}

/// Whether the connection is of no more use: the server has ended it, or only follows another, which stays so for a connection.
pub(super) fn ends_connection(error: &Error) -> bool {
    error.code() == Some(&SqlState::READ_ONLY_SQL_TRANSACTION)
        || error.as_db_error().is_some_and(is_last)
}

/// Whether the server said no, and goes on: nothing is left of what it refused.
pub(super) fn is_refused(error: &Error) -> bool {
    error.as_db_error().is_some_and(|told| !is_last(told))
}

/// The server says nothing more on this connection.
fn is_last(told: &DbError) -> bool {
    matches!(
        told.parsed_severity(),
        Some(Severity::Fatal | Severity::Panic)
    )
}

/// Whether somebody else's commit caused it: seeing that commit, the same may succeed.
pub(super) fn met_another(error: &Error) -> bool {
    error.code().is_some_and(|code| {
        [
            SqlState::UNIQUE_VIOLATION,
            SqlState::T_R_SERIALIZATION_FAILURE,
            SqlState::T_R_DEADLOCK_DETECTED,
        ]
        .contains(code)
    })
}

/// Whether somebody else holds what was needed.
pub(super) fn met_a_lock(error: &Error) -> bool {
    error.code() == Some(&SqlState::LOCK_NOT_AVAILABLE)
}
