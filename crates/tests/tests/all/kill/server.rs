//! The real binary in a folder of its own, as an ordinary user: started, ended or killed, and asked about its log.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use reqwest::redirect::Policy;
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

pub const CLIENT_ID: &str = "postbus-onder-vuur";

/// `nobody` and `nogroup`: who the server is when this test is root.
const NOBODY: u32 = 65534;
const SIGKILL: i32 = 9;
const PATIENCE: Duration = Duration::from_secs(90);
const STATEMENT: &str = include_str!("../../../../../statements/mijnoverheid.toml");
/// Certificates that the program trusts instead of the machine's, once this file is added.
pub const TRUSTED: &str = "trusted.pem";
/// Lines of the server's log that are shown when the test fails.
const TAIL: usize = 40;

pub struct Server {
    /// Where this process is reached.
    pub base_url: String,
    /// The address that its visitors know, which all processes of an installation share.
    pub site: String,
    /// `server`, or `server-2`: the name of its configuration and of its log.
    name: String,
    process: Option<Child>,
    starts: Vec<Duration>,
    home: Arc<Home>,
}

/// The folder; a test that fails leaves it, and says where.
struct Home {
    folder: TempDir,
    is_root: bool,
}

impl Server {
    pub fn prepare(issuer: &str) -> Self {
        Self::prepare_with(issuer, "")
    }

    /// With something to add to its configuration.
    pub fn prepare_with(issuer: &str, rest: &str) -> Self {
        let home = Home::new();
        let listen = format!("127.0.0.1:{}", free_port());
        let site = format!("http://{listen}");
        home.add("mijnoverheid.toml", STATEMENT);
        home.add(
            "server.toml",
            &format!(
                "[[installation]]\nstatement = \"mijnoverheid.toml\"\nlocation = \"NL\"\ndata = \"gegevens\"\nkeys = \"sleutels\"\n\
                 listen = \"{listen}\"\nbase-url = \"{site}\"\nplain-loopback-cookies = true\n\
                 login = {{ issuer = \"{issuer}\", client-id = \"{CLIENT_ID}\" }}\n{rest}\n"
            ),
        );
        Self {
            base_url: site.clone(),
            site,
            name: "server".to_owned(),
            process: None,
            starts: Vec::new(),
            home: Arc::new(home),
        }
    }

    /// Another process of the same installation: the same folders and address, a port and a log of its own.
    pub fn another(&self) -> Self {
        self.another_with(str::to_owned)
    }

    /// The same, with something else in its configuration.
    pub fn another_with(&self, change: impl FnOnce(&str) -> String) -> Self {
        let (listen, port) = (&self.base_url["http://".len()..], free_port());
        let here = format!("127.0.0.1:{port}");
        let name = format!("server-{port}");
        let configuration =
            fs::read_to_string(self.home.path().join(format!("{}.toml", self.name)))
                .expect("it was prepared")
                .replace(
                    &format!("listen = \"{listen}\""),
                    &format!("listen = \"{here}\""),
                );
        self.home
            .add(&format!("{name}.toml"), &change(&configuration));
        Self {
            base_url: format!("http://{here}"),
            site: self.site.clone(),
            name,
            process: None,
            starts: Vec::new(),
            home: Arc::clone(&self.home),
        }
    }

    /// Adds a file that the server may read; answers its path.
    pub fn add_file(&self, name: &str, text: &str) -> String {
        self.home
            .add(name, text)
            .to_str()
            .expect("a temporary path is text")
            .to_owned()
    }

    /// Starts the server and waits until it answers.
    pub async fn start(&mut self) {
        self.start_with(&[]).await;
    }

