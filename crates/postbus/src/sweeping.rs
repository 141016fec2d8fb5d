//! The sweep that runs by itself, and what the operator hears of it: figures, and nobody's.

use basics::{Fault, Stretch};
use vault::{SweepOrder, Swept, Vault};

/// Removes what has been kept for its term. By a clock that leapt nothing has ended, and it says so once; whoever was erased has
/// no term, and goes all the same.
pub(crate) async fn sweep(vault: &Vault, trouble: &Stretch) -> Result<(), Fault> {
    let statement = vault.register().installation();
    if let Some(leap) = vault.clock_leap().await? {
        if trouble.begins("clock") {
            tracing::error!(statement, "{leap}");
        }
        return vault.finish_erasures().await.map(drop);
    }
    if trouble.ends().is_some() {
        tracing::info!(
            statement,
            "the clock is believed again: what has ended is swept"
        );
    }
    let swept = vault.sweep(SweepOrder::default(), &mut |_| {}).await?;
    tell(statement, &swept);
    Ok(())
}

fn tell(statement: &str, swept: &Swept) {
    for (category, rows) in &swept.categories {
        tracing::info!(statement, category, rows, "swept");
    }
    for (ground, held) in &swept.by_ground {
        let people = held.people.len();
        tracing::info!(statement, ground, rows = held.rows, people, "kept longer");
    }
    tracing::info!(
        statement,
        rows = swept.rows(),
        files = swept.files,
        held = swept.people_held(),
        "swept, all together"
    );
}
