//! A login and the end of an account in two processes at the same moment: whichever comes first, no half account is left.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Stdio};

use testkit::{ANNA, BORIS, Browser, NOW, Product};
use vault::SweepOrder;

use super::house::wait_until;
use crate::copy::{move_to, server};
use crate::ending::sweep::{DAY, months_after};

/// A transaction of another process.
struct Another(Child);

impl Another {
    /// Begins and does this; answers when it is done and not committed.
    fn begin(owner: &str, sql: &str) -> Self {
        let mut psql = cluster::asking(owner).unwrap();
        psql.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut another = Self(psql.spawn().unwrap());
        another.say(&format!("BEGIN; {sql}; SELECT 'done';"));
        let told = BufReader::new(another.0.stdout.as_mut().unwrap()).lines();
        assert!(told.map_while(Result::ok).any(|line| line == "done"));
        another
    }

    fn say(&mut self, sql: &str) {
        let mut hears = self.0.stdin.as_ref().unwrap();
        writeln!(hears, "{sql}").unwrap();
    }

    /// Commits as soon as somebody waits for it.
    async fn commit_when_awaited(mut self, owner: &str) {
        let waiting = "SELECT COUNT(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'";
        let waits = || cluster::ask(owner, waiting).unwrap() != "0";
        wait_until("somebody waits for what is not committed", waits).await;
        self.say("COMMIT;");
        drop(self.0.stdin.take());
        assert!(self.0.wait().unwrap().success());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_login_that_crosses_the_end_of_its_account_leaves_no_half_of_it() {
    let (_server, databases) = server();
    let product = Product::in_files().await;
    let owner = databases[0][1].clone();
    for person in [&ANNA, &BORIS] {
        Browser::new(&product).log_in(person).await;
    }
    move_to(&product, databases).await;
    let ask = |what: &str| cluster::ask(&owner, what).unwrap();
    let people = || {
        ["accounts", "subjects", "numbers"]
            .map(|table| ask(&format!("SELECT subject_id FROM {table}")))
    };
    assert!(product.end_account(&ANNA).await);
    let anna = ask("SELECT subject_id FROM accounts WHERE ended_at IS NOT NULL");
    assert!(product.end_account(&BORIS).await);
    product.clock().set(months_after(NOW, 60).plus(DAY));

    // The login comes first: it is under way when the sweep asks what has ended, and done when that removes it.
    let again = format!("UPDATE accounts SET ended_at = NULL WHERE subject_id = '{anna}'");
    let login = Another::begin(&owner, &again);
    let vault = product.vault();
    let order = SweepOrder::confirming(vault.today());
    let mut told = |_| {};
    let sweep = vault.sweep(order, &mut told);
    let (swept, ()) = tokio::join!(sweep, login.commit_when_awaited(&owner));
    let swept = swept.unwrap();
    assert_eq!(people(), [(); 3].map(|()| anna.clone()));
    assert_eq!(swept.tables["accounts"], 1, "{swept:?}");
    assert_eq!(swept.tables["numbers"], 1, "{swept:?}");

    // The sweep comes first: the login finds an account that it can begin again, and that is gone when it does.
    assert!(product.end_account(&ANNA).await);
    let all = ["accounts", "subjects", "numbers"].map(|table| format!("DELETE FROM {table}"));
    let sweep = Another::begin(&owner, &all.join("; "));
    let mut browser = Browser::new(&product);
    let (answer, ()) = tokio::join!(browser.log_in(&ANNA), sweep.commit_when_awaited(&owner));
    assert_eq!(answer.status, 503, "{}", answer.text());
    assert_eq!(people(), [(); 3].map(|()| String::new()));
    assert_eq!(browser.log_in(&ANNA).await.status, 200);
    let [account, subject, number] = people();
    assert!(!account.is_empty() && account == subject && account == number);

    // Or it found the number a moment before, and nothing more: no account begins that hangs on nobody.
    ask("DELETE FROM accounts");
    assert_eq!(Browser::new(&product).log_in(&ANNA).await.status, 503);
    assert_eq!(ask("SELECT COUNT(*) FROM accounts"), "0");
}
