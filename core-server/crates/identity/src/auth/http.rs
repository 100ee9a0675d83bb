//! Routes of set-up, sign-in and the signed-in person.

use axum::{
    extract::{FromRef, State},
    http::{HeaderMap, header::USER_AGENT},
};
use axum_extra::extract::CookieJar;
use platform::{
    ApiResult,
    http::{ClientAddress, Json, Problems, Query},
};
use serde::Deserialize;
use shared_protocol::auth::{
    Anonymous, Locale, LoginRequest, LoginResponse, Permissions, ProfileUpdate, SessionToken, SetupRequest,
    SetupStatus, Success, WhoAmI,
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{cookie, profile, sessions, setup, sign_in};
use crate::{Identity, Member, Principal};

/// All routes of the feature.
pub fn router<S>() -> OpenApiRouter<S>
where
    Identity: FromRef<S>,
    S: Clone + Send + Sync + 'static,
{
    OpenApiRouter::new()
        .routes(routes!(get_setup_status))
        .routes(routes!(create_setup))
        .routes(routes!(create_login))
        .routes(routes!(create_logout))
        .routes(routes!(get_user))
        .routes(routes!(get_permissions))
        .routes(routes!(update_profile))
        .routes(routes!(create_session_token, get_session_token))
}

const MAX_CLIENT_CHARS: usize = 200;

/// Is the installation set up, and how can people sign in?
#[utoipa::path(get, path = "/auth/setup-status", tag = "Auth", responses((status = 200, body = SetupStatus), Problems), security(()))]
async fn get_setup_status(State(identity): State<Identity>) -> ApiResult<Json<SetupStatus>> {
    let config = &identity.config;
    Ok(Json(SetupStatus {
        is_setup_complete: setup::is_set_up(&identity).await?,
        is_o_auth_configured: false,
        is_google_configured: false,
        is_microsoft_configured: false,
        is_github_configured: false,
        is_saml_configured: false,
        server_url: String::new(),
        deployment_mode: config.server.deployment_mode.clone(),
        allow_signups: config.auth.allow_signups,
        allow_org_signups: config.auth.allow_signups,
        allow_consumer_signups: false,
        waitlist_enabled: false,
        consumer_login_methods: Vec::new(),
        allow_password_login: config.auth.allow_password_login,
        available_locales: profile::LOCALES
            .iter()
            .map(|(code, name)| Locale { code: (*code).to_owned(), name: (*name).to_owned() })
            .collect(),
    }))
}

/// Make the first admin, once.
#[utoipa::path(post, path = "/auth/setup", tag = "Auth", request_body = SetupRequest, responses((status = 200, body = Success), Problems), security(()))]
async fn create_setup(State(identity): State<Identity>, Json(request): Json<SetupRequest>) -> ApiResult<Json<Success>> {
    setup::set_up(&identity, request).await?;
    Ok(Json(Success { success: true }))
}

/// Sign in by mail address and password.
#[utoipa::path(post, path = "/auth/admin-login", tag = "Auth", request_body = LoginRequest, responses((status = 200, body = LoginResponse), Problems), security(()))]
async fn create_login(
    State(identity): State<Identity>,
    ClientAddress(address): ClientAddress,
    headers: HeaderMap,
    Json(request): Json<LoginRequest>,
) -> ApiResult<(CookieJar, Json<LoginResponse>)> {
    let client = headers.get(USER_AGENT).and_then(|value| value.to_str().ok());
    let client: Option<String> = client.map(|text| text.chars().take(MAX_CLIENT_CHARS).collect());
    let answer = sign_in::sign_in(&identity, request, address, client.as_deref()).await?;
    let cookie = cookie::session(&identity, &answer.token);
    Ok((CookieJar::new().add(cookie), Json(answer)))
}

/// End the session, everywhere and at once.
#[utoipa::path(post, path = "/auth/logout", tag = "Auth", responses((status = 200, body = Success), Problems))]
async fn create_logout(
    State(identity): State<Identity>,
    principal: Principal,
) -> ApiResult<(CookieJar, Json<Success>)> {
    if let Some(session) = principal.session {
        sessions::revoke(&identity, principal.org, session).await?;
    }
    Ok((CookieJar::new().add(cookie::removal(&identity)), Json(Success { success: true })))
}

#[derive(Deserialize, utoipa::IntoParams)]
struct Soft {
    /// `1`: answer `{authenticated:false}` instead of 401 when nobody is signed in.
    soft: Option<String>,
}

/// Who is signed in?
#[utoipa::path(get, path = "/auth/user", tag = "Auth", params(Soft), responses((status = 200, body = WhoAmI), Problems))]
async fn get_user(
    State(identity): State<Identity>,
    Query(query): Query<Soft>,
    principal: ApiResult<Principal>,
) -> ApiResult<Json<WhoAmI>> {
    match principal {
        Ok(principal) => Ok(Json(WhoAmI::Somebody(Box::new(profile::current(&identity, &principal).await?)))),
        Err(error) if error.code.status() == 401 && query.soft.as_deref() == Some("1") => {
            Ok(Json(WhoAmI::Nobody(Anonymous { authenticated: false })))
        }
        Err(error) => Err(error),
    }
}

/// What may the person do?
#[utoipa::path(get, path = "/auth/my-permissions", tag = "Auth", responses((status = 200, body = Permissions), Problems))]
async fn get_permissions(member: Member) -> Json<Permissions> {
    Json(profile::permissions(&member))
}

/// Change name, avatar, language or time zone.
#[utoipa::path(post, path = "/auth/update-profile", tag = "Auth", request_body = ProfileUpdate, responses((status = 200, body = Success), Problems))]
async fn update_profile(
    State(identity): State<Identity>,
    member: Member,
    Json(update): Json<ProfileUpdate>,
) -> ApiResult<Json<Success>> {
    profile::update(&identity, &member, &update).await?;
    Ok(Json(Success { success: true }))
}

/// A token for a frame that cannot hold the session cookie.
#[utoipa::path(post, path = "/api/session-token", tag = "Auth", responses((status = 200, body = SessionToken), Problems))]
async fn create_session_token(State(identity): State<Identity>, member: Member) -> ApiResult<Json<SessionToken>> {
    Ok(Json(sessions::issue_token(&identity, &member).await?))
}

/// The same for callers that can only read.
#[utoipa::path(get, path = "/api/session-token", tag = "Auth", responses((status = 200, body = SessionToken), Problems))]
async fn get_session_token(State(identity): State<Identity>, member: Member) -> ApiResult<Json<SessionToken>> {
    Ok(Json(sessions::issue_token(&identity, &member).await?))
}
