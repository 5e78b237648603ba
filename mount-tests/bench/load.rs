//! A load on a server: connections that are kept, each asking again as soon as it has its answer.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// How many connections.
const CONNECTIONS: usize = 16;

/// The requests per second that a server answers at a port and a path.
///
/// # Panics
/// Where one is not answered with 200.
pub fn per_second(port: u16, path: &str, time: Duration) -> f64 {
    let is_over = AtomicBool::new(false);
    let start = Instant::now();
    let answered: u64 = std::thread::scope(|scope| {
        let asking: Vec<_> = (0..CONNECTIONS)
            .map(|_| scope.spawn(|| ask(port, path, &is_over)))
            .collect();
        std::thread::sleep(time);
        is_over.store(true, Ordering::Relaxed);
        asking
            .into_iter()
            .map(|one| one.join().expect("a connection"))
            .sum()
    });
    answered as f64 / start.elapsed().as_secs_f64()
}

fn ask(port: u16, path: &str, is_over: &AtomicBool) -> u64 {
    let mut output = TcpStream::connect(("127.0.0.1", port)).expect("a connection");
    output
        .set_nodelay(true)
        .expect("small requests leave at once");
    let mut input = BufReader::with_capacity(64 << 10, output.try_clone().expect("a descriptor"));
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n");
    let mut answered = 0;
    while !is_over.load(Ordering::Relaxed) {
        output
            .write_all(request.as_bytes())
            .expect("a request is sent");
        read(&mut input, path);
        answered += 1;
    }
    answered
}

/// Reads one answer to its end.
fn read(input: &mut BufReader<TcpStream>, path: &str) {
    let mut line = Vec::new();
    let mut next = |input: &mut BufReader<TcpStream>| {
        line.clear();
        let read = input.read_until(b'\n', &mut line);
        assert!(read.is_ok_and(|count| count > 0), "no answer to {path}");
        String::from_utf8_lossy(&line).trim().to_ascii_lowercase()
    };
    let status = next(input);
    assert!(status.starts_with("http/1.1 200"), "{path}: {status}");
    let (mut length, mut is_chunked) = (0, false);
    loop {
        let header = next(input);
        match header.split_once(':') {
            Some(("content-length", value)) => length = value.trim().parse().expect("a length"),
            Some(("transfer-encoding", _)) => is_chunked = true,
            Some(_) => {}
            None => break,
        }
    }
    let mut body = vec![0; length];
    input.read_exact(&mut body).expect("the whole body");
    while is_chunked {
        let size = usize::from_str_radix(&next(input), 16).expect("a chunk's size");
        let mut chunk = vec![0; size + 2];
        input.read_exact(&mut chunk).expect("a chunk");
        is_chunked = size > 0;
    }
}
