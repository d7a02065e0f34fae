//! The tables as the migrations leave them.

#![allow(unreachable_pub, reason = "what `table!` makes is public, and so are the types in it")]

pub mod sql_types {
    #[derive(diesel::query_builder::QueryId, diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "enum_conversation_messages_role"))]
    pub struct EnumConversationMessagesRole;

    #[derive(diesel::query_builder::QueryId, diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "enum_user_sessions_status"))]
    pub struct EnumUserSessionsStatus;
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::EnumUserSessionsStatus;

    user_sessions (session_id) {
        session_id -> Uuid,
        user_name -> Nullable<Varchar>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        status -> EnumUserSessionsStatus,
    }
}

diesel::table! {
    sections (id) {
        id -> Uuid,
        session_id -> Uuid,
        section_name -> Varchar,
        section_content -> Nullable<Text>,
        version -> Nullable<Int4>,
    }
}

diesel::table! {
    questions (id) {
        id -> Uuid,
        section_id -> Uuid,
        body -> Text,
        position -> Int4,
    }
}

diesel::table! {
    responses (id) {
        id -> Uuid,
        question_id -> Uuid,
        body -> Text,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    prd_documents (id) {
        id -> Uuid,
        session_id -> Uuid,
        content -> Jsonb,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::EnumConversationMessagesRole;

    conversation_messages (id) {
        id -> Uuid,
        session_id -> Uuid,
        role -> EnumConversationMessagesRole,
        content -> Text,
        metadata -> Nullable<Jsonb>,
        created_at -> Nullable<Timestamptz>,
    }
}

diesel::joinable!(conversation_messages -> user_sessions (session_id));
diesel::joinable!(prd_documents -> user_sessions (session_id));
diesel::joinable!(questions -> sections (section_id));
diesel::joinable!(responses -> questions (question_id));
diesel::joinable!(sections -> user_sessions (session_id));
diesel::allow_tables_to_appear_in_same_query!(
    conversation_messages,
    prd_documents,
    questions,
    responses,
    sections,
    user_sessions,
);