    /// The same, with more said on the command line.
    pub async fn start_with(&mut self, more: &[&str]) {
        let began = Instant::now();
        let mut command = self.home.postbus(&self.name, &[&["serve"], more].concat());
        command
            .env("POSTBUS_LOG", "info")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(self.home.log(&self.name));
        let mut process = spawn(&mut command);
        let client = client();
        let url = format!("{}/.well-known/jwks.json", self.base_url);
        while !client
            .get(&url)
            .send()
            .await
            .is_ok_and(|answer| answer.status().is_success())
        {
            if let Some(status) = process.try_wait().expect("our own child") {
                panic!("the server ended by itself at its start: {status}");
            }
            if began.elapsed() > PATIENCE {
                self.process = Some(process);
                panic!("the server does not answer after {PATIENCE:?}");
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        self.starts.push(began.elapsed());
        self.process = Some(process);
    }

    /// Kills it with SIGKILL. It must have been alive until then.
    pub fn kill(&mut self) {
        let mut process = self.process.take().expect("it was started");
        process.kill().expect("our own child");
        let status = process.wait().expect("our own child");
        assert_eq!(
            status.signal(),
            Some(SIGKILL),
            "the server ended by itself: {status}"
        );
    }

    /// Asks it to end, as a service manager does, and waits until it has; it must end well.
    pub async fn end(&mut self) {
        self.ask_to_end();
        self.wait_for_end().await;
    }

    pub fn ask_to_end(&self) {
        let process = self.process.as_ref().expect("it was started");
        let id = Pid::from_child(process);
        kill_process(id, Signal::TERM).expect("our own child");
    }

    /// Waits until it has ended by itself, well.
    pub async fn wait_for_end(&mut self) {
        let mut process = self.process.take().expect("it was started");
        let began = Instant::now();
        let status = loop {
            if let Some(status) = process.try_wait().expect("our own child") {
                break status;
            }
            if began.elapsed() > PATIENCE {
                self.process = Some(process);
                panic!("the server does not end within {PATIENCE:?}");
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        };
        assert!(status.success(), "the server ended with {status}");
    }

    /// A start that must fail; answers what it said.
    pub fn refuses_to_start(&self) -> String {
        self.refused(&["serve"])
    }

    /// Runs a command that must fail with exit code 1; answers its words on standard error.
    pub fn refused(&self, arguments: &[&str]) -> String {
        let Output { status, stderr, .. } = self.output(arguments);
        let said = String::from_utf8_lossy(&stderr).into_owned();
        assert_eq!(status.code(), Some(1), "postbus {arguments:?}: {said}");
        said
    }

    /// Runs a command of the binary on the same folder, which must succeed; answers what it said.
    pub fn run(&self, arguments: &[&str]) -> String {
        let Output {
            status,
            stdout,
            stderr,
        } = self.output(arguments);
        let said = String::from_utf8_lossy(&stdout);
        assert!(
            status.success(),
            "postbus {arguments:?} ended with {status}:\n{said}{}",
            String::from_utf8_lossy(&stderr)
        );
        said.into_owned()
    }

    /// Runs a command that reads these words, to its end, which must be well.
    pub fn run_with(&self, arguments: &[&str], words: &str) {
        let mut child = self.begin(arguments, words);
        let began = Instant::now();
        while began.elapsed() < PATIENCE {
            if let Some(status) = child.try_wait().expect("our own child") {
                assert!(
                    status.success(),
                    "postbus {arguments:?} ended with {status}"
                );
                return;
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        child.kill().expect("our own child");
        child.wait().expect("our own child");
        panic!("postbus {arguments:?} does not end within {PATIENCE:?}");
    }

    /// Begins a command that reads these words and kills it with SIGKILL, so long after it has begun what it is for; answers
    /// whether it had not ended by itself before that.
    pub fn kill_after(
        &self,
        arguments: &[&str],
        words: &str,
        has_begun: impl Fn() -> bool,
        after: Duration,
    ) -> bool {
        let mut child = self.begin(arguments, words);
        let began = Instant::now();
        let has_ended = |child: &mut Child| child.try_wait().expect("our own child").is_some();
        while began.elapsed() < PATIENCE && !has_begun() && !has_ended(&mut child) {
            std::thread::sleep(Duration::from_micros(200));
        }
        std::thread::sleep(after);
        let was_running = !has_ended(&mut child);
        if was_running {
            child.kill().expect("our own child");
            child.wait().expect("our own child");
        }
        was_running
    }

    fn begin(&self, arguments: &[&str], words: &str) -> Child {
        let mut command = self.home.postbus(&self.name, arguments);
        command
            .stdin(Stdio::piped())
            .stdout(self.home.log(&self.name))
            .stderr(self.home.log(&self.name));
        let mut child = spawn(&mut command);
        let mut reads = child.stdin.take().expect("it is piped");
        writeln!(reads, "{words}").expect("it reads, or waits to");
        child
    }

    fn output(&self, arguments: &[&str]) -> Output {
        let mut command = self.home.postbus(&self.name, arguments);
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let child = spawn(&mut command);
        let id = Pid::from_child(&child);
        let (ended, hear) = mpsc::channel();
        // A command that does not come to its end is a failure, not a test that hangs.
        let waiting = std::thread::spawn(move || ended.send(child.wait_with_output()));
        let output = hear.recv_timeout(PATIENCE).unwrap_or_else(|_| {
            let _ = kill_process(id, Signal::KILL);
            panic!("postbus {arguments:?} does not end within {PATIENCE:?}")
        });
        waiting.join().expect("it waited").expect("we heard it");
        output.expect("our own child")
    }

    /// Its folder: `gegevens` and `sleutels` lie in it.
    pub fn path(&self) -> &Path {
        self.home.path()
    }

    /// Gives a file or folder to the user that the server is.
    pub fn give(&self, path: &Path) {
        self.home.give(path);
    }

    pub fn is_root(&self) -> bool {
        self.home.is_root
    }

    pub fn id(&self) -> u32 {
        self.process.as_ref().expect("it was started").id()
    }

    /// The lines of its own log that hold these words.
    pub fn told_of(&self, words: &str) -> Vec<String> {
        let log = self.home.read_log(&self.name);
        let lines = log.lines().filter(|line| line.contains(words));
        lines.map(str::to_owned).collect()
    }

    pub fn verify_log(&self) {
        let said = self.run(&["log", "verify"]);
        assert!(said.contains("the log is whole"), "{said}");
    }

    /// Nothing broke on the way that the answers did not tell.
    pub fn refuse_complaints(&self) {
        let log = self.home.read_log(&self.name);
        let complaint = log
            .lines()
            .find(|line| line.contains("ERROR") || line.contains("panicked"));
        assert_eq!(complaint, None, "the server's own log");
    }

    /// How long its starts took.
    pub fn told(&self) -> String {
        let mut starts = self.starts.clone();
        starts.sort_unstable();
        let median = starts.get(starts.len() / 2).copied().unwrap_or_default();
        let slowest = starts.last().copied().unwrap_or_default();
        format!(
            "{} starts, {median:.0?} in the middle, {slowest:.0?} at most",
            starts.len()
        )
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(mut process) = self.process.take() {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

impl Home {
    /// A folder of the ordinary user, with a copy of the binary: the checkout may be closed to that user.
    fn new() -> Self {
        let binary = binary();
        let folder = tempfile::Builder::new()
            .prefix("postbus-kill-")
            .tempdir()
            .expect("a temporary folder");
        let is_root = fs::metadata(folder.path()).expect("just made").uid() == 0;
        let home = Self { folder, is_root };
        home.give(home.path());
        let copy = home.path().join("postbus");
        // By another process: while this one writes to it, a child of another test would keep it from being started.
        let mut copying = Command::new("cp");
        let copied = copying.arg(binary).arg(&copy).status();
        assert!(
            copied.expect("cp").success(),
            "room for a copy of the binary"
        );
        home.give(&copy);
        home
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn add(&self, name: &str, text: &str) -> PathBuf {
        let file = self.path().join(name);
        fs::write(&file, text).expect("room for a file");
        self.give(&file);
        file
    }

    fn give(&self, path: &Path) {
        if self.is_root {
            chown(path, Some(NOBODY), Some(NOBODY)).expect("root gives away");
        }
    }

    fn postbus(&self, name: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(self.path().join("postbus"));
        command
            .args(arguments)
            .arg("--config")
            .arg(self.path().join(format!("{name}.toml")))
            .current_dir(self.path());
        let trusted = self.path().join(TRUSTED);
        if trusted.exists() {
            command.env("SSL_CERT_FILE", trusted);
        }
        if self.is_root {
            command.uid(NOBODY).gid(NOBODY);
        }
        command
    }

    fn log(&self, name: &str) -> File {
        let log = OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.path().join(format!("{name}.log")));
        log.expect("room for the server's log")
    }

    fn read_log(&self, name: &str) -> String {
        fs::read_to_string(self.path().join(format!("{name}.log"))).unwrap_or_default()
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            return;
        }
        self.folder.disable_cleanup(true);
        eprintln!("kept: {}", self.path().display());
        for log in fs::read_dir(self.path()).into_iter().flatten().flatten() {
            let path = log.path();
            if path.extension().is_some_and(|kind| kind == "log") {
                let text = fs::read_to_string(&path).unwrap_or_default();
                let lines: Vec<&str> = text.lines().collect();
                let tail = &lines[lines.len().saturating_sub(TAIL)..];
                eprintln!("the end of {}:\n{}", path.display(), tail.join("\n"));
            }
        }
    }
}

/// Another thread's fork may hold the copy open for writing at this very moment; that passes.
fn spawn(command: &mut Command) -> Child {
    for _ in 0..50 {
        match command.spawn() {
            Err(fault) if fault.kind() == ErrorKind::ExecutableFileBusy => {
                std::thread::sleep(Duration::from_millis(20))
            }
            spawned => return spawned.expect("the binary starts"),
        }
    }
    panic!("the copy of the binary stays open for writing");
}

fn binary() -> PathBuf {
    let folder = std::env::var_os("POSTBUS_BINARIES").map_or_else(beside_this_test, PathBuf::from);
    let binary = folder.join("postbus");
    assert!(
        binary.is_file(),
        "{} is not there: `cargo build --bin postbus` makes it, and so does `cargo xtask test`",
        binary.display()
    );
    binary
}

/// Tests lie in `deps` under the folder of the binaries.
fn beside_this_test() -> PathBuf {
    let test = std::env::current_exe().expect("this test has a path");
    test.ancestors()
        .nth(2)
        .expect("it lies in a folder of a folder")
        .to_owned()
}

/// Follows nothing by itself, and asks the server directly whatever proxy the environment names.
pub fn client() -> reqwest::Client {
    reqwest::Client::builder()
        .redirect(Policy::none())
        .no_proxy()
        .build()
        .expect("a client")
}

/// A port for the whole test, outside the range that the system hands out: nobody takes it while the server is down.
pub fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let first = 20_000 + (std::process::id() % 9_000) as u16;
    loop {
        let port = first + NEXT.fetch_add(1, Ordering::Relaxed);
        assert!(port < 32_000, "a free port");
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return port;
        }
    }
}
