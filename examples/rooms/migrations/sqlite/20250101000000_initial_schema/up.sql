CREATE TABLE users (
    id           INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    username     VARCHAR(64) NOT NULL UNIQUE,
    display_name VARCHAR(128),
    created_at   TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
);
CREATE TABLE rooms (
    id          VARCHAR(36) PRIMARY KEY NOT NULL,
    name        VARCHAR(128) NOT NULL,
    owner_id    INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    is_private  BOOLEAN NOT NULL DEFAULT FALSE,
    max_members INTEGER NOT NULL DEFAULT 50 CHECK (max_members > 0),
    created_at  TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
);
CREATE TABLE messages (
    id         INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    room_id    VARCHAR(36) NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    sender_id  INTEGER REFERENCES users (id) ON DELETE SET NULL,
    body       TEXT NOT NULL,
    kind       TEXT NOT NULL DEFAULT 'text' CHECK (kind IN ('text','system','file')),
    created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX idx_messages_room_created ON messages (room_id, created_at);
CREATE TABLE ice_candidates (
    id              INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    room_id         VARCHAR(36) NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    from_user_id    INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    to_user_id      INTEGER REFERENCES users (id) ON DELETE CASCADE,
    candidate       TEXT NOT NULL,
    sdp_mid         VARCHAR(64),
    sdp_mline_index INTEGER,
    created_at      TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
);
CREATE TABLE sdp_signals (
    id           INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    room_id      VARCHAR(36) NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    from_user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    to_user_id   INTEGER REFERENCES users (id) ON DELETE CASCADE,
    type         TEXT NOT NULL CHECK (type IN ('offer','answer','pranswer','rollback')),
    sdp          TEXT NOT NULL,
    created_at   TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
);
CREATE TABLE banned_users (
    room_id    VARCHAR(36) NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    user_id    INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    reason     VARCHAR(255),
    banned_by  INTEGER REFERENCES users (id) ON DELETE SET NULL,
    expires_at TIMESTAMP,
    created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    PRIMARY KEY (room_id, user_id)
);
CREATE TABLE room_moderators (
    room_id    VARCHAR(36) NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    user_id    INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    PRIMARY KEY (room_id, user_id)
);
CREATE TABLE api_keys (
    id           INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    user_id      INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    key_hash     CHAR(64) NOT NULL UNIQUE,
    label        VARCHAR(64),
    last_used_at TIMESTAMP,
    revoked_at   TIMESTAMP,
    created_at   TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
);
-- Who is banned from a room does not moderate it, and its keys end.
CREATE TRIGGER trg_ban_removes_moderator AFTER INSERT ON banned_users
BEGIN
    DELETE FROM room_moderators WHERE room_id = NEW.room_id AND user_id = NEW.user_id;
    UPDATE api_keys SET revoked_at = CURRENT_TIMESTAMP WHERE user_id = NEW.user_id AND revoked_at IS NULL;
END;
