//! Session JWTs: HS256, checked without the database.

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use platform::{ApiError, ApiResult};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use shared_protocol::{OrganisationId, SessionId, Timestamp, UserId, auth::Role};

use crate::principal::{expired, invalid};

const ISSUER: &str = "alcove";

/// What a session JWT says. The database has the last word on all of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Claims {
    /// Always `alcove`.
    pub iss: String,
    /// The account.
    pub sub: UserId,
    /// The organisation.
    pub org: OrganisationId,
    /// Role when the token was made.
    pub role: Role,
    /// The sign-in.
    pub jti: SessionId,
    /// Made at, in seconds since 1970.
    pub iat: i64,
    /// Ends at, in seconds since 1970.
    pub exp: i64,
    /// How the person signed in, for example `pwd`.
    pub amr: Vec<String>,
}

impl Claims {
    /// Claims of a sign-in.
    pub fn new(
        user: UserId,
        org: OrganisationId,
        role: Role,
        session: SessionId,
        made: Timestamp,
        ends: Timestamp,
    ) -> Self {
        Self {
            iss: ISSUER.to_owned(),
            sub: user,
            org,
            role,
            jti: session,
            iat: made.seconds(),
            exp: ends.seconds(),
            amr: vec!["pwd".to_owned()],
        }
    }
}

/// Signs and checks.
pub struct SessionKeys {
    signing: EncodingKey,
    checking: DecodingKey,
    validation: Validation,
}

impl SessionKeys {
    /// Keys from the configured secret.
    pub fn new(secret: &SecretString) -> Self {
        let secret = secret.expose_secret().as_bytes();
        // Only HS256: a token that names another algorithm, or none, is refused.
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_issuer(&[ISSUER]);
        validation.set_required_spec_claims(&["iss", "sub", "exp"]);
        // The end is compared with the injected clock below.
        validation.validate_exp = false;
        validation.validate_aud = false;
        Self { signing: EncodingKey::from_secret(secret), checking: DecodingKey::from_secret(secret), validation }
    }

    /// A signed token.
    ///
    /// # Errors
    /// Fails only when the claims are no JSON.
    pub fn sign(&self, claims: &Claims) -> ApiResult<String> {
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), claims, &self.signing).map_err(ApiError::internal)
    }

    /// The claims of a token that is ours and not over.
    ///
    /// # Errors
    /// 401 `invalid_token` or `expired_token`.
    pub fn verify(&self, token: &str, now: Timestamp) -> ApiResult<Claims> {
        let claims =
            jsonwebtoken::decode::<Claims>(token, &self.checking, &self.validation).map_err(|_| invalid())?.claims;
        if claims.exp <= now.seconds() { Err(expired()) } else { Ok(claims) }
    }
}

#[cfg(test)]
mod tests {
    use shared_protocol::ErrorCode;
    use uuid::Uuid;

    use super::*;

    fn claims() -> Claims {
        let id = Uuid::from_u128(7);
        let (made, ends) = (Timestamp::from_micros(0), Timestamp::from_micros(10_000_000));
        Claims::new(id.into(), id.into(), Role::User, id.into(), made, ends)
    }

    #[test]
    fn forged_and_ended_tokens_are_told_apart() {
        let (ours, theirs) = (SessionKeys::new(&"a".repeat(64).into()), SessionKeys::new(&"b".repeat(64).into()));
        let token = ours.sign(&claims()).expect("signed");
        assert!(ours.verify(&token, Timestamp::from_micros(0)).is_ok());
        let code = |result: ApiResult<Claims>| result.expect_err("refused").code;
        assert_eq!(code(ours.verify(&token, Timestamp::from_micros(10_000_000))), ErrorCode::ExpiredToken);
        assert_eq!(code(theirs.verify(&token, Timestamp::from_micros(0))), ErrorCode::InvalidToken);
        // {"alg":"none"}
        let unsigned = format!("eyJhbGciOiJub25lIn0.{}.", token.split('.').nth(1).expect("claims"));
        assert_eq!(code(ours.verify(&unsigned, Timestamp::from_micros(0))), ErrorCode::InvalidToken);
    }
}
