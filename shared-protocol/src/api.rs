//! Names that both ends of the wire must agree on.

/// Header that carries the request id, in and out.
pub const REQUEST_ID_HEADER: &str = "x-request-id";
/// Header of a session token issued by `POST /api/session-token`.
pub const SESSION_TOKEN_HEADER: &str = "x-session-token";
/// Header that carries a renewed session JWT to a caller who signed in by `Authorization`.
pub const RENEWED_TOKEN_HEADER: &str = "x-renewed-token";
/// Header by which a creating request may be repeated safely.
pub const IDEMPOTENCY_KEY_HEADER: &str = "idempotency-key";
/// Header that names the last event which a client saw.
pub const LAST_EVENT_ID_HEADER: &str = "last-event-id";
/// Cookie of a browser session.
pub const SESSION_COOKIE: &str = "alcove_session";
/// The most characters of one chat message.
pub const MAX_MESSAGE_CHARS: usize = 200_000;
/// The most characters of a conversation title.
pub const MAX_TITLE_CHARS: usize = 200;
/// The most characters of a feedback comment.
pub const MAX_COMMENT_CHARS: usize = 2_000;
/// The longest wait of one long-poll reading, in seconds.
pub const MAX_POLL_SECONDS: u64 = 25;
