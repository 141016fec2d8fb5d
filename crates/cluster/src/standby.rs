//! A standby: a second cluster that follows the first by streaming, and takes its place.

use std::time::Duration;

use crate::commands::finish;
use crate::home::{Home, random_name};
use crate::processes::wait_for;
use crate::{Cluster, Fault, Settings};

const COPY: Duration = Duration::from_secs(300);
const FOLLOW: Duration = Duration::from_secs(60);

impl Cluster {
    /// Starts a standby in a private folder, with the settings of the primary; it follows when this returns.
    /// The password is the primary's, the port its own.
    pub fn standby_of(primary: &Self) -> Result<Self, Fault> {
        let home = Home::open(None, primary.settings.durable)?;
        home.set_password(&primary.home.password()?)?;
        home.fill_data(|unfinished| {
            // A slot of its own makes the primary keep what the standby has not yet seen.
            let slot = format!("standby_{}", random_name()?);
            let mut copy = primary.client("pg_basebackup");
            copy.current_dir(home.folder())
                .args(["--wal-method=stream", "--checkpoint=fast"])
                .args(["--write-recovery-conf", "--create-slot", "--slot", &slot])
                .arg("--pgdata")
                .arg(unfinished);
            if !primary.settings.durable {
                copy.arg("--no-sync");
            }
            home.account.become_of(&mut copy);
            finish(&mut copy, COPY)
        })?;
        let settings = Settings {
            folder: None,
            ..primary.settings.clone()
        };
        let standby = Self::start_in(home, settings)?;
        // Once promoted it stands alone, whatever the primary was told to wait for.
        standby.sql("postgres", "ALTER SYSTEM RESET synchronous_standby_names")?;
        standby.sql("postgres", "SELECT pg_reload_conf()")?;
        standby.wait_until(
            "SELECT 1 FROM pg_stat_wal_receiver WHERE status = 'streaming'",
            "the standby does not follow",
        )?;
        Ok(standby)
    }

    /// From now on a commit is answered only when a standby has it on disk too: none is lost when this one is.
    /// Without a standby that follows, commits wait for one. Only a durable cluster waits for anything.
    pub fn require_standby(&self) -> Result<(), Fault> {
        if !self.settings.durable {
            return Err(Fault::new(
                "a cluster that is not durable waits for no standby",
            ));
        }
        self.sql(
            "postgres",
            "ALTER SYSTEM SET synchronous_standby_names = '*'",
        )?;
        self.sql("postgres", "SELECT pg_reload_conf()")?;
        self.wait_until(
            "SELECT 1 FROM pg_stat_replication WHERE sync_state = 'sync'",
            "no standby follows",
        )
    }

    /// Makes a standby a primary; it can be written to when this returns.
    pub fn promote(&self) -> Result<(), Fault> {
        let seconds = FOLLOW.as_secs();
        let asked = format!("SELECT pg_promote(true, {seconds})");
        match self.sql("postgres", &asked)?.as_str() {
            "t" => Ok(()),
            _ => Err(Fault::new(format!("not promoted within {FOLLOW:?}"))),
        }
    }

    fn wait_until(&self, question: &str, otherwise: &str) -> Result<(), Fault> {
        let mut answer = Ok(String::new());
        let came = wait_for(FOLLOW, || {
            answer = self.sql("postgres", question);
            !answer.as_ref().is_ok_and(String::is_empty)
        });
        answer?;
        if came {
            Ok(())
        } else {
            Err(Fault::new(format!("{otherwise} after {FOLLOW:?}")))
        }
    }
}
