//! The tables that the window shows.

diesel::table! {
    #[sql_name = "Chats"]
    chats (id) {
        id -> Integer,
        title -> Nullable<Text>,
        pinned -> Bool,
    }
}
