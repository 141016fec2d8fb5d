//! What the letterbox tells other rooms; whoever listens does so inside the same commit.

use std::sync::Arc;

use basics::{Fault, Moment, Oin, SubjectId};
use vault::Tx;

use crate::MessageId;

/// A letter was delivered. Its person sees it from `published_at` on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrived {
    pub message: MessageId,
    pub subject: SubjectId,
    pub oin: Oin,
    pub published_at: Moment,
}

/// A person opened a letter for the first time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Read {
    pub message: MessageId,
    pub subject: SubjectId,
    pub oin: Oin,
    pub read_at: Moment,
}

/// A person chose otherwise than before whether they want post from an organisation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preferred {
    pub subject: SubjectId,
    pub oin: Oin,
    /// As it is called at that moment.
    pub name: String,
    pub wanted: bool,
    pub at: Moment,
}

/// Its Fault undoes what it listens to as well. It may touch what the activity that tells it may touch.
pub type Listener<E> = Arc<dyn Fn(&mut Tx<'_>, &E) -> Result<(), Fault> + Send + Sync>;

/// Who listens; joined where the rooms are joined.
#[derive(Clone, Default)]
pub struct Listeners {
    pub arrived: Vec<Listener<Arrived>>,
    pub read: Vec<Listener<Read>>,
    pub preferred: Vec<Listener<Preferred>>,
}

pub(crate) fn tell<E>(listeners: &[Listener<E>], tx: &mut Tx<'_>, event: &E) -> Result<(), Fault> {
    listeners
        .iter()
        .try_for_each(|listener| listener(tx, event))
}
