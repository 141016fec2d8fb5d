//! Keys made, found again, fetched together, destroyed; the master key.

use basics::Ids;

use super::*;

fn subject() -> SubjectId {
    SubjectId::random(&Ids::seeded(3))
}

fn open_in(folder: &Path) -> Result<Keyring, Fault> {
    Keyring::open(folder, Place::File(folder.join("keys.db")))
}

#[test]
fn a_key_is_found_again_after_reopening() {
    let folder = tempfile::tempdir().expect("a folder");
    let keyring = open_in(folder.path()).expect("a new keyring");
    let (new, key) = keyring.make(subject(), Moment::from_micros(0));
    keyring.keep(vec![new]).expect("durable");
    let sealed = key.seal(b"here", &[b"post"]);
    drop(keyring);
    let keyring = open_in(folder.path()).expect("the same keyring");
    assert_eq!(
        keyring
            .key(subject())
            .expect("its key")
            .open(b"here", &sealed)
            .as_deref(),
        Some(b"post".as_slice())
    );
}

#[test]
fn keys_that_several_want_are_fetched_together() {
    let folder = tempfile::tempdir().expect("a folder");
    let keyring = open_in(folder.path()).expect("a new keyring");
    let ids = Ids::seeded(4);
    let people: Vec<SubjectId> = (0..40).map(|_| SubjectId::random(&ids)).collect();
    let (new, made): (Vec<NewKey>, Vec<SealingKey>) = people
        .iter()
        .map(|person| keyring.make(*person, Moment::from_micros(0)))
        .unzip();
    keyring.keep(new).expect("durable");
    let stranger = SubjectId::random(&ids);
    for person in people.iter().chain([&stranger, &stranger]) {
        keyring.want(*person).expect("noted");
    }
    keyring.fetch_wanted().expect("fetched");
    let ready = keyring.ready().expect("whole");
    assert!(ready.wanted.is_empty());
    assert_eq!(ready.keys.len(), people.len());
    for (person, made) in people.iter().zip(made) {
        let (key, _) = ready.keys.peek(person).expect("ready");
        let sealed = made.seal(b"here", &[b"post"]);
        assert!(key.open(b"here", &sealed).is_some());
    }
    drop(ready);
    assert!(keyring.key(stranger).is_err());
}

/// What another process destroyed is in this one's memory no longer than it lasts, also when nobody asks for it.
#[test]
fn a_key_that_another_process_destroyed_does_not_last() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut keyring = open_in(folder.path()).expect("a new keyring");
    let ids = Ids::seeded(5);
    let [gone, idle, here] = [0; 3].map(|_| SubjectId::random(&ids));
    let make = |person| keyring.make(person, Moment::from_micros(0)).0;
    let new = [gone, idle, here].map(make);
    keyring.keep(new.into()).expect("durable");
    for person in [gone, idle, here] {
        keyring.key(person).expect("there");
    }
    // As another process does: nothing here is told.
    let destroy = |subject| {
        let (told, hear) = mpsc::channel();
        let destroyed = 0;
        let subjects = vec![subject];
        let work = Destroy {
            subjects,
            destroyed,
            told,
        };
        keyring.store.write(Box::new(work)).expect("handed over");
        assert_eq!(hear.recv().expect("answered").expect("durable"), 1);
    };
    destroy(gone);
    destroy(idle);
    assert!(keyring.key(gone).is_ok(), "a process alone need not look");
    keyring.ready.get_mut().expect("whole").lasting = Some(Duration::ZERO);
    assert!(keyring.key(gone).is_err());
    assert!(keyring.key(here).is_ok());
    let ready = keyring.ready().expect("whole");
    assert!(ready.keys.peek(&idle).is_none());
}

#[test]
fn a_first_start_that_was_cut_off_does_not_stop_the_next() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("master.new-0123"), b"cut").expect("written");
    assert!(open_in(folder.path()).is_ok());
    assert_eq!(
        fs::metadata(folder.path().join("master.key"))
            .expect("there")
            .len(),
        32
    );
}

#[test]
fn of_several_first_starts_at_once_one_makes_the_master_key() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("master.key");
    let ready = std::sync::Barrier::new(8);
    let keys: Vec<KeyBytes> = std::thread::scope(|scope| {
        let start = || {
            ready.wait();
            master_key(&path, true).expect("a key")
        };
        let starts: Vec<_> = (0..8).map(|_| scope.spawn(start)).collect();
        let ended = starts.into_iter().map(|start| start.join().expect("a key"));
        ended.collect()
    });
    let kept = fs::read(&path).expect("there");
    for key in keys {
        assert_eq!(key.as_slice(), kept);
    }
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1);
}

#[test]
fn a_missing_or_wrong_master_key_says_so() {
    let folder = tempfile::tempdir().expect("a folder");
    drop(open_in(folder.path()).expect("a new keyring"));
    let path = folder.path().join("master.key");
    fs::remove_file(&path).expect("removed");
    let missing = open_in(folder.path()).err().expect("no key").to_string();
    assert!(missing.contains("its master key is not"), "{missing}");
    fs::write(&path, [7; 32]).expect("written");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("mode");
    let wrong = open_in(folder.path()).err().expect("wrong key").to_string();
    assert!(
        wrong.contains("not the one this keyring was made with"),
        "{wrong}"
    );
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).expect("mode");
    assert!(
        open_in(folder.path())
            .err()
            .expect("open to others")
            .to_string()
            .contains("chmod 600")
    );
}
