//! What a runner does with its queue, beside others on the same one.

use std::sync::atomic::AtomicUsize;
use std::time::Instant;

use basics::{Clock, Ids, Moment};
use statement::Register;
use tokio::sync::Notify;
use vault::{Elsewhere, Sql, VaultSettings, sql};

use super::*;
use crate::SCHEMA;

fn vault(folder: &std::path::Path, clock: &Clock) -> Vault {
    let register = Register::parse(include_str!("../../../../statements/mijnoverheid.toml"))
        .expect("in force");
    Vault::open(VaultSettings {
        data: folder.join("data"),
        keys: folder.join("keys"),
        elsewhere: Elsewhere::on_servers(cluster::lent_to(folder).expect("a place is lent"))
            .expect("its addresses read"),
        register: Arc::new(register),
        rooms: vec![SCHEMA],
        clock: clock.clone(),
        ids: Ids::system(),
    })
    .expect("a vault")
}

#[tokio::test]
async fn a_failed_job_comes_back_and_a_done_one_does_not() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Clock::fixed(Moment::from_micros(1_795_181_400_000_000));
    let vault = vault(folder.path(), &clock);
    let tries = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&tries);
    let runner = Runner::new(vault).on("greet", move |job| {
        let first = counted.fetch_add(1, Ordering::SeqCst) == 0;
        async move {
            assert_eq!(job.payload, "42");
            if first {
                Err(Fault::broken("not yet"))
            } else {
                Ok(())
            }
        }
    });
    write(&runner.vault, |tx| {
        queue::queue(tx, "greet", "42", tx.now())
    })
    .await
    .unwrap();
    assert_eq!(runner.look().await.unwrap(), 1);
    assert_eq!(runner.look().await.unwrap(), 0, "it waits a second");
    clock.advance(Duration::from_secs(1));
    assert_eq!(runner.look().await.unwrap(), 1);
    clock.advance(Duration::from_secs(10_000));
    assert_eq!(runner.look().await.unwrap(), 0);
    assert_eq!(tries.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_job_that_panics_is_a_job_that_failed() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Clock::fixed(Moment::from_micros(1_795_181_400_000_000));
    let runner = Runner::new(vault(folder.path(), &clock)).on("trip", |job| async move {
        if job.attempts == 0 {
            panic!("a mistake");
        }
        Ok(())
    });
    write(&runner.vault, |tx| queue::queue(tx, "trip", "", tx.now()))
        .await
        .unwrap();
    assert_eq!(runner.look().await.unwrap(), 1);
    clock.advance(Duration::from_secs(1));
    assert_eq!(runner.look().await.unwrap(), 1);
    clock.advance(Duration::from_secs(9999));
    assert_eq!(runner.look().await.unwrap(), 0);
}

#[tokio::test]
async fn recurring_work_is_done_once_an_interval() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Clock::fixed(Moment::from_micros(1_795_181_400_000_000));
    let runner = Runner::new(vault(folder.path(), &clock)).every(
        Duration::from_secs(60),
        "tidy",
        |_| async { Ok(()) },
    );
    assert_eq!(runner.look().await.unwrap(), 1);
    assert_eq!(runner.look().await.unwrap(), 0);
    clock.advance(Duration::from_secs(60));
    assert_eq!(runner.look().await.unwrap(), 1);
}

