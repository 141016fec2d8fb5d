//! The sweep: nothing before its time, nothing a day after it, and what the statement keeps for different times ends apart.

use std::collections::BTreeMap;
use std::time::Duration;

use basics::{Activity, Actor, Channel, Moment, PersonNumber, SubjectId};
use jiff::ToSpan;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::json;
use testkit::{
    ANNA, BORIS, Browser, CJIB, MIJNCN, MIJNOVERHEID, NOW, Organisation, Person, Product,
    TOESLAGEN, attachment, pdf,
};
use vault::{Processing, Standing, Subjects, SweepOrder, Swept, Whose};

use crate::data_folder::files_of;
use crate::database;

pub const DAY: Duration = Duration::from_secs(86_400);

/// Whatever the clock did: tests leap.
pub async fn sweep(product: &Product) -> Swept {
    let order = SweepOrder::confirming(product.vault().today());
    product.vault().sweep(order, &mut |_| {}).await.unwrap()
}

pub fn count(product: &Product, table: &str) -> i64 {
    database::number(product, &format!("SELECT COUNT(*) FROM {table}"))
}

/// So many months after, as the calendar of Amsterdam has them.
pub fn months_after(at: Moment, months: i64) -> Moment {
    let zoned = at.timestamp().in_tz("Europe/Amsterdam").unwrap();
    Moment::from_timestamp(zoned.checked_add(months.months()).unwrap().timestamp())
}

pub async fn with_letter(product: &Product) -> (Organisation, Browser, String) {
    let sender = Organisation::connect(product, 1, "Waterschap Vallei").await;
    let mut browser = Browser::new(product);
    browser.log_in(&ANNA).await;
    let mut letter = sender.letter_to(&ANNA);
    letter["bijlagen"] = json!([attachment("a.pdf", &pdf("a"))]);
    let id = sender.delivered(&letter).await;
    browser.get(&format!("/berichten/{id}")).await;
    (sender, browser, id)
}

#[tokio::test]
async fn mo_64_mo_67_a_letter_goes_with_all_that_hangs_on_it_when_its_five_years_are_over_and_not_before()
 {
    let product = Product::mijnoverheid().await;
    let (_sender, _browser, _) = with_letter(&product).await;
    let end = months_after(NOW, 60);
    product.clock().set(end.minus(Duration::from_secs(1)));
    let trial = product
        .vault()
        .sweep(SweepOrder::trial(), &mut |_| {})
        .await
        .unwrap();
    let swept = sweep(&product).await;
    assert_eq!(trial, swept);
    assert_eq!(swept.categories.get("bericht"), None, "{swept:?}");
    assert_eq!(
        (count(&product, "messages"), count(&product, "attachments")),
        (1, 1)
    );
    product.clock().set(end.plus(DAY));
    let trial = product
        .vault()
        .sweep(SweepOrder::trial(), &mut |_| {})
        .await
        .unwrap();
    assert_eq!(count(&product, "messages"), 1, "a trial removes nothing");
    let swept = sweep(&product).await;
    assert_eq!(trial, swept);
    for table in [
        "messages",
        "bodies",
        "attachments",
        "claimed_blobs",
        "deliveries",
        "delivery_status",
    ] {
        assert_eq!(count(&product, table), 0, "{table}");
    }
    assert_eq!(
        (swept.files, files_of(&[product.data().join("blobs")]).len()),
        (1, 0)
    );
    assert_eq!(swept.categories["bericht"], 2);
    assert_eq!(sweep(&product).await.rows(), 0);
    // The person is still there, and reads in the log that this was done.
    assert_eq!(count(&product, "accounts"), 1);
    let told = "SELECT COUNT(*) FROM log WHERE activity = 'gegevens-opruimen'";
    assert!(database::number(&product, told) >= 1);
}

