//! Builds the stylesheet: fetches the NL Design System packages once per lockfile, cuts them to the classes
//! that `src/classes.txt` offers, adds `src/postbus.css`, and names the result by its hash.

mod cut;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, exit};
use std::{env, fs};

/// Theme first, so that our own sheet, which comes last, may change its tokens.
const THEME: &str = "@nl-design-system-unstable/voorbeeld-design-tokens/dist/variables.css";
const COMPONENTS: [&str; 6] = [
    "@nl-design-system-candidate/heading-css/dist/heading.css",
    "@nl-design-system-candidate/paragraph-css/dist/paragraph.css",
    "@nl-design-system-candidate/link-css/dist/link.css",
    "@nl-design-system-candidate/button-css/dist/button.css",
    "@nl-design-system-candidate/skip-link-css/dist/skip-link.css",
    "@nl-design-system-candidate/data-badge-css/dist/data-badge.css",
];

fn main() {
    if let Err(what) = build() {
        for line in what.lines() {
            println!("cargo::error={line}");
        }
        exit(1);
    }
}

fn build() -> Result<(), String> {
    for input in [
        "build",
        "package.json",
        "package-lock.json",
        "src/classes.txt",
        "src/postbus.css",
        "assets/logo.svg",
    ] {
        println!("cargo::rerun-if-changed={input}");
    }
    let out = PathBuf::from(env::var("OUT_DIR").map_err(|_| "cargo sets OUT_DIR".to_owned())?);
    let modules = fetched_packages(&out)?;

    let classes = read(Path::new("src/classes.txt"))?;
    let classes: BTreeSet<&str> = classes
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .collect();
    let mut components = String::new();
    for file in COMPONENTS {
        let sheet = cut::without_comments(&read(&modules.join(file))?);
        components.push_str(&cut::to_classes(&sheet, &classes));
    }
    let own = cut::squeeze(&cut::without_comments(&read(Path::new("src/postbus.css"))?));
    let theme = cut::without_comments(&read(&modules.join(THEME))?);
    let theme = cut::Theme::of(&theme);
    let components = theme.written_out(&components, &[&components, &own]);
    let theme = theme.used_by(&[&components, &own]);
    let sheet = format!(
        "/* NL Design System (EUPL-1.2): Candidate components, Voorbeeld tokens. */\n{theme}\n{components}\n{own}\n"
    );
    let logo = read(Path::new("assets/logo.svg"))?;

    write(&out.join("postbus.css"), &sheet)?;
    println!(
        "cargo::rustc-env=POSTBUS_STYLES_HASH={:016x}",
        fnv(sheet.as_bytes())
    );
    println!(
        "cargo::rustc-env=POSTBUS_LOGO_HASH={:016x}",
        fnv(logo.as_bytes())
    );
    Ok(())
}

/// The `node_modules` of this lockfile, in a folder of their own under the target directory.
fn fetched_packages(out: &Path) -> Result<PathBuf, String> {
    let lock = read(Path::new("package-lock.json"))?;
    let target = out
        .ancestors()
        .find(|folder| folder.join("CACHEDIR.TAG").exists())
        .or_else(|| out.ancestors().nth(3))
        .unwrap_or(out);
    let folder = target
        .join("npm")
        .join(format!("{:016x}", fnv(lock.as_bytes())));
    let modules = folder.join("node_modules");
    if modules.exists() {
        return Ok(modules);
    }

    // Filled under another name and then renamed, so that a folder with the right name is complete.
    let partial = folder.with_extension(format!("partial-{}", std::process::id()));
    fs::create_dir_all(&partial)
        .map_err(|why| format!("cannot make {}: {why}", partial.display()))?;
    for file in ["package.json", "package-lock.json"] {
        fs::copy(file, partial.join(file)).map_err(|why| format!("cannot copy {file}: {why}"))?;
    }
    let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
    let run = Command::new(npm)
        .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
        .current_dir(&partial)
        .output();
    let run = run.map_err(|why| {
        let _ = fs::remove_dir_all(&partial);
        format!(
            "The stylesheet needs Node.js 20 or later with npm; `{npm}` did not start: {why}.\n\
             Install it (Debian: `apt-get install nodejs npm`, or https://nodejs.org) and build again."
        )
    })?;
    if !run.status.success() {
        let said = String::from_utf8_lossy(&run.stderr);
        let said: Vec<&str> = said
            .lines()
            .filter(|line| line.contains("npm error") || line.contains("ERR!"))
            .take(8)
            .collect();
        let _ = fs::remove_dir_all(&partial);
        return Err(format!(
            "`npm ci` could not fetch the NL Design System packages of crates/web/package-lock.json.\n\
             It needs Node.js 20 or later and, the first time, the npm registry (or a mirror set with `npm config set registry`).\n{}",
            said.join("\n")
        ));
    }
    if let Err(why) = fs::rename(&partial, &folder) {
        // Another build may have been first; its folder is as good.
        let _ = fs::remove_dir_all(&partial);
        if !modules.exists() {
            return Err(format!(
                "cannot move the fetched packages to {}: {why}",
                folder.display()
            ));
        }
    }
    Ok(modules)
}

fn read(file: &Path) -> Result<String, String> {
    fs::read_to_string(file).map_err(|why| format!("cannot read {}: {why}", file.display()))
}

fn write(file: &Path, text: &str) -> Result<(), String> {
    fs::write(file, text).map_err(|why| format!("cannot write {}: {why}", file.display()))
}

/// FNV-1a, enough to tell one version of a file from the next.
fn fnv(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
