//! Everybody's rows of the log, in the order in which they came: for who passes the log on as a whole.

use std::collections::BTreeMap;

use basics::{Activity, Actor, Channel, Fault, Refusal, Trace};
use store::{Query, Sql};

use crate::door::Door;
use crate::gate;
use crate::history::{LOGGED, Processed, processed};
use crate::places::EVERYBODY;
use crate::processing::{Processing, Subjects};
use crate::row::Row;

static CHAINS: Sql = Sql::new("SELECT DISTINCT chain FROM log_runs ORDER BY chain");
static AFTER: Sql = Sql::new(
    "SELECT log_no, trace_id, span_id, parent_span_id, status, activity, statement_version, start_time, end_time, subject_id
     FROM log WHERE chain = $1 AND log_no > $2 ORDER BY log_no LIMIT $3",
);

/// Whether Postbus itself may do this with what the log holds.
///
/// Errors: the refusal of the gate.
pub(crate) fn enter(door: &Door, activity: Activity) -> Result<(), Fault> {
    let processing = Processing::of(
        activity,
        Actor::System,
        Subjects::None,
        Channel::Internal,
        Trace::new(&door.ids),
    );
    let now = door.clock.now();
    let entered = gate::enter(&door.register, &processing, || door.day(now))?;
    let logged = door.register.category(LOGGED);
    if logged.is_some_and(|logged| entered.grant.reads.has(logged)) {
        return Ok(());
    }
    let refusal = Refusal::Category(LOGGED.to_owned());
    Err(Fault::refused(refusal, activity.to_string()))
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
                rows.push(processed(&row, row.id(9)?)?);
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