#[tokio::test]
async fn cn_74_cn_75_what_mijncn_keeps_for_ten_years_is_kept_for_ten_years() {
    let product = Product::mijncn().await;
    let (_sender, _browser, _) = with_letter(&product).await;
    product.clock().set(months_after(NOW, 119));
    sweep(&product).await;
    assert_eq!(count(&product, "messages"), 1);
    product.clock().set(months_after(NOW, 120).plus(DAY));
    sweep(&product).await;
    assert_eq!(count(&product, "messages"), 0);
}

fn with_states_of_eighteen_months() -> String {
    with_states_of_eighteen_months_in(MIJNOVERHEID)
}

pub fn with_states_of_eighteen_months_in(statement: &str) -> String {
    let kept = "naam = \"berichtstatus\"";
    let (before, after) = statement.split_once(kept).unwrap();
    format!("{before}{kept}{}", after.replacen("\"P5Y\"", "\"P18M\"", 1))
}

#[tokio::test]
async fn mo_66_a_state_that_ends_before_its_letter_is_emptied_and_the_letter_stays() {
    let product = Product::start(&with_states_of_eighteen_months()).await;
    let (_sender, _browser, _) = with_letter(&product).await;
    let read = "SELECT COUNT(*) FROM messages WHERE read_at IS NOT NULL";
    product.clock().set(months_after(NOW, 18).minus(DAY));
    sweep(&product).await;
    assert_eq!(database::number(&product, read), 1);
    product.clock().set(months_after(NOW, 18).plus(DAY));
    let swept = sweep(&product).await;
    assert_eq!(swept.categories.get("berichtstatus"), Some(&1), "{swept:?}");
    assert_eq!(database::number(&product, read), 0);
    assert_eq!(count(&product, "messages"), 1);
}

/// Nothing tells yet whether a procedure runs: until something does, what waits for its end is kept, with all that it goes with.
#[tokio::test]
async fn what_waits_while_something_runs_keeps_the_letter_that_it_is_part_of() {
    let kept = "naam = \"berichtstatus\"";
    let (before, after) = MIJNOVERHEID.split_once(kept).unwrap();
    let from = "vanaf = \"ontvangst\"\n";
    let waits = format!("{from}opschorting = [\"lopende-procedure\"]\n");
    let statement = format!(
        "{before}{kept}{}\n[[opschorting]]\nnaam = \"lopende-procedure\"\ntitel = {{ nl = \"Een bezwaar\", en = \"An objection\" }}\n\
         begint = {{ nl = \"Als het begint.\", en = \"When it begins.\" }}\neindigt = {{ nl = \"Na afloop.\", en = \"When it is over.\" }}\n",
        after.replacen(from, &waits, 1)
    );
    let product = Product::start(&statement).await;
    let (_sender, _browser, _) = with_letter(&product).await;
    product.clock().set(months_after(NOW, 61));
    sweep(&product).await;
    assert_eq!(count(&product, "messages"), 1);
    let why = product.vault().kept_without_end().join("; ");
    assert!(why.contains("messages: `berichtstatus`"), "{why}");
}

#[tokio::test]
async fn mo_66_a_statement_that_keeps_one_row_for_different_times_does_not_start() {
    let kept = "naam = \"bijlage\"";
    let (before, after) = MIJNOVERHEID.split_once(kept).unwrap();
    let statement = format!("{before}{kept}{}", after.replacen("\"P5Y\"", "\"P18M\"", 1));
    let started = tokio::spawn(async move { drop(Product::start(&statement).await) }).await;
    let why = started.unwrap_err().into_panic();
    let why = why.downcast_ref::<String>().unwrap();
    assert!(
        why.contains("messages holds") && why.contains("for different times"),
        "{why}"
    );
}

#[tokio::test]
async fn mo_33_cn_18_login_history_goes_eighteen_months_after_the_session_ended() {
    let product = Product::mijnoverheid().await;
    let (_sender, mut browser, _) = with_letter(&product).await;
    browser.log_out().await;
    product
        .clock()
        .set(months_after(NOW, 18).minus(Duration::from_secs(60)));
    sweep(&product).await;
    assert_eq!(count(&product, "sessions"), 1);
    product.clock().set(months_after(NOW, 18).plus(DAY));
    sweep(&product).await;
    assert_eq!(
        (
            count(&product, "sessions"),
            count(&product, "session_lookup")
        ),
        (0, 0)
    );
}

