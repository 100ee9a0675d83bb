//! A server of a test's own.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use core_server::{App, Overrides, Role, state::AppState};
use db::{Engine, Target, testing::TestDb};
use platform::{Clock, Config, Ids, Lifecycle};
use serde_json::json;
use shared_protocol::{Tier, Timestamp};
use tempfile::TempDir;
use tokio::{sync::oneshot, task::JoinHandle};

use crate::{Client, PASSWORD, ScriptedModel, validate::Document};

/// What a test wants of its server.
pub struct TestOptions {
    /// The database.
    pub engine: Engine,
    /// Settings beside the usual ones.
    pub settings: Vec<(&'static str, String)>,
}

/// A running server with a fresh database, a scripted model and a clock that the test moves.
pub struct TestApp {
    /// Nobody.
    pub client: Client,
    /// The model.
    pub model: ScriptedModel,
    /// The server's clock.
    pub clock: Clock,
    /// The server's own state, for what has no route.
    pub state: AppState,
    lifecycle: Lifecycle,
    stop: Option<oneshot::Sender<()>>,
    served: JoinHandle<()>,
    _database: TestDb,
    _folder: TempDir,
}

/// The moment at which every test begins: 2026-03-15T12:00:00Z.
const BEGIN: i64 = 1_773_576_000_000_000;

impl TestApp {
    /// A server on that engine.
    pub async fn start(engine: Engine) -> Self {
        Self::with(TestOptions { engine, settings: Vec::new() }).await
    }

    /// A server with settings of the test's own.
    pub async fn with(options: TestOptions) -> Self {
        let model = ScriptedModel::start().await;
        let database = TestDb::of(options.engine).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let mut settings: BTreeMap<String, String> = [
            ("PORT", "0".to_owned()),
            ("DATA_DIR", folder.path().display().to_string()),
            ("JWT_SECRET", "j".repeat(64)),
            ("ENCRYPTION_KEY", "ab".repeat(32)),
            ("MODEL_PROVIDER", "openai".to_owned()),
            ("MODEL_BASE_URL", model.base.clone()),
            ("MODEL_API_KEY", "sk-test".to_owned()),
            ("MODEL_NAME", "scripted".to_owned()),
            ("RATE_LIMIT_CHAT", "off".to_owned()),
            ("RATE_LIMIT_AUTH", "off".to_owned()),
            ("RATE_LIMIT_API", "off".to_owned()),
        ]
        .into_iter()
        .map(|(name, value)| (format!("ALCOVE_{name}"), value))
        .collect();
        match &database.target {
            Target::Postgres { url, .. } => {
                settings.insert("ALCOVE_DATABASE_URL".to_owned(), url.clone());
            }
            // The test holds the file's lock already, so the server opens a file of its own.
            Target::Sqlite(_) => {}
        }
        settings.extend(options.settings.into_iter().map(|(name, value)| (format!("ALCOVE_{name}"), value)));
        let config = Config::from_map(&settings).unwrap();
        let clock = Clock::manual(Timestamp::from_micros(BEGIN));
        let overrides = Overrides { ids: Ids::seeded(clock.clone(), 7), clock: clock.clone() };
        let app = App::start(config, Role::All, overrides).await.unwrap();
        let origin = format!("http://{}", app.address().unwrap());
        let (state, lifecycle) = (app.state.clone(), app.lifecycle.clone());
        let (stop, stopped) = oneshot::channel::<()>();
        let served = tokio::spawn(async move {
            let stop = async move { drop(stopped.await) };
            app.serve(stop, std::future::pending()).await.unwrap();
        });
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let document = http.get(format!("{origin}/api/openapi.json")).send().await.unwrap().json().await.unwrap();
        let client = Client { http, origin, document: Arc::new(Document::new(document)), token: None };
        Self { client, model, clock, state, lifecycle, stop: Some(stop), served, _database: database, _folder: folder }
    }

    /// Sets the installation up and signs its admin in.
    pub async fn admin(&self) -> Client {
        let body = json!({"password": PASSWORD, "email": "ada@example.org", "displayName": "Ada", "orgName": "First"});
        self.client.post("/auth/setup", body).await.expect(200);
        self.sign_in("ada@example.org").await
    }

