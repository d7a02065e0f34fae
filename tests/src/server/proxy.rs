//! A TCP proxy: it counts round trips, delays them, and cuts connections at the worst moment.

use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// Listens on a free port of 127.0.0.1, and passes on to another one what it hears. It ends with the
/// value, and so do its connections.
#[derive(Debug)]
pub struct Proxy {
    port: u16,
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    round_trips: AtomicUsize,
    connections: Mutex<Vec<TcpStream>>,
    delay: Mutex<Duration>,
    cut: Mutex<Option<Cut>>,
    is_over: AtomicBool,
}

#[derive(Debug)]
struct Cut {
    at: Spot,
    moment: Moment,
}

#[derive(Debug)]
enum Spot {
    /// A message that says this.
    Says(Vec<u8>),
    /// The first message after so many others.
    Behind(usize),
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Moment {
    /// The server never sees the message.
    Before,
    /// The client never sees the answer.
    After,
}

impl Proxy {
    /// A proxy before this port of 127.0.0.1.
    ///
    /// # Panics
    /// When there is no free port.
    #[must_use]
    pub fn before(server: u16) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let port = listener.local_addr().expect("it is bound").port();
        let shared = Arc::new(Shared::default());
        let its = Arc::clone(&shared);
        thread::spawn(move || {
            for client in listener.incoming() {
                if its.is_over.load(Ordering::SeqCst) {
                    return;
                }
                // A client that finds its connection closed knows what a failure is.
                let _ = client.and_then(|client| its.connect(client, server));
            }
        });
        Self { port, shared }
    }

    /// The port that it listens on.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// How often the server answered: each of these times someone waited for the network. Connecting
    /// counts too.
    #[must_use]
    pub fn round_trips(&self) -> usize {
        self.shared.round_trips.load(Ordering::SeqCst)
    }

    /// From now on, each message of a client waits for so long.
    pub fn delay(&self, time: Duration) {
        *locked(&self.shared.delay) = time;
    }

    /// Cuts the next connection that sends this, once: the server does what it is told, and its
    /// answer is lost.
    pub fn cut_after(&self, pattern: impl Into<Vec<u8>>) {
        self.cut(Moment::After, pattern.into());
    }

    /// Cuts the next connection that sends this, once: the message is lost.
    pub fn cut_before(&self, pattern: impl Into<Vec<u8>>) {
        self.cut(Moment::Before, pattern.into());
    }

    /// Lets so many messages pass, and loses the next one, or only its answer; with it goes the
    /// connection that it came by.
    pub fn cut_behind(&self, messages: usize, is_heard: bool) {
        let moment = if is_heard { Moment::After } else { Moment::Before };
        *locked(&self.shared.cut) = Some(Cut { at: Spot::Behind(messages), moment });
    }

    /// Whether the cut that was asked for last was made.
    #[must_use]
    pub fn has_cut(&self) -> bool {
        locked(&self.shared.cut).is_none()
    }

    fn cut(&self, moment: Moment, pattern: Vec<u8>) {
        *locked(&self.shared.cut) = Some(Cut { at: Spot::Says(pattern), moment });
    }

    /// Cuts all connections.
    pub fn cut_all(&self) {
        for connection in locked(&self.shared.connections).drain(..) {
            close(&connection);
        }
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.shared.is_over.store(true, Ordering::SeqCst);
        // One more connection wakes the listener, which ends.
        let _ = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port));
        self.cut_all();
    }
}

/// What the two directions of a connection know of each other.
#[derive(Default)]
struct Talk {
    client_spoke: AtomicBool,
    is_cut: AtomicBool,
}

impl Shared {
    fn connect(self: &Arc<Self>, client: TcpStream, server: u16) -> io::Result<()> {
        let server = TcpStream::connect((Ipv4Addr::LOCALHOST, server))?;
        client.set_nodelay(true)?;
        server.set_nodelay(true)?;
        locked(&self.connections).extend([client.try_clone()?, server.try_clone()?]);
        let talk = Arc::new(Talk::default());
        let (shared, its) = (Arc::clone(self), Arc::clone(&talk));
        let (from, to) = (client.try_clone()?, server.try_clone()?);
        let mut seen = Vec::new();
        thread::spawn(move || pump(from, to, |chunk| shared.client_says(&its, chunk, &mut seen)));
        let shared = Arc::clone(self);
        thread::spawn(move || pump(server, client, |_| shared.server_says(&talk)));
        Ok(())
    }

    /// Whether a chunk is passed on; `seen` are the last bytes before it.
    fn client_says(&self, talk: &Talk, chunk: &[u8], seen: &mut Vec<u8>) -> bool {
        talk.client_spoke.store(true, Ordering::SeqCst);
        let delay = *locked(&self.delay);
        thread::sleep(delay);
        seen.extend(chunk);
        let mut cut = locked(&self.cut);
        let hit = cut.take_if(|cut| match &mut cut.at {
            Spot::Says(pattern) => contains(seen, pattern),
            Spot::Behind(0) => true,
            Spot::Behind(messages) => {
                *messages -= 1;
                false
            }
        });
        let longest = match cut.as_ref().map(|cut| &cut.at) {
            Some(Spot::Says(pattern)) => pattern.len(),
            _ => 0,
        };
        seen.drain(..seen.len().saturating_sub(longest));
        talk.is_cut.fetch_or(hit.is_some(), Ordering::SeqCst);
        hit.is_none_or(|cut| cut.moment == Moment::After)
    }

    /// Whether an answer is passed on. It is counted here: not every message is answered.
    fn server_says(&self, talk: &Talk) -> bool {
        if talk.client_spoke.swap(false, Ordering::SeqCst) {
            self.round_trips.fetch_add(1, Ordering::SeqCst);
        }
        !talk.is_cut.load(Ordering::SeqCst)
    }
}

/// Passes on what it reads, as long as it may; then both ends are closed.
fn pump(mut from: TcpStream, mut to: TcpStream, mut may: impl FnMut(&[u8]) -> bool) {
    let mut buffer = [0; 16 * 1024];
    while let Ok(length @ 1..) = from.read(&mut buffer) {
        let chunk = &buffer[..length];
        if !may(chunk) || to.write_all(chunk).is_err() {
            break;
        }
    }
    close(&from);
    close(&to);
}

fn contains(text: &[u8], pattern: &[u8]) -> bool {
    text.windows(pattern.len()).any(|window| window == pattern)
}

fn close(connection: &TcpStream) {
    // It may be closed already.
    let _ = connection.shutdown(Shutdown::Both);
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
