//! A server that does nothing but answer: what the load client reaches beside it is the client's own limit.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

/// Answers every request without a body on a port of its own, until the process ends. `answer` gets
/// the head of the request and gives all bytes of the answer; after `Connection: close` it closes.
pub fn serve<F>(answer: F) -> io::Result<SocketAddr>
where
    F: Fn(&str) -> String + Send + Sync + 'static,
{
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let address = listener.local_addr()?;
    let answer = Arc::new(answer);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let answer = answer.clone();
            // A client that goes away ends its own thread only.
            thread::spawn(move || converse(stream, answer.as_ref()));
        }
    });
    Ok(address)
}

fn converse(mut stream: TcpStream, answer: impl Fn(&str) -> String) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let (mut heard, mut part) = (Vec::new(), [0; 4096]);
    loop {
        match stream.read(&mut part)? {
            0 => return Ok(()),
            read => heard.extend_from_slice(&part[..read]),
        }
        if heard.ends_with(b"\r\n\r\n") {
            let said = answer(&String::from_utf8_lossy(&heard));
            stream.write_all(said.as_bytes())?;
            if said.contains("Connection: close") {
                return Ok(());
            }
            heard.clear();
        }
    }
}
