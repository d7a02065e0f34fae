//! The tables as the migrations leave them.

diesel::table! {
    users (id) {
        id -> Int4,
        email -> Nullable<Varchar>,
        phone -> Nullable<Varchar>,
    }
}

diesel::table! {
    profiles (id) {
        id -> Int4,
        user_id -> Nullable<Int4>,
    }
}

diesel::table! {
    posts (id) {
        id -> Int4,
        title -> Varchar,
        body -> Nullable<Text>,
        user_id -> Nullable<Int4>,
    }
}

diesel::table! {
    audit_logs (id) {
        id -> Int8,
        actor_id -> Nullable<Int4>,
        action -> Varchar,
        payload -> Jsonb,
        created_at -> Timestamptz,
    }
}

diesel::joinable!(audit_logs -> users (actor_id));
diesel::joinable!(posts -> users (user_id));
diesel::joinable!(profiles -> users (user_id));
diesel::allow_tables_to_appear_in_same_query!(audit_logs, posts, profiles, users);
