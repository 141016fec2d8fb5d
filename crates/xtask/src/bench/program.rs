//! The program itself, as an operator runs it: how large it is, how soon it answers, how much memory it takes.

use std::error::Error;
use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use super::figures::{Figures, megabytes, millis};
use super::load;
use super::reads::look;
use super::site::Site;
use super::visits::Visit;
use super::{Options, progress};
use crate::checkout;

const STARTS: usize = 7;
const PATIENCE: Duration = Duration::from_secs(30);

/// Builds `postbus`, whichever engine it will run on.
pub fn build(figures: &mut Figures) -> Result<(), Box<dyn Error>> {
    progress("building postbus");
    checkout::finish(&mut checkout::cargo(&[
        "build",
        "--quiet",
        "--release",
        "--package",
        "postbus",
    ]))?;
    let size = fs::metadata(program())?.len();
    figures.value("size of the program", megabytes(size));
    if let Some(stripped) = stripped()? {
        figures.value("size of the program, stripped", megabytes(stripped));
    }
    Ok(())
}

fn program() -> PathBuf {
    checkout::target().join("release/postbus")
}

/// Runs it on the copy, in which these people have sessions.
pub fn run(
    options: &Options,
    copy: &Site,
    visits: &[Visit],
    figures: &mut Figures,
) -> Result<(), Box<dyn Error>> {
    let program = program();
    progress("starts");
    let address = free_address()?;
    let configuration = configure(copy, address)?;
    let mut times = Vec::new();
    for _ in 0..STARTS {
        let (running, took) = Running::start(&program, &configuration, address)?;
        times.push(took);
        running.stop()?;
    }
    times.sort_unstable();
    figures.value(
        "from start to the first page (median)",
        millis(times[STARTS / 2]),
    );

    progress("memory");
    let (running, _) = Running::start(&program, &configuration, address)?;
    figures.value("memory at rest, of its own", megabytes(running.memory()?));
    load::run(options.load(address), look(visits))?.all(200)?;
    figures.value(
        format!("memory after {:?} of inboxes, of its own", options.time()),
        megabytes(running.memory()?),
    );
    running.stop()
}

/// The size without what only a debugger reads; none when no `strip` is at hand.
fn stripped() -> Result<Option<u64>, Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let there = folder.path().join("postbus-stripped");
    let mut strip = checkout::program("strip");
    strip
        .arg("-o")
        .arg(&there)
        .arg(program())
        .stderr(Stdio::null());
    match strip.status() {
        Ok(status) if status.success() => Ok(Some(fs::metadata(there)?.len())),
        _ => Ok(None),
    }
}

fn free_address() -> std::io::Result<SocketAddr> {
    TcpListener::bind("127.0.0.1:0")?.local_addr()
}

fn configure(site: &Site, address: SocketAddr) -> Result<PathBuf, Box<dyn Error>> {
    let statement = checkout::root().join("statements/mijnoverheid.toml");
    let on_server = site.addresses().map(|[[rows, _], [keyring, _]]| {
        format!(
            "store = \"{rows}\"\nstore-location = \"NL\"\nkeys-store = \"{keyring}\"\nkeys-store-location = \"NL\"\n"
        )
    });
    let text = format!(
        "[[installation]]\nstatement = \"{}\"\nlocation = \"NL\"\ndata = \"data\"\nkeys = \"keys\"\nlisten = \"{address}\"\n\
         base-url = \"http://localhost:{}\"\nplain-loopback-cookies = true\n\
         login = {{ issuer = \"http://localhost:9\", client-id = \"bench\" }}\n{}",
        statement.display(),
        address.port(),
        on_server.unwrap_or_default()
    );
    let file = site.folder().join("postbus.toml");
    fs::write(&file, text)?;
    Ok(file)
}

/// `postbus serve`, ended when dropped.
struct Running(Child);

impl Running {
    /// Answers once the first page is there, and how long that took.
    fn start(
        program: &Path,
        configuration: &Path,
        address: SocketAddr,
    ) -> Result<(Self, Duration), Box<dyn Error>> {
        let mut command = checkout::program(program);
        command
            .args(["serve", "--config"])
            .arg(configuration)
            .stderr(Stdio::null());
        let began = Instant::now();
        let mut running = Self(command.spawn()?);
        while !answers(address) {
            if let Some(status) = running.0.try_wait()? {
                return Err(format!("postbus ended by itself: {status}").into());
            }
            if began.elapsed() > PATIENCE {
                return Err("postbus does not answer".into());
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        Ok((running, began.elapsed()))
    }

    /// Bytes that are the process's own, without what it has mapped of files.
    fn memory(&self) -> Result<u64, Box<dyn Error>> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.0.id()))?;
        let kilobytes = status
            .lines()
            .find_map(|line| line.strip_prefix("RssAnon:"))
            .and_then(|rest| rest.trim().strip_suffix(" kB"));
        let kilobytes: u64 = kilobytes.ok_or("no RssAnon")?.parse()?;
        Ok(kilobytes * 1024)
    }

    fn stop(mut self) -> Result<(), Box<dyn Error>> {
        let id = self.0.id().to_string();
        checkout::finish(checkout::program("kill").arg(id))?;
        self.0.wait()?;
        Ok(())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn answers(address: SocketAddr) -> bool {
    let Ok(mut stream) = TcpStream::connect(address) else {
        return false;
    };
    let mut heard = [0; 12];
    stream
        .write_all(b"GET /inloggen HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        .is_ok()
        && stream.read_exact(&mut heard).is_ok()
        && heard == *b"HTTP/1.1 200"
}
