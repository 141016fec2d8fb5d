//! The bytes of a connection: each that goes is a sign of life, and the last goodbye lets the other side hear us out.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::Sleep;

use super::places::Life;

/// How long, and how much, of a body that nobody wants is still taken in after the answer.
const HEAR_OUT: Duration = Duration::from_secs(5);
const HEAR_OUT_BYTES: usize = 64 << 20;

pub(super) struct Watched {
    stream: TcpStream,
    life: Arc<Life>,
    goodbye: Option<Goodbye>,
}

struct Goodbye {
    late: Pin<Box<Sleep>>,
    thrown_away: usize,
}

impl Watched {
    pub(super) fn new(stream: TcpStream, life: Arc<Life>) -> Self {
        Self {
            stream,
            life,
            goodbye: None,
        }
    }

    fn went(&self, moved: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        self.life.leaves_unsent(moved.is_pending());
        if matches!(moved, Poll::Ready(Ok(1..))) {
            self.life.bytes_went();
        }
        moved
    }

    /// Reads and throws away until the other side has heard our end. Closing with bytes unread would make the system break
    /// the connection off, and the answer that is still under way be lost with it.
    fn hear_out(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let goodbye = self.goodbye.get_or_insert_with(|| Goodbye {
            late: Box::pin(tokio::time::sleep(HEAR_OUT)),
            thrown_away: 0,
        });
        let mut bytes = [0; 16 << 10];
        while goodbye.thrown_away < HEAR_OUT_BYTES && goodbye.late.as_mut().poll(cx).is_pending() {
            let mut buffer = ReadBuf::new(&mut bytes);
            match ready!(Pin::new(&mut self.stream).poll_read(cx, &mut buffer)) {
                Ok(()) if !buffer.filled().is_empty() => {
                    goodbye.thrown_away += buffer.filled().len();
                    self.life.bytes_came();
                }
                _ => break,
            }
        }
        Poll::Ready(())
    }
}

impl AsyncRead for Watched {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(cx, buffer))?;
        if buffer.filled().len() > before {
            self.life.bytes_came();
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Watched {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.went(written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, parts);
        self.went(written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.goodbye.is_none() {
            ready!(Pin::new(&mut self.stream).poll_shutdown(cx))?;
        }
        if self.life.has_unread() {
            ready!(self.hear_out(cx));
        }
        Poll::Ready(Ok(()))
    }
}
