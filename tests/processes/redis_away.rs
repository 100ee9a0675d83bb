//! A Redis that goes away, hangs, and comes back.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use db::Engine;
use harness::{Client, Process, ScriptedModel, TestApp, TestOptions, free_port};
use serde_json::json;
use tokio::{net::TcpListener, sync::watch, task::JoinSet};

/// What an answer may take while Redis is away.
const SOON: Duration = Duration::from_secs(1);
/// What a recovery may take.
const RECOVERY: Duration = Duration::from_secs(30);

/// A Redis of the test's own.
struct Redis {
    port: u16,
    child: Child,
}

impl Redis {
    fn start(port: u16) -> Self {
        let mut command = Command::new("redis-server");
        command.args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]);
        let redis = Self { port, child: command.stdout(Stdio::null()).spawn().unwrap() };
        let begun = Instant::now();
        while TcpStream::connect(redis.address()).is_err() {
            assert!(begun.elapsed() < RECOVERY, "Redis does not start");
            std::thread::yield_now();
        }
        redis
    }

    fn address(&self) -> SocketAddr {
        ([127, 0, 0, 1], self.port).into()
    }

    fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-s", name, &pid]).status().unwrap().success());
    }

    /// A connection on which a command was sent.
    fn ask(&self, command: &str) -> TcpStream {
        let mut stream = TcpStream::connect(self.address()).unwrap();
        stream.write_all(format!("{command}\r\n").as_bytes()).unwrap();
        stream
    }

    /// How many listen to the bus.
    fn listeners(&self) -> bool {
        let mut answer = [0; 64];
        let read = self.ask("PUBSUB NUMSUB al:bus").read(&mut answer).unwrap();
        answer[..read].ends_with(b":1\r\n")
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A server with limits that nobody reaches, so that each request counts in Redis.
async fn serve(model: &ScriptedModel, data: &str, redis: SocketAddr) -> Process {
    let url = format!("redis://{redis}");
    let mut settings = crate::scripted(model, data);
    settings.retain(|(name, _)| !name.starts_with("RATE_LIMIT_"));
    settings.push(("REDIS_URL", &url));
    for name in ["RATE_LIMIT_CHAT", "RATE_LIMIT_API", "RATE_LIMIT_AUTH"] {
        settings.push((name, "60000:60000"));
    }
    Process::start(crate::ALCOVE, &["serve"], &settings).await
}

/// Everything but what tells of Redis goes on, and quickly.
async fn is_well_without(admin: &Client) {
    let all = Instant::now();
    for _ in 0..10 {
        let begun = Instant::now();
        admin.get("/api/conversations").await.expect(200);
        assert!(begun.elapsed() < SOON, "{:?}", begun.elapsed());
    }
    assert!(all.elapsed() < 2 * SOON, "each request finds out anew: {:?}", all.elapsed());
    let begun = Instant::now();
    admin.get("/api/health/redis").await.refused(503, "unavailable");
    let metrics = admin.get("/metrics").await.expect(200);
    assert!(metrics.as_str().unwrap().contains("alcove_redis_connected 0"), "{metrics}");
    assert!(begun.elapsed() < SOON, "{:?}", begun.elapsed());
    assert_eq!(admin.ask("alone").await.answer().await.0, "You said: alone");
}

async fn recovers(admin: &Client) {
    let begun = Instant::now();
    while admin.get("/api/health/redis").await.status != 200 {
        assert!(begun.elapsed() < RECOVERY, "Redis is back and not used");
    }
    let metrics = admin.get("/metrics").await.expect(200);
    assert!(metrics.as_str().unwrap().contains("alcove_redis_connected 1"), "{metrics}");
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_go_on_without_redis_and_with_it_again() {
    let (model, folder) = (ScriptedModel::start().await, tempfile::tempdir().unwrap());
    let redis = Redis::start(free_port());
    let server = serve(&model, &folder.path().display().to_string(), redis.address()).await;
    let admin = server.admin().await;
    assert_eq!(admin.get("/api/health/redis").await.expect(200)["status"], "ok");

    // One that hangs.
    redis.signal("STOP");
    is_well_without(&admin).await;
    redis.signal("CONT");
    recovers(&admin).await;

    // One that dies.
    let port = redis.port;
    drop(redis);
    is_well_without(&admin).await;
    let redis = Redis::start(port);
    recovers(&admin).await;
    let begun = Instant::now();
    while !redis.listeners() {
        assert!(begun.elapsed() < RECOVERY, "the bus stays deaf");
    }
}

/// Stands between the server and Redis, and can be cut. Counts the connections that it refused.
async fn proxy(
    redis: SocketAddr,
    mut is_open: watch::Receiver<bool>,
    refused: watch::Sender<u32>,
) -> (SocketAddr, JoinSet<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let serving = async move {
        let mut open = JoinSet::new();
        loop {
            tokio::select! {
                accepted = listener.accept() => {
                    let (mut near, _) = accepted.unwrap();
                    if *is_open.borrow() {
                        let mut far = tokio::net::TcpStream::connect(redis).await.unwrap();
                        open.spawn(async move { drop(tokio::io::copy_bidirectional(&mut near, &mut far).await) });
                    } else {
                        refused.send_modify(|count| *count += 1);
                    }
                }
                Ok(()) = is_open.changed() => open.abort_all(),
            }
        }
    };
    let mut task = JoinSet::new();
    task.spawn(serving);
    (address, task)
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_wait_while_redis_is_away() {
    let (model, folder) = (ScriptedModel::start().await, tempfile::tempdir().unwrap());
    let redis = Redis::start(free_port());
    let (open, is_open) = watch::channel(true);
    let (refused, mut attempts) = watch::channel(0);
    let (between, _task) = proxy(redis.address(), is_open, refused).await;
    let server = serve(&model, &folder.path().display().to_string(), between).await;
    let admin = server.admin().await;
    let listener = redis.ask("SUBSCRIBE al:bus");
    listener.set_read_timeout(Some(RECOVERY)).unwrap();

    open.send(false).unwrap();
    admin.post("/auth/logout", json!({})).await.expect(200);
    // Longer than a connection is tried for on behalf of one command.
    tokio::time::timeout(RECOVERY, attempts.wait_for(|count| *count >= 12)).await.unwrap().unwrap();
    open.send(true).unwrap();
    let mut lines = BufReader::new(listener).lines();
    assert!(lines.any(|line| line.unwrap() == "session.revoked"), "the message was lost");
}

#[tokio::test(flavor = "multi_thread")]
async fn replicas_agree_on_the_time() {
    let redis = Redis::start(free_port());
    let url = format!("redis://{}", redis.address());
    let settings = vec![("RATE_LIMIT_AUTH", "1:3".to_owned()), ("REDIS_URL", url)];
    let app = TestApp::with(TestOptions { engine: Engine::Sqlite, settings }).await;
    let ask = || app.client.get("/auth/setup-status");
    for _ in 0..3 {
        ask().await.expect(200);
    }
    ask().await.refused(429, "rate_limited");
    // A replica whose clock is far ahead does not find the bucket empty.
    app.clock.advance(Duration::from_secs(3600));
    ask().await.refused(429, "rate_limited");
    app.finish().await;
}