/// MO-31, CN-17: kept from the login on, whatever becomes of the session.
#[tokio::test]
async fn mo_31_cn_17_mo_66_where_a_login_came_from_goes_eighteen_months_after_it() {
    for product in [Product::mijnoverheid().await, Product::mijncn().await] {
        let mut browser = Browser::new(&product);
        browser.log_in(&ANNA).await;
        product
            .clock()
            .set(months_after(NOW, 18).minus(Duration::from_secs(60)));
        sweep(&product).await;
        assert_eq!(count(&product, "logins"), 1);
        product.clock().set(months_after(NOW, 18).plus(DAY));
        sweep(&product).await;
        assert_eq!(count(&product, "logins"), 0);
        browser.log_in(&ANNA).await;
        let page = browser.get("/gegevens").await;
        assert_eq!(page.text().matches("192.0.2.17").count(), 1);
    }
}

#[tokio::test]
async fn what_hangs_on_an_account_goes_five_years_after_the_account_ended() {
    let product = Product::mijnoverheid().await;
    let sender = Organisation::connect(&product, 1, "Waterschap Vallei").await;
    for person in [&ANNA, &BORIS] {
        product.set_preference(person, &sender.oin, false).await;
    }
    assert!(product.end_account(&ANNA).await);
    product.clock().set(months_after(NOW, 60).minus(DAY));
    sweep(&product).await;
    assert_eq!(count(&product, "accounts"), 2);
    product.clock().set(months_after(NOW, 60).plus(DAY));
    sweep(&product).await;
    for table in ["accounts", "subjects", "numbers", "preferences"] {
        assert_eq!(count(&product, table), 1, "{table}");
    }
    assert_eq!(count(&product, "account_changes"), 0);
}

/// MO-51: no post comes for an account that has ended; who logs in again has it back, and nothing of it ends.
#[tokio::test]
async fn mo_51_an_account_that_has_ended_gets_no_post_and_is_back_with_a_login() {
    let product = Product::mijnoverheid().await;
    let (sender, _browser, _) = with_letter(&product).await;
    assert!(product.end_account(&ANNA).await);
    assert_eq!(sender.deliver(&sender.letter_to(&ANNA)).await.status, 403);
    Browser::new(&product).log_in(&ANNA).await;
    sender.delivered(&sender.letter_to(&ANNA)).await;
    product.clock().set(months_after(NOW, 60).plus(DAY));
    sweep(&product).await;
    assert_eq!(count(&product, "accounts"), 1);
}

#[tokio::test]
async fn mo_72_dt_149_a_restriction_holds_what_it_stands_on() {
    let product = Product::mijnoverheid().await;
    let (_sender, _browser, _) = with_letter(&product).await;
    let subject = only_subject(&product);
    restrict(&product, subject, "bericht").await;
    product.clock().set(months_after(NOW, 60).plus(DAY));
    let swept = sweep(&product).await;
    assert_eq!(swept.held.len(), 1, "{swept:?}");
    assert_eq!(
        (count(&product, "messages"), count(&product, "bodies")),
        (1, 1)
    );
    database::change(&product, "DELETE FROM standing");
    assert!(sweep(&product).await.held.is_empty());
    assert_eq!(count(&product, "messages"), 0);
}

