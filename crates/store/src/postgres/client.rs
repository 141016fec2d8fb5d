//! The client of one connection. Statements without an answer of their own travel with the one that follows them: a
//! journey to the server and back costs more than most of what is done there.

use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use ::postgres::types::ToSql;
use ::postgres::{Error, NoTls, Row, Statement};
use basics::Fault;
use futures_util::future::{Either, FutureExt, LocalBoxFuture, Ready, TryFutureExt, join, ready};
use futures_util::poll;
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinHandle;
use tokio::time::error::Elapsed;
use tokio::time::timeout;
use tokio_postgres::tls::MakeTlsConnect;
use tokio_postgres::{Config, Socket};

use super::{Address, CONNECT_WITHIN, SETTLED, faults, tls};

/// How long a server is waited for to hear that a connection ends.
const FAREWELL: Duration = Duration::from_millis(200);

pub(super) type Params<'a> = [&'a (dyn ToSql + Sync)];
/// A statement with its parameters, behind what goes before it.
pub(super) type Sent<'a> = (String, Statement, Vec<&'a (dyn ToSql + Sync)>);

/// Blocks; not on a thread that drives futures.
pub(super) struct Client {
    /// There until this is dropped.
    inner: Option<tokio_postgres::Client>,
    /// Speaks and hears whenever this client waits for an answer.
    speaking: Option<JoinHandle<Result<(), Error>>>,
    runtime: Runtime,
    /// A server that says nothing for so long is taken for lost.
    patience: Duration,
}

impl Client {
    pub fn connect(address: &Address, patience: Duration) -> Result<Self, Fault> {
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime =
            runtime.map_err(|fault| Fault::broken(format!("cannot wait for a server: {fault}")))?;
        let config = address.config();
        let connected = if address.is_plain() {
            connect(&runtime, config, NoTls)
        } else {
            connect(&runtime, config, tls()?)
        };
        let connected = connected.map_err(|_| faults::silent(address))?;
        let (inner, speaking) = connected.map_err(|error| faults::connecting(&error, address))?;
        let client = Self {
            inner: Some(inner),
            speaking: Some(speaking),
            runtime,
            patience,
        };
        let settled = client.step(SETTLED);
        settled.map_err(|error| faults::connecting(&error, address))?;
        Ok(client)
    }

    pub fn is_closed(&self) -> bool {
        self.inner().is_closed()
    }

    pub fn prepare(&self, text: &str) -> Result<Statement, Error> {
        self.waited(self.inner().prepare(text))
    }

    /// Statements that are answered with nothing.
    pub fn step(&self, text: &str) -> Result<(), Error> {
        self.waited(self.inner().batch_execute(text))
    }

    /// A text that is asked once, so that it is not kept prepared.
    pub fn ask(&self, text: &str, params: &Params<'_>) -> Result<Vec<Row>, Error> {
        self.waited(self.inner().query(text, params))
    }

    pub fn query(
        &self,
        before: &str,
        statement: &Statement,
        params: &Params<'_>,
    ) -> Result<Vec<Row>, Error> {
        self.together(before, self.inner().query(statement, params))
    }