    /// Another organisation with an admin, signed in.
    pub async fn other_tenant(&self) -> Client {
        identity::orgs::create_with_admin(&self.state.identity, "Second", "bob@example.net", PASSWORD).await.unwrap();
        self.sign_in("bob@example.net").await
    }

    /// A colleague of the first admin, signed in.
    pub async fn colleague(&self, admin: &Client) -> Client {
        let org = admin.get("/auth/user").await.expect(200)["organizationId"].as_str().unwrap().to_owned();
        let org: shared_protocol::OrganisationId = org.parse().unwrap();
        let hash = identity::auth::password::hash(&self.state.identity, PASSWORD.to_owned()).await.unwrap();
        let new = identity::orgs::NewUser {
            email: "cleo@example.org".to_owned(),
            display_name: "Cleo".to_owned(),
            role: shared_protocol::auth::Role::User,
            is_system_admin: false,
            password_hash: Some(hash),
        };
        let mut tx = self.state.identity.db.write().await.unwrap();
        identity::orgs::add_user(&self.state.identity, &mut tx, db::OrgId::vouched(org.uuid()), &new).await.unwrap();
        tx.commit().await.unwrap();
        self.sign_in("cleo@example.org").await
    }

    /// Signs in with the password that all test accounts have.
    pub async fn sign_in(&self, email: &str) -> Client {
        let answer =
            self.client.post("/auth/admin-login", json!({"email": email, "password": PASSWORD})).await.expect(200);
        self.client.with_token(answer["token"].as_str().unwrap())
    }

    /// Gives the caller's organisation a tier.
    pub async fn set_tier(&self, client: &Client, tier: Tier) {
        let org = client.get("/auth/user").await.expect(200)["organizationId"].as_str().unwrap().to_owned();
        let org: shared_protocol::OrganisationId = org.parse().unwrap();
        let mut tx = self.state.identity.db.write().await.unwrap();
        identity::orgs::set_tier(&mut tx, db::OrgId::vouched(org.uuid()), tier).await.unwrap();
        tx.commit().await.unwrap();
        self.state.identity.principals.forget_all();
    }

    /// Counts messages of the caller's organisation in the way that turns do.
    pub async fn use_messages(&self, client: &Client, count: usize, tier: Tier) {
        let org = client.get("/auth/user").await.expect(200)["organizationId"].as_str().unwrap().to_owned();
        let org: shared_protocol::OrganisationId = org.parse().unwrap();
        let mut tx = self.state.identity.db.write().await.unwrap();
        for _ in 0..count {
            let counted = identity::licensing::quota::count_message(
                &mut tx,
                db::OrgId::vouched(org.uuid()),
                tier,
                self.clock.now(),
            );
            counted.await.unwrap();
        }
        tx.commit().await.unwrap();
    }

    /// What is really stored: the first column of a query without parameters.
    pub async fn stored(&self, sql: &'static str) -> Vec<String> {
        let mut tx = self.state.identity.db.read().await.unwrap();
        db::on!(&mut tx, |c| sqlx::query_scalar(sql).fetch_all(c).await).unwrap()
    }

    /// Changes what is stored behind the server's back, as a fault would.
    pub async fn tamper(&self, sql: &'static str) {
        let mut tx = self.state.identity.db.write().await.unwrap();
        db::on!(&mut tx, |c| sqlx::query(sql).execute(c).await.map(drop)).unwrap();
        tx.commit().await.unwrap();
    }

    /// Stops the server and fails if it left failed jobs behind.
    pub async fn finish(mut self) {
        let mut tx = self.state.identity.db.read().await.unwrap();
        let failed = jobs::count_failed(&mut tx).await.unwrap();
        drop(tx);
        assert_eq!(failed, 0, "failed jobs were left behind");
        drop(self.stop.take());
        tokio::time::timeout(Duration::from_secs(60), &mut self.served).await.expect("the server stops").unwrap();
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        self.lifecycle.stopping().cancel();
        self.lifecycle.stopped().cancel();
    }
}
