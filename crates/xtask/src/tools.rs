//! The programs that the tests call: the compiler for C, PostgreSQL, Node and npm, Python, a browser, Java, and the Node and
//! Python tools of tools/.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;

use cluster::Installation;

use crate::checkout::{cargo, finish, program, root, target};

/// The browser in which the gallery is looked at.
pub const CHROMIUM: &str = "chromium";
/// What runs the checker of HTML.
pub const JAVA: &str = "java";

/// What reads the linked data of the record.
const PYTHON: &str = "python3";

/// A program that must be there before anything is built.
struct Tool {
    name: &'static str,
    least: u32,
    packages: &'static [&'static str],
    elsewhere: &'static str,
    /// The version that is here, if it is.
    version: fn(&Tool) -> Option<u32>,
}

const TOOLS: [Tool; 7] = [
    Tool {
        name: "gcc",
        least: 0,
        packages: &["gcc", "libc6-dev"],
        elsewhere: "a C compiler named gcc, with the headers of libc",
        version: Tool::says,
    },
    Tool {
        name: "PostgreSQL",
        least: Installation::LEAST,
        packages: &[POSTGRESQL],
        elsewhere: "the server and its client programs, 15 or newer (https://www.postgresql.org/download); \
                    POSTBUS_POSTGRES_BIN may name their folder",
        version: |_| Installation::find().ok().map(|it| it.version()),
    },
    Tool {
        name: "node",
        least: 20,
        packages: &["nodejs"],
        elsewhere: "Node.js 20.17 or newer; Debian has it from version 13 on (https://nodejs.org/en/download)",
        version: Tool::says,
    },
    Tool {
        name: "npm",
        least: 0,
        packages: &["npm"],
        elsewhere: "npm, which comes with Node.js",
        version: Tool::says,
    },
    Tool {
        name: PYTHON,
        least: 3,
        packages: &["python3", "python3-venv"],
        elsewhere: "Python 3.11 or newer with its module venv (https://www.python.org/downloads)",
        version: |tool| tool.says().filter(|_| has_venv()),
    },
    Tool {
        name: CHROMIUM,
        least: 125,
        packages: &["chromium", "fonts-liberation"],
        elsewhere: "the browser Chromium, so that `chromium --version` answers",
        version: Tool::says,
    },
    Tool {
        name: JAVA,
        least: 17,
        packages: &["default-jre-headless"],
        elsewhere: "a Java runtime, 17 or newer, for the checker of HTML (https://adoptium.net)",
        version: Tool::says,
    },
];

/// Debian's name for the server of its version, with the client.
const POSTGRESQL: &str = "postgresql";

/// Parts of the Rust toolchain that rustup can leave out.
const COMPONENTS: [(&str, &str); 2] = [("fmt", "rustfmt"), ("clippy", "clippy")];

/// Finds every tool, installing Debian packages where that can be done; else says what to install.
/// Those for the gallery only when it is asked for.
pub fn ensure(for_gallery: bool) -> Result<(), String> {
    let missing = || -> Vec<&Tool> {
        let asked = TOOLS
            .iter()
            .filter(|tool| for_gallery || ![CHROMIUM, JAVA].contains(&tool.name));
        asked.filter(|tool| !tool.found()).collect()
    };
    if !missing().is_empty()
        && is_root_on_debian()
        && let Err(why) = install(&missing())
    {
        println!("{why}");
    }
    let mut wanted: Vec<String> = missing().iter().map(|tool| tool.advice()).collect();
    for (command, component) in COMPONENTS {
        if version_of(&mut cargo(&[command])).is_none() {
            wanted.push(format!(
                "{component}: rustup component add {component}, or the package of your system"
            ));
        }
    }
    if wanted.is_empty() {
        Ok(())
    } else {
        Err(format!(
            "please install, then run this again:\n  {}",
            wanted.join("\n  ")
        ))
    }
}

/// Installs the Node tools of tools/ once per lockfile; returns their `node_modules`.
pub fn node_modules() -> Result<PathBuf, String> {
    let source = root().join("tools");
    let lockfile = read(&source.join("package-lock.json"))?;
    let manifest = read(&source.join("package.json"))?;
    let folder = target()
        .join("tools")
        .join(key(&[&lockfile, &manifest]))
        .join("node_modules");
    let place = folder.parent().expect("it was joined just now");
    let complete = place.join("complete");
    if !complete.exists() {
        let told = |fault| format!("{}: {fault}", place.display());
        fs::create_dir_all(place).map_err(told)?;
        fs::write(place.join("package.json"), manifest).map_err(told)?;
        fs::write(place.join("package-lock.json"), lockfile).map_err(told)?;
        let flags = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"];
        finish(program("npm").current_dir(place).args(flags))?;
        fs::write(complete, "").map_err(told)?;
    }
    Ok(folder)
}

/// Makes an environment with the Python tools of tools/ once per list; returns its interpreter.
pub fn python() -> Result<PathBuf, String> {
    let list = root().join("tools").join("requirements.txt");
    let place = target()
        .join("tools")
        .join(format!("python-{}", key(&[&read(&list)?])));
    let complete = place.join("complete");
    let interpreter = place.join("bin").join("python");
    if !complete.exists() {
        let told = |fault| format!("{}: {fault}", place.display());
        finish(program(PYTHON).args(["-m", "venv", "--clear"]).arg(&place))?;
        let flags = ["--quiet", "--disable-pip-version-check", "--require-hashes"];
        let mut pip = program(interpreter.to_string_lossy().as_ref());
        pip.args(["-m", "pip", "install"]).args(flags);
        finish(pip.arg("--requirement").arg(&list))?;
        fs::write(complete, "").map_err(told)?;
    }
    Ok(interpreter)
}

