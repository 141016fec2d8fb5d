//! The log on its way to the collector of the controller: every row at least once and in order, and no further than what the
//! collector has acknowledged. A job; where it stands lies in the database.

use std::collections::BTreeMap;
use std::time::Duration;

use basics::{Activity, Fault, Recipient, Trace};
use tokio::time::Instant;
use vault::{Processing, Sql, Vault, sql};

use crate::collector::Collector;
use crate::otlp;

/// What a statement must name for it.
pub const EXPORT_LOG: Activity = Activity("log-uitvoeren");

/// Whose collector it is, as the statement calls it.
const LOGBOOK: Recipient = Recipient("logboek");

/// Rows of a chain in one request.
const AT_ONCE: i64 = 512;
/// Other jobs wait for this one: what is left when its turn is over goes with the next.
const TURN: Duration = Duration::from_secs(10);

const EXPORTED: &Sql = sql!("SELECT chain, exported_no FROM log_exports");
const ADVANCE: &Sql = sql!(
    "INSERT INTO log_exports (chain, exported_no) VALUES ($1, $2)
     ON CONFLICT (chain) DO UPDATE SET exported_no = excluded.exported_no WHERE log_exports.exported_no < excluded.exported_no"
);

/// Passes the log of one installation on. Cheap to clone.
#[derive(Clone)]
pub struct Export {
    vault: Vault,
    collector: Collector,
    source: otlp::Source,
}

impl Export {
    /// `collector` is the address under which the collector has `/v1/traces`; `base_url` where this installation is reached.
    ///
    /// Errors: an address that is neither https nor on this machine; a statement that does not name it, or does not let the log
    /// go there.
    pub fn to(vault: Vault, collector: &str, base_url: &str) -> Result<Self, Fault> {
        if !vault.offers(EXPORT_LOG) {
            return Err(Fault::broken(format!(
                "the log has a collector but the statement names no activity {EXPORT_LOG}: nothing may leave"
            )));
        }
        let leaving = |fault: Fault| fault.while_doing("passing the log on to a collector");
        vault.may_pass_on(EXPORT_LOG, LOGBOOK).map_err(leaving)?;
        let source = otlp::Source::of(vault.register().installation(), base_url);
        Ok(Self {
            collector: Collector::at(collector)?,
            vault,
            source,
        })
    }

    /// Hands over what is there, request by request.
    ///
    /// Errors: a collector that does not answer, refuses, or takes a part only. What it acknowledged before stays so.
    pub async fn hand_over(&self) -> Result<(), Fault> {
        let mut exported = self.exported().await?;
        let began = Instant::now();
        while began.elapsed() < TURN {
            let after = exported.clone();
            let log = self.vault.log_after(EXPORT_LOG, LOGBOOK, after, AT_ONCE);
            let chains = log.await?.each();
            if chains.is_empty() {
                break;
            }
            for rows in chains {
                let Some((chain, last)) = rows.seen(|(chain, rows)| {
                    let last = rows.last()?;
                    Some((*chain, last.number))
                }) else {
                    continue;
                };
                let request = rows.map(|(_, rows)| self.source.request(&rows));
                self.collector.take(request).await?;
                self.advance(chain, last).await?;
                exported.insert(chain, last);
            }
        }
        Ok(())
    }

    async fn exported(&self) -> Result<BTreeMap<i64, i64>, Fault> {
        let read = self.vault.read(self.upkeep(), |tx| {
            tx.query(EXPORTED, &[], |row| {
                Ok::<_, Fault>((row.int(0)?, row.int(1)?))
            })
        });
        let rows: Vec<(i64, i64)> = read.await?;
        Ok(rows.into_iter().collect())
    }

    async fn advance(&self, chain: i64, to: i64) -> Result<(), Fault> {
        let advance =
            move |tx: &mut vault::Tx<'_>| tx.run(ADVANCE, &[chain.into(), to.into()]).map(drop);
        self.vault.write(self.upkeep(), advance).await
    }

    fn upkeep(&self) -> Processing {
        Processing::upkeep(EXPORT_LOG, Trace::new(self.vault.ids()))
    }
}
