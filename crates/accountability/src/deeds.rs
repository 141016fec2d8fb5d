//! Rows of the log as deeds: what was done and who did it; what one request did stays together.

use std::collections::BTreeMap;

use basics::{Actor, Fault, Moment, Oin};
use statement::Entry;
use vault::{Acted, Given, Processed, ReadTx};

use crate::registers::Registers;
use crate::wanted::Wanted;

/// Rows that are looked at in one reading, so that nobody waits long for it, nor anybody else for their reader.
pub(crate) const LOOKED_AT: usize = 2_000;

/// One processing of the person's data.
#[derive(Clone, Debug)]
pub(crate) struct Deed {
    pub(crate) row: Processed,
    pub(crate) who: Who,
    /// What of it went outside.
    pub(crate) given: Vec<Given>,
}

/// Who did it: never which member of a staff.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Who {
    Yourself,
    /// Somebody who tried it under a login of their own.
    SomebodyElse,
    Organisation(Option<Oin>),
    System,
    Operator,
    Staff,
    /// The statement in force has no such line, and nobody else was noted.
    Unknown,
}

/// Deeds of some requests, the newest first.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// Together what one request did.
    pub(crate) requests: Vec<Vec<Deed>>,
    pub(crate) names: BTreeMap<Oin, String>,
    /// The row before which the next part begins, when there are more.
    pub(crate) older: Option<i64>,
    /// Until when was looked, when that was broken off.
    pub(crate) searched_to: Option<Moment>,
}

/// What the statement said of a deed when it was done: the line of the activity.
pub(crate) fn line<'r>(registers: &'r Registers, row: &Processed) -> Option<&'r Entry> {
    let register = registers.of(&row.statement_version);
    register.activity(&row.activity)
}

/// So many requests at most, before that row; of a long history what lies in its next part.
pub(crate) fn find(
    tx: &mut ReadTx<'_>,
    registers: &Registers,
    wanted: &Wanted,
    before: Option<i64>,
    count: usize,
) -> Result<Found, Fault> {
    let mut found = Found::default();
    let mut history = tx.history(wanted.begins_before(before))?;
    let mut looked_at = 0;
    let mut last: Option<Processed> = None;
    while let Some(row) = history.next(tx)? {
        if wanted.is_over_at(&row) {
            break;
        }
        if looked_at == LOOKED_AT {
            found.older = last.as_ref().map(|last| last.number);
            found.searched_to = last.map(|last| last.start);
            break;
        }
        looked_at += 1;
        last = Some(row.clone());
        if !wanted.takes_row(&row) {
            continue;
        }
        let (acted, given) = tx.acted(&row)?;
        let who = Who::of(acted, line(registers, &row));
        let deed = Deed { row, who, given };
        if !wanted.takes_who(&deed.who) {
            continue;
        }
        let is_full = found.requests.len() == count;
        match found.requests.last_mut() {
            Some(request) if request[0].row.trace == deed.row.trace => request.push(deed),
            _ if is_full => {
                found.older = found.deeds().last().map(|deed| deed.row.number);
                break;
            }
            _ => found.requests.push(vec![deed]),
        }
    }
    let oins: Vec<Oin> = found.deeds().filter_map(|deed| deed.who.oin()).collect();
    found.names = organisations::names(tx, &oins)?;
    Ok(found)
}

impl Found {
    pub(crate) fn deeds(&self) -> impl Iterator<Item = &Deed> {
        self.requests.iter().flatten()
    }
}

impl Who {
    fn of(acted: Option<Acted>, line: Option<&Entry>) -> Self {
        let Some(acted) = acted else {
            return line.map_or(Who::Unknown, Self::named_by);
        };
        match acted.role.as_str() {
            "aangesloten-organisatie" => Who::Organisation(acted.organisation),
            "systeem" => Who::System,
            "beheerder" => Who::Operator,
            "betrokkene" => Who::SomebodyElse,
            // Whoever logs in is not known before they have.
            "bezoeker" => Who::Yourself,
            _ => Who::Staff,
        }
    }

    /// Nobody was noted: the person themselves did it, or the only one whom the line names.
    fn named_by(line: &Entry) -> Self {
        match line.roles.as_slice() {
            [role] if role == Actor::System.role().name() => Who::System,
            [role] if role == Actor::Operator.role().name() => Who::Operator,
            [role] if role == "aangesloten-organisatie" => Who::Organisation(None),
            _ if line.allows_role("betrokkene") || line.allows_role("bezoeker") => Who::Yourself,
            _ => Who::Unknown,
        }
    }

    fn oin(&self) -> Option<Oin> {
        match self {
            Who::Organisation(oin) => oin.clone(),
            _ => None,
        }
    }
}