#[tokio::test]
async fn mo_72_dt_149_a_restriction_holds_receipts_and_those_of_others_go() {
    let product = Product::mijnoverheid().await;
    let (sender, _browser, _) = with_letter(&product).await;
    let subject = only_subject(&product);
    // More than the sweep looks at in one step: what is held is passed by.
    for _ in 0..70 {
        sender.delivered(&sender.letter_to(&ANNA)).await;
    }
    product.activate(&BORIS).await;
    sender.delivered(&sender.letter_to(&BORIS)).await;
    restrict(&product, subject, "*").await;
    product.clock().set(months_after(NOW, 60).plus(DAY));
    let swept = sweep(&product).await;
    assert_eq!(swept.held, [subject].into());
    for table in ["messages", "deliveries", "delivery_status"] {
        assert_eq!(count(&product, table), 71, "{table}");
    }
    let told = format!(
        "SELECT COUNT(*) FROM log WHERE activity = 'gegevens-opruimen' AND subject_id = '{subject}'"
    );
    assert_eq!(database::number(&product, &told), 0);
    database::change(&product, "DELETE FROM standing");
    assert!(sweep(&product).await.held.is_empty());
    for table in ["messages", "deliveries", "delivery_status"] {
        assert_eq!(count(&product, table), 0, "{table}");
    }
}

#[tokio::test]
async fn mo_72_dt_149_a_restriction_holds_what_lies_beside_the_row_that_ends() {
    let product = Product::mijnoverheid().await;
    let sender = Organisation::connect(&product, 1, "Waterschap Vallei").await;
    product.set_preference(&ANNA, &sender.oin, false).await;
    let subject = only_subject(&product);
    restrict(&product, subject, "berichtvoorkeur").await;
    assert!(product.end_account(&ANNA).await);
    product.clock().set(months_after(NOW, 60).plus(DAY));
    assert_eq!(sweep(&product).await.held, [subject].into());
    for table in ["accounts", "preferences", "standing"] {
        assert_eq!(count(&product, table), 1, "{table}");
    }
    database::change(&product, "DELETE FROM standing");
    sweep(&product).await;
    assert_eq!(count(&product, "preferences"), 0);
}

#[tokio::test]
async fn mo_72_dt_149_a_restriction_outlives_the_account_it_hangs_on() {
    let product = Product::mijnoverheid().await;
    let (_sender, _browser, _) = with_letter(&product).await;
    let subject = only_subject(&product);
    restrict(&product, subject, "bericht").await;
    assert!(product.end_account(&ANNA).await);
    for months in [60, 66] {
        product.clock().set(months_after(NOW, months).plus(DAY));
        assert_eq!(sweep(&product).await.held, [subject].into());
        for table in ["standing", "messages", "bodies"] {
            assert_eq!(count(&product, table), 1, "{table} after {months} months");
        }
    }
}

#[tokio::test]
async fn mo_72_dt_149_a_restriction_on_a_state_holds_the_letter_that_it_stands_in() {
    let product = Product::start(&with_states_of_eighteen_months()).await;
    let (_sender, _browser, _) = with_letter(&product).await;
    let subject = only_subject(&product);
    restrict(&product, subject, "berichtstatus").await;
    for months in [18, 60] {
        product.clock().set(months_after(NOW, months).plus(DAY));
        assert_eq!(sweep(&product).await.held, [subject].into());
        let read = "SELECT COUNT(*) FROM messages WHERE read_at IS NOT NULL";
        assert_eq!(database::number(&product, read), 1, "{months} months");
    }
}

fn only_subject(product: &Product) -> SubjectId {
    database::rows(product, "SELECT subject_id FROM accounts")[0][0]
        .parse()
        .unwrap()
}

pub async fn restrict(product: &Product, subject: SubjectId, scope: &'static str) {
    restrict_until(product, subject, scope, None).await;
}

pub async fn restrict_until(
    product: &Product,
    subject: SubjectId,
    scope: &'static str,
    until: Option<Moment>,
) {
    let processing = Processing::of(
        Activity("account-overbrengen"),
        Actor::Operator,
        Subjects::One(subject),
        Channel::Terminal,
        product.trace(),
    );
    let vault = product.vault();
    let limited = vault.write(processing, move |tx| {
        tx.limit(Standing::Restriction, scope, until, "zaak 1")
    });
    limited.await.unwrap();
}

