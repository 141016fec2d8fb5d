//! Everybody's rows of the log, in the order in which they came: for who passes the log on as a whole.

use std::collections::BTreeMap;

use basics::{Activity, Fault, Recipient, Refusal, Trace};
use statement::Mask;
use store::{Query, Sql};

use crate::disclosing::in_words;
use crate::door::Door;
use crate::gate::{self, Entered};
use crate::history::{LOGGED, Processed, processed};
use crate::places::EVERYBODY;
use crate::processing::Processing;
use crate::row::Row;

static CHAINS: Sql = Sql::new("SELECT DISTINCT chain FROM log_runs ORDER BY chain");
static AFTER: Sql = Sql::new(
    "SELECT log_no, trace_id, span_id, parent_span_id, foreign_trace_id, foreign_oin, status, activity, statement_version,
            start_time, end_time, subject_id
     FROM log WHERE chain = $1 AND log_no > $2 ORDER BY log_no LIMIT $3",
);

/// Whether who acts may read what the log holds, of whomever.
///
/// Errors: the refusal of the gate.
pub(crate) fn may_read<'d>(
    door: &'d Door,
    processing: &Processing,
) -> Result<(Entered<'d>, Mask), Fault> {
    let now = door.clock.now();
    let entered = gate::enter(&door.register, processing, || door.day(now))?;
    let logged = door.register.category(LOGGED);
    match logged.filter(|logged| entered.grant.reads.has(*logged)) {
        Some(logged) => Ok((entered, Mask::EMPTY.with(logged))),
        None => {
            let refusal = Refusal::Category(LOGGED.to_owned());
            Err(Fault::refused(refusal, processing.activity.to_string()))
        }
    }
}

/// Whether Postbus itself may pass on what the log holds, to this recipient: by the same question as whatever else leaves.
///
/// Errors: the refusal of the gate, or of the way out.
pub(crate) fn may_pass_on(
    door: &Door,
    activity: Activity,
    recipient: Recipient,
) -> Result<(), Fault> {
    let trace = Trace::new(&door.ids);
    let processing = Processing::upkeep(activity, trace);
    let (entered, logged) = may_read(door, &processing)?;
    let register = &door.register;
    let asked = register.may_disclose(entered.entry, recipient.0, logged, false);
    asked.map(drop).map_err(|obstacle| {
        let why = format!("{}: {}", recipient.0, in_words(obstacle, register));
        Fault::refused(Refusal::Recipient(why), activity.to_string())
    })
}

/// At most `count` rows of each chain behind the number that `after` has for it, in their order; a chain without is left out.
pub(crate) fn rows_after(
    query: &mut dyn Query,
    after: &BTreeMap<i64, i64>,
    count: i64,
) -> Result<Vec<(i64, Vec<Processed>)>, Fault> {
    let mut chains = Vec::new();
    query.query(&CHAINS, &[], &mut |row| {
        chains.push(Row { row, key: None }.int(0)?);
        Ok(())
    })?;
    query.about(Some(EVERYBODY));
    let found = chains.into_iter().map(|chain| {
        let from = after.get(&chain).copied().unwrap_or(0);
        let mut rows = Vec::new();
        query.query(
            &AFTER,
            &[chain.into(), from.into(), count.into()],
            &mut |row| {
                let row = Row { row, key: None };
                rows.push(processed(&row, row.id(11)?)?);
                Ok(())
            },
        )?;
        Ok((chain, rows))
    });
    let found: Result<Vec<_>, Fault> = found.collect();
    query.about(None);
    let mut found = found?;
    found.retain(|(_, rows)| !rows.is_empty());
    Ok(found)
}
