//! A lean HTTP/1.1 client: N connections, each asks, waits for the answer, asks again; or, at a rate, when its turn comes.
//!
//! It runs on one thread of its own, parses only what it must (status, length of the body), and
//! takes the requests as bytes, so that what it measures is the server.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::LocalSet;

/// Where the requests go, over how many connections, and when it ends.
#[derive(Debug, Clone, Copy)]
pub struct Load {
    pub address: SocketAddr,
    pub connections: usize,
    pub until: Until,
    /// Requests a second, evenly: an answer's time then counts from the moment its request was due, so that a server
    /// that is behind does not hide it. Without it each connection asks again as soon as it has its answer.
    pub rate: Option<u32>,
}

/// A request that was begun is always finished, whatever the bound.
#[derive(Debug, Clone, Copy)]
pub enum Until {
    Count(u64),
    Elapsed(Duration),
    /// Until somebody says so here.
    Told(&'static AtomicBool),
}

/// What came back.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    pub count: u64,
    /// From the first request to the last answer.
    pub duration: Duration,
    pub statuses: BTreeMap<u16, u64>,
    /// One an answer, in increasing order.
    pub latencies: Vec<Duration>,
}

/// Sends requests until the bound is reached. `request` writes the whole request with this number
/// (0, 1, 2, …) into an empty buffer; it must be one that the server answers with a
/// `Content-Length`. A connection that the server closes after an answer is opened again; anything
/// else that breaks ends the run with its error.
pub fn run<F>(load: Load, request: F) -> io::Result<Outcome>
where
    F: Fn(u64, &mut Vec<u8>) + 'static,
{
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let shared = Rc::new(Shared {
        load,
        request,
        began: Instant::now(),
        so_far: RefCell::default(),
    });
    let local = LocalSet::new();
    let ended = local.block_on(&runtime, async {
        let connections: Vec<_> = (0..load.connections)
            .map(|_| tokio::task::spawn_local(connection(shared.clone())))
            .collect();
        for connection in connections {
            connection.await.map_err(io::Error::other)??;
        }
        Ok::<_, io::Error>(shared.began.elapsed())
    });
    let mut outcome = std::mem::take(&mut shared.so_far.borrow_mut().outcome);
    outcome.duration = ended?;
    outcome.latencies.sort_unstable();
    Ok(outcome)
}

impl Outcome {
    /// Adds what another run of the same requests gave.
    pub fn join(&mut self, other: Self) {
        self.count += other.count;
        self.duration += other.duration;
        for (status, count) in other.statuses {
            *self.statuses.entry(status).or_default() += count;
        }
        self.latencies.extend(other.latencies);
        self.latencies.sort_unstable();
    }

    /// An error when an answer had another status than this one.
    pub fn all(self, expected: u16) -> Result<Self, String> {
        if self.statuses.keys().all(|status| *status == expected) {
            Ok(self)
        } else {
            Err(format!(
                "answers other than {expected}: {:?}",
                self.statuses
            ))
        }
    }

    pub fn per_second(&self) -> f64 {
        self.count as f64 / self.duration.as_secs_f64()
    }

    /// The time within which this share (0 to 1) of the answers came; zero when none came.
    pub fn within(&self, share: f64) -> Duration {
        let rank = (share * self.latencies.len() as f64).ceil() as usize;
        let index = rank.clamp(1, self.latencies.len().max(1)) - 1;
        self.latencies.get(index).copied().unwrap_or_default()
    }

    pub fn p50(&self) -> Duration {
        self.within(0.50)
    }

    pub fn p99(&self) -> Duration {
        self.within(0.99)
    }
}

/// What the connections of one run have in common; all of them live on one thread.
struct Shared<F> {
    load: Load,
    request: F,
    began: Instant,
    so_far: RefCell<SoFar>,
}

#[derive(Default)]
struct SoFar {
    begun: u64,
    outcome: Outcome,
}

impl<F> Shared<F> {
    /// The number of the next request, none when the bound is reached.
    fn next(&self) -> Option<u64> {
        let mut so_far = self.so_far.borrow_mut();
        let number = so_far.begun;
        let open = match self.load.until {
            Until::Count(most) => number < most,
            Until::Elapsed(time) => self.due(number).unwrap_or(self.began.elapsed()) < time,
            Until::Told(told) => !told.load(Ordering::Relaxed),
        };
        so_far.begun += u64::from(open);
        open.then_some(number)
    }

    /// How long after the beginning this request is due, when there is a rate.
    fn due(&self, number: u64) -> Option<Duration> {
        let rate = self.load.rate?;
        Some(Duration::from_secs_f64(number as f64 / f64::from(rate)))
    }

    fn note(&self, status: u16, latency: Duration) {
        let outcome = &mut self.so_far.borrow_mut().outcome;
        outcome.count += 1;
        *outcome.statuses.entry(status).or_default() += 1;
        outcome.latencies.push(latency);
    }
}

