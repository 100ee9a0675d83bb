-- Organisations, people, sessions, agents, conversations, turns, jobs.
-- Times are microseconds since 1970 in UTC.

CREATE TABLE organisations (
    id UUID PRIMARY KEY NOT NULL,
    name TEXT NOT NULL,
    slug TEXT NOT NULL,
    tier TEXT NOT NULL,
    settings TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    deleted_at BIGINT,
    UNIQUE (slug)
);

CREATE TABLE users (
    id UUID PRIMARY KEY NOT NULL,
    org_id UUID NOT NULL REFERENCES organisations (id),
    email TEXT NOT NULL,
    display_name TEXT NOT NULL,
    first_name TEXT,
    last_name TEXT,
    role TEXT NOT NULL,
    org_role TEXT NOT NULL,
    is_system_admin BOOLEAN NOT NULL,
    status TEXT NOT NULL,
    source TEXT NOT NULL,
    provider TEXT NOT NULL,
    password_hash TEXT,
    avatar TEXT,
    avatar_type TEXT,
    language TEXT,
    timezone TEXT,
    last_seen_at BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    deleted_at BIGINT,
    UNIQUE (email)
);
CREATE INDEX users_by_org ON users (org_id, id);

-- One row a sign-in; the JWT's jti is the id.
CREATE TABLE sessions (
    id UUID PRIMARY KEY NOT NULL,
    org_id UUID NOT NULL REFERENCES organisations (id),
    user_id UUID NOT NULL REFERENCES users (id),
    method TEXT NOT NULL,
    client TEXT,
    created_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    revoked_at BIGINT
);
CREATE INDEX sessions_by_user ON sessions (user_id, id);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

