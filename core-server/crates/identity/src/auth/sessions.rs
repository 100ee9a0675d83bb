//! Making, prolonging and ending sign-ins, and tokens for frames.

use db::{OrgId, Tx};
use platform::{ApiError, ApiResult};
use sha2::{Digest as _, Sha256};
use shared_protocol::{
    SessionId, Timestamp, UserId,
    auth::{Role, SessionToken},
};

use super::{jwt::Claims, store};
use crate::{
    Identity, Principal,
    principal::{REVOKED_TOPIC, invalid},
};

/// Makes a sign-in and its first token, within the caller's transaction.
///
/// # Errors
/// Fails when the database does.
pub async fn begin(
    identity: &Identity,
    tx: &mut Tx,
    org: OrgId,
    user: UserId,
    role: Role,
    client: Option<&str>,
) -> ApiResult<String> {
    let now = identity.clock.now();
    let ends = now.plus(identity.config.auth.session_max_age);
    let session = SessionId::from(identity.ids.uuid());
    store::insert_session(tx, org, user, session, client, now, ends).await?;
    identity.keys.sign(&Claims::new(user, org.wire(), role, session, now, ends))
}

/// A younger token of the same sign-in. The row is written only when its end moves by a good part: a
/// caller that keeps its first token must not turn each of its reads into a write.
///
/// # Errors
/// Fails when the database does.
pub async fn prolong(identity: &Identity, claims: &Claims, stored_end: Timestamp) -> ApiResult<String> {
    let now = identity.clock.now();
    let ends = now.plus(identity.config.auth.session_max_age);
    if stored_end.plus(identity.config.auth.renew_after) <= ends {
        let mut tx = identity.db.write().await?;
        store::prolong_session(&mut tx, claims.jti, now, ends).await?;
        tx.commit().await?;
    }
    identity.keys.sign(&Claims { iat: now.seconds(), exp: ends.seconds(), ..claims.clone() })
}

/// Ends a sign-in on all replicas.
///
/// # Errors
/// Fails when the database does.
pub async fn revoke(identity: &Identity, org: OrgId, session: SessionId) -> ApiResult<()> {
    let mut tx = identity.db.write().await?;
    store::revoke_session(&mut tx, org, session, identity.clock.now()).await?;
    tx.commit().await?;
    identity.principals.forget(session);
    identity.bus.publish(REVOKED_TOPIC, &session.to_string());
    Ok(())
}

/// Makes a token for a frame that cannot hold the cookie. It ends with the sign-in it was made from, which
/// its making prolongs as any use does.
///
/// # Errors
/// Fails when the database does.
pub async fn issue_token(identity: &Identity, principal: &Principal) -> ApiResult<SessionToken> {
    let token = hex::encode(identity.ids.bytes::<32>());
    let hash = hex::encode(Sha256::digest(token.as_bytes()));
    let auth = &identity.config.auth;
    let now = identity.clock.now();
    let mut ends = now.plus(auth.session_token_ttl);
    let mut tx = identity.db.write().await?;
    if let Some(session) = principal.session {
        if auth.session_rolling {
            store::prolong_session(&mut tx, session, now, now.plus(auth.session_max_age)).await?;
        }
        let session_ends = store::session_end(&mut tx, principal.org, session).await?.ok_or_else(invalid)?;
        ends = ends.min(session_ends);
    }
    store::insert_token(&mut tx, principal.org, principal.user, &hash, principal.session, now, ends).await?;
    tx.commit().await.map_err(ApiError::from)?;
    Ok(SessionToken { token, expires_in: ends.since(now).as_secs() })
}
