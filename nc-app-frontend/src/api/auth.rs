//! Setup, sign-in, the signed-in person.

use shared_protocol::auth::{
    CurrentUser, LoginRequest, LoginResponse, ProfileUpdate, SetupRequest, SetupStatus, Success, WhoAmI,
};

use super::{Api, Failure, client::NOTHING};

impl Api {
    /// Whether the installation has its first admin.
    pub async fn setup_status(&self) -> Result<SetupStatus, Failure> {
        self.call("GET", "/auth/setup-status", NOTHING).await
    }

    /// Makes the first admin.
    pub async fn set_up(&self, request: &SetupRequest) -> Result<(), Failure> {
        self.call::<serde_json::Value>("POST", "/auth/setup", Some(request)).await.map(drop)
    }

    /// Signs in; the session's cookie is kept by the browser and the token is dropped here.
    pub async fn sign_in(&self, email: &str, password: &str) -> Result<(), Failure> {
        let request = LoginRequest { email: Some(email.to_owned()), username: None, password: password.to_owned() };
        self.call::<LoginResponse>("POST", "/auth/admin-login", Some(&request)).await.map(drop)
    }

    /// Who is signed in, if anybody is.
    pub async fn who_am_i(&self) -> Result<Option<CurrentUser>, Failure> {
        match self.call("GET", "/auth/user?soft=1", NOTHING).await {
            Ok(WhoAmI::Somebody(user)) => Ok(Some(*user)),
            Ok(WhoAmI::Nobody(_)) => Ok(None),
            Err(failure) if failure.is_signed_out() => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    /// Changes the signed-in person's profile.
    pub async fn update_profile(&self, update: &ProfileUpdate) -> Result<(), Failure> {
        self.call::<serde_json::Value>("POST", "/auth/update-profile", Some(update)).await.map(drop)
    }

    /// Ends the session.
    pub async fn sign_out(&self) -> Result<(), Failure> {
        self.call::<Success>("POST", "/auth/logout", Some(&serde_json::json!({}))).await.map(drop)
    }
}