/// Debian has it in a package of its own.
fn has_venv() -> bool {
    let asked = program(PYTHON)
        .args(["-c", "import ensurepip, venv"])
        .output();
    asked.is_ok_and(|output| output.status.success())
}

impl Tool {
    fn found(&self) -> bool {
        (self.version)(self).is_some_and(|version| version >= self.least)
    }

    fn says(&self) -> Option<u32> {
        version_of(&mut program(self.name))
    }

    fn advice(&self) -> String {
        let debian = self.packages.join(" ");
        match (self.version)(self) {
            Some(version) => format!(
                "{}: version {version} is here, {} or newer is needed: {}",
                self.name, self.least, self.elsewhere
            ),
            None => format!(
                "{}: {} (Debian: apt-get install {debian})",
                self.name, self.elsewhere
            ),
        }
    }
}

fn version_of(command: &mut Command) -> Option<u32> {
    let output = command.arg("--version").output().ok()?;
    output
        .status
        .success()
        .then(|| major(&String::from_utf8_lossy(&output.stdout)))
}

/// The first number in the text, 0 when there is none: `v20.1.0` is 20.
fn major(text: &str) -> u32 {
    text.split(|c: char| !c.is_ascii_digit())
        .find_map(|digits| digits.parse().ok())
        .unwrap_or(0)
}

fn is_root_on_debian() -> bool {
    let id = program("id").arg("-u").output();
    let root = id.is_ok_and(|output| output.stdout.trim_ascii() == b"0");
    let release = fs::read_to_string("/etc/os-release").unwrap_or_default();
    root && release.lines().any(|line| line == "ID=debian")
}

fn install(tools: &[&Tool]) -> Result<(), String> {
    let packages = tools.iter().flat_map(|tool| tool.packages);
    let packages: Vec<&str> = packages.copied().collect();
    if packages.contains(&POSTGRESQL) {
        refuse_main_cluster(Path::new("/etc/postgresql-common/createcluster.conf"))?;
    }
    finish(apt_get().arg("update"))?;
    let flags = ["install", "--yes", "--no-install-recommends"];
    finish(apt_get().args(flags).args(packages))
}

/// Debian's package makes a cluster for the whole machine and starts it, unless this file says otherwise. The tests have
/// their own; a file that is there already is the machine's own choice.
fn refuse_main_cluster(file: &Path) -> Result<(), String> {
    if file.exists() {
        return Ok(());
    }
    let told = |fault| format!("{}: {fault}", file.display());
    let folder = file.parent().expect("it lies in a folder");
    fs::create_dir_all(folder).map_err(told)?;
    let text = "# Written by `cargo xtask test`, which starts clusters of its own.\ncreate_main_cluster = false\n";
    fs::write(file, text).map_err(told)
}

/// It asks nothing, and leaves the settings that are there as they are.
fn apt_get() -> Command {
    let mut command = program("apt-get");
    command
        .arg("-q")
        .env("DEBIAN_FRONTEND", "noninteractive")
        .env("UCF_FORCE_CONFFOLD", "1");
    command
}

fn key(texts: &[&str]) -> String {
    let mut hasher = DefaultHasher::new();
    texts.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|fault| format!("{}: {fault}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_is_the_first_number() {
        assert_eq!(major("v20.20.2\n"), 20);
        assert_eq!(major("rustfmt 1.9.0-stable"), 1);
        assert_eq!(major("no number"), 0);
    }

    #[test]
    fn an_absent_program_is_missed_and_named() {
        let tool = Tool {
            name: "no-such-program-here",
            least: 3,
            packages: &["such"],
            elsewhere: "such a program",
            version: Tool::says,
        };
        assert!(!tool.found());
        assert_eq!(
            tool.advice(),
            "no-such-program-here: such a program (Debian: apt-get install such)"
        );
    }

    #[test]
    fn an_old_version_is_not_found_and_told() {
        let tool = Tool {
            name: "PostgreSQL",
            least: 15,
            packages: &["postgresql"],
            elsewhere: "a newer one",
            version: |_| Some(13),
        };
        assert!(!tool.found());
        assert_eq!(
            tool.advice(),
            "PostgreSQL: version 13 is here, 15 or newer is needed: a newer one"
        );
    }

    #[test]
    fn the_cluster_of_the_machine_is_refused_unless_it_has_a_say_already() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("new/createcluster.conf");
        refuse_main_cluster(&file).unwrap();
        let written = fs::read_to_string(&file).unwrap();
        assert!(written.contains("\ncreate_main_cluster = false\n"));
        fs::write(&file, "its own").unwrap();
        refuse_main_cluster(&file).unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "its own");
    }

    #[test]
    fn another_lockfile_is_another_folder() {
        assert_ne!(key(&["a", "b"]), key(&["a", "c"]));
        assert_eq!(key(&["a", "b"]), key(&["a", "b"]));
    }
}