CREATE TABLE session_tokens (
    token_hash TEXT PRIMARY KEY NOT NULL,
    org_id UUID NOT NULL REFERENCES organisations (id),
    user_id UUID NOT NULL REFERENCES users (id),
    session_id UUID REFERENCES sessions (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX session_tokens_by_expiry ON session_tokens (expires_at);

-- One row at most: who set the installation up. Its key makes the set-up one-shot.
CREATE TABLE installation (
    id BIGINT PRIMARY KEY NOT NULL,
    set_up_at BIGINT NOT NULL,
    set_up_by UUID NOT NULL REFERENCES users (id)
);

CREATE TABLE login_failures (
    bucket TEXT PRIMARY KEY NOT NULL,
    failures BIGINT NOT NULL,
    window_ends_at BIGINT NOT NULL
);

CREATE TABLE usage_counters (
    org_id UUID NOT NULL REFERENCES organisations (id),
    month TEXT NOT NULL,
    messages BIGINT NOT NULL,
    PRIMARY KEY (org_id, month)
);

CREATE TABLE idempotency_keys (
    scope_hash TEXT PRIMARY KEY NOT NULL,
    org_id UUID NOT NULL REFERENCES organisations (id),
    request_hash TEXT NOT NULL,
    status BIGINT,
    headers TEXT,
    body TEXT,
    lease_until BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX idempotency_keys_by_expiry ON idempotency_keys (expires_at);

-- Settings and secrets of an organisation's own model provider; the key is sealed.
CREATE TABLE model_settings (
    org_id UUID PRIMARY KEY NOT NULL REFERENCES organisations (id),
    provider TEXT NOT NULL,
    base_url TEXT,
    model TEXT,
    context_window BIGINT,
    sealed_key TEXT,
    updated_at BIGINT NOT NULL
);

CREATE TABLE agents (
    id UUID PRIMARY KEY NOT NULL,
    org_id UUID NOT NULL REFERENCES organisations (id),
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    system_prompt TEXT NOT NULL,
    starter_prompts TEXT NOT NULL,
    model TEXT,
    threads_enabled BOOLEAN NOT NULL,
    is_default BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    deleted_at BIGINT
);
CREATE INDEX agents_by_org ON agents (org_id, id);
CREATE UNIQUE INDEX agents_default ON agents (org_id) WHERE is_default = TRUE;

-- The columns *_folded are for searching and filled where folding ASCII is not enough.
CREATE TABLE conversations (
    id UUID PRIMARY KEY NOT NULL,
    org_id UUID NOT NULL REFERENCES organisations (id),
    user_id UUID NOT NULL REFERENCES users (id),
    agent_id UUID NOT NULL REFERENCES agents (id),
    title TEXT NOT NULL,
    title_folded TEXT,
    title_placeholder BOOLEAN NOT NULL,
    pinned BOOLEAN NOT NULL,
    labels TEXT NOT NULL,
    labels_folded TEXT,
    status TEXT NOT NULL,
    workspace TEXT,
    last_message_preview TEXT,
    parent_conversation_id UUID REFERENCES conversations (id),
    branch_point_message_id UUID,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    deleted_at BIGINT
);
CREATE INDEX conversations_by_owner ON conversations (org_id, user_id, pinned DESC, updated_at DESC, id DESC) WHERE deleted_at IS NULL;
CREATE INDEX conversations_by_parent ON conversations (parent_conversation_id) WHERE parent_conversation_id IS NOT NULL;
CREATE INDEX conversations_deleted ON conversations (deleted_at) WHERE deleted_at IS NOT NULL;

-- A message that an edit or a retry replaced keeps its row with superseded_at set.
CREATE TABLE messages (
    id UUID PRIMARY KEY NOT NULL,
    org_id UUID NOT NULL REFERENCES organisations (id),
    conversation_id UUID NOT NULL REFERENCES conversations (id),
    role TEXT NOT NULL,
    content TEXT NOT NULL,
    content_folded TEXT,
    parent_id UUID,
    model TEXT,
    input_tokens BIGINT,
    output_tokens BIGINT,
    status TEXT NOT NULL,
    error_code TEXT,
    error_message TEXT,
    rating TEXT,
    feedback_comment TEXT,
    created_at BIGINT NOT NULL,
    superseded_at BIGINT
);
CREATE INDEX messages_of_conversation ON messages (conversation_id);
CREATE INDEX messages_by_conversation ON messages (conversation_id, id) WHERE superseded_at IS NULL;

CREATE TABLE tool_calls (
    id UUID PRIMARY KEY NOT NULL,
    org_id UUID NOT NULL REFERENCES organisations (id),
    message_id UUID NOT NULL REFERENCES messages (id),
    name TEXT NOT NULL,
    args TEXT NOT NULL,
    result TEXT,
    error TEXT,
    duration_ms BIGINT,
    created_at BIGINT NOT NULL
);
CREATE INDEX tool_calls_by_message ON tool_calls (message_id, id);

-- A turn makes one assistant message and carries its id.
CREATE TABLE turns (
    message_id UUID PRIMARY KEY NOT NULL REFERENCES messages (id),
    org_id UUID NOT NULL REFERENCES organisations (id),
    user_id UUID NOT NULL REFERENCES users (id),
    conversation_id UUID NOT NULL REFERENCES conversations (id),
    user_message_id UUID NOT NULL,
    status TEXT NOT NULL,
    owner UUID NOT NULL,
    lease_until BIGINT NOT NULL,
    started_at BIGINT NOT NULL,
    cancel_requested_at BIGINT,
    finished_at BIGINT
);
CREATE INDEX turns_of_conversation ON turns (conversation_id);
CREATE UNIQUE INDEX turns_one_active ON turns (conversation_id) WHERE status = 'active';
CREATE INDEX turns_active ON turns (lease_until) WHERE status = 'active';
CREATE INDEX turns_finished ON turns (finished_at) WHERE finished_at IS NOT NULL;

-- Events of a turn in batches: a TEXT array of {seq, event, data}.
CREATE TABLE turn_chunks (
    message_id UUID NOT NULL REFERENCES turns (message_id) ON DELETE CASCADE,
    last_seq BIGINT NOT NULL,
    first_seq BIGINT NOT NULL,
    events TEXT NOT NULL,
    PRIMARY KEY (message_id, last_seq)
);

CREATE TABLE jobs (
    id UUID PRIMARY KEY NOT NULL,
    org_id UUID REFERENCES organisations (id),
    kind TEXT NOT NULL,
    payload TEXT NOT NULL,
    status TEXT NOT NULL,
    dedup_key TEXT,
    attempt BIGINT NOT NULL,
    max_attempts BIGINT NOT NULL,
    run_at BIGINT NOT NULL,
    lease_until BIGINT,
    epoch BIGINT NOT NULL,
    last_error TEXT,
    created_at BIGINT NOT NULL,
    finished_at BIGINT
);
CREATE INDEX jobs_ready ON jobs (run_at, id) WHERE status = 'ready';
CREATE INDEX jobs_running ON jobs (lease_until) WHERE status = 'running';
CREATE INDEX jobs_finished ON jobs (finished_at) WHERE finished_at IS NOT NULL;
CREATE UNIQUE INDEX jobs_dedup ON jobs (kind, dedup_key) WHERE dedup_key IS NOT NULL AND finished_at IS NULL;

CREATE TABLE schedule_ticks (
    schedule TEXT NOT NULL,
    tick BIGINT NOT NULL,
    PRIMARY KEY (schedule, tick)
);
