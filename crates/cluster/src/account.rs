//! Who the server is: oneself, or an ordinary user when that is root, for PostgreSQL refuses to be root.

use std::fs::{self, Metadata};
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use crate::Fault;

/// In order of preference; the first comes with Debian's package.
const ORDINARY: [&str; 2] = ["postgres", "nobody"];

/// The user that the server is, when it is not oneself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Account(Option<User>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct User {
    name: String,
    uid: u32,
    gid: u32,
}

impl Account {
    pub fn choose() -> Result<Self, Fault> {
        if !rustix::process::geteuid().is_root() {
            return Ok(Self(None));
        }
        let file = Path::new("/etc/passwd");
        let users = fs::read_to_string(file).map_err(Fault::at(file))?;
        let user = ORDINARY.iter().find_map(|name| find_user(&users, name));
        match user {
            Some(user) => Ok(Self(Some(user))),
            None => Err(Fault::new(format!(
                "PostgreSQL cannot run as root, and there is no user {} to run it as",
                ORDINARY.join(" or ")
            ))),
        }
    }

    /// Makes the command one of this user.
    pub fn become_of(&self, command: &mut Command) {
        if let Some(user) = &self.0 {
            command.uid(user.uid).gid(user.gid);
        }
    }

    /// Gives a file or folder to this user.
    pub fn give(&self, path: &Path) -> Result<(), Fault> {
        match &self.0 {
            Some(user) => chown(path, Some(user.uid), Some(user.gid)).map_err(Fault::at(path)),
            None => Ok(()),
        }
    }

    /// Whether a file or folder is this user's.
    pub fn owns(&self, found: &Metadata) -> bool {
        let uid = match &self.0 {
            Some(user) => user.uid,
            None => rustix::process::geteuid().as_raw(),
        };
        found.uid() == uid
    }

    /// Why this user cannot work in a folder, and what to do.
    pub fn is_shut_out(&self, folder: &Path) -> Fault {
        let folder = folder.display();
        Fault::new(match &self.0 {
            Some(User { name, .. }) => format!(
                "the user {name}, which PostgreSQL runs as because you are root, may not enter {folder}: take a folder \
                 that every user can pass to, or be an ordinary user"
            ),
            None => format!("you may not enter {folder}"),
        })
    }
}

/// A line of the list of users: name, password, uid, gid, and so on.
fn find_user(users: &str, name: &str) -> Option<User> {
    users.lines().find_map(|line| {
        let mut parts = line.split(':');
        let known = parts.next().filter(|known| *known == name)?;
        let uid = parts.nth(1)?.parse().ok()?;
        let gid = parts.next()?.parse().ok()?;
        (uid != 0).then(|| User {
            name: known.to_owned(),
            uid,
            gid,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const USERS: &str = "root:x:0:0:root:/:/bin/sh\npostgresql:x:7:8::/:\nnobody:x:65534:65533::/:\n\
                         postgres:x:101:104:PostgreSQL administrator,,,:/var:/bin/bash\n";

    #[test]
    fn a_user_is_found_by_the_whole_name_and_is_never_root() {
        let user = find_user(USERS, "postgres").unwrap();
        assert_eq!((user.uid, user.gid), (101, 104));
        let user = find_user(USERS, "nobody").unwrap();
        assert_eq!((user.uid, user.gid), (65534, 65533));
        assert_eq!(find_user(USERS, "post"), None);
        assert_eq!(find_user(USERS, "root"), None);
    }
}
