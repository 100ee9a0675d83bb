//! The extractors that handlers take.

use std::{ops::Deref, sync::Arc};

use axum::{
    extract::{FromRef, FromRequestParts},
    http::request::Parts,
};
use platform::{ApiError, ApiResult, rate_limit::Family};
use sha2::{Digest as _, Sha256};
use shared_protocol::{ErrorCode, auth::Role};

use super::{
    Principal, UserStatus,
    credential::{Credential, expired, invalid, missing},
    cross_site,
    renew::Renewal,
    store,
};
use crate::Identity;

macro_rules! extractor {
    ($(#[$doc:meta])* $name:ident, |$principal:ident| $check:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $name(pub Arc<Principal>);

        impl Deref for $name {
            type Target = Principal;

            fn deref(&self) -> &Principal {
                &self.0
            }
        }

        impl<S: Send + Sync> FromRequestParts<S> for $name
        where
            Identity: FromRef<S>,
        {
            type Rejection = ApiError;

            async fn from_request_parts(parts: &mut Parts, state: &S) -> ApiResult<Self> {
                let $principal = active(parts, &Identity::from_ref(state)).await?;
                if $check {
                    Ok(Self($principal))
                } else {
                    Err(ApiError::new(ErrorCode::Forbidden, "Your role does not allow this."))
                }
            }
        }
    };
}

extractor! {
    /// Any active account.
    Member, |principal| true
}
extractor! {
    /// An admin of the organisation; a system admin counts as one.
    Admin, |principal| principal.role == Role::Admin || principal.is_system_admin
}
extractor! {
    /// Somebody who runs the installation.
    SystemAdmin, |principal| principal.is_system_admin
}

/// A verified caller whose account may still wait for approval.
impl<S: Send + Sync> FromRequestParts<S> for Principal
where
    Identity: FromRef<S>,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> ApiResult<Self> {
        verify(parts, &Identity::from_ref(state)).await.map(|principal| Self::clone(&principal))
    }
}

/// A member who may present the session in the query as `token`, because a browser's event source
/// cannot set headers. Only for reading an event stream: addresses end up in logs of proxies.
#[derive(Clone, Debug)]
pub struct EventSourceMember(pub Arc<Principal>);

impl<S: Send + Sync> FromRequestParts<S> for EventSourceMember
where
    Identity: FromRef<S>,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> ApiResult<Self> {
        let query = parts.uri.query().unwrap_or_default();
        let token = url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "token");
        if let Some((_, token)) = token
            && let Ok(value) = format!("Bearer {token}").parse()
        {
            parts.headers.entry(axum::http::header::AUTHORIZATION).or_insert(value);
        }
        active(parts, &Identity::from_ref(state)).await.map(Self)
    }
}

/// The request was counted for its person.
#[derive(Clone)]
struct Counted;

async fn active(parts: &mut Parts, identity: &Identity) -> ApiResult<Arc<Principal>> {
    let principal = verify(parts, identity).await?;
    if principal.status == UserStatus::Pending {
        return Err(ApiError::new(ErrorCode::AccountPending, "Your account waits for approval."));
    }
    // A layer may have asked already; a request counts once.
    let counted = parts.extensions.insert(Counted).is_some();
    if let Some(family) = Family::of(&parts.method, parts.uri.path()).filter(|_| !counted) {
        let decision = identity.limiter.check(family, &principal.user.to_string()).await;
        if let Some(refusal) = decision.refusal() {
            return Err(refusal);
        }
    }
    Ok(principal)
}

async fn verify(parts: &mut Parts, identity: &Identity) -> ApiResult<Arc<Principal>> {
    if let Some(known) = parts.extensions.get::<Arc<Principal>>() {
        return Ok(known.clone());
    }
    let credential = Credential::of(&parts.headers)?.ok_or_else(missing)?;
    let by_cookie = matches!(credential, Credential::Cookie(_));
    if by_cookie {
        cross_site::check(parts, &identity.config.server)?;
    }
    let principal = match credential {
        Credential::Bearer(jwt) | Credential::Cookie(jwt) => by_session(parts, identity, &jwt, by_cookie).await?,
        Credential::Token(token) => by_token(identity, &token).await?,
    };
    if principal.status == UserStatus::Disabled {
        return Err(invalid());
    }
    parts.extensions.insert(principal.clone());
    Ok(principal)
}

async fn by_session(parts: &Parts, identity: &Identity, jwt: &str, by_cookie: bool) -> ApiResult<Arc<Principal>> {
    let now = identity.clock.now();
    let claims = identity.keys.verify(jwt, now)?;
    let key = claims.jti.to_string();
    let principal = match identity.principals.get(&key).await {
        Some(principal) => principal,
        None => {
            let found =
                store::by_session(&mut identity.db.read().await?, identity, claims.jti).await?.ok_or_else(invalid)?;
            let principal = Arc::new(found);
            identity.principals.put(key, principal.clone()).await;
            principal
        }
    };
    if let Some(renewal) = parts.extensions.get::<Renewal>() {
        renewal.propose(&claims, by_cookie, principal.expires_at);
    }
    Ok(principal)
}

async fn by_token(identity: &Identity, token: &str) -> ApiResult<Arc<Principal>> {
    let hash = hex::encode(Sha256::digest(token.as_bytes()));
    let principal = match identity.principals.get(&hash).await {
        Some(principal) => principal,
        None => {
            let found = store::by_token(&mut identity.db.read().await?, identity, &hash).await?.ok_or_else(invalid)?;
            let principal = Arc::new(found);
            identity.principals.put(hash, principal.clone()).await;
            principal
        }
    };
    if principal.expires_at <= identity.clock.now() { Err(expired()) } else { Ok(principal) }
}