    /// Asks all of these, each after what goes `before` it, and waits then.
    pub fn query_all(&self, asked: &[Sent<'_>]) -> Result<Vec<Vec<Row>>, Error> {
        self.each(asked, |statement, params| {
            self.inner().query(statement, params)
        })
    }

    /// How many rows each of these changed, sent in the same way.
    pub fn execute_all(&self, run: &[Sent<'_>]) -> Result<Vec<u64>, Error> {
        self.each(run, |statement, params| {
            self.inner().execute(statement, params)
        })
    }

    fn each<'a, T, A>(
        &'a self,
        all: &'a [Sent<'a>],
        send: impl Fn(&'a Statement, &'a Params<'a>) -> A,
    ) -> Result<Vec<T>, Error>
    where
        T: 'a,
        A: Future<Output = Result<T, Error>> + 'a,
    {
        self.waited(async {
            let mut sent = Vec::with_capacity(all.len());
            for (before, statement, params) in all {
                if !before.is_empty() {
                    let told = self.inner().batch_execute(before);
                    sent.push(sent_now(told.map_ok(|()| None)).await);
                }
                sent.push(sent_now(send(statement, params).map_ok(Some)).await);
            }
            let mut answers = Vec::with_capacity(all.len());
            for answer in sent {
                answers.extend(answer.await?);
            }
            Ok(answers)
        })
    }

    /// How many rows it changed.
    pub fn execute(
        &self,
        before: &str,
        statement: &Statement,
        params: &Params<'_>,
    ) -> Result<u64, Error> {
        self.together(before, self.inner().execute(statement, params))
    }

    /// Runs these and commits, all in one go. Of one that fails the server undoes them all.
    pub fn commit_with(
        &self,
        before: &str,
        statements: &[(Statement, Vec<&(dyn ToSql + Sync)>)],
    ) -> Result<(), Error> {
        self.waited(async {
            let mut sent = vec![sent_now(self.inner().batch_execute(before)).await];
            for (statement, params) in statements {
                let executed = self.inner().execute(statement, params);
                sent.push(sent_now(executed.map_ok(drop)).await);
            }
            // What the client could not even send, the server knows nothing of: it would commit the rest.
            let is_unsent =
                |one: &Either<Ready<Result<(), Error>>, _>| matches!(one, Either::Left(_));
            let end = if sent.iter().any(is_unsent) {
                "ROLLBACK"
            } else {
                "COMMIT"
            };
            sent.push(sent_now(self.inner().batch_execute(end)).await);
            let mut committed = Ok(());
            for answer in sent {
                committed = committed.and(answer.await);
            }
            committed
        })
    }

    /// Sends `before` and what follows it in one go. When the first fails, the second has no effect if a transaction was
    /// open before both; its answer is not looked at.
    fn together<T>(
        &self,
        before: &str,
        after: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        if before.is_empty() {
            return self.waited(after);
        }
        // The futures send when they are polled first, which `join` does in this order.
        let both = join(self.inner().batch_execute(before), after);
        self.waited(both.map(|(told, answered)| told.and(answered)))
    }

    /// The answer; that the connection is closed, when it does not come in time.
    fn waited<T>(&self, answer: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        self.runtime.block_on(async {
            let mut answer = pin!(answer);
            match timeout(self.patience, answer.as_mut()).await {
                Ok(answered) => answered,
                Err(_) => {
                    if let Some(speaking) = &self.speaking {
                        speaking.abort();
                    }
                    answer.await
                }
            }
        })
    }

    fn inner(&self) -> &tokio_postgres::Client {
        self.inner.as_ref().expect("it is there until the drop")
    }
}

/// Polls once, which is when a statement is sent: those that are made after it come after it.
async fn sent_now<'a, T: 'a>(
    statement: impl Future<Output = T> + 'a,
) -> Either<Ready<T>, LocalBoxFuture<'a, T>> {
    let mut statement = statement.boxed_local();
    match poll!(&mut statement) {
        Poll::Ready(answer) => Either::Left(ready(answer)),
        Poll::Pending => Either::Right(statement),
    }
}

/// A client, and who speaks for it.
type Connected = (tokio_postgres::Client, JoinHandle<Result<(), Error>>);

fn connect<T>(
    runtime: &Runtime,
    config: &Config,
    tls: T,
) -> Result<Result<Connected, Error>, Elapsed>
where
    T: MakeTlsConnect<Socket>,
    T::Stream: Send + 'static,
{
    // The kernel of a server that stands still takes connections all the same: what is said over them is bounded too.
    let hosts = config.get_hosts().len().max(1) as u32;
    let connecting = async { timeout(CONNECT_WITHIN * (hosts + 1), config.connect(tls)).await };
    let connected = runtime.block_on(connecting)?;
    Ok(connected.map(|(client, connection)| (client, runtime.spawn(connection))))
}

/// Takes its leave of the server, within bounds.
impl Drop for Client {
    fn drop(&mut self) {
        drop(self.inner.take());
        if let Some(speaking) = self.speaking.take() {
            let farewell = async { timeout(FAREWELL, speaking).await };
            drop(self.runtime.block_on(farewell));
        }
    }
}