#[tokio::test]
async fn the_log_ends_row_by_row_and_verify_tells_swept_from_missing() {
    let product = Product::mijnoverheid().await;
    let (_sender, _browser, _) = with_letter(&product).await;
    let old = count(&product, "log");
    product.clock().set(months_after(NOW, 59));
    let mut later = Browser::new(&product);
    later.log_in(&ANNA).await;
    let all = count(&product, "log");
    assert!(old > 2 && all > old);
    product.clock().set(months_after(NOW, 60).plus(DAY));
    sweep(&product).await;
    let rows = "SELECT COUNT(*) FROM log WHERE start_time <= ";
    assert_eq!(
        database::number(&product, &format!("{rows}{}", NOW.micros())),
        0
    );
    let found = product.vault().verify_log().await.unwrap();
    assert!(found.is_whole(), "{found:?}");
    assert_eq!(found.swept, old.unsigned_abs());
    database::change(
        &product,
        "DELETE FROM log WHERE log_no = (SELECT MIN(log_no) FROM log)",
    );
    let found = product.vault().verify_log().await.unwrap();
    assert_eq!((found.swept, found.missing.len()), (old.unsigned_abs(), 1));
}

#[tokio::test]
async fn every_table_of_people_says_from_when_it_is_kept() {
    for statement in [MIJNOVERHEID, MIJNCN, CJIB, TOESLAGEN] {
        let product = Product::start(statement).await;
        assert_eq!(product.vault().kept_without_end(), Vec::<String>::new());
    }
}

/// Whether whoever asks by their number hears what is kept of them.
async fn is_known(product: &Product, person: &Person) -> bool {
    let kind = product.vault().register().number().kind;
    let number = PersonNumber::parse(kind, product.number(person)).unwrap();
    let vault = product.vault();
    let export = vault.export(Whose::Number(number)).await;
    export.unwrap().is_some()
}

/// MO-64, CN-74: what each statement says of accounts, logins and the log comes about, and not a day before; whoever asks what is
/// kept of them is found as long as anything is.
#[tokio::test]
async fn what_each_statement_says_of_accounts_and_of_the_log_comes_about() {
    for (statement, of_log) in [
        (MIJNOVERHEID, 60),
        (MIJNCN, 120),
        (TOESLAGEN, 60),
        (CJIB, 60),
    ] {
        let product = Product::start(statement).await;
        Browser::new(&product).log_in(&ANNA).await;
        assert!(product.end_account(&ANNA).await);
        let name = product.vault().register().installation().to_owned();
        let numbers =
            |of: &[&str]| -> Vec<i64> { of.iter().map(|table| count(&product, table)).collect() };
        let of_people = ["accounts", "numbers", "sessions"];
        product.clock().set(months_after(NOW, 18).minus(DAY));
        sweep(&product).await;
        assert_eq!(numbers(&of_people), [1, 1, 1], "{name}");
        product.clock().set(months_after(NOW, 18).plus(DAY));
        sweep(&product).await;
        assert_eq!(numbers(&of_people), [1, 1, 0], "{name}");
        product.clock().set(months_after(NOW, of_log).minus(DAY));
        sweep(&product).await;
        let old = format!(
            "SELECT COUNT(*) FROM log WHERE start_time <= {}",
            NOW.micros()
        );
        assert!(database::number(&product, &old) > 0, "{name}");
        assert!(is_known(&product, &ANNA).await, "{name}");
        product.clock().set(months_after(NOW, of_log).plus(DAY));
        sweep(&product).await;
        assert_eq!(database::number(&product, &old), 0, "{name}");
        assert_eq!(numbers(&of_people), [0, 0, 0], "{name}");
        assert!(!is_known(&product, &ANNA).await, "{name}");
    }
}

/// The same statement under the next number.
fn as_next_version(statement: &str) -> String {
    let number = "versie = \"2.2\"";
    assert!(statement.contains(number));
    statement.replacen(number, "versie = \"2.3\"", 1)
}

