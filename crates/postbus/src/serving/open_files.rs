//! How many files this process may have open at once, connections among them.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Kept for databases, attachments and calls to the login provider.
const RESERVE: usize = 256;

/// Takes all that the machine allows: the soft limit is usually 1,024 for the sake of programs that are older than `poll`.
pub(crate) fn raise_open_files() {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current == maximum {
        return;
    }
    let raised = Rlimit {
        current: maximum,
        maximum,
    };
    if let Err(fault) = setrlimit(Resource::Nofile, raised) {
        tracing::warn!(%fault, ?current, "the limit on open files stays as it is");
    }
}

/// How many connections fit beside the files that must be open.
pub(crate) fn most_connections() -> usize {
    let limit = getrlimit(Resource::Nofile).current;
    fitting(limit.map_or(usize::MAX, |limit| {
        usize::try_from(limit).unwrap_or(usize::MAX)
    }))
}

fn fitting(files: usize) -> usize {
    (files - RESERVE.min(files / 2)).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_leave_room_for_files() {
        let fitting = [20_000, 1024, 256, 0].map(fitting);
        assert_eq!(fitting, [19_744, 768, 128, 1]);
    }
}