async fn connection<F: Fn(u64, &mut Vec<u8>)>(shared: Rc<Shared<F>>) -> io::Result<()> {
    let mut stream = open(shared.load.address).await?;
    let (mut asked, mut heard) = (Vec::new(), Vec::new());
    while let Some(number) = shared.next() {
        asked.clear();
        (shared.request)(number, &mut asked);
        let began = match shared.due(number) {
            Some(due) => {
                let due = shared.began + due;
                tokio::time::sleep_until(due.into()).await;
                due
            }
            None => Instant::now(),
        };
        stream.write_all(&asked).await?;
        let head = answer(&mut stream, &mut heard).await?;
        shared.note(head.status, began.elapsed());
        if head.closes {
            stream = open(shared.load.address).await?;
        }
    }
    Ok(())
}

async fn open(address: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// Reads one whole answer; `heard` is empty again afterwards.
async fn answer(stream: &mut TcpStream, heard: &mut Vec<u8>) -> io::Result<Head> {
    heard.clear();
    loop {
        if let Some(head) = Head::parse(heard)? {
            while heard.len() < head.whole {
                read_more(stream, heard).await?;
            }
            if heard.len() > head.whole {
                return Err(broken("more bytes than the answer has"));
            }
            return Ok(head);
        }
        read_more(stream, heard).await?;
    }
}

async fn read_more(stream: &mut TcpStream, heard: &mut Vec<u8>) -> io::Result<()> {
    heard.reserve(8 * 1024);
    match stream.read_buf(heard).await? {
        0 => Err(io::ErrorKind::UnexpectedEof.into()),
        _ => Ok(()),
    }
}

/// What matters of an answer's head.
#[derive(Debug, PartialEq)]
struct Head {
    status: u16,
    /// Bytes of head and body together.
    whole: usize,
    closes: bool,
}

impl Head {
    /// None while the head is not complete.
    fn parse(bytes: &[u8]) -> io::Result<Option<Self>> {
        const END: &[u8] = b"\r\n\r\n";
        let Some(end) = bytes.windows(END.len()).position(|four| four == END) else {
            return Ok(None);
        };
        let text = str::from_utf8(&bytes[..end]).map_err(|_| broken("a head that is not text"))?;
        let (first, fields) = text.split_once("\r\n").unwrap_or((text, ""));
        let status = first
            .strip_prefix("HTTP/1.1 ")
            .and_then(|rest| rest.get(..3)?.parse().ok())
            .ok_or_else(|| broken("no HTTP/1.1 status line"))?;
        let field = |name: &str| {
            fields
                .split("\r\n")
                .filter_map(|line| line.split_once(':'))
                .find(|(field, _)| field.eq_ignore_ascii_case(name))
                .map(|(_, value)| value.trim())
        };
        let length: usize = match field("content-length") {
            Some(value) => value.parse().map_err(|_| broken("no number as length"))?,
            None if matches!(status, 204 | 304) => 0,
            None => return Err(broken("an answer without Content-Length")),
        };
        Ok(Some(Self {
            status,
            whole: end + END.len() + length,
            closes: field("connection").is_some_and(|value| value.eq_ignore_ascii_case("close")),
        }))
    }
}

fn broken(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::AtomicU64;

    use super::super::echo;
    use super::*;

    fn get(number: u64, request: &mut Vec<u8>) {
        request.extend_from_slice(format!("GET /{number} HTTP/1.1\r\nHost: t\r\n\r\n").as_bytes());
    }

    fn load(address: SocketAddr, until: Until) -> Load {
        Load {
            address,
            connections: 4,
            until,
            rate: None,
        }
    }

    #[test]
    fn as_many_answers_as_asked_are_counted_by_status() {
        let asked = Arc::new(AtomicU64::new(0));
        let counter = asked.clone();
        let address = echo::serve(move |_| {
            let number = counter.fetch_add(1, Ordering::Relaxed);
            let status = if number.is_multiple_of(4) {
                "409 Conflict"
            } else {
                "201 Created"
            };
            format!("HTTP/1.1 {status}\r\ncontent-length: 2\r\n\r\nok")
        })
        .unwrap();
        let outcome = run(load(address, Until::Count(100)), get).unwrap();
        assert_eq!(outcome.count, 100);
        assert_eq!(outcome.statuses, BTreeMap::from([(201, 75), (409, 25)]));
        assert_eq!(asked.load(Ordering::Relaxed), 100);
        assert!(Duration::ZERO < outcome.p50() && outcome.p50() <= outcome.p99());
        assert!(outcome.p99() <= outcome.duration && outcome.per_second() > 0.0);
    }

    #[test]
    fn a_run_by_the_clock_ends() {
        let address = echo::serve(|_| "HTTP/1.1 204 No Content\r\n\r\n".into()).unwrap();
        let time = Duration::from_millis(50);
        let outcome = run(load(address, Until::Elapsed(time)), get).unwrap();
        assert!(outcome.duration >= time && outcome.count > 0);
        assert_eq!(outcome.statuses, BTreeMap::from([(204, outcome.count)]));
    }

    #[test]
    fn a_run_ends_when_it_is_told() {
        static TOLD: AtomicBool = AtomicBool::new(false);
        let asked = AtomicU64::new(0);
        let address = echo::serve(move |_| {
            TOLD.store(
                asked.fetch_add(1, Ordering::Relaxed) >= 20,
                Ordering::Relaxed,
            );
            "HTTP/1.1 204 No Content\r\n\r\n".into()
        })
        .unwrap();
        let outcome = run(load(address, Until::Told(&TOLD)), get).unwrap();
        // The connections finish what they had begun.
        assert!((21..=24).contains(&outcome.count), "{}", outcome.count);
    }

    #[test]
    fn at_a_rate_requests_go_when_they_are_due_and_late_ones_say_so() {
        // Four connections and answers of 20 ms: 200 a second is what they can do; 400 is not.
        let address = echo::serve(|_| {
            std::thread::sleep(Duration::from_millis(20));
            "HTTP/1.1 204 No Content\r\n\r\n".into()
        })
        .unwrap();
        let mut load = load(address, Until::Elapsed(Duration::from_millis(500)));
        load.rate = Some(400);
        let outcome = run(load, get).unwrap();
        assert_eq!(outcome.count, 200);
        assert!(outcome.duration >= Duration::from_millis(990));
        // The last was due at half a second and is answered at a whole one.
        assert!(outcome.within(1.0) >= Duration::from_millis(450));
    }

    #[test]
    fn runs_are_joined_and_other_statuses_are_an_error() {
        let outcome = |status, millis: u64| Outcome {
            count: 1,
            duration: Duration::from_secs(1),
            statuses: BTreeMap::from([(status, 1)]),
            latencies: vec![Duration::from_millis(millis)],
        };
        let mut joined = outcome(200, 9);
        joined.join(outcome(200, 2));
        assert_eq!((joined.count, joined.per_second()), (2, 1.0));
        assert_eq!(joined.p50(), Duration::from_millis(2));
        let mut joined = joined.all(200).unwrap();
        joined.join(outcome(503, 1));
        assert!(joined.all(200).unwrap_err().contains("503"));
    }

    #[test]
    fn a_connection_that_the_server_closes_is_opened_again() {
        let address = echo::serve(|_| {
            "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n".into()
        })
        .unwrap();
        let outcome = run(load(address, Until::Count(20)), get).unwrap();
        assert_eq!(outcome.count, 20);
    }

    #[test]
    fn each_request_has_its_own_number() {
        let address = echo::serve(|head| {
            let path = head.split(' ').nth(1).unwrap_or_default();
            let status = 200 + path[1..].parse::<u16>().unwrap();
            format!("HTTP/1.1 {status} Any\r\nContent-Length: 0\r\n\r\n")
        })
        .unwrap();
        let outcome = run(load(address, Until::Count(10)), get).unwrap();
        let expected: BTreeMap<u16, u64> = (200..210).map(|status| (status, 1)).collect();
        assert_eq!(outcome.statuses, expected);
    }

    #[test]
    fn an_answer_that_cannot_be_measured_ends_the_run() {
        for answer in [
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nab",
            "SSH-2.0\r\n\r\n",
        ] {
            let address = echo::serve(|_| answer.into()).unwrap();
            let fault = run(load(address, Until::Count(4)), get).unwrap_err();
            assert_eq!(fault.kind(), io::ErrorKind::InvalidData, "{answer}");
        }
    }

    #[test]
    fn a_head_is_parsed_when_it_is_whole() {
        let bytes = b"HTTP/1.1 201 Created\r\nCONTENT-LENGTH: 12\r\n\r\n";
        assert_eq!(Head::parse(&bytes[..bytes.len() - 1]).unwrap(), None);
        let head = Head::parse(bytes).unwrap().unwrap();
        assert_eq!(
            (head.status, head.whole, head.closes),
            (201, bytes.len() + 12, false)
        );
    }

    #[test]
    fn percentiles_are_the_nearest_rank() {
        let outcome = Outcome {
            latencies: (1..=200).map(Duration::from_micros).collect(),
            ..Outcome::default()
        };
        assert_eq!(outcome.p50(), Duration::from_micros(100));
        assert_eq!(outcome.p99(), Duration::from_micros(198));
        assert_eq!(outcome.within(1.0), Duration::from_micros(200));
        assert_eq!(Outcome::default().p99(), Duration::ZERO);
    }
}
