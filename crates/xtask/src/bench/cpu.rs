//! CPU time by thread and of the server's processes, as the kernel counts it: tells where a request's time goes without timing any of it.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::time::Duration;

use super::server::Server;

/// CPU time of threads by the kind of work they are named for: of this process so far, or of one request.
#[derive(Clone, Debug, Default)]
pub struct Spent(BTreeMap<&'static str, Duration>);

/// What asks and what logs people in is not the product.
const NOT_OURS: [&str; 3] = ["load client", "provider", SERVER];
/// The processes of the database server.
const SERVER: &str = "server";

impl Spent {
    /// With what a server took, where the rows lie on one.
    pub fn now(server: Option<&Server>) -> std::io::Result<Self> {
        let mut spent = Self::default();
        if let Some(server) = server {
            spent.0.insert(SERVER, server.spent());
        }
        for thread in fs::read_dir("/proc/self/task")? {
            let folder = thread?.path();
            // A thread may end while we look.
            let (Ok(name), Ok(counted)) = (
                fs::read_to_string(folder.join("comm")),
                fs::read_to_string(folder.join("schedstat")),
            ) else {
                continue;
            };
            *spent.0.entry(kind(name.trim())).or_default() += on_cpu(&counted);
        }
        Ok(spent)
    }

    pub fn since(&self, before: &Self) -> Self {
        let since = |(kind, spent): (&&'static str, &Duration)| {
            let before = before.0.get(kind).copied().unwrap_or_default();
            (*kind, spent.saturating_sub(before))
        };
        Self(self.0.iter().map(since).collect())
    }

    pub fn join(&mut self, other: &Self) {
        for (kind, spent) in &other.0 {
            *self.0.entry(kind).or_default() += *spent;
        }
    }

    /// Of each of so many requests.
    pub fn each(&self, count: u64) -> Self {
        let count = u32::try_from(count.max(1)).unwrap_or(u32::MAX);
        Self(
            self.0
                .iter()
                .map(|(kind, spent)| (*kind, *spent / count))
                .collect(),
        )
    }

    /// Of the product's threads together.
    pub fn product(&self) -> Duration {
        let ours = self.0.iter().filter(|(kind, _)| !NOT_OURS.contains(kind));
        ours.map(|(_, spent)| *spent).sum()
    }
}

/// Microseconds: the product's threads together, and each kind that took any; beside them the server's processes.
impl fmt::Display for Spent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} µs", self.product().as_micros())?;
        let parts: Vec<String> = self
            .0
            .iter()
            .filter(|(kind, spent)| !NOT_OURS.contains(kind) && spent.as_micros() > 0)
            .map(|(kind, spent)| format!("{kind} {}", spent.as_micros()))
            .collect();
        if parts.len() > 1 {
            write!(f, ": {}", parts.join(", "))?;
        }
        if let Some(server) = self.0.get(SERVER) {
            write!(f, "; server {}", server.as_micros())?;
        }
        Ok(())
    }
}

fn kind(thread: &str) -> &'static str {
    match thread {
        "store-writer" => "writer",
        name if name.starts_with("store-reader") => "readers",
        name if name.starts_with("tokio") => "HTTP",
        name if name.starts_with("provider") => "provider",
        _ => "load client",
    }
}

/// The first field of `schedstat`: nanoseconds on a CPU.
pub fn on_cpu(counted: &str) -> Duration {
    let nanos = counted
        .split(' ')
        .next()
        .and_then(|nanos| nanos.parse().ok());
    Duration::from_nanos(nanos.unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_request_takes_is_the_products_and_told_by_thread() {
        let spent = |writer, client| {
            Spent(BTreeMap::from([
                ("writer", Duration::from_micros(writer)),
                ("HTTP", on_cpu("30000 12 3")),
                ("load client", Duration::from_micros(client)),
            ]))
        };
        let each = spent(120, 9).since(&spent(20, 1)).each(10);
        assert_eq!(each.to_string(), "10 µs");
        assert_eq!(spent(5, 9).to_string(), "35 µs: HTTP 30, writer 5");
        assert_eq!(spent(5, 9).product(), Duration::from_micros(35));
        let server = Spent(BTreeMap::from([(SERVER, Duration::from_micros(80))]));
        let mut beside = spent(5, 9);
        beside.join(&server);
        assert_eq!(beside.to_string(), "35 µs: HTTP 30, writer 5; server 80");
    }
}