/// MO-66: what ends from a moment that nobody tells of never does, and what was told while somebody could goes all the same.
#[tokio::test]
async fn mo_66_what_nobody_tells_the_end_of_is_listed_as_kept_for_ever() {
    let product = Product::mijnoverheid().await;
    product.activate(&ANNA).await;
    assert!(product.end_account(&ANNA).await);
    let named = "naam = \"account-beeindigen\"";
    let without = MIJNOVERHEID.replace(named, "naam = \"account-ooit-beeindigen\"");
    product.restart_under(&as_next_version(&without)).unwrap();
    let endless = product.vault().kept_without_end().join("; ");
    let why =
        "only `account-beeindigen` tells of `einde-account`, and the statement does not name it";
    for table in [
        "accounts",
        "account_changes",
        "subjects",
        "numbers",
        "preferences",
        "standing",
    ] {
        assert!(endless.contains(&format!("{table}: {why}")), "{endless}");
    }
    assert!(!endless.contains("sessions:"), "{endless}");
    product.clock().set(months_after(NOW, 60).plus(DAY));
    sweep(&product).await;
    assert_eq!(count(&product, "accounts"), 0);
}

/// MO-64: no category leaves the statement while something of it is kept, since nothing would sweep it then.
#[tokio::test]
async fn mo_64_a_version_that_leaves_a_category_out_is_refused_until_the_last_of_it_has_gone() {
    let product = Product::mijnoverheid().await;
    Browser::new(&product).log_in(&ANNA).await;
    // Under another name it is another category.
    let without = as_next_version(MIJNOVERHEID);
    let without = without.replace("\"apparaatkenmerken\"", "\"apparaatgegevens\"");
    let refused = product.restart_under(&without).unwrap_err().to_string();
    let why = "leaves out `apparaatkenmerken` (logins), of which data are still kept here";
    assert!(refused.contains(why), "{refused}");
    product.restart_under(MIJNOVERHEID).unwrap();
    product.clock().set(months_after(NOW, 18).plus(DAY));
    sweep(&product).await;
    assert_eq!(count(&product, "logins"), 0);
    product.restart_under(&without).unwrap();
}

/// DT-84: over random days of delivery and of sweeping, the rows that are there are those that a plain reckoning leaves.
#[tokio::test]
async fn dt_84_mo_67_over_random_clocks_nothing_goes_early_and_nothing_stays() {
    let product = Product::mijnoverheid().await;
    let sender = Organisation::connect(&product, 1, "Waterschap Vallei").await;
    product.activate(&ANNA).await;
    let mut runner = TestRunner::deterministic();
    let minutes =
        |runner: &mut TestRunner, most: u64| (0..most).new_tree(runner).unwrap().current();
    let mut delivered: BTreeMap<String, Moment> = BTreeMap::new();
    for _ in 0..40 {
        for _ in 0..minutes(&mut runner, 4) {
            let at = product.clock().now();
            delivered.insert(sender.delivered(&sender.letter_to(&ANNA)).await, at);
        }
        // Mostly some weeks; now and then to the minute of an end.
        let wait = minutes(&mut runner, 60 * 24 * 120);
        product.clock().advance(Duration::from_secs(60 * wait));
        if let Some(at) = delivered.values().next()
            && wait % 3 == 0
            && months_after(*at, 60) > product.clock().now()
        {
            let near = Duration::from_secs(60 * (wait % 5));
            product.clock().set(
                months_after(*at, 60)
                    .plus(near)
                    .minus(Duration::from_secs(120)),
            );
        }
        let now = product.clock().now();
        sweep(&product).await;
        let left: Vec<String> = database::rows(&product, "SELECT message_id FROM messages")
            .into_iter()
            .map(|mut row| row.remove(0))
            .collect();
        for (id, at) in &delivered {
            let end = months_after(*at, 60);
            if end > now {
                assert!(
                    left.contains(id),
                    "{id} of {at} went before {end}, at {now}"
                );
            } else if end.plus(DAY) <= now {
                assert!(
                    !left.contains(id),
                    "{id} of {at} is there after {end}, at {now}"
                );
            }
        }
        delivered.retain(|id, _| left.contains(id));
    }
}
