//! Why a login is refused. No text of the provider's is repeated.

use std::fmt;
use std::time::Duration;

use basics::Fault;

/// Why nobody is logged in.
#[derive(Clone, Debug)]
pub enum LoginRefusal {
    /// The person stopped at the provider.
    Cancelled,
    /// The answer does not belong to the attempt of this browser.
    StateMismatch,
    /// The provider has ended the session since.
    Ended,
    /// The login was less sure than the statement asks.
    LevelTooLow,
    /// The provider's answer does not hold.
    BadToken(TokenFault),
    /// The token holds no number of the installation's kind.
    NoNumber,
    /// All else: the provider is down, or refuses us.
    Fault(Fault),
}

/// What is wrong with a code or ID token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenFault {
    NoCode,
    /// Used, too old or never given.
    CodeRefused,
    /// No token, or one that is no JWT with the claims of an ID token.
    Unreadable,
    Issuer,
    Audience,
    /// Not RS256 or PS256.
    Algorithm,
    /// Signed with a key that the provider does not publish.
    UnknownKey,
    Signature,
    Expired,
    /// Issued too long ago or in the future.
    IssuedAt,
    Nonce,
    /// The login is for someone else than who logs in (`represents`), which is not offered.
    Represents,
    /// Not the token of a logout (Back-Channel Logout 1.0 §2.6).
    NoLogout,
    /// A logout of no session and no person, or without a mark of its own.
    NamesNobody,
    Other,
}

/// Why nothing is ended on the provider's word.
#[derive(Clone, Debug)]
pub enum NoticeRefusal {
    BadToken(TokenFault),
    /// The provider's keys cannot be had now.
    Fault(Fault),
}

impl LoginRefusal {
    /// By the error code in the browser's query (RFC 6749 §4.1.2.1, OpenID Connect Core §3.1.2.6).
    pub(super) fn from_callback(error: &str) -> Self {
        match error {
            "access_denied" | "login_required" | "interaction_required" | "consent_required" => {
                Self::Cancelled
            }
            "unmet_authentication_requirements" => Self::LevelTooLow,
            "server_error" | "temporarily_unavailable" => Fault::unavailable(
                "the provider cannot log anyone in now",
                Duration::from_secs(30),
            )
            .into(),
            _ => Fault::broken("the provider refuses our request to log in").into(),
        }
    }
}

impl From<Fault> for LoginRefusal {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<Fault> for NoticeRefusal {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl fmt::Display for LoginRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cancelled => f.write_str("the person stopped at the provider"),
            Self::StateMismatch => f.write_str("the answer does not belong to this attempt"),
            Self::Ended => f.write_str("the provider has ended the session since"),
            Self::LevelTooLow => f.write_str("the level of the login is too low"),
            Self::BadToken(fault) => write!(f, "the provider's answer does not hold: {fault:?}"),
            Self::NoNumber => f.write_str("the token holds no number of the right kind"),
            Self::Fault(fault) => fault.fmt(f),
        }
    }
}
impl std::error::Error for LoginRefusal {}
