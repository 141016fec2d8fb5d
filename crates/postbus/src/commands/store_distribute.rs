//! `postbus store distribute`

use std::process::ExitCode;

use basics::Fault;

use super::print;

#[derive(clap::Args)]
pub(super) struct StoreDistribute {
    /// Prints the statements; it is for an operator to run them
    #[arg(long, required = true)]
    print: bool,
}

const HEAD: &str = "\
-- Spreads the tables over the machines of a Citus cluster. Run these statements on the coordinator, as the owner of the
-- tables, after `postbus store prepare` and before the first start, while the tables are empty.
-- The test suite holds the tables to the rules of Citus, but does not run Citus: try this on a copy first.
";

impl StoreDistribute {
    pub(super) fn run(self) -> Result<ExitCode, Fault> {
        let [rows, keyring] = vault::distribution(&crate::rooms())?;
        print(format_args!(
            "{HEAD}\n-- In the database of the rows (`store`):\n{rows}\n-- In that of the keyring (`keys-store`):\n{keyring}"
        ))
    }
}
