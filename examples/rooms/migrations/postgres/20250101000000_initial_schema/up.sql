CREATE TYPE message_kind AS ENUM ('text', 'system', 'file');
CREATE TYPE sdp_type AS ENUM ('offer', 'answer', 'pranswer', 'rollback');

CREATE TABLE users (
    id           SERIAL PRIMARY KEY,
    username     VARCHAR(64) NOT NULL UNIQUE,
    display_name VARCHAR(128),
    created_at   TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE rooms (
    id          VARCHAR(36) PRIMARY KEY,
    name        VARCHAR(128) NOT NULL,
    owner_id    INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    is_private  BOOLEAN NOT NULL DEFAULT FALSE,
    max_members INTEGER NOT NULL DEFAULT 50 CHECK (max_members > 0),
    created_at  TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX idx_rooms_owner ON rooms (owner_id);

CREATE TABLE messages (
    id         BIGSERIAL PRIMARY KEY,
    room_id    VARCHAR(36) NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    sender_id  INTEGER REFERENCES users (id) ON DELETE SET NULL,
    body       TEXT NOT NULL,
    kind       message_kind NOT NULL DEFAULT 'text',
    created_at TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX idx_messages_room_created ON messages (room_id, created_at);

CREATE TABLE ice_candidates (
    id              BIGSERIAL PRIMARY KEY,
    room_id         VARCHAR(36) NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    from_user_id    INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    to_user_id      INTEGER REFERENCES users (id) ON DELETE CASCADE,
    candidate       TEXT NOT NULL,
    sdp_mid         VARCHAR(64),
    sdp_mline_index INTEGER,
    created_at      TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX idx_ice_room_to ON ice_candidates (room_id, to_user_id);

CREATE TABLE sdp_signals (
    id           BIGSERIAL PRIMARY KEY,
    room_id      VARCHAR(36) NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    from_user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    to_user_id   INTEGER REFERENCES users (id) ON DELETE CASCADE,
    type         sdp_type NOT NULL,
    sdp          TEXT NOT NULL,
    created_at   TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX idx_sdp_room_to ON sdp_signals (room_id, to_user_id);

CREATE TABLE banned_users (
    room_id    VARCHAR(36) NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    user_id    INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    reason     VARCHAR(255),
    banned_by  INTEGER REFERENCES users (id) ON DELETE SET NULL,
    expires_at TIMESTAMPTZ,
    created_at TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
    PRIMARY KEY (room_id, user_id)
);

CREATE TABLE room_moderators (
    room_id    VARCHAR(36) NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    user_id    INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
    PRIMARY KEY (room_id, user_id)
);

CREATE TABLE api_keys (
    id           SERIAL PRIMARY KEY,
    user_id      INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    key_hash     CHAR(64) NOT NULL UNIQUE,
    label        VARCHAR(64),
    last_used_at TIMESTAMPTZ,
    revoked_at   TIMESTAMPTZ,
    created_at   TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX idx_api_keys_live ON api_keys (user_id) WHERE revoked_at IS NULL;

-- Removes what two browsers told each other to find a way between them.
CREATE FUNCTION purge_signals(older_than INTERVAL) RETURNS BIGINT LANGUAGE plpgsql AS $$
DECLARE
    n BIGINT;
BEGIN
    DELETE FROM ice_candidates WHERE created_at < now() - older_than;
    DELETE FROM sdp_signals WHERE created_at < now() - older_than;
    GET DIAGNOSTICS n = ROW_COUNT;
    RETURN n;
END;
$$;
