//! Serves the sandboxes on 127.0.0.1 only, at `SANDBOX_PORT` (default 4270), until SIGTERM or Ctrl-C.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use sandbox::{Config, Sandbox};
use tokio::net::TcpListener;

const DEFAULT_PORT: u16 = 4270;
/// Open connections get this long after the signal to stop.
const FAREWELL: Duration = Duration::from_secs(3);

#[tokio::main]
async fn main() {
    let port = match std::env::var("SANDBOX_PORT") {
        Ok(text) => text.parse().expect("SANDBOX_PORT is a port number"),
        Err(_) => DEFAULT_PORT,
    };
    let listener = match TcpListener::bind(("127.0.0.1", port)).await {
        Ok(listener) => listener,
        Err(error) => {
            eprintln!("The sandboxes cannot listen on 127.0.0.1:{port}: {error}");
            std::process::exit(1);
        }
    };
    let address = listener.local_addr().expect("a bound listener has an address");
    println!("Sandboxes of Stripe, Data Axle and PostGrid on http://{address}");

    // Ids differ from one start to the next, so that a ledger that outlives this process never meets one
    // twice.
    let seed = SystemTime::now().duration_since(UNIX_EPOCH).map_or(1, |since| since.as_secs());
    let sandbox = Sandbox::new(Config { seed, public_url: format!("http://{address}") });
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let serving = sandbox.serve(listener, async move {
        let mut stopped = stopped;
        // an error means that the sender is gone, which is a stop too
        let _ = stopped.wait_for(|stop| *stop).await;
    });
    let serving = tokio::spawn(serving);
    wait_for_signal().await;
    let _ = stop.send(true);
    let _ = tokio::time::timeout(FAREWELL, serving).await;
}

async fn wait_for_signal() {
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())
        .expect("SIGTERM can be listened for");
    tokio::select! {
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}
