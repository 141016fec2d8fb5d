//! What happens to a delivery in one commit: repeated or new, allowed or not, then message, receipt and key together.

use basics::{Fault, Moment, PersonNumber, Refusal as GateRefusal, SubjectId};
use letterbox::{Listeners, NewMessage};
use organisations::Organisation;
use vault::{Disclosure, ReadTx, Tx};
use web::{FieldFault, Problem};

use crate::idempotency::{self, Bound, Repeatable};
use crate::receipts::{self, Receipt};

/// A delivery with all that it needs to be taken in; its blobs are stored.
pub(crate) struct Ready {
    pub(crate) recipient: PersonNumber,
    pub(crate) message: NewMessage,
    pub(crate) received_at: Moment,
    pub(crate) repeatable: Option<Repeatable>,
    /// Stands in the way of a new message, not of the repetition of one that was in time.
    pub(crate) out_of_time: Option<FieldFault>,
}

/// What became of it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Taken {
    New(Disclosure<Receipt>),
    /// The same was delivered before: its receipt. Nothing of this request was used.
    Before(Disclosure<Receipt>),
}

/// Why not.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// The sender is blocked, or connected no longer.
    Sender,
    /// The person cannot get post from this sender here; why is not for the sender to know.
    Recipient,
    /// The key belongs to another delivery.
    KeyTaken,
    OutOfTime(FieldFault),
    Fault(Fault),
}

pub(crate) fn take_in(
    tx: &mut Tx<'_>,
    listeners: &Listeners,
    ready: &Ready,
) -> Result<Taken, Refusal> {
    let oin = &ready.message.oin;
    let sender = connected(tx, oin)?;
    if let Some(repeatable) = &ready.repeatable
        && let Some(bound) = idempotency::find(tx, oin, repeatable)?
    {
        let Bound::Same(message) = bound else {
            return Err(Refusal::KeyTaken);
        };
        let receipt = receipts::find(tx, oin, message)?
            .ok_or_else(|| Fault::broken("a key is bound to no receipt"))?;
        receipts::enter(tx, &receipt)?;
        return Ok(Taken::Before(receipts::disclose(tx, &sender, receipt)?));
    }
    if let Some(fault) = &ready.out_of_time {
        return Err(Refusal::OutOfTime(fault.clone()));
    }
    let subject = find_recipient(tx, &sender, &ready.recipient)?;

    letterbox::deliver(tx, listeners, &ready.message)?;
    let receipt = Receipt {
        message: ready.message.message,
        subject: Some(subject),
        received_at: ready.received_at,
        published_at: ready.message.published_at,
    };
    receipts::add(tx, oin, &receipt, ready.message.attachments.len())?;
    if let Some(repeatable) = &ready.repeatable {
        idempotency::bind(tx, oin, repeatable, receipt.message)?;
    }
    Ok(Taken::New(receipts::disclose(tx, &sender, receipt)?))
}

/// The organisation behind a token, as it stands at this moment.
pub(crate) fn connected(tx: &mut ReadTx<'_>, oin: &basics::Oin) -> Result<Organisation, Refusal> {
    let sender = organisations::find(tx, oin)?;
    sender
        .filter(|sender| !sender.is_blocked())
        .ok_or(Refusal::Sender)
}

/// The person, if post from this sender may come (MO-51, MO-53, CN-58).
fn find_recipient(
    tx: &mut Tx<'_>,
    sender: &Organisation,
    number: &PersonNumber,
) -> Result<SubjectId, Refusal> {
    let found = tx.find(number).map_err(|fault| match fault.refusal() {
        // What stands on a person's data is no more for the sender to know than who has an account.
        Some(GateRefusal::Standing(_)) => Refusal::Recipient,
        _ => Refusal::Fault(fault),
    })?;
    let subject = found.ok_or(Refusal::Recipient)?;
    // Both are asked before either is looked at: they travel to a server together.
    let is_activated = people::is_activated(tx);
    let wants_post = if sender.is_mandatory(tx.now()) {
        Ok(true)
    } else {
        letterbox::wants_post_from(tx, &sender.oin)
    };
    if is_activated? && wants_post? {
        Ok(subject)
    } else {
        Err(Refusal::Recipient)
    }
}

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Sender => Self::forbidden(
                "Uw aansluiting is geblokkeerd of beëindigd. Neem contact op met de beheerder.",
            ),
            Refusal::Recipient => {
                Self::forbidden("Aan deze ontvanger kan hier geen bericht van u worden afgeleverd.")
            }
            Refusal::KeyTaken => {
                Self::conflict("De Idempotency-Key is al gebruikt voor een andere aanlevering.")
            }
            Refusal::OutOfTime(fault) => Self::bad_input(vec![fault]),
            Refusal::Fault(fault) => fault.into(),
        }
    }
}