#[tokio::test]
async fn work_goes_on_when_a_clock_that_ran_ahead_is_set_back() {
    let folder = tempfile::tempdir().unwrap();
    let right = Moment::from_micros(1_795_181_400_000_000);
    let clock = Clock::fixed(right.plus(Duration::from_secs(365 * 24 * 3600)));
    let vault = vault(folder.path(), &clock);
    let runner =
        Runner::new(vault.clone()).every(Duration::from_secs(60), "tidy", |_| async { Ok(()) });
    assert_eq!(runner.look().await.unwrap(), 1);
    clock.set(right);
    assert_eq!(runner.look().await.unwrap(), 1, "due at once");
    assert_eq!(runner.look().await.unwrap(), 0);
    // A job that was claimed ahead of time, by a process that is gone.
    write(&runner.vault, |tx| {
        queue::queue(tx, "claimed", "", tx.now())
    })
    .await
    .unwrap();
    let due = || vault.read(keeping_queue(&vault), queue::due);
    let job = due().await.unwrap().remove(0);
    clock.advance(Duration::from_secs(24 * 3600));
    let claimed = job.clone();
    let claimed = write(&vault, move |tx| queue::claim(tx, &claimed)).await;
    assert!(claimed.unwrap().is_some());
    clock.set(right);
    assert_eq!(due().await.unwrap(), [job]);
}

/// Two processes saw the same job due; the second comes to claim it when the first is done, or has just claimed it.
#[tokio::test]
async fn what_another_process_has_done_or_claimed_is_not_done_again() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Clock::fixed(Moment::from_micros(1_795_181_400_000_000));
    let vault = vault(folder.path(), &clock);
    let runner =
        Runner::new(vault.clone()).every(Duration::from_secs(60), "tidy", |_| async { Ok(()) });
    runner.keep_recurring().await.unwrap();
    let due = || vault.read(keeping_queue(&vault), queue::due);
    let claim = |job: Job| write(&vault, move |tx| queue::claim(tx, &job));
    let seen = due().await.unwrap().remove(0);
    assert_eq!(runner.look().await.unwrap(), 1);
    assert!(claim(seen.clone()).await.unwrap().is_none(), "it is done");

    clock.advance(Duration::from_secs(61));
    assert!(claim(seen.clone()).await.unwrap().is_some());
    // The clock of the other is a little behind.
    clock.set(clock.now().minus(Duration::from_millis(1)));
    assert_eq!(due().await.unwrap(), []);
    assert!(claim(seen).await.unwrap().is_none(), "it is claimed");
}

const CLAIMED_UNTIL: &Sql = sql!("SELECT claimed_until FROM jobs WHERE kind = $1");
const SEEN: Moment = Moment::from_micros(1_795_181_400_000_000);

/// Work that takes until it is let go; whether it was dropped before that.
#[derive(Clone, Default)]
struct Long {
    begun: Arc<AtomicUsize>,
    dropped: Arc<AtomicUsize>,
    go: Arc<Notify>,
}

struct Dropped(Arc<AtomicUsize>);

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

impl Long {
    fn on(&self, vault: &Vault) -> Runner {
        let long = self.clone();
        let mut runner =
            Runner::new(vault.clone()).every_apart(Duration::from_secs(3600), "long", move |_| {
                let long = long.clone();
                async move {
                    long.begun.fetch_add(1, Ordering::SeqCst);
                    let dropped = Dropped(Arc::clone(&long.dropped));
                    long.go.notified().await;
                    std::mem::forget(dropped);
                    Ok(())
                }
            });
        runner.renew_every = Duration::from_millis(20);
        runner
    }
}

fn count(of: &AtomicUsize) -> usize {
    of.load(Ordering::SeqCst)
}

/// Until when the long work is claimed.
async fn claimed(vault: &Vault) -> Option<i64> {
    let found = vault.read(keeping_queue(vault), |tx| {
        tx.query(CLAIMED_UNTIL, &["long".into()], |row| row.opt_int(0))
    });
    found.await.unwrap().into_iter().flatten().next()
}

async fn until<F: Future<Output = bool>>(what: &str, is_so: impl Fn() -> F) {
    let began = Instant::now();
    while !is_so().await {
        assert!(began.elapsed() < Duration::from_secs(30), "not yet: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn long_work_holds_up_no_other_keeps_its_claim_and_lets_go_at_a_stop() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Clock::fixed(SEEN);
    let vault = vault(folder.path(), &clock);
    let (long, greeted) = (Long::default(), Arc::new(AtomicUsize::new(0)));
    let greets = Arc::clone(&greeted);
    let runner = long.on(&vault).on("greet", move |_| {
        greets.fetch_add(1, Ordering::SeqCst);
        async { Ok(()) }
    });
    let (tell, stop) = watch::channel(false);
    let running = tokio::spawn(runner.run(stop));
    until("it has begun", || async { count(&long.begun) == 1 }).await;
    write(&vault, |tx| queue::queue(tx, "greet", "", tx.now()))
        .await
        .unwrap();
    until("the other is done", || async { count(&greeted) == 1 }).await;

    // Twice as long as a claim lasts by itself: it was renewed, so another leaves it alone.
    let another = Runner::new(vault.clone()).every(Duration::from_secs(3600), "long", |_| async {
        panic!("it is under way")
    });
    for _ in 0..4 {
        clock.advance(CLAIM_FOR / 2);
        let ends = clock.now().plus(CLAIM_FOR).micros();
        until("renewed", || async { claimed(&vault).await == Some(ends) }).await;
        assert_eq!(another.look().await.unwrap(), 0);
    }
    assert_eq!((count(&long.begun), count(&long.dropped)), (1, 0));

    tell.send(true).unwrap();
    let ended = tokio::time::timeout(Duration::from_secs(30), running);
    ended.await.unwrap().unwrap();
    assert_eq!(count(&long.dropped), 1);
    // Nobody has to wait for the end of its claim.
    assert_eq!(claimed(&vault).await, None);
    long.go.notify_one();
    assert_eq!(long.on(&vault).look().await.unwrap(), 1);
    assert_eq!(long.on(&vault).look().await.unwrap(), 0, "it is done");
    assert_eq!(count(&long.begun), 2);
}

#[tokio::test]
async fn a_claim_that_nobody_renews_is_anothers_when_it_ends() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Clock::fixed(SEEN);
    let vault = vault(folder.path(), &clock);
    let long = Long::default();
    let runner = long.on(&vault);
    runner.keep_recurring().await.unwrap();
    let gone = vault.read(keeping_queue(&vault), queue::due).await.unwrap();
    let gone = write(&vault, move |tx| queue::claim(tx, &gone[0]));
    let gone = gone.await.unwrap().expect("nobody has it");
    long.go.notify_one();
    clock.advance(CLAIM_FOR - Duration::from_secs(1));
    assert_eq!(runner.look().await.unwrap(), 0, "its process may live");
    clock.advance(Duration::from_secs(1));
    assert_eq!(runner.look().await.unwrap(), 1);
    // Whoever had it comes back: it is not theirs to put back, nor to renew.
    write(&vault, move |tx| {
        assert!(gone.renew(tx)?.is_none());
        gone.again(tx, tx.now(), 7)
    })
    .await
    .unwrap();
    assert_eq!(runner.look().await.unwrap(), 0);
}

#[tokio::test]
async fn whoever_loses_a_claim_ends_its_work() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Clock::fixed(SEEN);
    let vault = vault(folder.path(), &clock);
    let long = Long::default();
    let (tell, stop) = watch::channel(false);
    let running = tokio::spawn(long.on(&vault).run(stop));
    until("it has begun", || async { count(&long.begun) == 1 }).await;
    let job = Job {
        id: "long".to_owned(),
        kind: "long".to_owned(),
        payload: String::new(),
        attempts: 0,
    };
    // Another whose clock is ahead, or a process that was held for minutes.
    until("taken over", || async {
        clock.advance(2 * CLAIM_FOR);
        let job = job.clone();
        let taken = write(&vault, move |tx| queue::claim(tx, &job)).await;
        taken.unwrap().is_some()
    })
    .await;
    until("it has ended", || async { count(&long.dropped) == 1 }).await;
    assert!(claimed(&vault).await.is_some(), "that of the other");
    assert_eq!(count(&long.begun), 1);
    tell.send(true).unwrap();
    running.await.unwrap();
}
